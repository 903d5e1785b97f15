from . import delivery
from . import nonconformity
from . import lab_report_portal
from . import lot
from . import trace
