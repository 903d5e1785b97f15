from . import assist_import
from . import documents
from . import catalogue_edition
from . import home
from . import public_catalogue
from . import export
from . import report
from . import linkage_portal
