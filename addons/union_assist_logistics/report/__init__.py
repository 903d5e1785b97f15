from . import delivery_note
from . import recall
from . import quality_certificate
