"""Databases for the tests that span the addons.

Each test module that asks for one gets a database of its own, copied from a template and
dropped afterwards, with real connections: what a test commits is committed.
`make test` names the templates in the environment.
"""

import contextlib
import os
import re
from pathlib import Path
from unittest import mock

import pytest

TEMPLATES = {
    "product": "UNION_ASSIST_TEMPLATE",
    "core": "UNION_ASSIST_CORE_TEMPLATE",
}


@contextlib.contextmanager
def copied_database(kind, purpose):
    """Give the name of a copy of the template of this kind, which lasts as long as the block."""
    template = os.environ.get(TEMPLATES[kind])
    if not template:
        pytest.fail(f"{TEMPLATES[kind]} names no template database; `make test` does.")

    import odoo.http  # noqa: F401 (a registry needs it)
    from odoo.service import db
    from odoo.tools import config

    config.parse_config([], setup_logging=True)
    name = re.sub(r"\W", "_", f"{template}_{purpose}")
    # Odoo's own functions, so that the file store is copied too; they want this permission,
    # and know no other databases once `db_name` is set.
    with mock.patch.dict(config.options, list_db=True, db_name=[]):
        db.exp_drop(name)
        db.exp_duplicate_database(template, name)
        try:
            with mock.patch.dict(config.options, list_db=False, db_name=[name]):
                yield name
        finally:
            db.exp_drop(name)


@pytest.fixture(scope="module")
def database(request):
    """Name of a copy of the product's database (with its demo data) for this test module."""
    with copied_database("product", Path(request.fspath).stem) as name:
        yield name


@pytest.fixture(scope="module")
def core_database(request):
    """Name of a copy of the database that has the core modules alone, for this test module."""
    with copied_database("core", f"core_{Path(request.fspath).stem}") as name:
        yield name


@pytest.fixture(scope="module")
def registry(database):
    """Odoo's registry of the copy; `registry.cursor()` opens a real connection."""
    from odoo.modules.registry import Registry

    return Registry(database)


@pytest.fixture
def env(registry):
    """Environment of the superuser on a cursor that is rolled back after the test."""
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})
        cr.rollback()
