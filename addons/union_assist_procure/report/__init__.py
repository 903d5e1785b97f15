from . import statement
from . import tender_record
