"""``python3 -m dev image``: Odoo and the virtual environment alone, for docker/Dockerfile."""

import shutil

from dev import odoo, paths, python


def main(arguments=()):
    """Fetch Odoo and install the requirements; no server, no database, no browser."""
    python.venv()
    odoo.link(odoo.source())
    # What only fetching needed would make the image larger.
    for folder in ("apt", "debs"):
        shutil.rmtree(paths.CACHE / folder, ignore_errors=True)
