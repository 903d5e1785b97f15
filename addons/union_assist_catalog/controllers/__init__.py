from . import public_catalogue
from . import report
