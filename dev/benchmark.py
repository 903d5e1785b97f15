"""``make benchmark``: what the addons cost beside Odoo alone, as tables for docs/benchmarks.md.

What stands between marks there is replaced by what was measured.
"""

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
HOUSEHOLDS = 80_000
CONFIRM_RUNS = 15
NOTES, SLIPS = 1_000, 10  # a slip takes a second and more
HISTORY = (1_000, 1_000_000)  # order lines of the supplier and company
DOCUMENT = paths.ROOT / "docs" / "benchmarks.md"
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


def cost_section(rows: list) -> str:
    """Markdown tables, one for each group, with the ratio to the group's first case."""
    lines = [
        f"{datetime.date.today()}, {machine()}; load of the machine {os.getloadavg()[0]:.1f}"
        " at the end."
    ]
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


def public_section(rows: list) -> str:
    """Markdown table of the pages of the public catalogue, a line for each page."""
    sizes = sorted({row["products"] for row in rows})
    lines = [
        f"**Pages of the public catalogue** ({datetime.date.today()}, {machine()}; load of the"
        f" machine {os.getloadavg()[0]:.1f} at the end)",
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


def households() -> int:
    """Number of households to import: HOUSEHOLDS, else as many as a province has."""
    text = os.environ.get("HOUSEHOLDS") or str(HOUSEHOLDS)
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text) or int(text) > 300_000:
        raise Stop(f"HOUSEHOLDS={text} is no number from 1 to 300000, the longest table.")
    return int(text)


def import_section(count: int, figures: dict) -> str:
    """Markdown of the import of households: both ways, and the screens before and after."""
    load, wizard = figures["load"], figures["wizard"]
    before, after = figures["before"], figures["after"]

    def line(title, found):
        steps = ", ".join(f"{name} {step['seconds']:.1f}" for name, step in found["steps"].items())
        queries = sum(step["queries"] for step in found["steps"].values())
        return (
            f"| {title}: {steps} | {found['seconds']:.1f} | {queries:,}"
            f" | {found['peak_mb']:,} MB | {found['peak_mb'] - found['before_mb']:,} MB |"
        )

    again = wizard["again"]
    lines = [
        f"{datetime.date.today()}, {machine()}; one run, the two imports one after the other;"
        f" load of the machine {figures['busy'][0]:.1f} at the beginning and"
        f" {figures['busy'][1]:.1f} at the end."
        f" **{count:,} households with a linkage each: `load()` takes"
        f" {load['seconds'] / wizard['seconds']:.1f} times as long.**",
        "",
        "| | seconds | queries | peak memory | of it for the import |",
        "|---|--:|--:|--:|--:|",
        line("`load()`", load),
        line("import", wizard),
        f"| the same file again, which changes nothing | {again['seconds']:.1f}"
        f" | {again['queries']:,} | | |",
        "",
        f"Screens of an operator, with {before['households']:,} and with"
        f" {after['households']:,} households (median of 5, same run):",
        "",
        f"| | {before['households']:,} | {after['households']:,} | queries |",
        "|---|--:|--:|--:|",
    ]
    for name, screen in after["screens"].items():
        few = before["screens"][name]
        lines.append(
            f"| {name} | {few['milliseconds']:.0f} ms | {screen['milliseconds']:.0f} ms"
            f" | {few['queries']} / {screen['queries']} |"
        )
    return "\n".join(lines)


def confirm_section(rows: list, throughput: list) -> str:
    """Markdown of confirming after few and many orders, and of many confirmed at once."""
    busy = [load for row in rows for load in row["busy"]]
    lines = [
        f"{datetime.date.today()}, {machine()}; median of {rows[0]['runs']} runs of each case in"
        f" turn; load of the machine {min(busy):.1f} to {max(busy):.1f}.",
        "",
        "| order lines before | | median | ratio | computed by Odoo | ratio | queries |",
        "|--:|---|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        plain = next(other for other in rows if other["lines"] == row["lines"])
        lines.append(
            f"| {row['lines']:,} | {row['case']} | {1000 * row['seconds']:,.0f} ms"
            f" | {row['seconds'] / plain['seconds']:.2f} | {1000 * row['cpu']:,.0f} ms"
            f" | {row['cpu'] / plain['cpu']:.2f} | {row['queries']} |"
        )
    lines += [
        "",
        f"{throughput[0]['orders']} orders of one line for one supplier, confirmed over so many"
        " connections in one process:",
        "",
        "| connections | | orders per second | attempts | failed |",
        "|--:|---|--:|--:|--:|",
    ]
    for row in throughput:
        lines.append(
            f"| {row['connections']} | {row['case']} | {row['per_second']:.1f}"
            f" | {row['attempts']} | {row['failed']} |"
        )
    return "\n".join(lines)


def note_section(slip: dict | None, note: dict) -> str:
    """Markdown of the delivery note beside Odoo's slip, a line for each."""
    lines = [
        f"{datetime.date.today()}, {machine()}; load of the machine {os.getloadavg()[0]:.1f}."
        f" Deliveries of 10 lines; printing {note['count']:,} notes takes"
        f" {note['count'] * note['seconds']:.1f} s.",
        "",
        "| | one document | of many | documents a second | times as fast | queries | pages | file"
        " | memory at its highest | of it for printing |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    titles = {"slip": "Odoo's delivery slip (wkhtmltopdf)", "note": "delivery note (ReportLab)"}
    for row in filter(None, (slip, note)):
        ratio = slip["seconds"] / row["seconds"] if slip else None
        lines.append(
            f"| {titles[row['kind']]}, {row['count']:,} documents | {1000 * row['one']:,.0f} ms"
            f" | {1000 * row['seconds']:,.1f} ms | {1 / row['seconds']:,.1f}"
            f" | {'' if ratio is None else f'{ratio:,.0f}'} | {row['queries']:,}"
            f" | {row['pages']:,} | {row['bytes'] / 1e6:,.1f} MB | {row['peak_mb']:,} MB"
            f" | {row['grown_mb']:,} MB |"
        )
    return "\n".join(lines)


def measure_confirm(kinds: dict, names: dict) -> str:
    """Measure confirming on fresh copies, which are full of orders afterwards."""
    for kind, name in names.items():
        postgres.create(name, template=templates.template(kinds[kind]))
    rows = run(
        "cap_confirm.py", names["plain"], names["product"], str(CONFIRM_RUNS), *map(str, HISTORY)
    )
    return confirm_section(rows, run("cap_throughput.py", names["crowd"]))


def measure_import(count: int, names: dict) -> dict:
    """Import the same households both ways, each into a database and by a process of its own.

    :param names: names of the two databases by way
    """
    template = templates.template("product")
    figures = {"busy": [os.getloadavg()[0]]}
    for way, name in names.items():
        postgres.create(name, template=template)
        postgres.execute(name, "ANALYZE")
        if way == "load":
            figures["before"] = run("import_households.py", "read", name, "0")
        figures[way] = run("import_households.py", way, name, str(count))
        if way == "wizard":
            postgres.execute(name, "ANALYZE")
            figures["after"] = run("import_households.py", "read", name, "0")
    figures["busy"].append(os.getloadavg()[0])
    return figures


def plan_section(rows: list) -> str:
    """Markdown of the purchase planner, a line for each number of offers."""
    lines = [
        f"{datetime.date.today()}, {machine()}; load of the machine"
        f" {max(row['load'] for row in rows):.1f}. **200 suppliers, 50 products.**",
        "",
        "| offers | variables | read | queries | solve | gap | whole | queries | suppliers"
        " chosen (cheapest) | dearer than the cheapest |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        lines.append(
            f"| {row['offers']:,} | {row['variables']:,} | {row['read']['seconds']:.1f} s"
            f" | {row['read']['queries']} | {row['solve']['seconds']:.1f} s"
            f" | {100 * row['gap']:.3f} % | {row['whole']['seconds']:.1f} s"
            f" | {row['whole']['queries']} | {row['chosen']} ({row['cheapest']})"
            f" | {100 * row['dearer']:.1f} % |"
        )
    return "\n".join(lines)


def recall_section(figures: dict) -> str:
    """Markdown of finding the recipients of a lot among many move lines."""
    lines = [
        f"{datetime.date.today()}, {machine()}; median of {figures['runs']} runs; load"
        f" of the machine {figures['load']:.1f}. **{figures['lines']:,} finished move lines.**",
        "",
        "| lots: the recalled one and the packs it is in | deliveries | units | list of recipients"
        " | slowest | with contents and mass balance |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for case in figures["cases"]:
        lines.append(
            f"| {case['lots']:,} | {case['deliveries']:,} | {case['units']:,}"
            f" | {1000 * case['seconds']:,.0f} ms | {1000 * case['slowest']:,.0f} ms"
            f" | {1000 * case['whole']:,.0f} ms |"
        )
    return "\n".join(lines)


def write_section(name: str, text: str):
    """Replace what stands between the marks of a section in docs/benchmarks.md."""
    begin, end = f"<!-- {name}: written by make benchmark -->", f"<!-- end of {name} -->"
    document = DOCUMENT.read_text(encoding="utf-8")
    head, found, rest = document.partition(begin)
    _old, closed, tail = rest.partition(end)
    if not (found and closed):
        raise Stop(f"{DOCUMENT} has lost the marks of its section {name}.")
    DOCUMENT.write_text(f"{head}{begin}\n\n{text}\n\n{end}{tail}", encoding="utf-8")


def run(script: str, *arguments: str) -> list | dict:
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
    count = households()
    odoo.setup(dev=True)
    kinds = {"core": "union_assist_benchmark_plain", "product": "union_assist_benchmark"}
    ways = {way: f"union_assist_benchmark_{way}" for way in ("wizard", "load")}
    confirming = {"plain": "core", "product": "product", "crowd": "product"}
    recalling = "union_assist_benchmark_recall"
    copies = {case: f"union_assist_benchmark_confirm_{case}" for case in confirming}
    try:
        for kind, name in kinds.items():
            if postgres.exists(name):
                postgres.drop(name)
            postgres.create(name, template=templates.template(kind))
            # Else how well queries are planned is a matter of when autovacuum last came by.
            postgres.execute(name, "ANALYZE")
        step(f"Measuring, {RUNS} runs of each case")
        rows = run("measure.py", *kinds.values(), str(RUNS), str(DELIVERIES))
        section = cost_section(rows)
        write_section("cost", section)
        print("\n" + section)
        step(f"Printing {NOTES:,} delivery notes of 10 lines")
        slip = run("delivery_note.py", "slip", kinds["core"], str(SLIPS))
        section = note_section(slip, run("delivery_note.py", "note", kinds["product"], str(NOTES)))
        write_section("delivery notes", section)
        print("\n" + section)
        step(f"Confirming orders after {' and '.join(f'{size:,}' for size in HISTORY)} lines")
        section = measure_confirm(confirming, copies)
        write_section("confirm", section)
        print("\n" + section)
        step("Planning purchases from 200 suppliers")
        section = plan_section(run("purchase_plan.py", kinds["product"]))
        write_section("planner", section)
        print("\n" + section)
        step("Recalling a lot among 1,000,000 move lines")
        postgres.create(recalling, template=templates.template("product"))
        section = recall_section(run("recall.py", recalling))
        write_section("recall", section)
        print("\n" + section)
        step(f"Importing {count:,} households in two ways")
        section = import_section(count, measure_import(count, ways))
        write_section("import", section)
        print("\n" + section)
        # Last: it leaves thousands of goods behind.
        section = public_section(run("public_catalogue.py", kinds["product"]))
        write_section("public catalogue", section)
        print("\n" + section)
    finally:
        for name in (*kinds.values(), *ways.values(), *copies.values(), recalling):
            if postgres.exists(name):
                postgres.drop(name)
