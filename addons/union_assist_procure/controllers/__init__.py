from . import farming_portal
from . import portal
from . import tender_portal
