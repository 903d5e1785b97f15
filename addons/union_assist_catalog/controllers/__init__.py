from . import application
from . import export
from . import report
