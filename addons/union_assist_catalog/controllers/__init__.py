from . import export
from . import report
from . import assist_import
