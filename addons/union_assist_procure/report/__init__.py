from . import statement
from . import tender_record
from . import weigh_slip
