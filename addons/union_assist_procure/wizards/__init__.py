from . import tender_award_step
from . import tender_step
