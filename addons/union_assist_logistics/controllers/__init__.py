from . import delivery
from . import lot
