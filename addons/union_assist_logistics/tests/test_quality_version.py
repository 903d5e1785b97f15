from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..tools.plan_changes import Change, compare
from .common import UnionAssistQualityCommon


@tagged("post_install", "-at_install", "union_assist")
class TestPlanChanges(BaseCase):
    def test_added_removed_changed(self):
        before = {1: ("Lead", {"Limit": "≤ 5", "Method": ""}), 2: ("Smell", {"Limit": "ok"})}
        after = {1: ("Lead", {"Limit": "≤ 2", "Method": ""}), 7: ("Cadmium", {"Limit": "≤ 1"})}
        self.assertEqual(
            compare(before, after),
            [
                Change("changed", "Lead", (("Limit", "≤ 5", "≤ 2"),)),
                Change("added", "Cadmium"),
                Change("removed", "Smell"),
            ],
        )
        self.assertEqual(compare(before, before), [])


@tagged("post_install", "-at_install", "union_assist")
class TestQualityVersion(UnionAssistQualityCommon):
    def new_version(self, plan):
        return plan.browse(plan.action_new_version()["res_id"])

    def test_version_ends_the_one_before(self):
        self.receive({"T-1": 10})
        newer = self.new_version(self.plan)
        self.assertEqual((newer.version, newer.previous_id), (2, self.plan))
        self.assertEqual((newer.state, newer.date_from), ("draft", False))
        self.assertEqual(self.plan.state, "in_force")
        self.assertEqual(self.new_version(self.plan), newer, "the draft is opened again")
        newer.item_ids[2].max_value = 2.0
        newer.item_ids[0].unlink()
        newer.item_ids = [Command.create({"name": "Colour", "kind": "pass_fail"})]
        self.assertFalse(self.plan.date_to, "as long as the day is open, the older one goes on")
        today = self.env.company._assist_today()
        newer.date_from = today + timedelta(days=10)
        self.assertEqual(newer.state, "planned")
        self.assertEqual(self.plan.date_to, today + timedelta(days=9))
        newer.date_from = today
        self.assertEqual(self.plan.date_to, today - timedelta(days=1))
        self.assertEqual((self.plan.state, newer.state), ("ended", "in_force"))
        self.assertEqual(newer.version_ids, self.plan | newer)
        self.assertEqual(newer.display_name, "Tea on receipt, version 2")
        third = self.new_version(self.plan)
        self.assertEqual((third.version, third.previous_id), (3, newer))
        self.assertEqual(len(third.item_ids), 3, "made of the one that was opened")
        self.assertEqual(third.family_id, self.plan)

    def test_changes_are_listed(self):
        newer = self.new_version(self.plan)
        self.assertIn("It checks the same.", newer.changes)
        newer.item_ids[2].max_value = 2.0
        newer.item_ids[0].unlink()
        newer.item_ids = [Command.create({"name": "Colour", "kind": "pass_fail"})]
        newer.invalidate_recordset(["changes"])
        text = str(newer.changes)
        self.assertIn("<b>Lead</b> changed", text)
        self.assertIn("≤ 5 mg/kg → ≤ 2 mg/kg", text)
        self.assertIn("<b>Packing whole</b> removed", text)
        self.assertIn("<b>Colour</b> added", text)
        self.assertNotIn("Moisture", text)
        newer.item_ids[-1].name = "<script>"
        newer.invalidate_recordset(["changes"])
        self.assertNotIn("<script>", newer.changes)

    def test_version_begins_after_the_one_before(self):
        newer = self.new_version(self.plan)
        with self.assertRaisesRegex(ValidationError, "begins after Tea on receipt"):
            newer.date_from = "2020-01-01"
        newer.date_from = "2020-01-02"
        self.assertEqual(self.plan.date_to, date(2020, 1, 1))

    def test_inspection_is_made_by_one_version(self):
        with freeze_time("2026-03-10 04:00:00"):
            early = self.receive({"T-1": 10}).assist_inspection_ids
            newer = self.new_version(self.plan)
            newer.item_ids[2].max_value = 2.0
            newer.date_from = "2026-03-11"
        self.assertEqual(early.plan_ids, self.plan)
        with freeze_time("2026-03-12 04:00:00"):
            # Registered under the older version, inspected under the newer one.
            self.lot("T-1").assist_inspection_ids._set_quantity(20)
            early.invalidate_recordset()
            self.assertEqual(early.line_ids[2].max_value, 5.0, "begun before")
            lot = self.lot("T-1")
            self.env.cr.execute(
                "UPDATE stock_lot SET create_date = '2026-03-10 04:00:00' WHERE id = %s", [lot.id]
            )
            lot.invalidate_recordset()
            self.assertEqual(lot._assist_get_plan_ids(self.env.company, True), (newer.id,))
            self.assertEqual(lot._assist_get_plan_ids(self.env.company), (self.plan.id,))
            step = self.receive({"T-2": 10})
            late = self.lot("T-2").assist_inspection_ids
            self.assertEqual(late.picking_id, step)
            self.assertEqual(late.plan_ids, newer)
            self.assertEqual(len(late.line_ids), 3)
            self.assertEqual(late.line_ids[2].max_value, 2.0)

    def test_gate_holds_over_versions(self):
        """A lot under the older version stays under control when only the newer is in force."""
        with freeze_time("2026-03-10 04:00:00"):
            step = self.receive({"T-1": 10})
            newer = self.new_version(self.plan)
            newer.date_from = "2026-03-11"
        with freeze_time("2026-03-20 04:00:00"):
            with self.assertRaisesRegex(UserError, "no more|would pass|released"):
                step.move_ids.picked = True
                step.move_ids._action_done()

    def test_used_plan_is_not_deleted(self):
        self.receive({"T-1": 10})
        with self.assertRaisesRegex(UserError, "it is evidence"):
            self.plan.unlink()
        self.plan.copy().unlink()

    def test_states_are_found(self):
        plans = self.env["union.assist.quality.plan"]
        today = self.env.company._assist_today()
        day = timedelta(days=1)
        made = {
            "draft": self.plan.copy(),
            "planned": self.plan.copy({"date_from": today + day}),
            "ended": self.plan.copy({"date_from": today - 9 * day, "date_to": today - day}),
            "in_force": self.plan.copy({"date_from": today, "date_to": today}),
            "template": self.plan.copy({"is_template": True, "date_from": today}),
        }
        for state, plan in made.items():
            with self.subTest(state=state):
                self.assertEqual(plan.state, state)
                found = plans.search([("state", "=", state)])
                self.assertIn(plan, found)
                self.assertEqual(set(found.mapped("state")), {state})
        both = plans.search([("state", "in", ["draft", "template"])])
        self.assertEqual(set(both.mapped("state")), {"draft", "template"})
        self.assertFalse(plans.search([("state", "not in", ["draft", "template"])]) & both)

    def test_drafts_and_ready_made_plans_inspect_nothing(self):
        self.plan.active = False
        draft = self.plan.copy({"active": True})
        self.plan.copy({"active": True, "is_template": True, "date_from": "2020-01-01"})
        self.assertFalse(self.receive({"T-1": 10}).assist_inspection_ids)
        draft.date_from = "2020-01-01"
        self.receive({"T-2": 10})
        self.assertEqual(self.lot("T-2").assist_inspection_ids.plan_ids, draft)

    def test_copy_is_a_draft(self):
        copy = self.plan.copy()
        self.assertEqual(
            (copy.name, copy.state, copy.version), ("Tea on receipt (copy)", "draft", 1)
        )
        self.assertEqual(len(copy.item_ids), 3)

    def test_take_a_ready_made_plan_into_use(self):
        goods_class = self.env.ref("union_assist_catalog.goods_class_grain")
        grain = self.env["product.category"].create(
            {"name": "Grain", "assist_goods_class_id": goods_class.id}
        )
        self.rice.categ_id = grain
        template = self.plan.copy({"is_template": True, "goods_class_id": goods_class.id})
        manager = new_test_user(self.env, "quality_manager_2", "union_assist_catalog.group_manager")
        wizards = self.env["union.assist.quality.plan.use"].with_user(manager)
        wizard = wizards.create({"template_id": template.id})
        self.assertIn(grain, wizard.categ_ids)
        wizard.categ_ids = grain
        self.assertFalse(wizard.untracked)
        plan = self.env["union.assist.quality.plan"].browse(wizard.action_use()["res_id"])
        self.assertEqual((plan.state, plan.template_id), ("in_force", template))
        self.assertEqual(plan.item_ids.mapped("name"), template.item_ids.mapped("name"))
        step = self.receive({"R-1": 5}, self.rice)
        self.assertEqual(step.assist_inspection_ids.plan_ids, plan)
        with self.assertRaisesRegex(UserError, "Choose the products"):
            wizards.create({"template_id": template.id, "categ_ids": False}).action_use()
        with self.assertRaisesRegex(UserError, "no ready-made plan"):
            wizards.create(
                {"template_id": plan.id, "product_tmpl_ids": self.rice.product_tmpl_id.ids}
            ).action_use()
        self.rice.copy({"tracking": "none", "name": "Loose Rice", "categ_id": self.tea.categ_id.id})
        loose = self.env["product.template"].search([("name", "=", "Loose Rice")])
        wizard = wizards.create(
            {"template_id": template.id, "categ_ids": False, "product_tmpl_ids": loose.ids}
        )
        self.assertEqual(wizard.untracked, "Loose Rice")
        with self.assertRaisesRegex(ValidationError, "not tracked by lot"):
            wizard.action_use()

    def test_rights(self):
        for user in (self.operator, self.inspector, self.keeper):
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                self.plan.with_user(user).action_new_version()
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                self.env["union.assist.quality.plan.use"].with_user(user).create(
                    {"template_id": self.plan.id}
                )


@tagged("post_install", "-at_install", "union_assist")
class TestQualityScope(UnionAssistQualityCommon):
    """For which suppliers and in which transfers plans hold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier.assist_supplier_kind = "cooperative"

    def test_supplier_kind(self):
        self.plan.supplier_kind = "sme"
        step = self.receive({"T-1": 10})
        self.assertFalse(step.assist_inspection_ids, "a cooperative's lot")
        self.assertIs(self.validate(step), True)
        self.validate(self.storage(step))
        self.assertEqual(self.on_hand(self.stock, "T-1"), 10)
        self.plan.supplier_kind = "cooperative"
        step = self.receive({"T-2": 10})
        self.assertEqual(step.assist_inspection_ids.supplier_id, self.supplier)
        self.assertTrue(self.lot("T-2").assist_quality_planned)

    def test_gate_knows_the_supplier_of_a_lot(self):
        """Goods of the supplier kind cannot enter stock beside the quality step."""
        self.plan.supplier_kind = "cooperative"
        self.warehouse.reception_steps = "one_step"
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "partner_id": self.supplier.id,
                "location_id": self.supplier_location.id,
                "location_dest_id": self.stock.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "product_uom_qty": 5,
                            "location_id": self.supplier_location.id,
                            "location_dest_id": self.stock.id,
                        }
                    )
                ],
            }
        )
        receipt.action_confirm()
        receipt.move_ids.move_line_ids.lot_name = "T-9"
        receipt.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "quality step"), self.cr.savepoint():
            receipt.move_ids._action_done()
        self.supplier.assist_supplier_kind = "sme"
        receipt.button_validate()
        self.assertEqual(receipt.state, "done")

    def test_supplier_of_the_product_counts_for_lots_never_received(self):
        self.plan.supplier_kind = "cooperative"
        lot = self.env["stock.lot"].create({"name": "FOUND", "product_id": self.tea.id})
        company = self.env.company
        self.assertFalse(lot._assist_get_plan_ids(company))
        self.tea.product_tmpl_id.assist_supplier_id = self.supplier
        self.assertIn(self.plan.id, lot._assist_get_plan_ids(company))

    def test_asking_for_suppliers_costs_the_same_for_many_lots(self):
        self.plan.supplier_kind = "cooperative"
        lots = self.env["stock.lot"].create(
            [{"name": f"L{number}", "product_id": self.tea.id} for number in range(50)]
        )

        def queries(some):
            return self.record_queries(lambda: some._assist_get_supplier_kinds())

        queries(lots[:2])
        self.assert_same_queries(queries(lots[:5]), queries(lots))
        self.plan.supplier_kind = False
        self.env["union.assist.quality.plan"]._get_index()
        with self.assertQueryCount(0):  # no plan asks, no query
            self.assertEqual(lots._assist_get_supplier_kinds(), {})

    def in_stock(self, name, quantity=10):
        step = self.receive({name: quantity})
        inspection = self.lot(name).assist_inspection_ids
        if inspection:
            self.pass_lot(inspection)
        self.validate(step)
        self.validate(self.storage(step))
        self.assertEqual(self.on_hand(self.stock, name), quantity)

    def deliver(self, quantity):
        self.warehouse.delivery_steps = "ship_only"
        delivery = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": self.union.id,
                "location_id": self.stock.id,
                "location_dest_id": self.customer_location.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "product_uom_qty": quantity,
                            "location_id": self.stock.id,
                            "location_dest_id": self.customer_location.id,
                        }
                    )
                ],
            }
        )
        delivery.action_confirm()
        delivery.action_assign()
        return delivery

    def test_plan_of_deliveries(self):
        self.in_stock("T-1")
        check = self.plan.copy(
            {
                "name": "Before delivery",
                "date_from": "2020-01-01",
                "picking_type_ids": [Command.set(self.warehouse.out_type_id.ids)],
            }
        )
        delivery = self.deliver(6)
        inspection = delivery.assist_inspection_ids
        self.assertEqual(inspection.plan_ids, check)
        self.assertEqual((inspection.lot_id.name, inspection.quantity), ("T-1", 6))
        self.assertTrue(inspection.for_transfer)
        self.assertEqual(inspection.supplier_id, self.supplier, "not the customer")
        delivery.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "6 .*would pass, but 0 are released"):
            with self.cr.savepoint():
                delivery.move_ids._action_done()
        self.pass_lot(inspection)
        self.validate(delivery)
        self.assertEqual(delivery.state, "done")
        self.assertEqual(self.on_hand(self.stock, "T-1"), 4)

    def test_release_for_a_delivery_lets_nothing_into_stock(self):
        """What was released for transfers does not count twice at the door of the stock."""
        self.plan.copy(
            {
                "date_from": "2020-01-01",
                "picking_type_ids": [Command.set(self.warehouse.out_type_id.ids)],
            }
        )
        self.in_stock("T-1", 10)
        delivery = self.deliver(10)
        self.pass_lot(delivery.assist_inspection_ids)
        self.validate(delivery)
        lot = self.lot("T-1")
        move = self.env["stock.move"].create(
            {
                "product_id": self.tea.id,
                "product_uom_qty": 10,
                "location_id": self.supplier_location.id,
                "location_dest_id": self.stock.id,
            }
        )
        move._action_confirm()
        move.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            {
                "move_id": move.id,
                "product_id": self.tea.id,
                "lot_id": lot.id,
                "quantity": 10,
                "location_id": self.supplier_location.id,
                "location_dest_id": self.stock.id,
                "picked": True,
            }
        )
        with self.assertRaisesRegex(UserError, "released 10"):
            move._action_done()

    def test_only_a_plan_of_deliveries(self):
        """Such a plan asks nothing of receipts, and everything of deliveries."""
        self.plan.picking_type_ids = self.warehouse.out_type_id
        self.in_stock("T-1")
        self.assertFalse(self.lot("T-1").assist_inspection_ids)
        delivery = self.deliver(10)
        inspection = delivery.assist_inspection_ids
        self.assertEqual(len(inspection), 1)
        self.record(inspection, moisture=9)
        self.decide(inspection, conceded=7, rejected=3)
        self.validate(delivery)
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 3)
        shipped = delivery.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_id == self.customer_location
        )
        self.assertEqual(sum(shipped.mapped("quantity")), 7)

    def test_receipts_have_no_lots_yet(self):
        with self.assertRaisesRegex(ValidationError, "have their lots from the receipt on"):
            self.plan.picking_type_ids = self.warehouse.in_type_id

    def test_products_of_a_plan_of_deliveries_keep_their_tracking(self):
        self.plan.picking_type_ids = self.warehouse.out_type_id
        with self.assertRaisesRegex(ValidationError, "set its Tracking"):
            self.tea.product_tmpl_id.tracking = "none"
