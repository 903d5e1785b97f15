from . import agreement_portal
from . import portal
