"""`make i18n`: brings every addon's i18n/zh_CN.po up to date, so that only blanks are left."""

import argparse
import contextlib
import subprocess

from dev import addons, odoo, paths, runner, say

AT_MOST = 15  # lines on one addon: who has not begun to translate needs no list
SAME = paths.ROOT / "dev" / "same_in_chinese.txt"


def main(arguments):
    """Merge the product's terms into the translation files; return the exit status."""
    parser = argparse.ArgumentParser(prog="make i18n")
    parser.add_argument("--database", help="take the terms from this database, as it is")
    options, _variables = parser.parse_known_args(arguments)
    odoo.setup(dev=True)
    with runner.alone(), database(options.database) as name:
        for addon in addons.names():
            _po("merge", addon, export(name, addon))
    return 0


def check():
    """Return what is not translated in the addons, one line a term."""
    found = []
    with database() as name:
        for addon in addons.names():
            result = _po("check", addon, export(name, addon), SAME, capture_output=True)
            lines = result.stdout.splitlines()
            found += lines[:AT_MOST]
            if len(lines) > AT_MOST:
                found.append(f"{addon}: and {len(lines) - AT_MOST} more terms")
            if result.stderr:
                found.append(f"{addon}: {result.stderr.strip().splitlines()[-1]}")
    return found


def database(name=None):
    """Give a database whose addons are installed: the one named, else a copy of the template."""
    return contextlib.nullcontext(name) if name else runner.copied("product", "terms")


def export(database_name, addon):
    """Have Odoo write the addon's terms to a file; return its path."""
    path = runner.WORK / f"{addon}.pot"
    path.unlink(missing_ok=True)
    log = runner.WORK / "i18n.log"
    subprocess.run(
        odoo.command("i18n", "export", "-d", database_name, "-o", str(path), addon),
        env={**runner.environment(), "ODOO_LOGFILE": str(log)},
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
    )
    if not path.exists():
        raise say.Stop(f"the terms of {addon} could not be exported, see {log}")
    return path


def _po(command, addon, terms, *rest, **options):
    path = (addons.FOLDER / addon / "i18n" / "zh_CN.po").relative_to(paths.ROOT)
    return subprocess.run(
        [runner.python(), "-m", "dev.po", command, str(terms), str(path), *map(str, rest)],
        env=runner.environment(),
        cwd=paths.ROOT,
        text=True,
        **options,
    )
