from . import farming_portal
from . import portal
