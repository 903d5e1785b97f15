from . import certificate_decide
from . import admission_step
from . import catalogue_decision
from . import consent_withdrawal
from . import identity_rotation
