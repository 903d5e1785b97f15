from . import admission_step
from . import catalogue_decision
from . import catalogue_comparison
from . import catalogue_change
from . import catalogue_publish
from . import catalogue_publish_gap
