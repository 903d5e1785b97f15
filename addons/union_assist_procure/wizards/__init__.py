from . import statement_answer
from . import statement_generate
