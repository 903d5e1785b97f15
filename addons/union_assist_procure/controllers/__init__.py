from . import agreement_portal
from . import farming_portal
from . import portal
from . import statement
from . import tender_portal
