from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import UnionAssistQualityCommon


@tagged("post_install", "-at_install", "union_assist")
class TestQualityPlan(UnionAssistQualityCommon):
    def _vals(self, **values):
        return {
            "name": "Another",
            "source": "Contract",
            "item_ids": [(0, 0, {"name": "Smell", "kind": "pass_fail"})],
            **values,
        }

    def test_plan_without_items_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "has no items"):
            self.env["union.assist.quality.plan"].create(
                self._vals(item_ids=[], product_tmpl_ids=[(6, 0, self.rice.product_tmpl_id.ids)])
            )

    def test_plan_for_nothing_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "applies to nothing"):
            self.env["union.assist.quality.plan"].create(self._vals())

    def test_untracked_product_is_refused(self):
        loose = self.env["product.template"].create({"name": "Loose Beans", "is_storable": True})
        with self.assertRaisesRegex(ValidationError, "Loose Beans"):
            self.env["union.assist.quality.plan"].create(
                self._vals(product_tmpl_ids=[(6, 0, loose.ids)])
            )

    def test_untracked_product_of_category_is_refused(self):
        grain = self.env["product.category"].create({"name": "Grain"})
        maize = self.env["product.category"].create({"name": "Maize", "parent_id": grain.id})
        loose = self.env["product.template"].create(
            {"name": "Loose Maize", "is_storable": True, "categ_id": maize.id}
        )
        with self.assertRaisesRegex(ValidationError, "Loose Maize"):
            self.env["union.assist.quality.plan"].create(self._vals(categ_ids=[(6, 0, grain.ids)]))
        loose.tracking = "lot"
        self.env["union.assist.quality.plan"].create(self._vals(categ_ids=[(6, 0, grain.ids)]))
        with self.assertRaisesRegex(ValidationError, "set its Tracking"):
            loose.tracking = "none"

    def test_product_under_a_plan_keeps_its_tracking(self):
        with self.assertRaisesRegex(ValidationError, "Tea on receipt"):
            self.tea.product_tmpl_id.tracking = "none"

    def test_source_is_required(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["union.assist.quality.plan"].create(
                self._vals(source=False, product_tmpl_ids=[(6, 0, self.rice.product_tmpl_id.ids)])
            )

    def test_category_period_and_company(self):
        food = self.env["product.category"].create({"name": "Food"})
        grain = self.env["product.category"].create({"name": "Grain", "parent_id": food.id})
        self.rice.categ_id = grain
        plans = self.env["union.assist.quality.plan"]
        plan = plans.create(
            self._vals(categ_ids=[(6, 0, food.ids)], date_from="2024-03-01", date_to="2024-03-31")
        )
        company = self.env.company
        applies = {
            day: plan.id
            in plans._get_applicable_ids(
                self.rice, company, [plan.date_from.replace(month=month, day=number)]
            )
            for day, month, number in (
                ("before", 2, 29),
                ("first", 3, 1),
                ("last", 3, 31),
                ("after", 4, 1),
            )
        }
        self.assertEqual(applies, {"before": False, "first": True, "last": True, "after": False})
        other = self.env["res.company"].create({"name": "Other Depot"})
        self.assertFalse(plans._get_applicable_ids(self.rice, other, [plan.date_from]))
        plan.company_id = False
        self.assertTrue(plans._get_applicable_ids(self.rice, other, [plan.date_from]))
        plan.active = False
        self.assertFalse(plans._get_applicable_ids(self.rice, company, [plan.date_from]))

    def test_judging(self):
        packing, moisture, lead = self.plan.item_ids
        self.assertEqual(
            self.plan.item_ids.mapped("criterion"), ["Conforms", "2 – 7 %", "≤ 5 mg/kg"]
        )
        self.assertTrue(moisture._judge(2.0) and moisture._judge(7.0))
        self.assertFalse(moisture._judge(1.999999) or moisture._judge(7.000001))
        self.assertTrue(lead._judge(0.1 + 0.2 + 4.7))
        self.assertFalse(lead._judge(5.000001))
        self.assertEqual(packing.kind, "pass_fail")
