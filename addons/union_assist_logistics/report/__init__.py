from . import delivery_note
from . import recall
from . import retention_label
