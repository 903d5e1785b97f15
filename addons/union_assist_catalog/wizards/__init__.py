from . import admission_step
from . import catalogue_decision
