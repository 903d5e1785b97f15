"""The addons install on a database of core modules, and leave it as it was."""

import subprocess
import sys

import psycopg2
import pytest

from dev import addons

ADDONS = addons.names()
# Tables of core whose rows say how the system is set up: none of ours may stay behind.
SET_UP = (
    "ir_act_report_xml",
    "ir_act_server",
    "ir_act_window",
    "ir_asset",
    "ir_config_parameter",
    "ir_cron",
    "ir_model",
    "ir_model_access",
    "ir_model_fields",
    "ir_rule",
    "ir_sequence",
    "ir_ui_menu",
    "ir_ui_view",
    "mail_template",
    "product_template",
    "res_groups",
    "res_partner",
    "stock_location",
    "stock_picking_type",
    "stock_route",
    "stock_rule",
    "uom_uom",
)


def odoo(*arguments):
    """Run Odoo's command line to its end."""
    run = subprocess.run(
        [sys.executable, "-m", "odoo", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]


@pytest.fixture(scope="module")
def query(core_database):
    """Run one statement on the database, from outside Odoo."""
    from odoo.sql_db import connection_info_for

    def rows(sql, *parameters):
        _name, info = connection_info_for(core_database)
        connection = psycopg2.connect(**info)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall()
        finally:
            connection.close()

    return rows


def schema(query):
    """Return every column of every table."""
    return set(
        query(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
    )


def set_up(query):
    """Return (table, id) and the text of every row of the set-up."""
    return {
        (table, id_): text
        for table in SET_UP
        for id_, text in query(f"SELECT id, left(t::text, 200) FROM {table} t")
    }


def states(query):
    """Return the states of our addons."""
    found = query("SELECT state FROM ir_module_module WHERE name IN %s", tuple(ADDONS))
    return {state for (state,) in found}


def test_install_uninstall_install(core_database, query):
    columns, rows = schema(query), set_up(query)
    assert columns
    install = ("--init", ",".join(ADDONS), "--stop-after-init", "--no-http")

    odoo("--database", core_database, *install)
    assert states(query) == {"installed"}
    assert schema(query) > columns

    odoo("module", "uninstall", "--database", core_database, *ADDONS)
    assert states(query) == {"uninstalled"}
    assert schema(query) - columns == set()
    assert columns - schema(query) == set()
    rows_then = set_up(query)
    assert [(key[0], text) for key, text in rows_then.items() if key not in rows] == []
    assert [(key[0], text) for key, text in rows.items() if key not in rows_then] == []
    assert query("SELECT name FROM ir_model_data WHERE module IN %s", tuple(ADDONS)) == []

    odoo("--database", core_database, *install)
    assert states(query) == {"installed"}
