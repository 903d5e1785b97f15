from . import arrival_concede
from . import depart
from . import depart_line
from . import hold_lift
from . import quality_decide
from . import quality_plan_use
from . import delivery_paper
from . import stock_return_picking
