from . import portal
from . import tender_portal
