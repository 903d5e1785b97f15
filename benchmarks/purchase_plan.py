"""Measure how long a purchase plan takes: 200 suppliers, 50 products.

``python benchmarks/purchase_plan.py DATABASE``, on a database with the procurement addon.
Suppliers with verified persons, a policy, products and vendor pricelists are made in one
transaction that is rolled back. A plan for all products is computed once with each product
offered by a quarter of the suppliers and once by all of them; the figures are printed as JSON:

* ``read``: seconds and queries for offers, caps, counties and scores
* ``solve``: seconds for the cheapest, the fairest and the chosen plan, and their reasons
* ``whole``: seconds and queries of the button, with what is written
"""

import contextlib
import json
import logging
import os
import random
import sys
import time
from datetime import timedelta

import odoo.http  # noqa: F401 (a registry needs it)
from odoo import Command, api
from odoo.modules.registry import Registry
from odoo.tools import config

SUPPLIERS, PRODUCTS = 200, 50
SEED = 20260101


def make_suppliers(env, chance):
    """Make admitted suppliers of all counties, with 10 to 300 verified persons each."""
    counties = env["union.assist.region"].search([("level", "=", "county")])
    today = env.company._assist_today()
    suppliers = env["res.partner"].create(
        [
            {
                "name": f"Measured {number}",
                "is_company": True,
                "assist_supplier_kind": "sme",
                "assist_region_id": counties[number % len(counties)].id,
            }
            for number in range(SUPPLIERS)
        ]
    )
    admissions = env["union.assist.admission"].create(
        [{"supplier_id": supplier.id} for supplier in suppliers]
    )
    env["union.assist.admission.event"].create(
        [
            {
                "admission_id": admission.id,
                "step": "admit",
                "state_from": "recommended",
                "state_to": "admitted",
                "date": today,
                "user_id": env.uid,
                "role": "federation",
            }
            for admission in admissions
        ]
    )
    households = env["union.assist.household"].create(
        [
            {
                "code": f"MEASURED-{number}",
                "region_id": counties[number % len(counties)].id,
                "persons": chance.randrange(10, 300),
            }
            for number in range(SUPPLIERS)
        ]
    )
    env["union.assist.linkage"].create(
        [
            {
                "household_id": household.id,
                "supplier_id": supplier.id,
                "mechanism_id": env.ref("union_assist_catalog.mechanism_order_purchase").id,
                "date_from": today.replace(month=1, day=1),
                "state": "verified",
            }
            for household, supplier in zip(households, suppliers, strict=True)
        ]
    )
    env["union.assist.cap.policy"].search([]).active = False
    env["union.assist.cap.policy"].create(
        {
            "name": "Measured",
            "date_from": today.replace(month=1, day=1),
            "bracket_ids": [Command.create({"from_count": 0, "amount": 2000.0})],
        }
    )
    return suppliers


def make_plan_record(env, suppliers, part, chance):
    """Make products that a part of the suppliers offers each, and a plan for all of them."""
    products = env["product.product"].create(
        [{"name": f"Measured {number}"} for number in range(PRODUCTS)]
    )
    sellers = []
    for product in products:
        price = chance.uniform(8.0, 60.0)
        for supplier in suppliers:
            if chance.random() < part:
                sellers.append(
                    {
                        "partner_id": supplier.id,
                        "product_tmpl_id": product.product_tmpl_id.id,
                        "price": round(price * chance.uniform(0.9, 1.25), 2),
                        "min_qty": chance.choice([0, 1, 50, 200]),
                        "assist_lot_size": chance.choice([0, 0, 0, 10, 24]),
                        "delay": chance.randrange(2, 20),
                    }
                )
    env["product.supplierinfo"].create(sellers)
    today = env.company._assist_today()
    return env["union.assist.purchase.plan"].create(
        {
            "name": "Measured",
            "demand_ids": [
                Command.create(
                    {
                        "product_id": product.id,
                        "quantity": chance.randrange(500, 5000),
                        "date_needed": today + timedelta(days=chance.randrange(5, 60)),
                    }
                )
                for product in products
            ],
        }
    )


@contextlib.contextmanager
def measured(env, figures, name):
    """Note seconds and queries of a block, with nothing prefetched."""
    env.flush_all()
    env.invalidate_all()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    yield
    env.flush_all()
    figures[name] = {
        "seconds": time.perf_counter() - start,
        "queries": env.cr.sql_log_count - queries,
    }


def measure(env, part):
    """Return the figures of one plan."""
    # Where the addons are is known once the configuration is read.
    from odoo.addons.union_assist_procure.tools.purchase_plan import Cap, Demand, make_plan

    chance = random.Random(SEED)
    suppliers = make_suppliers(env, chance)
    record = make_plan_record(env, suppliers, part, chance)
    figures = {"part": part}
    with measured(env, figures, "read"):
        goods = record.demand_ids._get_goods()
        products = env["product.product"].union(*goods.values())
        offers = products._assist_get_offers(
            record.company_id, record.date_order, price_breaks=True
        )
        options, rows = record._get_options(goods, offers)
        caps = {row.cap: Cap(row.cap.amount, row.cap.remaining) for row in rows if row.cap}
    with measured(env, figures, "solve"):
        plan = make_plan(
            [
                Demand(demand.id, demand.quantity, demand.date_needed)
                for demand in record.demand_ids
            ],
            options,
            caps,
            record.weights_id._get_weights(),
            record.date_order,
            record.max_share,
            record.weights_id.time_limit,
        )
    with measured(env, figures, "whole"):
        record.action_compute()
    figures.update(
        offers=len(options),
        variables=plan.variables,
        gap=plan.gap,
        unplaced=len(plan.unplaced),
        chosen=len({options[key].supplier for key in plan.quantities}),
        cheapest=len({options[key].supplier for key in plan.cheapest}),
        dearer=plan.measures["quantities"].cost / plan.measures["cheapest"].cost - 1.0,
        load=os.getloadavg()[0],
    )
    return figures


def main(database):
    """Print the figures as JSON."""
    config.parse_config([])
    logging.disable(logging.WARNING)
    registry = Registry(database)
    results = []
    for part in (0.25, 1.0):
        with contextlib.closing(registry.cursor()) as cr:
            results.append(measure(api.Environment(cr, api.SUPERUSER_ID, {}), part))
            cr.rollback()
    json.dump(results, sys.stdout, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
