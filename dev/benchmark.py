"""``make benchmark``: what the addons cost beside Odoo alone, as a table for docs/benchmarks.md."""

import datetime
import json
import os
import platform
import re
import subprocess
from pathlib import Path

from dev import odoo, paths, postgres, python, templates
from dev.say import Stop, step

RUNS = 7
DELIVERIES = 50
TITLES = {
    "confirm": "Confirm a purchase order of 10 lines",
    "receive": "Validate a three-step receipt of 10 lots (results and decisions not timed)",
    "print": f"Print {DELIVERIES} deliveries of 5 lines",
}


def machine() -> str:
    """Kind of machine and software, in one line."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version = postgres.execute("postgres", "SHOW server_version")[0][0].split()[0]
    return (
        f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.machine()}), {memory:.0f} GB, "
        f"Python {platform.python_version()}, PostgreSQL {version}, Odoo {odoo.version()}"
    )


def table(rows: list) -> str:
    """Markdown tables, one for each group, with the ratio to the group's first case."""
    lines = []
    for group, title in TITLES.items():
        members = [row for row in rows if row["group"] == group]
        lines += [
            "",
            f"**{title}**",
            "",
            "| | median | ratio | queries | runs |",
            "|---|--:|--:|--:|--:|",
        ]
        for row in members:
            lines.append(
                f"| {row['case']} | {1000 * row['seconds']:,.0f} ms"
                f" | {row['seconds'] / members[0]['seconds']:.2f}"
                f" | {row['queries']} | {row['runs']} |"
            )
    return "\n".join(lines)


def public_table(rows: list) -> str:
    """Markdown table of the pages of the public catalogue, a line for each page."""
    sizes = sorted({row["products"] for row in rows})
    lines = [
        "**Pages of the public catalogue**",
        "",
        "| | " + " | ".join(f"{size:,} goods | queries" for size in sizes) + " | size |",
        "|---|" + "--:|" * (2 * len(sizes) + 1),
    ]
    for case in dict.fromkeys(row["case"] for row in rows):
        cells = [row for row in rows if row["case"] == case]
        figures = " | ".join(f"{1000 * row['seconds']:,.0f} ms | {row['queries']}" for row in cells)
        lines.append(
            f"| {case} | {figures} | {max(row['bytes'] for row in cells) / 1000:,.0f} kB |"
        )
    return "\n".join(lines)


def run(script: str, *arguments: str) -> list:
    """Run a script of benchmarks/ and return what it measured."""
    done = subprocess.run(
        [python.EXECUTABLE, paths.ROOT / "benchmarks" / script, *arguments],
        env=odoo.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise Stop("The measurement failed; the reason is above.")
    return json.loads(done.stdout)


def main(arguments=()):
    """Measure on copies of the template databases, and print the table."""
    odoo.setup(dev=True)
    kinds = {"core": "union_assist_benchmark_plain", "product": "union_assist_benchmark"}
    try:
        for kind, name in kinds.items():
            if postgres.exists(name):
                postgres.drop(name)
            postgres.create(name, template=templates.template(kind))
            # Else how well queries are planned is a matter of when autovacuum last came by.
            postgres.execute(name, "ANALYZE")
        step(f"Measuring, {RUNS} runs of each case")
        rows = run("measure.py", *kinds.values(), str(RUNS), str(DELIVERIES))
        print(f"\n{datetime.date.today()}, {machine()}")
        print(table(rows))
        # Last: it leaves thousands of goods behind.
        print("\n" + public_table(run("public_catalogue.py", kinds["product"])))
    finally:
        for name in kinds.values():
            if postgres.exists(name):
                postgres.drop(name)
