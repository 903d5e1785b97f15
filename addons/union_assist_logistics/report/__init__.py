from . import delivery_note
from . import recall
