"""Measure what the addons cost, beside Odoo alone, on two databases in one process.

Run by ``make benchmark``: ``python benchmarks/measure.py PLAIN PRODUCT RUNS [DELIVERIES]``.
Every run makes its own records in a transaction that is rolled back; only what stands inside
``with clock:`` is timed. The runs of all cases alternate, so that a busy moment of the machine
meets all of them. Prints one JSON object.
"""

import contextlib
import io
import json
import logging
import shutil
import statistics
import sys
import time
from datetime import timedelta

from pypdf import PdfReader

import odoo.http  # noqa: F401 (a registry needs it)
from odoo import api, fields
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tools import config

LINES = 10
NOTE_LINES = 5


class Clock:
    """Seconds and queries spent inside its ``with`` blocks, everything written included.

    ``cpu`` are the seconds that this process computed, without waiting for the database's.
    """

    def __init__(self, env):
        self.env = env
        self.seconds = self.cpu = 0.0
        self.queries = 0

    def __enter__(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.before = time.perf_counter(), self.env.cr.sql_log_count, time.process_time()

    def __exit__(self, *exception):
        self.env.flush_all()
        self.seconds += time.perf_counter() - self.before[0]
        self.queries += self.env.cr.sql_log_count - self.before[1]
        self.cpu += time.process_time() - self.before[2]


# -- what is measured -----------------------------------------------------------------------------


def make_products(env, count, **values):
    return env["product.product"].create(
        [{"name": f"Measured {n}", "is_storable": True, **values} for n in range(count)]
    )


def make_purchase(env, partner, products, **values):
    lines = [
        Command.create({"product_id": product.id, "product_qty": 2.0, "price_unit": 1.0})
        for product in products
    ]
    return env["purchase.order"].create({"partner_id": partner.id, "order_line": lines, **values})


def confirm_purchase(env, clock, supplier=None):
    """Confirm a purchase order of 10 lines."""
    partner = env.ref(supplier) if supplier else env["res.partner"].create({"name": "Supplier"})
    order = make_purchase(env, partner, make_products(env, LINES))
    if supplier:
        assert order.assist_policy_id, "no cap policy applies to the demo supplier"
    with clock:
        order.button_confirm()
    assert order.state == "purchase"


def receive_in_three_steps(env, clock, plan=False):
    """Validate the three transfers of a receipt of 10 lines, each with a lot of its own."""
    warehouse = env["stock.warehouse"].create(
        {"name": "Measured", "code": "MEAS", "reception_steps": "three_steps"}
    )
    products = make_products(env, LINES, tracking="lot")
    if plan:
        env["union.assist.quality.plan"].create(
            {
                "name": "Measured",
                "product_tmpl_ids": [Command.set(products.product_tmpl_id.ids)],
                "date_from": "2020-01-01",
                "source": "benchmark",
                "item_ids": [
                    Command.create({"name": f"Item {n}", "kind": "pass_fail"}) for n in range(5)
                ],
            }
        )
    partner = env["res.partner"].create({"name": "Supplier"})
    order = make_purchase(env, partner, products, picking_type_id=warehouse.in_type_id.id)
    order.button_confirm()
    picking = order.picking_ids
    for move in picking.move_ids:
        move.move_line_ids.lot_name = f"LOT-{move.id}"
        move.move_line_ids.quantity = move.product_uom_qty
        move.picked = True
    for _step in range(3):
        if plan:
            decide(env, picking)
        with clock:
            picking.button_validate()
        assert picking.state == "done", picking.state
        picking = picking.move_ids.move_dest_ids.picking_id
    stock = env["stock.quant"].search([("location_id", "=", warehouse.lot_stock_id.id)])
    assert len(stock) == LINES


def decide(env, picking):
    """Record results and decide, which is people's work and not timed."""
    inspections = env["union.assist.quality.inspection"].search([("picking_id", "=", picking.id)])
    inspections.line_ids.answer = "pass"
    inspections.action_submit()
    decider = env.ref("union_assist_catalog.user_operator")
    env["union.assist.quality.decision"].with_user(decider).create(
        [
            {
                "inspection_id": inspection.id,
                "kind": "released",
                "quantity": inspection.quantity,
            }
            for inspection in inspections
        ]
    )


def print_deliveries(env, clock, report, count, at_once=True):
    """Print delivery documents of 5 lines each into PDF."""
    warehouse = env["stock.warehouse"].create({"name": "Measured", "code": "MEAS"})
    products = make_products(env, NOTE_LINES, tracking="lot", use_expiration_date=True)
    for product in products:
        lot = env["stock.lot"].create(
            {
                "name": f"LOT-{product.id}",
                "product_id": product.id,
                "expiration_date": fields.Datetime.now() + timedelta(days=500),
            }
        )
        env["stock.quant"]._update_available_quantity(
            product, warehouse.lot_stock_id, 10.0 * count, lot_id=lot
        )
    partner = env["res.partner"].create({"name": "Union unit", "is_company": True})
    orders = env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "warehouse_id": warehouse.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 3.0})
                    for product in products
                ],
            }
            for _ in range(count)
        ]
    )
    orders.action_confirm()
    pickings = orders.picking_ids
    pickings.action_assign()
    pickings.move_ids.picked = True
    pickings._action_done()
    batches = [pickings.ids] if at_once else [[picking.id] for picking in pickings]
    pages = 0
    with clock:
        pdfs = [env["ir.actions.report"]._render(report, batch)[0] for batch in batches]
    for pdf in pdfs:
        pages += len(PdfReader(io.BytesIO(pdf)).pages)
    assert pages >= count, f"{pages} pages for {count} deliveries"


# -- running it -----------------------------------------------------------------------------------

ADMIN = 2  # base.user_admin, with all rights in both databases


def main(plain, product, runs, deliveries=50):
    """Measure all cases and print their medians as JSON."""
    slip = {"report": "stock.action_report_delivery", "at_once": False}
    note = {"report": "union_assist_logistics.action_report_delivery_note"}
    capped = {"supplier": "union_assist_catalog.partner_supplier_dali"}
    # (group, case, database, function, arguments, how many times); the first case of a group is
    # what the others are compared with.
    cases = [
        ("confirm", "Odoo alone", plain, confirm_purchase, {}, runs),
        ("confirm", "with the addons, supplier without cap", product, confirm_purchase, {}, runs),
        ("confirm", "with the addons, supplier with cap", product, confirm_purchase, capped, runs),
        ("receive", "Odoo alone", plain, receive_in_three_steps, {}, runs),
        ("receive", "with the addons, no plan", product, receive_in_three_steps, {}, runs),
        (
            "receive",
            "with the addons, plan for every lot",
            product,
            receive_in_three_steps,
            {"plan": True},
            runs,
        ),
    ]
    if shutil.which("wkhtmltopdf"):
        # About a second for each document, and one document a call: once must do.
        cases += [
            (
                "print",
                "Odoo's delivery slip (wkhtmltopdf)",
                plain,
                print_deliveries,
                {**slip, "count": deliveries},
                1,
            )
        ]
    cases += [
        (
            "print",
            "delivery note (ReportLab)",
            product,
            print_deliveries,
            {**note, "count": deliveries},
            runs,
        )
    ]
    config.parse_config([])
    logging.disable(logging.WARNING)
    registries = {name: Registry(name) for name in (plain, product)}
    results = {(group, case): [] for group, case, *_rest in cases}
    for turn in range(runs + 1):
        for group, case, database, function, arguments, times in cases:
            # The first turn only warms the caches; a case that runs once is not warmed.
            if turn > times or (turn == 0 and times == 1):
                continue
            print(f"{turn}/{runs} {group}: {case}", file=sys.stderr, flush=True)
            with contextlib.closing(registries[database].cursor()) as cr:
                user = api.Environment(cr, ADMIN, {})["res.users"].browse(ADMIN)
                env = api.Environment(cr, ADMIN, dict(user.context_get()))
                clock = Clock(env)
                function(env, clock, **arguments)
                cr.rollback()
            if turn:
                results[group, case].append((clock.seconds, clock.queries))
    json.dump(
        [
            {
                "group": group,
                "case": case,
                "runs": len(figures),
                "seconds": statistics.median(seconds for seconds, _queries in figures),
                "queries": statistics.median_low(queries for _seconds, queries in figures),
            }
            for (group, case), figures in results.items()
        ],
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
