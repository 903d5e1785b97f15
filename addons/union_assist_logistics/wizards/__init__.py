from . import hold_lift
from . import quality_decide
