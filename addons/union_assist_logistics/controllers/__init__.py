from . import delivery
from . import report
