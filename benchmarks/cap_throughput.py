"""Measure how many orders are confirmed in a second, one after the other and 8 at a time.

Run by ``make benchmark``: ``python benchmarks/cap_throughput.py DATABASE [ORDERS]`` on a database
with demo data, where what it makes stays. All orders of a case are for one supplier, so that with
the rule all of them want the same cap; of its connections each has a thread of this process.
Prints one JSON list.
"""

import json
import logging
import os
import sys
import threading
import time
from functools import partial

from measure import ADMIN

import odoo.http  # noqa: F401 (a registry needs it)
from odoo import api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config

CONNECTIONS = (1, 8)


def make_orders(registry, capped, count):
    """Make requests for quotation of one line each, all for the same supplier."""
    with registry.cursor() as cr:
        env = api.Environment(cr, ADMIN, {})
        if capped:
            supplier = env.ref("union_assist_catalog.partner_supplier_dali")
        else:
            supplier = env["res.partner"].create({"name": "Measured", "is_company": True})
        product = env["product.product"].create({"name": "Measured", "is_storable": True})
        line = {"product_id": product.id, "product_qty": 1, "price_unit": 0.01}
        return (
            env["purchase.order"]
            .create(
                [
                    {"partner_id": supplier.id, "order_line": [Command.create(line)]}
                    for _index in range(count)
                ]
            )
            .ids
        )


def confirm_all(registry, order_ids, connections):
    """Confirm each in a transaction of its own; return seconds, attempts and failures."""
    waiting, attempts, failed = list(order_ids), [], []
    barrier = threading.Barrier(connections + 1)

    def attempt(env, order_id):
        attempts.append(order_id)
        env["purchase.order"].browse(order_id).button_confirm()

    def work():
        barrier.wait()
        while True:
            try:
                order_id = waiting.pop()
            except IndexError:
                return
            with registry.cursor() as cr:
                env = api.Environment(cr, ADMIN, {})
                try:
                    retrying(partial(attempt, env, order_id), env)
                except Exception as error:  # noqa: BLE001 (counted)
                    failed.append(repr(error))

    threads = [threading.Thread(target=work) for _index in range(connections)]
    for thread in threads:
        thread.start()
    barrier.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun, len(attempts), len(failed)


def main(database, count=200):
    config.parse_config([])
    logging.disable(logging.CRITICAL)
    registry = Registry(database)
    rows = []
    for connections in CONNECTIONS:
        for case, capped in (("without the rule", False), ("with the rule", True)):
            confirm_all(registry, make_orders(registry, capped, connections), connections)  # warm
            busy = os.getloadavg()[0]
            figures = confirm_all(registry, make_orders(registry, capped, count), connections)
            seconds, attempts, failed = figures
            rows.append(
                {
                    "case": case,
                    "connections": connections,
                    "orders": count,
                    "per_second": (count - failed) / seconds,
                    "attempts": attempts,
                    "failed": failed,
                    "busy": busy,
                }
            )
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
