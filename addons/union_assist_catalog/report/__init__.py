from . import spot_check_report
