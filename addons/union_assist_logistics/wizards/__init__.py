from . import depart
from . import depart_line
from . import quality_decide
