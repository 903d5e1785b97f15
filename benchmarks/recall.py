"""Measure how long it takes to list everybody who received a lot, also inside gift packs.

``python benchmarks/recall.py DATABASE [LINES]``, on a database with the logistics addon that it may
fill: 1,000,000 finished move lines are made by SQL, of units, suppliers' lots, gift packs in two
levels and loose goods. Two suppliers' lots are recalled that went out loose and in packs: a usual
one and one that is in every twentieth pack. The list is found the way the recall's button finds
it, and seconds are printed as JSON.
"""

import contextlib
import json
import logging
import os
import statistics
import sys
import time

import odoo.http  # noqa: F401 (a registry needs it)
from odoo import api
from odoo.modules.registry import Registry
from odoo.tools import config

RUNS = 15
UNITS = 2000
LOTS = 5000  # of parts; each part's lot goes into packs
PACKS = 4000  # lots of gift packs, each of five parts' lots
BOXES = 1000  # lots of boxes, each of four packs' lots
WARM_UP = 3


def prepare(env):
    """Make units and goods by the ORM; return what the SQL refers to."""
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    parts = env["product.product"].create(
        [
            {"name": f"Measured part {number}", "is_storable": True, "tracking": "lot"}
            for number in range(50)
        ]
    )
    pack, box = env["product.product"].create(
        [
            {"name": name, "is_storable": True, "tracking": "lot"}
            for name in ("Measured pack", "Measured box")
        ]
    )
    env["res.partner"].create(
        [{"name": f"Measured unit {number}", "is_company": True} for number in range(UNITS)]
    )
    env.flush_all()
    return {
        "company": env.company.id,
        "stock": warehouse.lot_stock_id.id,
        "supplier": env.ref("stock.stock_location_suppliers").id,
        "customer": env.ref("stock.stock_location_customers").id,
        "production": parts[0].property_stock_production.id,
        "out_type": warehouse.out_type_id.id,
        "mo_type": warehouse.manu_type_id.id,
        "parts": parts.ids,
        "pack": pack.id,
        "box": box.id,
        "uom": parts[0].uom_id.id,
    }


def fill(env, values, lines):
    """Make the movements by SQL: receipts, two levels of packs, and deliveries up to ``lines``."""
    cr = env.cr
    cr.execute("SET LOCAL synchronous_commit = off")
    run = lambda query, **more: cr.execute(query, {**values, **more})  # noqa: E731
    run(
        """
        CREATE TEMP TABLE unit AS
            SELECT row_number() OVER (ORDER BY id) - 1 AS n, id
              FROM res_partner WHERE name LIKE 'Measured unit %%';
        CREATE TEMP TABLE lot (kind text, n int, id int, product_id int);
        WITH made AS (
            INSERT INTO stock_lot (name, product_id, create_date)
            SELECT 'MP' || n, (%(parts)s::int[])[1 + n %% 50], NOW()
              FROM generate_series(0, %(lots)s - 1) n
            RETURNING id, name, product_id)
        INSERT INTO lot SELECT 'part', substr(name, 3)::int, id, product_id FROM made;
        WITH made AS (
            INSERT INTO stock_lot (name, product_id, create_date)
            SELECT 'MG' || n, %(pack)s, NOW() FROM generate_series(0, %(packs)s - 1) n
            RETURNING id, name, product_id)
        INSERT INTO lot SELECT 'pack', substr(name, 3)::int, id, product_id FROM made;
        WITH made AS (
            INSERT INTO stock_lot (name, product_id, create_date)
            SELECT 'MB' || n, %(box)s, NOW() FROM generate_series(0, %(boxes)s - 1) n
            RETURNING id, name, product_id)
        INSERT INTO lot SELECT 'box', substr(name, 3)::int, id, product_id FROM made;
        """,
        lots=LOTS,
        packs=PACKS,
        boxes=BOXES,
    )
    required = {
        table: required_columns(cr, table)
        for table in ("stock_move", "stock_move_line", "stock_picking", "mrp_production")
    }

    def insert(table, columns, select, returning="id"):
        """INSERT with a value for every column that may not be empty."""
        missing = {
            name: default for name, default in required[table].items() if name not in columns
        }
        names = ", ".join([*columns, *missing])
        extra = "".join(f", {default}" for default in missing.values())
        return (
            f"INSERT INTO {table} ({names}) SELECT chosen.*{extra} FROM ({select}) chosen"
            f" RETURNING {returning}"
        )

    move = ["product_id", "company_id", "location_id", "location_dest_id", "product_uom", "state"]
    line = [
        "move_id",
        "picking_id",
        "product_id",
        "company_id",
        "lot_id",
        "location_id",
        "location_dest_id",
        "product_uom_id",
        "quantity",
        "quantity_product_uom",
        "state",
        "date",
        "picked",
    ]
    # Receipts of the parts
    run(
        "WITH moved AS ("
        + insert(
            "stock_move",
            [*move, "origin"],
            "SELECT product_id, %(company)s, %(supplier)s, %(stock)s, %(uom)s, 'done', 'M' || id"
            " FROM lot WHERE kind = 'part'",
            "id, origin, product_id",
        )
        + ") "
        + insert(
            "stock_move_line",
            line,
            "SELECT moved.id, NULL::int, moved.product_id, %(company)s,"
            " substr(moved.origin, 2)::int,"
            " %(supplier)s, %(stock)s, %(uom)s, 1000, 1000, 'done', NOW()::timestamp, TRUE"
            " FROM moved",
        )
    )
    # Productions: (lot made, lot used)
    run(
        """
        CREATE TEMP TABLE used AS
            SELECT made.id AS made_id, made.product_id AS made_product, part.id AS used_id,
                   part.product_id AS used_product
              FROM lot made CROSS JOIN generate_series(0, 4) k
              JOIN lot part ON part.kind = 'part' AND part.n = (made.n * 5 + k) %% %(lots)s
             WHERE made.kind = 'pack'
             UNION ALL
            SELECT made.id, made.product_id, pack.id, pack.product_id
              FROM lot made CROSS JOIN generate_series(0, 3) k
              JOIN lot pack ON pack.kind = 'pack' AND pack.n = (made.n * 4 + k) %% %(packs)s
             WHERE made.kind = 'box';
        -- The lots that are recalled are in one pack of 160 and of 20.
        INSERT INTO used SELECT made.id, made.product_id, part.id, part.product_id
          FROM lot made
          JOIN lot part ON part.kind = 'part'
           AND (part.n = 0 AND made.n %% 160 = 0 OR part.n = 1 AND made.n %% 20 = 0)
         WHERE made.kind = 'pack'
           AND NOT EXISTS (SELECT 1 FROM used WHERE made_id = made.id AND used_id = part.id);
        """,
        lots=LOTS,
        packs=PACKS,
    )
    run(
        "CREATE TEMP TABLE mo AS WITH made AS ("
        + insert(
            "mrp_production",
            [
                "product_id",
                "company_id",
                "product_qty",
                "product_uom_id",
                "picking_type_id",
                "location_src_id",
                "location_dest_id",
                "state",
                "origin",
            ],
            "SELECT DISTINCT made_product, %(company)s, 100, %(uom)s, %(mo_type)s, %(stock)s,"
            " %(stock)s, 'done', 'M' || made_id FROM used",
            "id, origin",
        )
        + ") SELECT id, substr(origin, 2)::int AS lot_id FROM made"
    )
    run(
        "CREATE TEMP TABLE made_line AS WITH moved AS ("
        + insert(
            "stock_move",
            [*move, "production_id", "origin"],
            "SELECT lot.product_id, %(company)s, %(production)s, %(stock)s, %(uom)s, 'done', mo.id,"
            " 'M' || lot.id FROM mo JOIN lot ON lot.id = mo.lot_id",
            "id, origin, product_id",
        )
        + "), lines AS ("
        + insert(
            "stock_move_line",
            line,
            "SELECT moved.id, NULL::int, moved.product_id, %(company)s,"
            " substr(moved.origin, 2)::int,"
            " %(production)s, %(stock)s, %(uom)s, 100, 100, 'done', NOW()::timestamp, TRUE"
            " FROM moved",
            "id, lot_id",
        )
        + ") SELECT * FROM lines"
    )
    run(
        "CREATE TEMP TABLE used_line AS WITH moved AS ("
        + insert(
            "stock_move",
            [*move, "raw_material_production_id", "origin"],
            "SELECT used_product, %(company)s, %(stock)s, %(production)s, %(uom)s, 'done', mo.id,"
            " used_id || '>' || made_id FROM used JOIN mo ON mo.lot_id = used.made_id",
            "id, origin, product_id",
        )
        + "), lines AS ("
        + insert(
            "stock_move_line",
            line,
            "SELECT moved.id, NULL::int, moved.product_id, %(company)s,"
            " split_part(moved.origin, '>', 1)::int, %(stock)s, %(production)s, %(uom)s, 100, 100,"
            " 'done', NOW()::timestamp, TRUE FROM moved",
            "id, move_id",
        )
        + ") SELECT lines.id, split_part(moved.origin, '>', 2)::int AS made_lot"
        " FROM lines JOIN moved ON moved.id = lines.move_id"
    )
    run(
        "INSERT INTO stock_move_line_consume_rel (consume_line_id, produce_line_id)"
        " SELECT made_line.id, used_line.id FROM used_line"
        " JOIN made_line ON made_line.lot_id = used_line.made_lot"
    )
    # Deliveries: ten lines each, of any lot in turn
    cr.execute("SELECT count(*) FROM stock_move_line")
    [so_far] = cr.fetchone()
    notes = max(1, (lines - so_far) // 10)
    run(
        "CREATE TEMP TABLE note AS WITH made AS ("
        + insert(
            "stock_picking",
            [
                "name",
                "company_id",
                "partner_id",
                "picking_type_id",
                "location_id",
                "location_dest_id",
                "state",
                "date_done",
                "origin",
            ],
            "SELECT 'M/OUT/' || k, %(company)s, unit.id, %(out_type)s, %(stock)s, %(customer)s,"
            " 'done', (NOW() - k * INTERVAL '1 minute')::timestamp, k::text"
            " FROM generate_series(1, %(notes)s) k JOIN unit ON unit.n = k %% %(units)s",
            "id, origin",
        )
        + ") SELECT id, origin::int AS n FROM made",
        notes=notes,
        units=UNITS,
    )
    run(
        """
        CREATE TEMP TABLE goods AS
            SELECT row_number() OVER (ORDER BY md5(id::text)) - 1 AS n, id, product_id FROM lot
        """
    )
    run(
        "WITH moved AS ("
        + insert(
            "stock_move",
            [*move, "picking_id", "origin", "date"],
            "SELECT goods.product_id, %(company)s, %(stock)s, %(customer)s, %(uom)s, 'done',"
            " note.id, goods.id::text, NOW()::timestamp FROM note"
            " CROSS JOIN generate_series(0, 9) k"
            " JOIN goods ON goods.n = (note.n::bigint * 7919 + k * 991) %% %(all)s",
            "id, origin, picking_id, product_id",
        )
        + ") "
        + insert(
            "stock_move_line",
            line,
            "SELECT id, picking_id, product_id, %(company)s, origin::int, %(stock)s, %(customer)s,"
            " %(uom)s, 2, 2, 'done', NOW()::timestamp, TRUE FROM moved",
        ).replace(" RETURNING id", ""),
        all=LOTS + PACKS + BOXES,
    )
    cr.execute("SELECT id FROM lot WHERE kind = 'part' AND n IN (0, 1) ORDER BY n")
    return [lot_id for (lot_id,) in cr.fetchall()]


def required_columns(cr, table):
    """Columns that may not be empty and have no default, with a value for each."""
    cr.execute(
        """
        SELECT column_name, data_type FROM information_schema.columns
         WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL
        """,
        (table,),
    )
    values = {
        "integer": "1",
        "numeric": "0",
        "double precision": "0",
        "boolean": "FALSE",
        "timestamp without time zone": "NOW()::timestamp",
        "date": "NOW()::date",
        "jsonb": "'{}'::jsonb",
    }
    texts = {"procure_method": "'make_to_stock'", "priority": "'0'", "move_type": "'direct'"}
    return {
        name: texts.get(name) or values.get(kind, "'M'")
        for name, kind in cr.fetchall()
        if name != "id"
    }


def main(database, lines=1_000_000):
    """Fill the database, find the recipients again and again, and print the medians as JSON."""
    config.parse_config([])
    logging.disable(logging.WARNING)
    registry = Registry(database)
    with contextlib.closing(registry.cursor()) as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        lot_ids = fill(env, prepare(env), lines)
        cr.commit()
        # What autovacuum does for tables that grow by and by.
        cr._cnx.autocommit = True
        cr._obj.execute("VACUUM ANALYZE")
    with contextlib.closing(registry.cursor()) as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        cr.execute("SELECT count(*) FROM stock_move_line")
        [total] = cr.fetchone()
        trace = env["union.assist.trace"]
        cases = [measure(trace, lot_id, env.company) for lot_id in lot_ids]
    json.dump(
        {"lines": total, "runs": RUNS, "cases": cases, "load": os.getloadavg()[0]}, sys.stdout
    )


def measure(trace, lot_id, company):
    """Find the recipients of one lot again and again; return medians in seconds."""
    seconds, whole = [], []
    for turn in range(RUNS + WARM_UP):
        trace._begin()
        start = time.perf_counter()
        rows = trace._get_recipients([lot_id], company)
        found = time.perf_counter() - start
        contents = trace._get_contents([lot_id], company)
        trace._get_balance(list(trace._get_levels([lot_id], company)), company)
        if turn >= WARM_UP:
            seconds.append(found)
            whole.append(time.perf_counter() - start)
    return {
        "lots": len(contents),
        "deliveries": len(rows),
        "units": len({row["partner_id"] for row in rows}),
        "seconds": statistics.median(seconds),
        "slowest": max(seconds),
        "whole": statistics.median(whole),
    }


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
