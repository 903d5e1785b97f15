from datetime import date

from freezegun import freeze_time

from odoo.tests import Form, tagged

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestFigures(UnionAssistCatalogCommon):
    """Figures on a day, and the rows behind them."""

    def setUp(self):
        super().setUp()
        wages = self.env.ref("union_assist_catalog.mechanism_wage_work")
        with freeze_time("2021-03-10 04:00:00"):
            self.kept = self.make_linkage(self.make_household("FIG-1"), state="verified")
            self.gone = self.make_linkage(
                self.make_household("FIG-2", persons=3), state="verified", mechanism_id=wages.id
            )
        with freeze_time("2021-06-01 04:00:00"):
            self.gone.action_revoke()

    def open(self, record, method, user):
        action = getattr(record.with_user(user), method)()
        return Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))

    def test_supplier(self):
        for user in (self.viewer, self.official):
            form = self.open(self.tea_maker, "action_view_assist_figures", user)
            self.assertEqual((form.households, form.persons), (1, 4))
            form.date = "2021-05-31"
            self.assertEqual((form.households, form.persons), (2, 7))
            self.assertEqual(
                sorted(form.line_ids._records[i]["persons"] for i in range(len(form.line_ids))),
                [3, 4],
            )
            action = form.save().action_view_rows()
            rows = self.env[action["res_model"]].with_user(user).search(action["domain"])
            self.assertEqual(rows.linkage_id, self.kept | self.gone)
            self.assertEqual(sum(rows.mapped("persons")), 7)

    def test_region(self):
        form = self.open(self.county.parent_id, "action_view_figures", self.operator)
        form.date = "2021-05-31"
        figures = form.save()
        counts = self.county.parent_id._assist_counts(date(2021, 5, 31))
        self.assertEqual((figures.households, figures.persons), counts[self.county.parent_id.id])
        rows = self.env["union.assist.verification"].search(figures.action_view_rows()["domain"])
        self.assertEqual(sum(rows.mapped("persons")), figures.persons)
        self.assertIn(self.gone.verification_ids, rows)
