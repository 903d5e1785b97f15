from . import household
from . import linkage
from . import mechanism
from . import overview_card
from . import product_template
from . import region
from . import region_status
from . import res_partner
