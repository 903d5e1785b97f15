from . import test_amount
from . import test_delivery_note
from . import test_delivery_note_http
from . import test_fonts
from . import test_note_layout
from . import test_tour_delivery_note
