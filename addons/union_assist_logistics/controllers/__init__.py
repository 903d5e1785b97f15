from . import delivery
from . import lab_report_portal
from . import lot
