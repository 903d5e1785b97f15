from . import application
from . import home
from . import public_catalogue
from . import export
from . import report
from . import assist_import
