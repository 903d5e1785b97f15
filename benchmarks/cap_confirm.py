"""Measure confirming a purchase order beside Odoo alone, after few and after many orders.

Run by ``make benchmark``: ``python benchmarks/cap_confirm.py PLAIN PRODUCT RUNS LINES...`` on two
databases that are the script's to fill: both get as many order lines of one supplier as each
figure says, the product's with their entries in the cap's ledger. Confirmed is each time an order
of 10 lines more, in a transaction that is rolled back. The runs of all cases alternate. Prints
one JSON list.
"""

import contextlib
import json
import logging
import os
import statistics
import sys
import time

from measure import ADMIN, LINES, Clock, make_products, make_purchase

import odoo.http  # noqa: F401 (a registry needs it)
from odoo import api
from odoo.modules.registry import Registry
from odoo.tools import SQL, config

PLAIN = "Odoo alone"
UNCAPPED = "with the addons, supplier without cap"
CAPPED = "with the addons, supplier with cap"
HISTORY = "history"
COUNTING = "union_assist_cap_entry_count"  # the trigger that moves a cap's counter


def environment(cr):
    context = dict(api.Environment(cr, ADMIN, {})["res.users"].browse(ADMIN).context_get())
    return api.Environment(cr, ADMIN, context)


def set_up(env):
    """Receive in three steps in both databases, as the demo's warehouse does."""
    env["stock.warehouse"].search([]).reception_steps = "three_steps"


def make_order(env, supplier):
    """Make a supplier's first confirmed order, of which the history is copies."""
    order = make_purchase(env, supplier, make_products(env, LINES), partner_ref=f"{HISTORY} 0")
    order.order_line.price_unit = 0.01
    order.button_confirm()
    return order


def copy_rows(cr, table, source, **replaced):
    """Copy the rows of a table that a FROM clause gives as ``row``, with some columns replaced."""
    cr.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND column_name <> 'id'",
        [table],
    )
    names = [name for (name,) in cr.fetchall()]
    values = [replaced.get(name, SQL("row.%s", SQL.identifier(name))) for name in names]
    cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, names)),
            SQL(", ").join(values),
            source,
        )
    )


def fill(env, order, capped, until):
    """Copy a confirmed order until so many order lines of its supplier exist."""
    cr = env.cr
    env.flush_all()
    supplier = order.partner_id.id
    cr.execute("SELECT count(*), max(id) FROM purchase_order WHERE partner_id = %s", [supplier])
    orders, last = cr.fetchone()
    cr.execute("SELECT max(id) FROM purchase_order")
    (last,) = cr.fetchone()
    copy_rows(
        cr,
        "purchase_order",
        SQL(
            "purchase_order AS row, generate_series(%s, %s) AS number WHERE row.id = %s",
            orders + 1,
            until // LINES,
            order.id,
        ),
        name=SQL("%s || number", f"{HISTORY}-"),
        partner_ref=SQL("%s || number", f"{HISTORY} "),
    )
    copied = SQL(
        "purchase_order AS copied WHERE copied.id > %s AND copied.partner_ref LIKE %s",
        last,
        f"{HISTORY} %",
    )
    tables = ["purchase_order_line"] + ["union_assist_cap_entry"] * capped
    if capped:  # it moves the counter row by row; once for all is the same and takes seconds
        cr.execute(
            "ALTER TABLE union_assist_cap_entry DISABLE TRIGGER union_assist_cap_entry_count"
        )
    for table in tables:
        copy_rows(
            cr,
            table,
            SQL(
                "(SELECT * FROM %s WHERE order_id = %s) AS row, %s",
                SQL.identifier(table),
                order.id,
                copied,
            ),
            order_id=SQL("copied.id"),
        )
    if capped:
        cr.execute(f"ALTER TABLE union_assist_cap_entry ENABLE TRIGGER {COUNTING}")
        cr.execute(
            "UPDATE union_assist_cap AS cap SET committed = ledger.amount"
            "  FROM (SELECT cap_id, sum(amount) AS amount FROM union_assist_cap_entry"
            "         GROUP BY cap_id) AS ledger"
            " WHERE ledger.cap_id = cap.id AND cap.supplier_id = %s",
            [supplier],
        )
    cr.commit()
    cr.execute("SELECT count(*) FROM purchase_order_line WHERE partner_id = %s", [supplier])
    (lines,) = cr.fetchone()
    # Else how well queries are planned is a matter of when autovacuum last came by.
    cr.execute("ANALYZE")
    cr.commit()
    return lines


def confirm(env, first, clock):
    """Confirm a purchase order for the goods of the supplier's first."""
    first = first.with_env(env)
    order = make_purchase(env, first.partner_id, first.order_line.product_id)
    with clock:
        order.button_confirm()
    assert order.state == "purchase"


def main(plain, product, runs, sizes):
    config.parse_config([])
    logging.disable(logging.WARNING)
    registries = {name: Registry(name) for name in (plain, product)}
    for registry in registries.values():
        with registry.cursor() as cr:
            set_up(environment(cr))
    orders = {}
    for case, name, *capped in ((PLAIN, plain), (UNCAPPED, product), (CAPPED, product, CAPPED)):
        with registries[name].cursor() as cr:
            env = environment(cr)
            if capped:
                supplier = env.ref("union_assist_catalog.partner_supplier_dali")
            else:
                supplier = env["res.partner"].create({"name": "Measured", "is_company": True})
            orders[case] = make_order(env, supplier)
            if capped:
                assert orders[case].assist_entry_ids, "no cap policy applies to the supplier"
    cases = [(PLAIN, plain), (UNCAPPED, product), (CAPPED, product)]
    rows = []
    for size in sizes:
        for case, name in cases:
            begun = time.perf_counter()
            with registries[name].cursor() as cr:
                env = environment(cr)
                lines = fill(env, orders[case].with_env(env), case == CAPPED, size)
            seconds = time.perf_counter() - begun
            print(f"{lines:,} lines, {case}: {seconds:.0f} s", file=sys.stderr, flush=True)
        busy = os.getloadavg()[0]
        figures = {case: [] for case, _name in cases}
        for turn in range(runs + 1):
            for case, name in cases:
                with contextlib.closing(registries[name].cursor()) as cr:
                    env = environment(cr)
                    clock = Clock(env)
                    confirm(env, orders[case], clock)
                    cr.rollback()
                if turn:  # the first only warms the caches
                    figures[case].append((clock.seconds, clock.queries, clock.cpu))
        rows += [
            {
                "case": case,
                "lines": size,
                "runs": runs,
                "seconds": statistics.median(figure[0] for figure in found),
                "cpu": statistics.median(figure[2] for figure in found),
                "queries": statistics.median_low(figure[1] for figure in found),
                "busy": [busy, os.getloadavg()[0]],
            }
            for case, found in figures.items()
        ]
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:3], int(sys.argv[3]), list(map(int, sys.argv[4:])))
