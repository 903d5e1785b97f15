from . import delivery
from . import nonconformity
from . import lot
