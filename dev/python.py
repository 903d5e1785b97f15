"""The virtual environment in ``.dev/venv`` with the pinned requirements."""

import glob
import re
import shutil
import site
import sys
from pathlib import Path

from dev import debian, paths, say, system

EXECUTABLE = paths.VENV / "bin" / "python"
REQUIREMENTS = paths.ROOT / "requirements.txt"
REQUIREMENTS_DEV = paths.ROOT / "requirements-dev.txt"


def venv(dev: bool = False):
    """Make the virtual environment, or leave it when it is as it should be."""
    wanted = [REQUIREMENTS, REQUIREMENTS_DEV] if dev else [REQUIREMENTS]
    for requirements in wanted:
        marker = paths.VENV / f".{requirements.stem}"
        state = system.fingerprint(requirements, str(paths.VENV), str(sys.version_info[:2]))
        if marker.exists() and marker.read_text() == state and EXECUTABLE.exists():
            continue
        system.need_space(paths.DEV, 1100)
        if requirements == REQUIREMENTS:
            say.step(
                "Making a virtual environment of Python "
                f"{sys.version_info[0]}.{sys.version_info[1]}"
            )
            shutil.rmtree(paths.VENV, ignore_errors=True)
            # Without pip: Debian's python3 has ensurepip only with python3-venv installed.
            system.run(
                [sys.executable, "-m", "venv", "--without-pip", paths.VENV],
                "make a virtual environment",
            )
        count = len(re.findall(r"(?m)^\w", requirements.read_text()))
        say.step(f"Installing the {count} packages of {requirements.name}")
        pip_install(["-r", requirements], count)
        marker.write_text(state)


def pip_install(arguments: list, count: int = 1):
    """Run pip's install, showing how many packages it has."""
    collected = 0

    def how_far(line):
        nonlocal collected
        if line.startswith("Collecting "):
            collected += 1
            say.progress(f"{collected} of {count} packages")

    command = [EXECUTABLE, _pip(), "install", "--no-deps", "--no-input", "--no-compile"]
    certificates = debian.certificates()
    if certificates:
        command += ["--cert", certificates]
    system.run(
        [*command, "--progress-bar=off", "--disable-pip-version-check", *arguments],
        "install Python packages",
        on_line=how_far,
    )


def _pip() -> Path:
    """pip as a wheel: the one that Python brings along, else Debian's."""
    places = (
        f"{Path(glob.__file__).parent}/ensurepip/_bundled/pip-*.whl",
        "/usr/share/python-wheels/pip-*.whl",
    )
    for place in places:
        for wheel in glob.glob(place):
            return Path(wheel) / "pip"
    folder = debian.unpack("pip", ["python3-pip-whl"], suite="bookworm")
    return next((folder / "usr/share/python-wheels").glob("pip-*.whl")) / "pip"


def activate():
    """Make what is installed in the virtual environment importable by the tool itself."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    folder = str(paths.VENV / "lib" / version / "site-packages")
    if folder not in sys.path:
        site.addsitedir(folder)
