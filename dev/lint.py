"""`make lint` and `make format`: what can be said of the sources without running the product."""

import re
import subprocess
import xml.etree.ElementTree as ET

from dev import addons, i18n, odoo, paths, results, runner, say

# Data files in these folders of an addon are loaded only if its manifest lists them.
LISTED = {
    "data": ("data", "report", "security", "views", "wizards"),
    "demo": ("demo",),
}
VERSION = re.compile(r"19\.0\.\d+\.\d+\.\d+")
MARKDOWN_LINK = re.compile(r"(?:\]\(|(?:src|href)=\")([^)\s\"#]+)")


def main(_arguments):
    """Run every check; return the exit status."""
    odoo.setup(dev=True)
    checks = {
        "ruff check": lambda: ruff("check", "--quiet", "--output-format=concise", "."),
        "ruff format": lambda: ruff("format", "--check", "--quiet", "--output-format=concise", "."),
        "pylint-odoo": pylint,
        "XML": malformed_xml,
        "manifests": lambda: [line for a in addons.names() for line in manifest_faults(a)],
        "test files": unimported_tests,
        "links": broken_links,
        "exceptions": unexplained,
        "Chinese": i18n.check,
    }
    found = []
    with runner.alone():
        for title, check in checks.items():
            say.step(f"Checking: {title}")
            lines = check()
            outcome = results.FAILED if lines else results.PASSED
            found.append(results.Result(title, outcome, "\n".join(lines)))
    return runner.end(found)


def format(_arguments):
    """Put the Python sources into the form that `make lint` asks for; return the exit status."""
    odoo.setup(dev=True)
    fixed = ruff("check", "--fix", "--quiet", "--output-format=concise", ".")
    for line in fixed + ruff("format", "."):
        print(line)
    return 1 if fixed else 0


def ruff(*arguments):
    """Run ruff in the top-level folder; return the lines it prints."""
    return _lines("ruff", *arguments)


def pylint():
    """Run pylint-odoo's checks for Odoo 19, which pyproject.toml configures."""
    return _lines("pylint", "--score=no", *(f"addons/{addon}" for addon in addons.names()))


def _lines(module, *arguments):
    run = subprocess.run(
        [runner.python(), "-m", module, *arguments],
        env=runner.environment(),
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    lines = run.stdout.splitlines()
    if run.returncode and not lines:
        lines = run.stderr.splitlines() or [f"{module} ended with status {run.returncode}"]
    return lines


def _files(*patterns):
    """Return the project's own files of these patterns, leaving out hidden folders."""
    return sorted(
        path
        for pattern in patterns
        for path in paths.ROOT.rglob(pattern)
        if not any(part.startswith(".") for part in path.relative_to(paths.ROOT).parts)
    )


def malformed_xml():
    """Return the XML and SVG files that are not well-formed, with the place."""
    found = []
    for path in _files("*.xml", "*.svg"):
        try:
            ET.parse(path)
        except ET.ParseError as error:
            found.append(f"{path.relative_to(paths.ROOT)}: {error}")
    return found


def manifest_faults(addon):
    """Return what is wrong with an addon's manifest, beyond what pylint-odoo sees."""
    folder = addons.FOLDER / addon
    manifest = addons.manifest(addon)
    faults = []
    if not VERSION.fullmatch(manifest.get("version", "")):
        faults.append("the version is not 19.0.x.y.z")
    if manifest.get("license") != "LGPL-3":
        faults.append("the licence is not LGPL-3")
    for key, folders in LISTED.items():
        listed = manifest.get(key, [])
        there = {
            path.relative_to(folder).as_posix()
            for name in folders
            for suffix in ("xml", "csv")
            for path in (folder / name).rglob(f"*.{suffix}")
        }
        faults += [f"{key}: {file} is not listed" for file in sorted(there.difference(listed))]
        faults += [f"{key}: {file} does not exist" for file in listed if file not in there]
        faults += [
            f"{key}: {file} is listed twice" for file in set(listed) if listed.count(file) > 1
        ]
    return [
        f"addons/{addon}/__manifest__.py: {fault}" for fault in faults + _order(addon, manifest)
    ]


def _order(addon, manifest):
    """Goods and data move one way: an addon builds on earlier ones of ours, never on later."""
    ours = addons.names()
    depends = manifest["depends"]
    later = [name for name in depends if name in ours and ours.index(name) >= ours.index(addon)]
    faults = [f"depends on the later addon {name}" for name in later]
    if depends != sorted(depends, key=lambda name: (name not in ours, name)):
        faults.append("depends: our own addon first, then Odoo's by name")
    return faults


def unimported_tests():
    """Return the test files that Odoo would not run."""
    return [
        f"{path.relative_to(paths.ROOT)}: not imported in tests/__init__.py"
        for addon in addons.names()
        for path in addons.unimported_tests(addon)
    ]


def broken_links():
    """Return the links of our Markdown files to files that do not exist."""
    found = []
    for path in _files("*.md"):
        for link in MARKDOWN_LINK.findall(path.read_text()):
            if "://" in link or link.startswith("mailto:"):
                continue
            if not (path.parent / link).exists():
                found.append(f"{path.relative_to(paths.ROOT)}: {link} does not exist")
    return found


def unexplained():
    """Return the entries of the lists of exceptions that give no reason."""
    found = []
    for path in (paths.ROOT / "tests").glob("*.txt"):
        try:
            results.explained(path)
        except ValueError as error:
            found.append(str(error))
    return found
