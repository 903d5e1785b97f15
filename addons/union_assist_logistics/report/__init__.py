from . import delivery_note
from . import quality_certificate
from . import recall
from . import retention_label
