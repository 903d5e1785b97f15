from . import farming_portal
from . import portal
from . import statement
from . import tender_portal
from . import agreement_portal
