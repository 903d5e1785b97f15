from . import catalogue_edition
from . import spot_check_report
