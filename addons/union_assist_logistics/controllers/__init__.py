from . import delivery
from . import nonconformity
