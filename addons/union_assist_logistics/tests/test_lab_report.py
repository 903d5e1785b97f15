import base64
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .lab_common import PDF, LabCommon


@tagged("post_install", "-at_install", "union_assist")
class TestLabReport(LabCommon):
    def setUp(self):
        super().setUp()
        self.inspection = self.receive({"L-1": 10}).assist_inspection_ids
        self.lot_1 = self.lot("L-1")

    def make_rice_plan(self, *items, report_required=True):
        self.env["union.assist.quality.plan"].create(
            {
                "name": "Rice on receipt",
                "product_tmpl_ids": [(6, 0, self.rice.product_tmpl_id.ids)],
                "date_from": "2020-01-01",
                "source": "Contract",
                "item_ids": [
                    (
                        0,
                        0,
                        {
                            "name": item,
                            "kind": "measure",
                            "limit_type": "at_most",
                            "max_value": 5.0,
                            "unit": {"Moisture": "%", "Lead": "mg/kg"}[item],
                            "report_required": report_required,
                        },
                    )
                    for item in items
                ],
            }
        )

    # -- what is checked -------------------------------------------------------------

    def test_a_good_report_is_accepted(self):
        report = self.make_report(self.lot_1)
        self.assertFalse(report.problems)
        self.assertEqual((report.verdict, report.line_ids.judged), ("pass", "pass"))
        report.action_check()
        self.assertEqual((report.state, report.checked_by_id), ("checked", self.inspector))
        self.assertEqual(self.lot_1.assist_lab_report_count, 1)
        self.assertEqual(self.inspection.lab_report_ids, report)

    def test_what_keeps_a_report_from_being_accepted(self):
        yesterday, old = self.today - timedelta(1), self.today - timedelta(181)
        self.lot_1.assist_production_date = self.today - timedelta(400)
        lead = {"item": "Lead", "result": "0.1", "unit": "mg/kg"}
        for number, (values, lines, message) in enumerate(
            (
                ({"file": False}, [lead], "The file of the report is missing"),
                ({"laboratory_id": False, "laboratory_name": "X"}, [lead], "Choose the laboratory"),
                ({"issued_on": False}, [lead], "The date of issue is missing"),
                ({"issued_on": self.today + timedelta(1)}, [lead], "is to come"),
                ({"lot_ids": False}, [lead], "No lot is named"),
                ({}, [], "Enter the items"),
                ({}, [{**lead, "item": "Cadmium"}], "demands a report on Lead as well"),
                ({}, [{**lead, "verdict": False, "result": False}], "The result is missing"),
                ({}, [{**lead, "verdict": False}], "verdict of the laboratory is missing"),
                ({}, [{**lead, "result": "5.1"}], "our limit is ≤ 5 mg/kg"),
                ({}, [{**lead, "result": "about 1"}], "cannot be read"),
                ({}, [{**lead, "unit": "cm"}], "Lead"),
                ({"sampled_on": old, "issued_on": old}, [lead], "181 days old then, 180 at most"),
            )
        ):
            with self.subTest(message=message):
                report = self.make_report(self.lot_1, lines, number=f"P-{number}", **values)
                self.assertIn(message, report.problems)
                with self.assertRaisesRegex(UserError, "cannot be accepted"):
                    report.action_check()
                self.assertEqual(report.state, "draft")
        self.lot_1.assist_production_date = self.today
        report = self.make_report(
            self.lot_1, [lead], number="P-x", sampled_on=yesterday, issued_on=self.today
        )
        self.assertIn("the report is about another lot", report.problems)

    def test_limits_of_age_are_dated_data(self):
        old = self.today - timedelta(181)
        report = self.make_report(self.lot_1, sampled_on=old, issued_on=old)
        self.env.ref("union_assist_logistics.parameter_lab_report_days").value = 181
        report.invalidate_recordset(["problems"])
        self.assertFalse(report.problems)

    def test_the_laboratory_is_approved_on_the_day_of_issue(self):
        report = self.make_report(self.lot_1)
        for first, last, accepted in (
            (False, False, True),
            (self.today, self.today, True),
            (False, self.today - timedelta(1), False),
            (self.today + timedelta(1), False, False),
        ):
            with self.subTest(first=first, last=last):
                self.laboratory.write({"cma_from": first, "cma_to": last})
                report.invalidate_recordset(["problems"])
                self.assertEqual(not report.problems, accepted)
        self.laboratory.write({"cma_number": False, "cma_from": False})
        report.invalidate_recordset(["problems"])
        self.assertIn("has no CMA number", report.problems)

    @mute_logger("odoo.sql_db")
    def test_a_number_is_unique_per_laboratory(self):
        report = self.make_report(self.lot_1, number="ab 1")
        self.assertEqual(report.number, "ab1")
        self.make_report(self.lot_1, number="AB1", laboratory_id=self.other_laboratory.id)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.make_report(self.lot_1, number="AB1")
        report.reason = "Wrong lot"
        report.action_refuse()
        self.env.flush_all()
        self.make_report(self.lot_1, number="AB1")

    def test_files_are_known_by_their_content(self):
        with self.assertRaisesRegex(ValidationError, "no PDF, JPEG or PNG"):
            self.make_report(self.lot_1, file=base64.b64encode(b"<html>"))

    def test_several_reports_cover_a_plan_together(self):
        self.make_rice_plan("Moisture", "Lead")
        self.receive({"L-2": 5}, product=self.rice)
        self.lot_1 = self.lot("L-2")
        first = self.make_report(self.lot_1)
        self.assertIn("Moisture", first.problems)
        second = self.make_report(
            self.lot_1, [{"item": " moisture", "result": "5", "unit": "%"}], number="R-2"
        )
        self.assertIn("Lead", second.problems)
        both = self.make_report(
            self.lot_1,
            [
                {"item": "Moisture", "result": "5", "unit": "%"},
                {"item": "LEAD", "result": "ND"},
            ],
            number="R-3",
        )
        self.assertFalse(both.problems)
        first.invalidate_recordset(["problems"])
        both.action_check()
        self.assertFalse(first.problems, "the other report covers the rest")

    def test_an_item_of_another_name_is_pointed_at(self):
        report = self.make_report(
            self.lot_1, [{"item": "铅（以 Pb 计）", "result": "0.1", "unit": "mg/kg"}]
        )
        self.assertTrue(report.problems)
        report.line_ids.item_id = self.lead_item
        report.invalidate_recordset(["problems"])
        self.assertFalse(report.problems)

    def test_items_demanded_are_proposed(self):
        report = self.make_report(self.lot_1, [])
        report.action_propose_items()
        report.action_propose_items()
        self.assertEqual(report.line_ids.mapped("item"), ["Lead"])
        self.assertEqual(report.line_ids.limit, "≤ 5 mg/kg")

    # -- steps -----------------------------------------------------------------------

    def test_refusal_gives_reasons(self):
        report = self.make_report(self.lot_1, [{"item": "Lead", "result": "6", "unit": "mg/kg"}])
        report.action_refuse()
        self.assertEqual(report.state, "refused")
        self.assertIn("our limit is ≤ 5 mg/kg", report.reason)
        good = self.make_report(self.lot_1, number="R-2")
        with self.assertRaisesRegex(UserError, "write the reason"):
            good.action_refuse()

    def test_a_checked_report_does_not_change(self):
        report = self.make_report(self.lot_1)
        report.action_check()
        for change in (
            lambda: report.write({"issued_on": "2020-01-01"}),
            lambda: report.line_ids.write({"result": "9"}),
            lambda: report.line_ids.unlink(),
            lambda: report.write({"line_ids": [(0, 0, {"item": "Cadmium"})]}),
            report.unlink,
            report.action_refuse,
        ):
            with self.assertRaises(UserError):
                change()
        report.note = "Filed"
        self.assertEqual(report.line_ids.result, "0.12")

    def test_steps_are_not_forged(self):
        with self.assertRaisesRegex(AccessError, "set by its steps"):
            self.make_report(self.lot_1, state="checked")
        report = self.make_report(self.lot_1)
        with self.assertRaisesRegex(AccessError, "set by its steps"):
            report.write({"state": "checked"})

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_rights_of_the_steps(self):
        report = self.make_report(self.lot_1)
        for user in (self.viewer, self.keeper):
            for step in ("action_submit", "action_check", "action_refuse", "action_take_over"):
                with self.subTest(user=user.login, step=step), self.assertRaises(AccessError):
                    getattr(report.with_user(user), step)()
        self.assertEqual(report.with_user(self.viewer).number, "R-L-1")

    def test_form(self):
        form = Form(self.env["union.assist.lab.report"].with_user(self.inspector))
        form.number = "F-1"
        form.laboratory_id = self.laboratory
        form.lot_ids.add(self.lot_1)
        form.issued_on = self.today
        form.file = base64.b64encode(PDF)
        with form.line_ids.new() as line:
            line.item = "Lead"
            line.result = "7"
            line.unit = "mg/kg"
            line.verdict = "pass"
            self.assertEqual(line.judged, "fail")
        self.assertIn("our limit", form.problems)
        self.assertEqual(form.save().verdict, "fail")

    # -- inspections -----------------------------------------------------------------

    def test_no_hand_over_without_a_checked_report(self):
        report = self.make_report(self.lot_1)
        self.assertEqual(self.inspection.report_missing, "Lead")
        with self.assertRaisesRegex(UserError, "demands a checked lab report on Lead"):
            self.record(self.inspection)
        self.assertEqual(self.inspection.state, "draft")
        report.action_check()
        self.inspection.invalidate_recordset(["report_missing"])
        self.assertFalse(self.inspection.report_missing)
        self.record(self.inspection)
        self.assertEqual(self.inspection.state, "submitted")

    def test_an_item_that_demands_nothing_needs_no_report(self):
        self.make_rice_plan("Moisture", "Lead", report_required=False)
        inspections = self.receive({"L-2": 5}, product=self.rice).assist_inspection_ids
        inspection = inspections.filtered(lambda record: record.product_id == self.rice)
        self.assertFalse(inspection.report_missing)
        self.record(inspection)
        self.assertEqual(inspection.state, "submitted")

    def test_results_are_taken_over_and_marked(self):
        report = self.make_report(
            self.lot_1,
            [
                {"item": "Lead", "result": "120", "unit": "µg/kg"},
                {"item": "Packing whole"},
                {"item": "Cadmium", "result": "0.1"},
            ],
        )
        with self.assertRaisesRegex(UserError, "does not apply"):
            report.action_take_over()
        report.action_check()
        report.action_take_over()
        packing, moisture, lead = self.inspection.line_ids
        self.assertEqual((lead.value, lead.verdict), (0.12, "pass"))
        self.assertEqual(lead.report_line_id.report_id, report)
        self.assertEqual((packing.answer, packing.report_line_id.item), ("pass", "Packing whole"))
        self.assertFalse(moisture.verdict or moisture.report_line_id)
        self.assertEqual(lead.recorded_by_id, self.inspector)
        with self.assertRaisesRegex(UserError, "results already"):
            report.action_take_over()
        # What is measured again is not the report's any more.
        lead.with_user(self.inspector).write({"entry": "0.2"})
        self.assertFalse(lead.report_line_id)
        self.assertTrue(packing.report_line_id)

    def test_a_report_that_came_before_its_lot(self):
        report = (
            self.env["union.assist.lab.report"]
            .with_user(self.inspector)
            .create({"number": "B-1", "batch": "L-9", "product_id": self.tea.id})
        )
        self.receive({"L-9": 5}, product=self.rice)
        self.assertFalse(report.lot_ids)
        self.receive({"L-9": 5})
        self.assertEqual(report.lot_ids.mapped("product_id"), self.tea)

    def test_lots_of_another_product_are_refused(self):
        self.receive({"RICE": 5}, product=self.rice)
        with self.assertRaisesRegex(ValidationError, "another product"):
            self.make_report(self.lot_1, lot_ids=[(6, 0, self.lot("RICE").ids)])

    def test_queries_do_not_grow(self):
        def count(names):
            inspections = self.receive(dict.fromkeys(names, 1)).assist_inspection_ids
            inspections = inspections.filtered(lambda record: record.lot_id.name in names)
            for inspection in inspections:
                self.make_report(inspection.lot_id)

            def work():
                inspections.mapped("lab_report_count")
                inspections.lot_id.mapped("assist_lab_report_count")
                inspections.lot_id.mapped("assist_sample_count")

            return self.record_queries(work)

        few = count([f"few-{number}" for number in range(5)])
        many = count([f"many-{number}" for number in range(50)])
        self.assert_same_queries(few, many)


@tagged("post_install", "-at_install", "union_assist")
class TestRetest(LabCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead_item.report_required = False

    def setUp(self):
        super().setUp()
        self.step = self.receive({"T-1": 10})
        self.inspection = self.step.assist_inspection_ids
        self.lot_1 = self.lot("T-1")

    def ask(self, user=None):
        return (
            self.env["union.assist.retest"]
            .with_user(user or self.operator)
            .create(
                {
                    "inspection_id": self.inspection.id,
                    "reason": "Close to the limit",
                    "laboratory_id": self.other_laboratory.id,
                }
            )
        )

    def test_a_lot_waits_for_its_re_test(self):
        with self.assertRaisesRegex(UserError, "does not apply"):
            self.ask()
        self.record(self.inspection, moisture=9)
        retest = self.ask()
        self.assertEqual((retest.requested_by_id, retest.state), (self.operator, "waiting"))
        self.assertEqual(self.inspection.retest_state, "waiting")
        for step in (
            lambda: self.decide(self.inspection, conceded=10),
            lambda: self.inspection.with_user(self.inspector).action_reopen(),
            lambda: self.inspection.with_user(self.operator).action_request_retest(),
        ):
            with self.assertRaisesRegex(UserError, f"waits for re-test {retest.name}"):
                step()
        self.validate(self.step)
        self.assertNotEqual(self.step.state, "done", "the lot stays blocked")
        action = retest.action_record_report()
        report = (
            self.env["union.assist.lab.report"]
            .with_user(self.inspector)
            .with_context(**action["context"])
            .create(
                {
                    "number": "T-1",
                    "issued_on": self.today,
                    "file": base64.b64encode(PDF),
                    "line_ids": [
                        (
                            0,
                            0,
                            {"item": "Moisture", "result": "6.5", "unit": "%", "verdict": "pass"},
                        )
                    ],
                }
            )
        )
        self.assertEqual(retest.report_id, report)
        self.assertEqual((report.kind, report.lot_ids), ("retest", self.lot_1))
        self.assertEqual(retest.state, "waiting", "a report counts once it is checked")
        report.action_check()
        self.assertEqual((retest.state, retest.verdict), ("done", "pass"))
        self.assertEqual(self.inspection.retest_state, "done")
        wizard = Form(
            self.env["union.assist.quality.decide"]
            .with_user(self.operator)
            .with_context(default_inspection_id=self.inspection.id)
        )
        self.assertEqual(wizard.result, "fail")
        self.assertEqual(wizard.save().retest_ids.verdict, "pass")
        self.decide(self.inspection, conceded=10)
        self.assertEqual(self.inspection.state, "decided")

    def test_a_cancelled_re_test_frees_the_lot(self):
        self.record(self.inspection)
        retest = self.ask()
        with self.assertRaises(AccessError):
            retest.with_user(self.viewer).action_cancel()
        retest.action_cancel()
        self.assertFalse(self.inspection.retest_state)
        with self.assertRaisesRegex(UserError, "does not change any more"):
            retest.write({"reason": "?"})
        self.decide(self.inspection, released=10)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_who_may_ask(self):
        self.record(self.inspection)
        for user in (self.viewer, self.keeper, self.inspector):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.ask(user)
        retest = self.ask()
        for values in ({"state": "done"}, {"requested_by_id": self.viewer.id}):
            with self.assertRaisesRegex(AccessError, "set by its steps"):
                retest.write(values)
        with self.assertRaisesRegex(UserError, "never deleted"):
            retest.sudo().unlink()
