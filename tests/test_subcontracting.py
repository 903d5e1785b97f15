"""Purchase caps with Odoo's subcontracting, which the addons do not ask for."""

import subprocess
import sys

DOOR = "/union_assist_procure:TestCapDoors.test_subcontracting"


def _run_odoo(database, log, *options):
    """Run Odoo until it stops; return what it logged."""
    command = [sys.executable, "-m", "odoo", "-d", database, "--stop-after-init", *options]
    done = subprocess.run([*command, "--logfile", log], timeout=600, check=False)
    text = log.read_text()
    assert done.returncode == 0, text[-5000:]
    return text


def test_orders_to_subcontractors_count_against_the_cap(database, tmp_path):
    """The addon's own test of this door runs where the module is installed."""
    _run_odoo(database, tmp_path / "install.log", "--no-http", "-i", "mrp_subcontracting_purchase")
    log = _run_odoo(database, tmp_path / "test.log", "--http-port", "0", "--test-tags", DOOR)
    assert "0 failed, 0 error(s) of 1 tests" in log, log[-5000:]
    assert "is not installed here" not in log
