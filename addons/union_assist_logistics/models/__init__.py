from . import ir_actions_report
from . import ir_sequence
from . import res_company
from . import stock_lot
from . import stock_picking
from . import stock_picking_type
