"""`make test-core`: Odoo's own test suites pass with the addons installed.

All tests run when everything is loaded, also those that Odoo runs while it loads the module
they belong to, so that they see what the addons change. Some of Odoo's tests do not bear that
even without the addons; so what fails is run again without them, and what fails there with the
same error is reported as skipped. Known unstable tests are listed in tests/core_known.txt.
"""

import configparser
import contextlib
import re
from pathlib import Path

from dev import addons, browser, odoo, paths, results, runner, say
from dev.results import FAILED, SKIPPED, Result

KNOWN = paths.ROOT / "tests" / "core_known.txt"
# Each half takes about as long as the other, on a database and a processor core of its own.
HALVES = (
    ("stock",),
    ("purchase", "purchase_stock", "purchase_requisition", "purchase_requisition_stock",
     "product_expiry"),
)  # fmt: skip


def main(arguments):
    """Run the suites; return the status.

    ALL=1 takes every module that the addons build on, ONLY=module,module some of those.
    """
    everything = runner.variable(arguments, "ALL") not in ("", "0")
    only = [name for name in runner.variable(arguments, "ONLY").split(",") if name]
    odoo.setup(dev=True)
    with runner.alone():
        if not browser.ensure() and runner.in_ci():
            raise say.Stop("Odoo's tours need Chromium: apt-get install chromium")
        if only or everything:
            found = compared(chosen(only))
        else:
            found = checked()
    return runner.end(found)


def checked():
    """Run the halves side by side, and what fails again without the addons."""
    runs = [
        (f"core suites {number} of {len(HALVES)}", "plain-demo-ours", tags_of_modules(half))
        for number, half in enumerate(HALVES, 1)
    ]
    with_ours = [result for found in side_by_side(*runs) for result in found]
    ran = {result.name.partition(":")[0] for result in with_ours}
    with_ours += [
        Result(f"/{module}", FAILED, "no test of this suite ran")
        for half in HALVES
        for module in half
        if module not in ran
    ]
    failed = [result for result in with_ours if result.outcome == FAILED]
    if not failed:
        return with_ours
    say.step(f"{len(failed)} failed: running them without the addons, tours also once more with")
    without, again = side_by_side(
        ("core suites without the addons", "plain-demo", tags_of(failed)),
        ("core tours again", "plain-demo-ours", tags_of(filter(is_tour, failed))),
    )
    return judge(with_ours, again, without, results.explained(KNOWN))


def chosen(only):
    """Return the modules named in ``only``, or all that the addons build on when it is empty."""
    known = dependencies()
    unknown = sorted(set(only).difference(known))
    if unknown:
        raise say.Stop(f"ONLY: the addons do not build on {', '.join(unknown)}.")
    return only or known


def compared(modules):
    """Run the suites of these modules, with the addons and without, side by side."""
    tags = tags_of_modules(modules)
    with_ours, without = side_by_side(
        ("all suites", "plain-demo-ours", tags),
        ("all suites without the addons", "plain-demo", tags),
    )
    tours = [result for result in with_ours if result.outcome == FAILED and is_tour(result)]
    (again,) = side_by_side(("all tours again", "plain-demo-ours", tags_of(tours)))
    return judge(with_ours, again, without, results.explained(KNOWN))


def side_by_side(*runs):
    """Run Odoo at the same time for each (title, kind of template, tags); return the results."""
    with contextlib.ExitStack() as stack:
        started = []
        for title, kind, tags in runs:
            if not tags:
                started.append(None)
                continue
            database = stack.enter_context(runner.copied(kind, re.sub(r"\W", "_", title)))
            run = runner.OdooTests(database, title, tags, late=True)
            stack.callback(run.stop)
            started.append(run)
        return [run.finish() if run else [] for run in started]


def judge(with_ours, again, without, known):
    """Return the final results, given those of a second run and of one without the addons.

    A tour gets a second chance, as browsers are slow at times; any other test none, unless it
    is known to be unstable. A failure that Odoo has without the addons too is none of ours.
    """
    second = {result.name: result for result in again}
    plain = {result.name: result for result in without}
    judged = []
    for result in with_ours:
        if result.outcome == FAILED:
            result = _judged(result, second.get(result.name), plain.get(result.name), known)
        judged.append(result)
    return judged


def _judged(result, second, plain, known):
    name, first = result.name, results.error_line(result.detail)
    if plain and plain.outcome == FAILED and same_error(first, results.error_line(plain.detail)):
        return Result(name, SKIPPED, f"fails without the addons as well: {first}")
    for pattern, reason in known:
        if pattern.search(name):
            return Result(name, SKIPPED, f"{reason}: {first}")
    if is_tour(result) and second:
        last = results.error_line(second.detail) or second.outcome
        print(f"TOUR {name}\n  first run: {first}\n  second run: {last}")
        return second
    if plain and plain.outcome == FAILED:
        result.detail += f"\n(without the addons: {results.error_line(plain.detail)})"
    return result


def same_error(one, other):
    """Tell whether two errors are the same but for numbers, such as those of records."""
    return re.sub(r"\d+", "#", one) == re.sub(r"\d+", "#", other)


def is_tour(result):
    """Tell whether a failed test drove a browser."""
    return "start_tour" in result.detail or "browser_js" in result.detail


def tags_of_modules(modules):
    """Return the tags that select all tests of these modules."""
    return [f"/{module}" for module in modules]


def tags_of(found):
    """Return the tags that select these tests: `/module:Class.method`."""
    tags = []
    for result in found:
        in_class = re.search(r"odoo\.addons\.(\w+)\.tests\.[\w.]+\.(\w+)\)", result.name)
        if in_class:  # the class could not be set up: none of its tests has a result
            tags.append(f"/{in_class[1]}:{in_class[2]}")
        elif ":" in result.name:
            tags.append(f"/{result.name}")
    return tags


def dependencies():
    """Return every core module that the addons build on, directly or not."""
    ours = set(addons.names())
    config = configparser.RawConfigParser()
    config.read(odoo.CONFIG)
    folders = [Path(folder) for folder in config["options"]["addons_path"].split(",")]
    found, to_read = set(), list(ours)
    while to_read:
        for name in addons.manifest(to_read.pop(), folders).get("depends", ["base"]):
            if name not in found | ours:
                found.add(name)
                to_read.append(name)
    return sorted(found)
