from . import hold_lift
from . import quality_decide
from . import quality_plan_use
