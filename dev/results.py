"""What test runs leave behind: one result a test, and what Odoo logged meanwhile."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass
class Result:
    """One test: `name` as `module:Class.method`; `detail` says why it failed or was skipped."""

    name: str
    outcome: str
    detail: str = ""
    seconds: float = 0.0


def merged(results):
    """Return one result a name: a test of which any part failed has failed."""
    weight = (PASSED, SKIPPED, FAILED)
    worst = {}
    for result in results:
        known = worst.setdefault(result.name, result)
        if weight.index(result.outcome) > weight.index(known.outcome):
            worst[result.name] = result
    return list(worst.values())


def read_lines(path):
    """Read the results that `server_tests.py` wrote, one JSON object a line."""
    text = path.read_text() if path.exists() else ""
    complete = text[: text.rfind("\n") + 1]  # the run may be writing the next one
    return merged(Result(**json.loads(line)) for line in complete.splitlines())


def read_junit(path):
    """Read the results that pytest wrote with `--junitxml`."""
    results = []
    for case in ET.parse(path).iter("testcase") if path.exists() else []:
        outcome, detail = PASSED, ""
        for child in case:
            if child.tag in ("failure", "error"):
                outcome, detail = FAILED, child.text or child.get("message", "")
            elif child.tag == "skipped" and outcome == PASSED:
                outcome, detail = SKIPPED, child.get("message", "")
        name = _name(case.get("classname", ""), case.get("name"))
        results.append(Result(name, outcome, detail.strip(), float(case.get("time", 0))))
    return merged(results)


def _name(path, method):
    """Turn pytest's `addons.module.tests.test_x.Class` into `module:Class.method`."""
    if not path:  # a file that could not be imported has no class
        return method
    parts = path.split(".")
    if parts[0] != "addons":
        return f"{path}.{method}"
    return f"{parts[1]}:{parts[-1]}.{method}"


RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): "
)
# A failed test is counted as such; Odoo's report of it in the log is not a second problem.
REPORTS = re.compile(
    r"^(odoo\.addons\.\w+\.tests\.\S+: (FAIL|ERROR): "
    r"|odoo\.tests\.(stats|result): "
    r"|odoo\.modules\.loading: Module \w+: \d+ failures)"
)


def problems(log, allowed=()):
    """Return the warnings and errors in the text of an Odoo log that no allowed pattern explains.

    Each is "logger: message" with the lines that belong to it.
    """
    found = []
    current = None
    for line in log.splitlines():
        record = RECORD.match(line)
        if record:
            current = None
            if record["level"] in ("WARNING", "ERROR", "CRITICAL"):
                current = [f"{record['logger']}: {line[record.end() :].strip()}"]
                found.append(current)
        elif current is not None:
            current.append(line)
    texts = ["\n".join(lines).strip() for lines in found]
    return [
        text
        for text in texts
        if not REPORTS.match(text) and not any(p.search(text) for p, _reason in allowed)
    ]


def explained(path):
    """Read a list of explained exceptions: lines `pattern  # reason`, the reason compulsory."""
    patterns = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, hash_, reason = line.rpartition("  # ")
        if not hash_ or not reason.strip():
            raise ValueError(f"{path.name}:{number}: no reason given (pattern  # reason)")
        patterns.append((re.compile(pattern.strip()), reason.strip()))
    return patterns


def count(results):
    """Return how many passed, failed and were skipped."""
    outcomes = [result.outcome for result in results]
    return tuple(outcomes.count(outcome) for outcome in (PASSED, FAILED, SKIPPED))


def count_line(passed, failed, skipped):
    """Return the line with which every check ends."""
    return f"{passed} passed, {failed} failed, {skipped} skipped"


COUNT_LINE = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)


ERROR_LINE = re.compile(r"[\w.]*(Error|Exception|Warning|KeyboardInterrupt|Failure)\b")


def error_line(detail):
    """Return the line of a traceback that names the error, else the last one there is."""
    lines = [line.strip() for line in detail.splitlines() if line.strip()]
    named = [line for line in lines if ERROR_LINE.match(line)]
    return (named or lines or [""])[-1]


def report(results, slowest=0):
    """Print every failure in full, every skip with its reason, and the slowest tests."""
    for result in results:
        if result.outcome == FAILED:
            print(f"\nFAILED {result.name}\n{result.detail}")
    for result in results:
        if result.outcome == SKIPPED:
            print(f"SKIPPED {result.name}: {error_line(result.detail)}")
    for result in sorted(results, key=lambda r: -r.seconds)[:slowest]:
        print(f"{result.seconds:7.1f} s  {result.name}")


def log_of(path):
    """Return the text of a log, empty where there is none."""
    path = Path(path)
    return path.read_text(errors="replace") if path.exists() else ""
