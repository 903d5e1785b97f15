from . import cap_override_grant
from . import tender_award_step
from . import tender_step
from . import cap_split
from . import cap_what_if
from . import lot_feed
from . import weigh_pay
from . import weigh_void
