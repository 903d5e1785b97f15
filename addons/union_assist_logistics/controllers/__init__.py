from . import delivery
from . import lot
from . import trace
