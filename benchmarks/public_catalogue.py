"""Measure the pages of the public catalogue with 1,500 and with 15,000 listed products.

Run by ``make benchmark``: ``python benchmarks/public_catalogue.py DATABASE [RUNS]``. It writes
goods into the database: give it a copy. A page is measured as a visitor gets it, from the
request to the last byte, by the same web application that serves it; without a proxy that would
keep it. Prints one JSON list.
"""

import json
import logging
import statistics
import sys
import threading
import time
from urllib.parse import quote

from werkzeug.test import Client

import odoo.http
from odoo import api
from odoo.modules.registry import Registry
from odoo.service.server import load_server_wide_modules
from odoo.tools import config

PATH = "/assist/catalogue"
SIZES = (1_500, 15_000)
SUPPLIERS = 372  # as many as the platform had in September 2023
PRODUCTS = (
    "小米",
    "苹果",
    "红枣",
    "木耳",
    "香菇",
    "绿茶",
    "菜籽油",
    "核桃",
    "蜂蜜",
    "挂面",
    "粉条",
    "花椒",
)
KINDS = ("lead_enterprise", "sme", "cooperative", "family_farm", "agent")


def fill(env, size):
    """Bring the number of listed products up to ``size``; in SQL, for the making is not timed."""
    cr = env.cr
    catalogue = env.ref("union_assist_catalog.catalogue_recommended")
    county_type = env.ref("union_assist_catalog.certificate_type_assist_county")
    licence_type = env.ref("union_assist_catalog.certificate_type_food_licence")
    today = env.company._assist_today()
    counties = env["union.assist.region"].search([("level", "=", "county")]).ids
    categories = env["product.category"].search([]).ids
    unit = env.ref("union_assist_catalog.uom_bag").id
    cr.execute("SELECT count(*) FROM union_assist_catalogue_entry WHERE listed")
    [listed] = cr.fetchone()
    cr.execute("SELECT id FROM res_partner WHERE ref LIKE 'BENCH-%%' ORDER BY id")
    suppliers = [partner_id for (partner_id,) in cr.fetchall()]
    if not suppliers:
        suppliers = (
            env["res.partner"]
            .create(
                [
                    {
                        "name": f"第{number}农业专业合作社（示例）",
                        "ref": f"BENCH-{number}",
                        "is_company": True,
                        "assist_supplier_kind": KINDS[number % len(KINDS)],
                        "assist_region_id": counties[number % len(counties)],
                    }
                    for number in range(SUPPLIERS)
                ]
            )
            .ids
        )
        env.flush_all()
        cr.execute(
            """
            INSERT INTO union_assist_certificate
                   (type_id, partner_id, scope, state, active, number, date_from, date_end)
            SELECT %s, supplier, 'supplier', 'verified', TRUE, 'SC' || supplier, %s, %s
              FROM unnest(%s) supplier
            """,
            (licence_type.id, today, today.replace(year=today.year + 2), suppliers),
        )
    cr.execute(
        """
        WITH goods AS (
            INSERT INTO product_template
                   (name, type, active, sale_ok, purchase_ok, list_price, uom_id, categ_id,
                    tracking, service_tracking, assist_supplier_id, assist_origin_id,
                    assist_specification)
            SELECT jsonb_build_object(
                       'en_US', 'Benchmark goods ' || number,
                       'zh_CN', (%(names)s)[1 + number %% %(name_count)s] || ' ' || number),
                   'consu', TRUE, TRUE, TRUE, 5 + number %% 300, %(unit)s,
                   (%(categories)s)[1 + number %% %(category_count)s], 'none', 'no',
                   (%(suppliers)s)[1 + number %% %(supplier_count)s],
                   (%(counties)s)[1 + number %% %(county_count)s],
                   jsonb_build_object('en_US', '500 g', 'zh_CN', '500 克/袋')
              FROM generate_series(%(first)s, %(last)s) number
            RETURNING id, assist_supplier_id, assist_origin_id, categ_id
        ), entries AS (
            INSERT INTO union_assist_catalogue_entry
                   (catalogue_id, product_tmpl_id, supplier_id, origin_id, category_id,
                    listed, listed_since, evaluated_on)
            SELECT %(catalogue)s, id, assist_supplier_id, assist_origin_id, categ_id,
                   TRUE, %(today)s::date - (id %% 700), %(today)s
              FROM goods
        ), pictures AS (
            INSERT INTO ir_attachment
                   (name, type, res_model, res_field, res_id, checksum, mimetype)
            SELECT field, 'binary', 'product.template', field, id, md5(id || field), 'image/jpeg'
              FROM goods, unnest(ARRAY['image_256', 'image_512', 'image_1024']) field
        ), documents AS (
            INSERT INTO union_assist_certificate
                   (type_id, partner_id, scope, state, active, number, date_from, date_end)
            SELECT %(county_type)s, assist_supplier_id, 'product', 'verified', TRUE,
                   'BENCH-' || id, %(today)s, %(today)s::date + 700
              FROM goods
            RETURNING id, number
        )
        INSERT INTO union_assist_certificate_product_rel (certificate_id, product_tmpl_id)
        SELECT documents.id, substr(documents.number, 7)::int FROM documents
        """,
        {
            "names": list(PRODUCTS),
            "name_count": len(PRODUCTS),
            "unit": unit,
            "categories": categories,
            "category_count": len(categories),
            "suppliers": suppliers,
            "supplier_count": len(suppliers),
            "counties": counties,
            "county_count": len(counties),
            "first": listed + 1,
            "last": size,
            "catalogue": catalogue.id,
            "county_type": county_type.id,
            "today": today,
        },
    )
    cr.commit()
    # ANALYZE: else how well queries are planned depends on when autovacuum last came by.
    cr.execute("ANALYZE")
    cr.commit()


def measure(client, address, runs):
    """Return milliseconds, queries and bytes of a page, the first visit not counted."""
    headers = {"Accept-Language": "zh-CN", "Host": "localhost"}
    seconds, queries, size = [], [], 0
    for turn in range(runs + 1):
        start = time.perf_counter()
        answer = client.get(address, headers=headers)
        body = answer.get_data()
        if turn:
            seconds.append(time.perf_counter() - start)
            queries.append(threading.current_thread().query_count)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        size = len(body)
        answer.close()
    return {
        "seconds": statistics.median(seconds),
        "queries": statistics.median_low(queries),
        "bytes": size,
        "runs": runs,
    }


def main(database, runs=15):
    """Measure all pages at both sizes and print them as JSON."""
    config.parse_config(["-d", database])
    logging.disable(logging.WARNING)
    load_server_wide_modules()
    registry = Registry(database)
    results = []
    for size in SIZES:
        with registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            fill(env, size)
            # The dearest page: the supplier with the most households.
            cr.execute(
                """
                SELECT entry.product_tmpl_id, region.code, entry.category_id
                  FROM union_assist_catalogue_entry entry
                  JOIN union_assist_region region ON region.id = entry.origin_id
                  LEFT JOIN union_assist_verification row ON row.supplier_id = entry.supplier_id
                 WHERE entry.listed
                 GROUP BY entry.product_tmpl_id, region.code, entry.category_id
                 ORDER BY count(row.id) DESC, entry.product_tmpl_id LIMIT 1
                """
            )
            product, county, category = cr.fetchone()
        cases = {
            "first page": "",
            "last page": f"?page={-(-size // 24)}",
            "search for one word": f"?q={quote('小米')}",
            "search for two words": f"?q={quote('合作社 核桃')}",
            "search that finds nothing": f"?q={quote('龙虾')}",
            "by county and category": f"?county={county}&category={category}",
            "by document and kind of supplier": "?certificate=assist_county&kind=cooperative",
            "by price": "?sort=price",
            "by name": "?sort=name",
            "product page": f"/{product}",
            "sitemap": "/sitemap.xml",
        }
        client = Client(odoo.http.root, use_cookies=False)
        for case, address in cases.items():
            print(f"{size}: {case}", file=sys.stderr, flush=True)
            figures = measure(client, PATH + address, runs)
            results.append({"products": size, "case": case, **figures})
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
