"""Dispatch of commands, and the one-line form of what can go wrong."""

import errno
import importlib
import signal
import sys

from dev import say


def _interrupt(_signal, _frame):
    raise KeyboardInterrupt


def main(commands: dict, arguments: list):
    """Run ``arguments[0]``: function of that name in its module, else the module's ``main``."""
    if not arguments or arguments[0] not in commands:
        sys.exit("usage: python3 -m dev " + "|".join(commands))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    command, rest = arguments[0], arguments[1:]
    module_name = commands[command]
    try:
        try:
            module = importlib.import_module(f"dev.{module_name}")
        except ModuleNotFoundError as error:
            if error.name != f"dev.{module_name}":
                raise
            raise say.Stop(f"make {command} is not part of this version.") from None
        function = getattr(module, command, None) or module.main
        sys.exit(function(rest))
    except say.Stop as error:
        say.end()
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.code)
    except KeyboardInterrupt:
        say.end()
        print("Interrupted; the next run goes on from here.", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        say.end()
        if error.errno == errno.ENOSPC:
            text = f"the disk is full ({error.filename}): {say.DISK_FULL}"
        else:
            text = str(error)
        print(f"error: {text}", file=sys.stderr)
        sys.exit(1)
