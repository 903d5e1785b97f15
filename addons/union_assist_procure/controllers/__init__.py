from . import agreement_portal
from . import farming_portal
from . import portal
from . import tender_portal
