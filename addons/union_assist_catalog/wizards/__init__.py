from . import certificate_decide
