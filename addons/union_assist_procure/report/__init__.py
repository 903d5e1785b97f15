from . import tender_record
