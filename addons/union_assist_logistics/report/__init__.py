from . import carton
from . import delivery_note
