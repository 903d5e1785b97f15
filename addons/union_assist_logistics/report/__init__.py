from . import delivery_note
from . import retention_label
