from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import UnionAssistQualityCommon


@tagged("post_install", "-at_install", "union_assist")
class TestQualityAccess(UnionAssistQualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "inspector": cls.inspector,
            "operator": cls.operator,
            "warehouse": cls.keeper,
            "viewer": new_test_user(cls.env, "quality_viewer", "union_assist_catalog.group_user"),
            "manager": new_test_user(
                cls.env, "quality_manager", "union_assist_catalog.group_manager"
            ),
            "stranger": new_test_user(cls.env, "quality_stranger", "base.group_user"),
            "portal": new_test_user(cls.env, "quality_portal", "base.group_portal"),
            "public": cls.env.ref("base.public_user"),
        }

    def test_public_methods_check_the_role(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        for role in ("viewer", "operator", "warehouse", "stranger", "portal", "public"):
            record = inspection.with_user(self.users[role])
            for method in ("action_submit", "action_pass_all", "action_reopen"):
                with self.subTest(role=role, method=method):
                    with mute_logger("odoo.addons.base.models.ir_model"):
                        with self.assertRaises(AccessError):
                            getattr(record, method)()
        self.record(inspection)
        for role in ("viewer", "inspector", "warehouse", "stranger", "portal", "public"):
            with self.subTest(role=role), mute_logger("odoo.addons.base.models.ir_model"):
                with self.assertRaises(AccessError):
                    self.decide(inspection, released=10, user=self.users[role])

    def test_other_company_sees_nothing(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        company = self.env["res.company"].create({"name": "Other Depot"})
        other = new_test_user(
            self.env,
            "quality_other",
            "union_assist_catalog.group_operator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        for records in (inspection, inspection.line_ids, self.plan, self.plan.item_ids):
            with self.subTest(model=records._name), self.assertRaises(AccessError):
                records.with_user(other).read(["display_name"])
            self.assertFalse(records.with_user(other).search([("id", "in", records.ids)]))

    def test_inspector_sees_transfer_and_lot(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids.with_user(self.inspector)
        self.assertEqual(inspection.picking_id.name, inspection.picking_id.sudo().name)
        self.assertEqual(inspection.lot_id.assist_quality_state, "waiting")
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            inspection.picking_id.write({"note": "?"})

    def test_user_without_the_programme_uses_stock(self):
        """Somebody who only keeps stock opens transfers, lots and products as before."""
        user = new_test_user(self.env, "quality_plain_stock", "stock.group_stock_user")
        step = self.receive({"T-1": 10})
        records = (step, self.lot("T-1"), self.tea.product_tmpl_id)
        for record in records:
            view = self.env[record._name].with_user(user).get_view(view_type="form")
            self.assertTrue(view["arch"])
        self.assertEqual(step.with_user(user).assist_inspection_count, 1)
        buyer = new_test_user(self.env, "quality_employee", "base.group_user")
        self.assertEqual(self.tea.product_tmpl_id.with_user(buyer).assist_inspection_count, 1)
