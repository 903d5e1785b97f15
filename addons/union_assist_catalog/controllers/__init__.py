from . import catalogue_edition
from . import report
