"""What Odoo's own lint suite says about the addons.

Those of its checks that look at files see our addons alone; those that look at the loaded
models see everything, and only what they say of ours counts.
"""

import importlib
import logging
from unittest import mock

import pytest

from dev import addons

CHECKS = [
    "test_dunderinit.TestDunderinit.test_dunderinit",
    "test_i18n.TestI18n.test_user_content_as_prop_is_translatable",
    "test_index.TestIndex.test_enforce_index_on_one2many_inverse",
    "test_jstranslate.TestJsTranslations.test_js_translations",
    "test_manifests.ManifestLinter.test_manifests",
    "test_naming.TestNaming.test_parameter_rpc_compatible",
    "test_onchange_domains.TestOnchangeDomains.test_forbid_domains_in_onchanges",
    "test_orm_import.TestDunderinit.test_addons_orm_import",
    "test_override_signatures.TestLintOverrideSignatures.test_lint_override_signature",
    "test_routes.RoutesLinter.test_routes_definition",
    "test_test_holes.TestTestHoles.test_check_tests",
]
OURS = ("union_assist", "union.assist", "assist_")


@pytest.mark.parametrize("check", CHECKS)
def test_odoo_lint(registry, caplog, check):
    from odoo.modules import Manifest
    from odoo.tests.loader import run_suite
    from odoo.tests.suite import OdooSuite

    module, name, method = check.split(".")
    cases = importlib.import_module(f"odoo.addons.test_lint.tests.{module}")
    manifests = [Manifest.for_addon(addon) for addon in addons.names()]
    assert all(manifests)
    with (
        mock.patch.object(Manifest, "all_addon_manifests", return_value=manifests),
        caplog.at_level(logging.WARNING),
    ):
        result = run_suite(OdooSuite([getattr(cases, name)(method)]))
    assert result.testsRun == 1
    texts = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    found = [text for text in texts if any(word in text for word in OURS)]
    assert not found, "\n\n".join(found)
