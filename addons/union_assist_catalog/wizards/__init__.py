from . import admission_step
