from . import test_quality_access
from . import test_quality_gate
from . import test_quality_inspection
from . import test_quality_plan
from . import test_sale_chain
from . import test_stock_lot
