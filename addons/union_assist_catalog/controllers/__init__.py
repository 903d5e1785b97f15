from . import assist_import
from . import documents
from . import export
from . import report
