from . import delivery_note
from . import recall
from . import sampling_sheet
