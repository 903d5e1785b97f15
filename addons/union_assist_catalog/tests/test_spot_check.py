from datetime import date
from io import BytesIO

from freezegun import freeze_time
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools.sampling import draw_sample, population_digest
from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestSpotCheck(UnionAssistCatalogCommon):
    def setUp(self):
        super().setUp()
        self.linkages = self.env["union.assist.linkage"].concat(
            *(
                self.make_linkage(
                    self.make_household(f"CHECK-{i:02}", head_name="Zhang Secret"),
                    state="verified",
                )
                for i in range(20)
            )
        )

    def make_check(self, draw=True, user=None, **values):
        check = (
            self.env["union.assist.spot.check"]
            .with_user(user or self.operator)
            .create({"supplier_id": self.tea_maker.id, "percent": 20, **values})
        )
        if draw:
            check.action_draw()
        return check

    def persons(self, day=None):
        return self.tea_maker._assist_counts(day or self.env.company._assist_today())[
            self.tea_maker.id
        ][1]

    def test_the_draw_can_be_done_again_by_anybody(self):
        check = self.make_check()
        rows = self.linkages.verification_ids
        self.assertEqual((check.population_count, check.population_persons), (20, 80))
        self.assertEqual(check.population_digest, population_digest(rows.ids))
        self.assertEqual(
            sorted(check.line_ids.verification_id.ids),
            sorted(draw_sample(rows.ids, 4, check.seed)),
        )
        self.assertEqual(check.drawn_by_id, self.operator)
        self.assertNotEqual(check.seed, self.make_check().seed)

    def test_the_draw_is_made_once(self):
        check = self.make_check()
        with self.assertRaisesRegex(UserError, "drawn already"):
            check.action_draw()
        for values in ({"percent": 50}, {"supplier_id": self.orchard.id}):
            with self.assertRaisesRegex(UserError, "drawn already"):
                check.write(values)
        for values in ({"seed": "1"}, {"state": "draft"}, {"persons_after": 1}):
            with self.assertRaisesRegex(UserError, "buttons"):
                check.write(values)
        with self.assertRaisesRegex(UserError, "never deleted"):
            check.unlink()
        with self.assertRaises(AccessError):
            check.line_ids[0].unlink()
        with self.assertRaisesRegex(UserError, "as it was drawn"):
            check.line_ids[0].write({"verification_id": self.linkages.verification_ids[0].id})
        with self.assertRaises(AccessError):
            check.line_ids.copy()
        self.make_check(draw=False).unlink()

    def test_scope(self):
        with self.assertRaisesRegex(ValidationError, "what is checked"):
            self.make_check(supplier_id=False)
        with self.assertRaisesRegex(UserError, "nothing to draw"):
            self.make_check(supplier_id=self.orchard.id)
        with self.assertRaisesRegex(UserError, "nothing to draw"):
            self.make_check(date="2021-02-28")
        check = self.make_check(
            region_id=self.county.parent_id.id, size_kind="count", sample_count=7
        )
        self.assertEqual(len(check.line_ids), 7)

    def test_closing_deducts_what_failed(self):
        check = self.make_check()
        with self.assertRaisesRegex(UserError, "4 households"):
            check.action_close()
        lines = check.line_ids
        lines[0].action_confirm()
        lines[1].action_not_reached()
        lines[2].write({"result": "failed", "method": "phone", "note": "Nobody knows them"})
        lines[3].write({"result": "failed", "failed_from": "day", "failed_day": "2021-06-01"})
        self.assertEqual(lines[0].checked_by_id, self.operator)
        self.assertTrue(lines[0].checked_on)
        self.assertEqual(self.persons(), 80)
        check.action_close()
        self.assertEqual((check.households_before, check.persons_before), (20, 80))
        self.assertEqual((check.households_after, check.persons_after), (18, 72))
        self.assertEqual((check.households_deducted, check.persons_deducted), (2, 8))
        self.assertEqual(
            lines.linkage_id.sorted("id").mapped("state"),
            ["revoked" if line.result == "failed" else "verified" for line in lines.sorted("id")],
        )
        self.assertIn(check.name, lines[2].linkage_id.state_reason)
        self.tea_maker.invalidate_recordset()
        self.assertEqual(self.tea_maker.assist_person_count, 72)
        self.assertEqual(self.persons(date(2021, 5, 31)), 76)
        self.assertEqual(self.persons(date(2021, 6, 1)), 72)

    def test_closed_is_closed(self):
        check = self.make_check()
        check.line_ids.action_confirm()
        check.action_close()
        with self.assertRaisesRegex(UserError, "results stay"):
            check.line_ids[0].action_fail()
        with self.assertRaisesRegex(UserError, "Only a drawn"):
            check.action_close()
        with self.assertRaisesRegex(UserError, "follows from the result"):
            check.line_ids[0].write({"checked_by_id": self.manager.id})

    def test_a_failure_is_dated_within_what_was_checked(self):
        check = self.make_check(date="2021-06-01")
        for day in (False, "2021-06-02"):
            with self.assertRaisesRegex(ValidationError, "from which day"), self.cr.savepoint():
                check.line_ids[0].write(
                    {"result": "failed", "failed_from": "day", "failed_day": day}
                )

    def get_text(self, content):
        return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)

    def test_report(self):
        check = self.make_check()
        report = self.env["ir.actions.report"].with_user(self.operator)
        name = "union_assist_catalog.report_spot_check"
        text = self.get_text(report._render(name, check.ids)[0])
        self.assertIn("Sheet of a Spot Check", text)
        check.line_ids[1:].action_confirm()
        check.line_ids[0].write({"result": "failed", "note": "Zhang Secret was away"})
        check.action_close()
        self.assertEqual(check.report_id.res_id, check.id)
        text = self.get_text(check.report_id.raw)
        for part in (check.name, check.seed, "Tea Maker", "20 households, 80 persons"):
            self.assertIn(part, text)
        self.assertIn(check.population_digest, text.replace("\n", ""))
        for line in check.line_ids:
            self.assertIn(line.household_id.code, text)
        self.assertNotIn("Zhang", text)
        kept = check.report_id.raw
        self.linkages[0].mechanism_id.name = "Other"
        self.assertEqual(report._render(name, check.ids)[0], kept)
        both = report._render(name, (check | self.make_check()).ids)[0]
        self.assertGreater(len(PdfReader(BytesIO(both)).pages), 1)
        with self.assertRaises(AccessError):
            report.with_user(self.env.ref("base.public_user"))._render(name, check.ids)

    def test_personal_notes(self):
        line = self.make_check().line_ids[0]
        line.note = "Zhang Secret was away"
        self.assertTrue(line.with_user(self.official).note)
        for user in (self.viewer, self.federation):
            for name in ("note", "photo"):
                with self.assertRaises(AccessError):
                    line.with_user(user).read([name])
            self.assertNotIn("Zhang", str(line.with_user(user).read()))

    def test_officials_check_their_own_county(self):
        with self.assertRaises(AccessError):
            self.make_check(user=self.official)
        check = self.make_check(user=self.official, region_id=self.county.id)
        check.line_ids.action_confirm()
        check.action_close()
        self.assertEqual(check.state, "closed")
        other = self.env.ref("union_assist_catalog.region_610827")
        self.official.assist_region_ids = other
        with self.assertRaises(AccessError):
            check.read(["name"])
        with self.assertRaises(AccessError):
            check.line_ids.read(["result"])
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.official)._render(
                "union_assist_catalog.report_spot_check", check.ids
            )

    def test_same_queries_for_5_and_50(self):
        def queries(count):
            check = self.make_check(draw=False, size_kind="count", sample_count=count)

            def work():
                check.action_draw()
                check.line_ids.action_confirm()

            drawn = self.record_queries(work)
            return len(check.line_ids), drawn

        self.linkages += self.env["union.assist.linkage"].concat(
            *(
                self.make_linkage(self.make_household(f"MORE-{i:02}"), state="verified")
                for i in range(40)
            )
        )
        queries(1)
        with freeze_time("2026-11-22 10:00:00"):
            (five, few), (fifty, many) = queries(5), queries(50)
        self.assertEqual((five, fifty), (5, 50))
        self.assert_same_queries(few, many)
