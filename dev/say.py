"""What the tool tells the person in front of it: steps, the time gone by, and how far it is."""

import sys
import time

_START = time.monotonic()
_TERMINAL = sys.stdout.isatty()
_open_line = False
_last_progress = 0.0

DISK_FULL = "free some space and run the same command again; it goes on where it stopped."


class Stop(Exception):
    """An expected failure: one line that says what is wrong and what to do about it."""

    def __init__(self, text: str, code: int = 1):
        super().__init__(text)
        self.code = code


def step(text: str):
    """Announce what is being done now."""
    end()
    minutes, seconds = divmod(int(time.monotonic() - _START), 60)
    print(f"[{minutes:2d}:{seconds:02d}] {text}", flush=True)


def progress(text: str):
    """Say how far the current step is: in place on a terminal, else every 20 seconds."""
    global _open_line, _last_progress
    if _TERMINAL:
        print(f"\r\033[K        {text[:100]}", end="", flush=True)
        _open_line = True
    elif time.monotonic() - _last_progress > 20:
        print(f"        {text}", flush=True)
        _last_progress = time.monotonic()


def end():
    """Leave a line that :func:`progress` has open."""
    global _open_line
    if _open_line:
        print("\r\033[K", end="", flush=True)
        _open_line = False


def warn(text: str):
    """Say something the person should know, and go on."""
    end()
    print(f"warning: {text}", file=sys.stderr, flush=True)
