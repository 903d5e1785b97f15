from . import cap_split
from . import cap_what_if
