from . import quality_decide
