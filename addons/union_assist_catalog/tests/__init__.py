from . import test_access
from . import test_demo
from . import test_linkage
from . import test_overview
from . import test_region
from . import test_shares
from . import test_supplier_counts
