from . import lot_feed
from . import weigh_pay
from . import weigh_void
