from . import test_admission_doors
from . import test_cap_access
from . import test_cap_doors
from . import test_cap_order
from . import test_cap_policy
from . import test_cap_portal
from . import test_caps_tool
from . import test_tour_supplier
