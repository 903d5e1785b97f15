"""Purchase caps with Odoo's subcontracting, which the addons do not ask for."""

import subprocess
import sys

DOOR = "/union_assist_procure:TestCapDoors.test_subcontracting"


def _run_odoo(database, *options):
    command = [sys.executable, "-m", "odoo", "-d", database, "--stop-after-init", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-5000:]
    return done.stderr


def test_orders_to_subcontractors_count_against_the_cap(database):
    """The addon's own test of this door runs where the module is installed."""
    _run_odoo(database, "--no-http", "-i", "mrp_subcontracting_purchase")
    log = _run_odoo(database, "--http-port", "0", "--test-tags", DOOR)
    assert "0 failed, 0 error(s) of 1 tests" in log, log[-5000:]
    assert "is not installed here" not in log
