from . import carton
from . import delivery_note
from . import driver_sheet
from . import recall
from . import retention_label
