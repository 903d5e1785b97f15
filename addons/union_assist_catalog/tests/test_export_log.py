import io
import json
from unittest import mock

import openpyxl

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.web.controllers import export as export_controller

from .common import UnionAssistCatalogCommon
from .test_household_identity import IdentityCommon
from .test_identity_tool import make_number

ROLES = ("viewer", "federation", "official", "operator", "manager")


@tagged("post_install", "-at_install", "union_assist")
class TestExportLog(UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Log = cls.env["union.assist.export.log"]
        cls.household = cls.make_household(
            "EX-1", head_name="Zhang", member_ids=[Command.create({"name": "Zhang San"})]
        )
        cls.linkage = cls.make_linkage(cls.household)
        for role in ROLES:
            getattr(cls, role).group_ids |= cls.env.ref("base.group_allow_export")

    def export(self, records, user, *names):
        """Export as a user; return the rows and what was logged of it."""
        before = self.Log.search([])
        rows = records.with_user(user).export_data(list(names))["datas"]
        return rows, self.Log.search([]) - before

    def test_personal_exports_are_logged(self):
        for user in (self.operator, self.official, self.manager):
            rows, log = self.export(self.household, user, "code", "head_name")
            self.assertEqual(rows, [["EX-1", "Zhang"]])
            self.assertEqual((log.user_id, log.record_count, log.how), (user, 1, "API"))
            self.assertEqual(log.model, "union.assist.household")
            self.assertEqual(log.field_names.splitlines(), ["code", "head_name"])
            self.assertNotIn("Zhang", str(log.read()))

    def test_whichever_way_they_are_reached(self):
        for records, names in (
            (self.household, ["phone"]),
            (self.household, ["note"]),
            (self.household, ["identity_last4"]),
            (self.household, ["member_ids"]),
            (self.household, ["member_ids/birth_year"]),
            (self.household, ["consent_ids/date_given"]),
            (self.household.member_ids, ["relation"]),
            (self.linkage, ["share", "household_id/head_name"]),
            (self.linkage, ["household_id/member_ids/id"]),
            (self.tea_maker, ["name", "assist_linkage_ids/household_id/head_name"]),
        ):
            with self.subTest(names):
                _rows, log = self.export(records, self.operator, *names)
                self.assertEqual(log.model, records._name)

    def test_exports_without_personal_data_are_not(self):
        for records, names in (
            (self.household, ["id", ".id", "code", "region_id/name", "persons", "status"]),
            (self.household, ["display_name", "linkage_ids/supplier_id/id", "supplier_ids"]),
            (self.linkage, ["household_id", "household_id/code", "household_id/id"]),
            (self.tea_maker, ["name", "phone", "assist_linkage_ids/household_id"]),
        ):
            with self.subTest(names):
                rows, log = self.export(records, self.operator, *names)
                self.assertFalse(log)
                self.assertNotIn("Zhang", str(rows))

    def test_others_export_codes_alone(self):
        for user in (self.viewer, self.federation):
            rows, log = self.export(self.household, user, "code", "display_name", "status")
            self.assertEqual(rows[0][0], "EX-1")
            self.assertFalse(log)
            for records, name in (
                (self.household, "head_name"),
                (self.household, "member_ids/name"),
                (self.linkage, "household_id/head_name"),
                (self.household.member_ids, "name"),
            ):
                with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                    self.export(records, user, name)

    def test_nobody_changes_or_deletes(self):
        log = self.Log._log("union.assist.household", ["head_name"], 1, "CSV")
        for record in (log, log.sudo(), log.with_user(self.manager)):
            with self.assertRaises(UserError):
                record.record_count = 0
            with self.assertRaises(UserError):
                record.unlink()
        with self.assertRaises(AccessError):
            self.Log.with_user(self.manager).create({"model": "x"})
        self.assertTrue(log.with_user(self.manager).read())
        for user in (self.viewer, self.federation, self.official, self.operator):
            with self.assertRaises(AccessError):
                log.with_user(user).read()
        self.assertEqual(log.model_label, "Household")

    def test_filters_are_kept_without_personal_values(self):
        masked = str(
            self.Log._mask_domain(
                self.env["union.assist.linkage"],
                [
                    "|",
                    ["state", "=", "draft"],
                    "!",
                    ["household_id", "any", [["head_name", "ilike", "Zhang"], ["code", "=", "A"]]],
                    ["household_id.member_ids.name", "=", "Li"],
                ],
            )
        )
        for part in ("state", "draft", "head_name", "code", "A", "household_id.member_ids.name"):
            self.assertIn(part, masked)
        for part in ("Zhang", "Li"):
            self.assertNotIn(part, masked)

    def test_same_queries_for_5_and_50(self):
        households = self.env["union.assist.household"].create(
            [{"code": f"EQ-{n}", "region_id": self.county.id} for n in range(60)]
        )

        def queries(records):

            def work():
                records.with_user(self.operator).export_data(["code", "head_name"])

            return self.record_queries(work)

        queries(households[:2])
        self.assert_same_queries(queries(households[2:7]), queries(households[7:57]))


@tagged("post_install", "-at_install", "union_assist")
class TestExportOverHttp(HttpCase, IdentityCommon):
    def setUp(self):
        super().setUp()
        for login, group in (("assist_exporter", "operator"), ("assist_reader", "user")):
            new_test_user(
                self.env,
                login,
                f"union_assist_catalog.group_{group},base.group_allow_export",
                password=login,
            )
        self.number = make_number(1)
        self.household = self.make_household(
            "WEB-1", head_name="Zhang", identity_number=self.number
        )
        self.log_before = self.env["union.assist.export.log"].search([])

    def logged(self):
        return self.env["union.assist.export.log"].search([]) - self.log_before

    def export(self, kind, names, domain, **values):
        fields = [{"name": name, "label": name, "type": "char"} for name in names]
        params = {
            "model": "union.assist.household",
            "fields": fields,
            "ids": False,
            "domain": domain,
            "import_compat": False,
            **values,
        }
        return self.url_open(
            f"/web/export/{kind}",
            {"data": json.dumps(params), "csrf_token": http.Request.csrf_token(self)},
        )

    def test_csv(self):
        self.authenticate("assist_exporter", "assist_exporter")
        answer = self.export("csv", ["code", "head_name"], [["code", "=", "WEB-1"]])
        self.assertEqual(answer.text.split(), ['"code","head_name"', '"WEB-1","Zhang"'])
        log = self.logged()
        self.assertEqual((log.how, log.user_id.login), ("CSV", "assist_exporter"))
        self.assertIn("WEB-1", log.filter)

    def test_no_number_gets_into_any_log(self):
        self.authenticate("assist_exporter", "assist_exporter")
        with mock.patch.object(export_controller, "_logger") as logger:
            answer = self.export("csv", ["code", "phone"], [["identity_number", "=", self.number]])
        logger.info.assert_called_once()
        self.assertIn("WEB-1", answer.text)
        self.assertEqual(len(answer.text.split()), 2)
        self.assertNotIn(self.number, str(logger.mock_calls))
        self.assertIn("identity_number", self.logged().filter)
        self.assertNotIn(self.number, self.logged().filter)
        # A search that finds nobody exports nobody.
        answer = self.export("csv", ["code"], [["identity_number", "=", make_number(2)]])
        self.assertEqual(answer.text.split(), ['"code"'])

    def test_groups_named_after_people_are_logged(self):
        self.authenticate("assist_exporter", "assist_exporter")
        answer = self.export("xlsx", ["code"], [["code", "=", "WEB-1"]], groupby=["head_name"])
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        self.assertIn("Zhang", str([cell.value for row in sheet.rows for cell in row]))
        self.assertEqual(self.logged().how, "XLSX")
        self.assertIn("head_name", self.logged().field_names)

    def test_a_viewer_gets_codes(self):
        self.authenticate("assist_reader", "assist_reader")
        answer = self.export("csv", ["code", "display_name"], [["code", "=", "WEB-1"]])
        self.assertIn("WEB-1", answer.text)
        for names, extra in ((["head_name"], {}), (["code"], {"groupby": ["head_name"]})):
            with mute_logger("odoo.addons.web.controllers.export", "odoo.http"):
                answer = self.export("xlsx", names, [["code", "=", "WEB-1"]], **extra)
            self.assertEqual(answer.status_code, 500)
            self.assertNotIn("Zhang", answer.text)
        self.assertFalse(self.logged())
