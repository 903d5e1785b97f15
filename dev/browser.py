"""The browser that tours and screenshots are run with."""

import shutil

from dev import say, system


def ensure():
    """Path of Chromium or Chrome, installed with apt where root; None when there is none."""
    names = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
    found = next(filter(None, map(shutil.which, names)), None)
    if found:
        return found
    say.step("Installing Chromium")
    return shutil.which("chromium") if system.apt_install("chromium") else None
