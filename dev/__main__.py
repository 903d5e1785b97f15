"""Entry point: ``python3 -m dev <command>``, called by the Makefile.

This file is also read by Pythons that are too old for the rest, to say so in one line.
"""

import os
import shutil
import subprocess
import sys

OLDEST, NEWEST = (3, 10), (3, 13)
COMMANDS = {
    "run": "demo",
    "stop": "demo",
    "reset": "demo",
    "shell": "demo",
    "psql": "demo",
    "test": "testing",
    "lint": "lint",
    "format": "format",
    "test-core": "core_suites",
    "i18n": "i18n",
    "screenshots": "screenshots",
    "benchmark": "benchmark",
    "image": "image",
}


def _use_supported_python():
    """Go on under a Python that Odoo 19 supports: this one, else one found on the PATH."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in (11, 12, 13, 10):
        python = shutil.which(f"python3.{minor}")  # a shim may exist without its Python: try it
        if python and not subprocess.call(
            [python, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ):
            os.execv(python, [python, "-m", "dev"] + sys.argv[1:])
    sys.exit(
        "error: Odoo 19 needs Python 3.10 to 3.13 and this is "
        f"{sys.version_info[0]}.{sys.version_info[1]}: install one of them, "
        "or name it: make run PYTHON=/path/to/python3.11"
    )


def main():
    """Run the command of the first argument; every expected failure is one line."""
    _use_supported_python()
    from dev import cli  # noqa: PLC0415 (an older Python could not read it)

    cli.main(COMMANDS, sys.argv[1:])


if __name__ == "__main__":
    main()
