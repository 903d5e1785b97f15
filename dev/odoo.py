"""Odoo: where its source is, its configuration, and how it is run."""

import ast
import configparser
import json
import os
import re
import sys
from pathlib import Path

from dev import debian, fonts, identity, npm, paths, postgres, python, say, system

ADDONS = ("union_assist_catalog", "union_assist_procure", "union_assist_logistics")
CONFIG = paths.DEV / "odoo.conf"
# Odoo, and the packages that files of it are links into.
PACKAGES = [
    "odoo-19",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
]
_DIST = "usr/lib/python3/dist-packages"


def source() -> Path:
    """Folder that ``import odoo`` finds Odoo 19 in: ODOO_SOURCE, else Debian's in the cache."""
    named = os.environ.get("ODOO_SOURCE")
    if not named:
        return debian.unpack("odoo-19", PACKAGES, finish=npm.complete) / _DIST
    for folder in (Path(named), Path(named) / _DIST, Path(named).parent):
        release = folder / "odoo" / "release.py"
        if release.is_file() and (folder / "odoo" / "addons" / "base").is_dir():
            found = re.search(r"version_info = \((\d+),", release.read_text())
            if not found or found[1] != "19":
                raise say.Stop(f"ODOO_SOURCE={named} is Odoo {found and found[1]}: 19 is needed.")
            if _addons_folders(folder):
                return folder.resolve()
    raise say.Stop(
        f"ODOO_SOURCE={named} is no Odoo: name a checkout (the folder with odoo-bin) or an "
        "unpacked Debian package of Odoo 19, or unset it to have Odoo fetched."
    )


def _addons_folders(folder: Path) -> list:
    """Folders of core addons: a checkout keeps them beside the package, Debian inside."""
    inside, beside = folder / "odoo" / "addons", folder / "addons"
    if (inside / "web" / "__manifest__.py").exists():
        return [inside.resolve()]
    if (beside / "web" / "__manifest__.py").exists():
        return [inside.resolve(), beside.resolve()]
    return []


def version() -> str:
    """What tells one Odoo from another: the package's version, or where it lies."""
    if os.environ.get("ODOO_SOURCE"):
        return str(source())
    marker = debian.unpack("odoo-19", PACKAGES, finish=npm.complete) / ".complete"
    return json.loads(marker.read_text())["odoo-19"]


def setup(dev: bool = False):
    """Everything that running Odoo needs; quick when it is there. ``dev``: test tools as well."""
    owner = paths.DEV.stat().st_uid if paths.DEV.exists() else os.geteuid()
    if owner != os.geteuid():
        raise say.Stop(f"{paths.DEV} belongs to another user: run as that user, or remove it.")
    with system.lock(
        paths.DEV / "setup.lock", "Waiting for another command that sets up this clone"
    ):
        python.venv(dev)
        folder = source()
        link(folder)
        fonts.folder()
        postgres.start()
        _write_config(folder)


def link(folder: Path):
    """Let the virtual environment import Odoo from this folder."""
    library = paths.VENV / "lib" / f"python{'.'.join(map(str, sys.version_info[:2]))}"
    (library / "site-packages" / "odoo.pth").write_text(f"{folder}\n")


def _write_config(folder: Path):
    """The shared odoo.conf with what is special to this clone."""
    config = configparser.RawConfigParser()
    config.read(paths.ROOT / "odoo.conf")
    server = postgres.address()
    for name, value in {
        "addons_path": ",".join(map(str, [*_addons_folders(folder), paths.ADDONS])),
        "data_dir": paths.DATA,
        "db_host": server["host"],
        "db_port": server["port"],
        "db_user": server["user"],
        "db_password": server["password"],
    }.items():
        if value:
            config.set("options", name, str(value))
    paths.DATA.mkdir(parents=True, exist_ok=True)
    with open(CONFIG, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        config.write(file)


def environment() -> dict:
    """Environment to run Odoo and PostgreSQL's clients in."""
    server = postgres.address()
    variables = {f"PG{name.upper()}": value for name, value in server.items() if value}
    path = f"{paths.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return (
        os.environ
        | variables
        | {
            "ODOO_RC": str(CONFIG),
            "PATH": path,
            "PYTHONUTF8": "1",
            "UNION_ASSIST_FONT_DIR": str(fonts.folder()),
            identity.VARIABLE: identity.key_file(),
        }
    )


def command(*arguments) -> list:
    """Command line that runs Odoo with these arguments."""
    return [str(python.EXECUTABLE), "-m", "odoo", *map(str, arguments)]


def run(doing: str, *arguments, log: str, **kwargs):
    """Run Odoo to its end, showing which module it is at."""

    def how_far(line):
        found = re.search(r"Loading module (\S+) \((\d+)/(\d+)\)", line)
        if found:
            say.progress(f"module {found[2]} of {found[3]}: {found[1]}")

    kwargs |= {"env": environment(), "cwd": paths.ROOT}
    system.run(command(*arguments), doing, on_line=how_far, log=log, **kwargs)


def core_modules() -> list:
    """Core modules that our addons depend on directly."""
    depends = set()
    for addon in ADDONS:
        manifest = ast.literal_eval((paths.ADDONS / addon / "__manifest__.py").read_text())
        depends.update(manifest["depends"])
    return sorted(depends.difference(ADDONS))
