from . import delivery_paper
from . import hold_lift
from . import quality_decide
from . import stock_return_picking
from . import quality_plan_use
