"""Measure printing delivery documents of 10 lines: Odoo's slip, or the delivery note.

``python benchmarks/delivery_note.py slip|note DATABASE COUNT [RUNS]``; the slip is for a database
of Odoo alone and is printed one call a document, as Debian's wkhtmltopdf takes only one. The
notes come out of one call as one PDF, with everything a first print does: reading the data,
drawing gapless numbers, noting the print in each delivery's log. A single note is measured too.

Each run's records are made before and rolled back after; only printing is timed. Prints JSON:
seconds a document, queries, pages, size of the file, and memory at its highest, of it how much
came with the printing.
"""

import contextlib
import io
import json
import logging
import resource
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
REPORTS = {
    "slip": "stock.action_report_delivery",
    "note": "union_assist_logistics.action_report_delivery_note",
}
ADMIN = 2  # base.user_admin, with all rights in both databases


def make_deliveries(env, count):
    """Make finished deliveries of goods with lots, each of an order of its own."""
    warehouse = env["stock.warehouse"].create({"name": "Measured", "code": "MEAS"})
    # Deliveries gather in batches by themselves otherwise, which takes longer than all else.
    warehouse.out_type_id.auto_batch = False
    products = env["product.product"].create(
        [
            {
                "name": f"实测商品 {number} 250g×20袋",
                "is_storable": True,
                "tracking": "lot",
                "use_expiration_date": True,
                "lst_price": 12.5 + number,
            }
            for number in range(LINES)
        ]
    )
    lots = env["stock.lot"].create(
        [
            {
                "name": f"LOT-{product.id}",
                "product_id": product.id,
                "expiration_date": fields.Datetime.now() + timedelta(days=500),
            }
            for product in products
        ]
    )
    for lot in lots:
        env["stock.quant"]._update_available_quantity(
            lot.product_id, warehouse.lot_stock_id, 10.0 * count, lot_id=lot
        )
    partners = env["res.partner"].create(
        [{"name": f"工会 {number}", "is_company": True} for number in range(min(count, 100))]
    )
    pickings = env["stock.picking"]
    for start in range(0, count, 100):
        orders = env["sale.order"].create(
            [
                {
                    "partner_id": partners[number % len(partners)].id,
                    "warehouse_id": warehouse.id,
                    "order_line": [
                        Command.create({"product_id": product.id, "product_uom_qty": 3.0})
                        for product in products
                    ],
                }
                for number in range(start, min(start + 100, count))
            ]
        )
        orders.action_confirm()
        orders.picking_ids.action_assign()
        pickings += orders.picking_ids
        env.flush_all()
        print(f"{len(pickings)} of {count} deliveries made", file=sys.stderr, flush=True)
    return pickings


def peak():
    """Memory of this process at its highest, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(env, kind, pickings):
    """Print once, with nothing in the caches, and return the figures."""
    report = env["ir.actions.report"]
    batches = [pickings.ids] if kind == "note" else [[picking.id] for picking in pickings]
    env.flush_all()
    env.invalidate_all()
    before, queries, start = peak(), env.cr.sql_log_count, time.perf_counter()
    files = [report._render(REPORTS[kind], batch)[0] for batch in batches]
    env.flush_all()
    seconds = time.perf_counter() - start
    pages = sum(len(PdfReader(io.BytesIO(file)).pages) for file in files)
    assert pages >= len(pickings), f"{pages} pages for {len(pickings)} deliveries"
    return {
        "seconds": seconds / len(pickings),
        "queries": env.cr.sql_log_count - queries,
        "pages": pages,
        "bytes": sum(map(len, files)),
        "peak_mb": round(peak()),
        "grown_mb": round(peak() - before),
    }


def main(kind, database, count, runs=3):
    """Print the figures of ``count`` documents, and of one, as JSON."""
    if kind == "slip" and not shutil.which("wkhtmltopdf"):
        json.dump(None, sys.stdout)
        return
    config.parse_config([])
    logging.disable(logging.WARNING)
    registry = Registry(database)
    with contextlib.closing(registry.cursor()) as cr:
        user = api.Environment(cr, ADMIN, {})["res.users"].browse(ADMIN)
        env = api.Environment(cr, ADMIN, dict(user.context_get()))
        pickings = make_deliveries(env, count + runs + 1)
        # Fonts, templates and the planner's statistics are there once a server works.
        cr.execute("ANALYZE stock_move_line, stock_move, stock_picking, sale_order_line")
        measure(env, kind, pickings[:1])
        singles = [measure(env, kind, picking) for picking in pickings[1 : runs + 1]]
        many = measure(env, kind, pickings[runs + 1 :])
        cr.rollback()
    json.dump(
        {
            "kind": kind,
            "count": count,
            "one": statistics.median(single["seconds"] for single in singles),
            **many,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
