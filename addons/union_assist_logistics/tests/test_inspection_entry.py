from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import GROUP, UnionAssistQualityCommon

MODEL = "union.assist.inspection.entry"


@tagged("post_install", "-at_install", "union_assist")
class TestInspectionEntry(UnionAssistQualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = new_test_user(cls.env, "second_inspector", f"{GROUP}inspector")
        cls.entry = cls.env[MODEL].with_user(cls.inspector)
        cls.other_entry = cls.env[MODEL].with_user(cls.second)

    def setUp(self):
        super().setUp()
        self.step = self.receive({"E-1": 10, "E-2": 5})
        self.inspection = self.step.assist_inspection_ids.filtered(
            lambda inspection: inspection.lot_id.name == "E-1"
        )
        self.packing, self.moisture, self.lead = self.inspection.line_ids

    def read_line(self, line, entry=None):
        screen = (entry or self.entry).get_inspection(self.inspection.id)
        return next(row for row in screen["lines"] if row["id"] == line.id)

    # -- reading ---------------------------------------------------------------------

    def test_list_and_progress(self):
        self.entry.save_result(self.packing.id, {"answer": "pass"})
        rows = [row for row in self.entry.get_open_inspections() if row["lot"] in ("E-1", "E-2")]
        self.assertEqual(
            [(row["lot"], row["recorded"], row["total"]) for row in rows],
            [("E-1", 1, 3), ("E-2", 0, 3)],
        )
        self.assertEqual((rows[0]["product"], rows[0]["quantity"]), ("Green Tea", 10))
        for term in ("E-2", "green", "Tea Maker"):
            with self.subTest(term=term):
                self.assertIn("E-2", [row["lot"] for row in self.entry.get_open_inspections(term)])
        self.assertFalse(self.entry.get_open_inspections("no such lot"))

    def test_queries_do_not_grow_with_the_list(self):
        def count(lots):
            self.receive({f"{len(lots)}-{name}": 1 for name in lots})
            rows = self.entry.get_open_inspections()
            return len(rows), self.record_queries(self.entry.get_open_inspections)

        few = count(range(5))
        many = count(range(50))
        self.assertGreater(many[0], few[0] + 40)
        self.assert_same_queries(few[1], many[1])

    def test_what_was_handed_over_is_not_in_the_list(self):
        self.record(self.inspection)
        self.assertNotIn("E-1", [row["lot"] for row in self.entry.get_open_inspections()])
        screen = self.entry.get_inspection(self.inspection.id)
        self.assertFalse(screen["can_record"])
        with self.assertRaisesRegex(UserError, "not open for results"):
            self.entry.save_result(self.packing.id, {"answer": "fail"})

    def test_codes_that_open_a_lot(self):
        self.tea.barcode = "6901234567892"
        other = self.env["product.product"].create(
            {"name": "Other Tea", "is_storable": True, "tracking": "lot"}
        )
        self.plan.product_tmpl_ids |= other.product_tmpl_id
        inspections = self.receive({"E-1": 3}, product=other).assist_inspection_ids
        same_number = inspections.filtered(lambda inspection: inspection.product_id == other)
        self.assertEqual(same_number.lot_id.name, "E-1")
        for code, expected in (
            ("E-1", self.inspection | same_number),
            ("0106901234567892" + "10E-1", self.inspection),
            ("(01)06901234567892(10)E-1", self.inspection),
            ("]C1" + "0106901234567892" + "10E-1", self.inspection),
            ("10E-1", self.inspection | same_number),
            (self.inspection.name, self.inspection),
            (f"https://example.com/assist/lot/{self.inspection.name}", self.inspection),
        ):
            with self.subTest(code=code):
                found = self.entry.find_by_code(code)
                self.assertEqual({row["id"] for row in found}, set(expected.ids))
        for code in ("", "E-404", "10E-404", "%", None, "E-1\x00"):
            with self.subTest(code=code), self.assertRaisesRegex(UserError, "no lot that waits"):
                self.entry.find_by_code(code)

    # -- writing ---------------------------------------------------------------------

    def test_the_server_judges(self):
        for readings, verdict in (
            (["7"], "pass"),
            (["7.000001"], "fail"),
            (["0"], "fail"),
            (["50 g/kg"], "pass"),
            ([], ""),
        ):
            with self.subTest(readings=readings):
                answer = self.entry.save_result(self.moisture.id, {"readings": readings})
                self.assertEqual(answer["line"]["verdict"], verdict)
                self.assertEqual(answer["line"]["readings"], readings)
        answer = self.entry.save_result(self.lead.id, {"readings": ["<0.1"]})
        self.assertEqual(answer["line"]["verdict"], "pass")
        answer = self.entry.save_result(self.lead.id, {"readings": ["5100 µg/kg"]})
        self.assertTrue(answer["safety_failed"])
        self.assertEqual((answer["recorded"], answer["result"]), (1, "fail"))
        self.assertEqual(self.lead.recorded_by_id, self.inspector)

    def test_the_same_entry_twice_changes_nothing(self):
        version = self.read_line(self.moisture)["version"]
        first = self.entry.save_result(self.moisture.id, {"readings": ["5.2"]}, version)
        again = self.entry.save_result(self.moisture.id, {"readings": ["5.2"]}, version)
        self.assertEqual(first, again)
        self.assertFalse(again["conflict"])
        self.assertEqual(self.moisture.value, 5.2)

    def test_another_inspector_s_result_is_not_overwritten_unseen(self):
        seen = self.read_line(self.moisture)["version"]
        self.other_entry.save_result(self.moisture.id, {"readings": ["6"]}, seen)
        answer = self.entry.save_result(self.moisture.id, {"readings": ["9"]}, seen)
        self.assertEqual(answer["conflict"], self.second.name)
        self.assertEqual(answer["line"]["readings"], ["6"])
        self.assertEqual(self.moisture.value, 6.0)
        # Who has seen it may replace it.
        answer = self.entry.save_result(
            self.moisture.id, {"readings": ["9"]}, answer["line"]["version"]
        )
        self.assertFalse(answer["conflict"])
        self.assertEqual((self.moisture.value, self.moisture.verdict), (9.0, "fail"))
        self.assertEqual(self.moisture.recorded_by_id, self.inspector)

    def test_what_is_no_result_is_refused(self):
        for result, message in (
            ({"readings": ["5,2"]}, "cannot be read"),
            ({"readings": ["five"]}, "cannot be read"),
            ({"readings": [float("nan")]}, "cannot be read"),
            ({"readings": ["5 kg"]}, "cannot be compared"),
            ({"photos": [{"data": "PGh0bWw+"}]}, "no JPEG or PNG"),
            ({"photos": ["?"]}, "no JPEG or PNG"),
            ({"choice": "red"}, "is no option"),
            ({"max_value": 100}, "no result of an inspection"),
            ("pass", "no result of an inspection"),
        ):
            with self.subTest(result=result), self.assertRaisesRegex(UserError, message):
                self.entry.save_result(self.moisture.id, result)
        with self.assertRaises(ValueError):
            self.entry.save_result(self.packing.id, {"answer": "maybe"})
        self.assertFalse(self.moisture.verdict)

    # -- rights ----------------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_rights(self):
        viewer = new_test_user(self.env, "entry_viewer", "union_assist_catalog.group_user")
        company = self.env["res.company"].create({"name": "Other Depot"})
        elsewhere = new_test_user(
            self.env,
            "entry_elsewhere",
            f"{GROUP}inspector",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        looking = self.env[MODEL].with_user(viewer)
        self.assertFalse(looking.get_inspection(self.inspection.id)["can_record"])
        for user in (viewer, self.operator, self.keeper):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env[MODEL].with_user(user).save_result(self.packing.id, {"answer": "pass"})
        strangers = [elsewhere]
        strangers += [
            new_test_user(self.env, f"entry_{name}", f"base.group_{name}")
            for name in ("portal", "public", "user")
        ]
        for user in strangers:
            entry = self.env[MODEL].with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    entry.get_inspection(self.inspection.id)
                with self.assertRaises(AccessError):
                    entry.save_result(self.packing.id, {"answer": "pass"})
                with self.assertRaises(UserError):
                    entry.find_by_code("E-1")
        self.assertFalse(self.packing.answer)
        with self.assertRaisesRegex(UserError, "does not exist"):
            self.entry.get_inspection(0)
        with self.assertRaisesRegex(UserError, "does not exist"):
            self.entry.save_result("1", {})
