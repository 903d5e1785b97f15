from . import carton
from . import delivery_note
from . import note_sample
from . import driver_sheet
from . import quality_certificate
from . import recall
from . import sampling_sheet
from . import retention_label
