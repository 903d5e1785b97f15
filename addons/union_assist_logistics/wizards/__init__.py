from . import depart
from . import depart_line
from . import hold_lift
from . import quality_decide
