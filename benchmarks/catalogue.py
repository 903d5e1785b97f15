"""Measure the nightly update of the recommended catalogue at several sizes.

``python benchmarks/catalogue.py DATABASE [PRODUCTS …]``, on a database with the catalogue addon.
Products with supplier, certificate, price evidence and entry are made in one transaction that is
rolled back; then each kind of night is run, and its seconds and queries are printed as JSON:

* ``first``: no product has an entry yet; all are made and go in
* ``quiet``: the day has turned and nothing else has changed
* ``busy``: evidence of one product in ten has become too old: they fall out
"""

import contextlib
import json
import logging
import sys
import time
from datetime import timedelta
from unittest.mock import patch

import odoo.http  # noqa: F401 (a registry needs it)
from odoo import api
from odoo.modules.registry import Registry
from odoo.tools import config

BATCH = 1000
SUPPLIERS = 300
PDF = "JVBERi0xLjQKJSUlRU9GCg=="


def make_products(env, count):
    """Make assistance products that meet all criteria, without entries."""
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
    env.flush_all()
    goods_class = env.ref("union_assist_catalog.goods_class_dried_goods")
    certificate_type = env.ref("union_assist_catalog.certificate_type_assist_county")
    licence_type = env.ref("union_assist_catalog.certificate_type_business_licence")
    valid = {
        "date_from": today - timedelta(days=30),
        "date_to": today + timedelta(days=3000),
        "review_due": today + timedelta(days=3000),
        "file": PDF,
        "state": "verified",
    }
    # Nothing refreshes entries while the goods are made: the first night does it.
    with patch.object(env.registry["union.assist.catalogue"], "_refresh", lambda *args: None):
        products = env["product.template"]
        for start in range(0, count, BATCH):
            products |= products.create(
                [
                    {
                        "name": f"Measured {number}",
                        "list_price": 10.0,
                        "assist_supplier_id": suppliers[number % SUPPLIERS].id,
                        "assist_origin_id": suppliers[number % SUPPLIERS].assist_region_id.id,
                        "assist_own_goods_class_id": goods_class.id,
                        "assist_specification": "250 g",
                        "assist_stock_statement": "in_stock",
                    }
                    for number in range(start, min(start + BATCH, count))
                ]
            )
        by_supplier = products.grouped("assist_supplier_id")
        env["union.assist.certificate"].create(
            [
                {
                    **valid,
                    "type_id": certificate_type.id,
                    "partner_id": supplier.id,
                    "number": f"M-{supplier.id}",
                    "product_tmpl_ids": [(6, 0, goods.ids)],
                }
                for supplier, goods in by_supplier.items()
            ]
        )
        env["union.assist.certificate"].create(
            [
                {
                    **valid,
                    "type_id": licence_type.id,
                    "partner_id": supplier.id,
                    "number": "91110000600037341L",
                }
                for supplier in by_supplier
            ]
        )
        for start in range(0, count, BATCH):
            env["union.assist.price.evidence"].create(
                [
                    {
                        "product_tmpl_id": product.id,
                        "shop": "Measured",
                        "price": 11.0,
                        "url": "https://shop.example.com",
                    }
                    for product in products[start : start + BATCH]
                ]
            )
        env.flush_all()
    return products


def run_night(env):
    """Run the scheduled update as it is, without committing; return its seconds and queries."""
    env.flush_all()
    env.invalidate_all()
    start = time.perf_counter(), env.cr.sql_log_count
    with patch.object(env.registry["ir.cron"], "_commit_progress", return_value=3600.0):
        env["union.assist.catalogue"]._cron_update(BATCH)
    env.flush_all()
    return {
        "seconds": round(time.perf_counter() - start[0], 2),
        "queries": env.cr.sql_log_count - start[1],
    }


def measure(env, count):
    """Measure the nights at one size."""
    entry_model = env["union.assist.catalogue.entry"]
    products = make_products(env, count)
    result = {"products": count, "first": run_night(env)}
    mine = [("product_tmpl_id", "in", products.ids)]
    assert entry_model.search_count([*mine, ("listed", "=", True)]) == count
    for night in ("quiet", "busy"):
        env.cr.execute("UPDATE union_assist_catalogue_entry SET evaluated_on = '2020-01-01'")
        if night == "busy":
            env.cr.execute(
                "UPDATE union_assist_price_evidence SET date_seen = '2020-01-01'"
                " WHERE product_tmpl_id IN %s",
                (products[::10]._ids,),
            )
        result[night] = run_night(env)
    assert entry_model.search_count([*mine, ("listed", "=", False)]) == len(products[::10])
    return result


def main(database, sizes=(1500, 15000)):
    """Print the measures of one database as JSON."""
    config.parse_config([])
    logging.disable(logging.WARNING)
    registry = Registry(database)
    results = []
    for count in sizes:
        with contextlib.closing(registry.cursor()) as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            results.append(measure(env, count))
            cr.rollback()
    json.dump(results, sys.stdout, indent=1)


if __name__ == "__main__":
    main(sys.argv[1], tuple(map(int, sys.argv[2:])) or (1500, 15000))
