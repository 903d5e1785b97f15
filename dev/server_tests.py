"""Odoo's own server and test runner, started by this tool inside the virtual environment.

    python -m dev.server_tests RESULTS [--late] (options of Odoo)

appends one line a test to the file RESULTS. With `--late` the tests marked `at_install`
run after everything is loaded, like the `post_install` ones: Odoo runs them while it loads
the module they belong to, before the modules that build on it, and so would not see what
those change.
"""

import json
import sys
import time

import odoo.cli
from odoo.tests import loader
from odoo.tests.result import OdooTestResult
from odoo.tests.suite import OdooSuite


class RecordedResult(OdooTestResult):
    """Odoo's result that also writes each test's outcome to a file."""

    path = None

    def _record(self, test, outcome, detail=""):
        test = getattr(test, "test_case", None) or test  # of a subtest
        if hasattr(test, "_testMethodName"):
            name = f"{test.test_module}:{type(test).__name__}.{test._testMethodName}"
        else:  # setUpClass failed: "setUpClass (odoo.addons.stock.tests.test_x.Class)"
            name = str(test)
        seconds = round(time.time() - (self.time_start or time.time()), 2)
        line = {"name": name, "outcome": outcome, "detail": detail, "seconds": seconds}
        with open(self.path, "a") as file:
            file.write(json.dumps(line) + "\n")

    def addSuccess(self, test):
        super().addSuccess(test)
        self._record(test, "passed")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._record(test, "skipped", reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._record(test, "failed", self._exc_info_to_string(err, test))

    def addError(self, test, err):
        super().addError(test, err)
        self._record(test, "failed", self._exc_info_to_string(err, test))


def make_late_suite(module_names, position="at_install", make_suite=loader.make_suite):
    """Leave nothing for the time of loading, and both kinds for afterwards."""
    if position == "at_install":
        return OdooSuite()
    tests = [
        test
        for position in ("at_install", "post_install")
        for test in make_suite(module_names, position)
    ]
    return OdooSuite(tests)


def main(arguments):
    RecordedResult.path, *arguments = arguments
    loader.OdooTestResult = RecordedResult
    if "--late" in arguments:
        arguments.remove("--late")
        loader.make_suite = make_late_suite
    sys.argv[1:] = arguments
    odoo.cli.main()


if __name__ == "__main__":
    main(sys.argv[1:])
