"""Measure the import of households with one linkage each, and the screens at that size.

Run by ``make benchmark``: ``python benchmarks/import_households.py WAY DATABASE ROWS``, each way in
a process of its own, so that its memory can be told. WAY is

- ``wizard``: the file goes through the form's own steps, with the job in the background
- ``load``: the same rows go through plain ``load()``
- ``read``: screens, before and after the households are there

The rows are made up, the same for the same number. Everything is committed: the databases are
thrown away afterwards. Prints one JSON object.
"""

import base64
import contextlib
import csv
import datetime
import io
import json
import logging
import random
import resource
import sys
import time

from lxml import etree
from stdnum.cn import ric

import odoo.http  # noqa: F401 (a registry needs it)
from odoo import api
from odoo.modules.registry import Registry
from odoo.tools import config

ADMIN = 2  # base.user_admin
HEADER = (
    "户编号",
    "户主姓名",
    "户主身份证号",
    "所在地区划代码",
    "人数",
    "农户状态",
    "供应商",
    "带贫机制",
    "起始日",
    "每年承诺金额",
)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"


def make_rows(env, count):
    """Return invented rows, one household with one linkage each."""
    chance = random.Random(count)
    places = env["union.assist.region"].search([("level", "=", "county")], order="code")
    places = places.mapped("code")
    suppliers = env["res.partner"].search([("assist_supplier_kind", "!=", False)], order="id")
    suppliers = suppliers.mapped("name")
    mechanisms = env["union.assist.mechanism"].search([]).mapped("code")
    first = datetime.date(1940, 1, 1)
    rows = []
    for number in range(count):
        place = chance.choice(places)
        # The day of birth counts up, so that no identity number comes twice.
        born = first + datetime.timedelta(days=number // 4 % 20000)
        identity = f"{place}{born:%Y%m%d}{number // 80000:02}{number % 4}"
        rows.append(
            (
                f"BENCH-{number:06}",
                f"{chance.choice(SURNAMES)}某某（示例）",
                identity + ric.calc_check_digit(identity + "0"),
                place,
                str(chance.randint(1, 7)),
                chance.choice(("registered", "lifted", "monitored")),
                chance.choice(suppliers),
                chance.choice(mechanisms),
                f"2021-{chance.randint(1, 12):02}-01",
                str(chance.randint(1, 80) * 100),
            )
        )
    return rows


class Clock:
    """Seconds and queries spent in named steps."""

    def __init__(self):
        self.steps = {}

    @contextlib.contextmanager
    def step(self, name, env):
        queries, start = env.cr.sql_log_count, time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        self.steps[name] = {
            "seconds": round(seconds, 2),
            "queries": env.cr.sql_log_count - queries,
        }
        print(f"  {name}: {seconds:.1f} s", file=sys.stderr, flush=True)


def wizard(env, count):
    """Import the rows as a person does, with the work in the background."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([HEADER, *make_rows(env, count)])
    content = base64.b64encode(stream.getvalue().encode("utf-8-sig"))
    cron = env.ref("union_assist_catalog.cron_import")
    clock, before = Clock(), memory()
    with clock.step("upload", env):
        job = env["union.assist.import"].create(
            {"kind": "household_linkage", "file_name": "benchmark.csv", "file": content}
        )
        job.action_check()
        env.cr.commit()
    for step, wanted in (("check", "ready"), ("write", "done")):
        with clock.step(step, env):
            if step == "write":
                job.action_write()
                env.cr.commit()
            if job.state in ("checking", "writing"):
                run(cron, job)
        assert job.state == wanted, (job.state, job.problem, job.shown_error_ids.mapped("reason"))
    assert job.new_count == 2 * count, job.counts
    result = finish(clock, before)
    again = Clock()
    with again.step("again", env):
        job = env["union.assist.import"].create(
            {"kind": "household_linkage", "file_name": "benchmark.csv", "file": content}
        )
        job.action_check()
        env.cr.commit()
        if job.state == "checking":
            run(cron, job)
    assert (job.state, job.unchanged_count) == ("done", 2 * count), (job.state, job.counts)
    return result | {"again": again.steps["again"]}


def run(cron, job):
    """Do what a cron worker does when it is woken, on a connection of its own."""
    cron.method_direct_trigger()
    # The work is seen by a new transaction.
    job.env.cr.commit()
    job.invalidate_recordset()


def load(env, count):
    """Load the rows with plain ``load()``, which looks up what they name as it does for anybody.

    Two calls, as a person has to: a row's household must be there before its linkage. Places are
    named by their external ids, because ``load()`` knows no codes.
    """
    rows = make_rows(env, count)
    mechanisms = {found.code: found.name for found in env["union.assist.mechanism"].search([])}
    clock, before = Clock(), memory()
    with clock.step("households", env):
        result = env["union.assist.household"].load(
            ["code", "head_name", "identity_number", "region_id/id", "persons", "status"],
            [[*row[:3], f"union_assist_catalog.region_{row[3]}", *row[4:6]] for row in rows],
        )
        env.cr.commit()
    assert result["ids"], result["messages"][:3]
    with clock.step("linkages", env):
        result = env["union.assist.linkage"].load(
            ["household_id", "supplier_id", "mechanism_id", "date_from", "promised_amount"],
            [[row[0], row[6], mechanisms[row[7]], *row[8:]] for row in rows],
        )
        env.cr.commit()
    assert result["ids"], result["messages"][:3]
    return finish(clock, before)


def read(env, _count):
    """Open the screens of an operator: what a click asks of the server, without the drawing."""
    user = env.ref("union_assist_catalog.user_operator")
    env = env(user=user, context=dict(user.context_get()))
    county = env.ref("union_assist_catalog.region_610924")
    supplier = env["res.partner"].search([("assist_supplier_kind", "!=", False)], limit=1)
    cases = {
        "household list, first page": lambda: show_list(env, "household", []),
        "search by code": lambda: show_list(env, "household", [("code", "ilike", "0012")]),
        "search by name": lambda: show_list(env, "household", [("head_name", "ilike", "王")]),
        "of one county": lambda: show_list(
            env, "household", [("region_id", "child_of", county.id)]
        ),
        "places beside the list": lambda: env["union.assist.household"].search_panel_select_range(
            "region_id", enable_counters=True, expand=True
        ),
        "linkage list, first page": lambda: show_list(env, "linkage", []),
        "supplier form": lambda: show_form(env, supplier),
    }
    figures = {}
    for name, function in cases.items():
        seconds = []
        for _turn in range(6):
            env.invalidate_all()
            queries, start = env.cr.sql_log_count, time.perf_counter()
            function()
            seconds.append(time.perf_counter() - start)
        figures[name] = {
            "milliseconds": round(1000 * sorted(seconds[1:])[2], 1),
            "queries": env.cr.sql_log_count - queries,
        }
    env.cr.execute("SELECT count(*) FROM union_assist_household")
    return {"households": env.cr.fetchone()[0], "screens": figures}


def show_list(env, name, domain):
    model = env[f"union.assist.{name}"]
    return model.web_search_read(domain, specification(model, "list"), limit=80)


def show_form(env, record):
    return record.web_read(specification(record, "form"))


def specification(model, kind):
    """Return what the view asks for, names of related records included."""
    found = model.get_views([(False, kind)])
    arch = etree.fromstring(found["views"][kind]["arch"])
    fields = found["models"][model._name]["fields"]
    return {
        name: {"fields": {"display_name": {}}} if fields[name]["type"] == "many2one" else {}
        for name in arch.xpath("//field[not(ancestor::field)]/@name")
    }


def memory():
    """Largest memory of this process up to now, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def finish(clock, before):
    return {
        "steps": clock.steps,
        "seconds": round(sum(step["seconds"] for step in clock.steps.values()), 2),
        "peak_mb": round(memory()),
        "before_mb": round(before),
    }


def main(way, database, count):
    """Do one of the ways and print its figures as JSON."""
    config.parse_config([])
    logging.disable(logging.WARNING)
    with contextlib.closing(Registry(database).cursor()) as cr:
        user = api.Environment(cr, ADMIN, {})["res.users"].browse(ADMIN)
        env = api.Environment(cr, ADMIN, dict(user.context_get()))
        figures = {"wizard": wizard, "load": load, "read": read}[way](env, count)
        cr.commit()
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
