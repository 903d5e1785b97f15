"""Where things lie: what clones share in the user's cache, everything else in ``.dev``."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".dev"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "union-assist"

ADDONS = ROOT / "addons"
VENV = DEV / "venv"
LOGS = DEV / "logs"
DATA = DEV / "odoo"  # Odoo's data_dir: filestore and sessions
