from . import certificate_decide
from . import admission_step
from . import catalogue_decision
from . import figures
from . import linkage_review
from . import consent_withdrawal
from . import identity_rotation
