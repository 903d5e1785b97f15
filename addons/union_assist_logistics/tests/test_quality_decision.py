from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.union_assist_catalog.tests.common import admit_suppliers

from .common import UnionAssistQualityCommon


class UnionAssistDecisionCommon(UnionAssistQualityCommon):
    """Helpers to decide in full and to move what was decided on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.feed = cls.env["product.product"].create(
            {"name": "Feed", "is_storable": True, "tracking": "lot"}
        )
        cls.canteen = cls.env["res.partner"].create({"name": "Canteen", "is_company": True})

    def decide_in_full(self, inspection, user=None, **values):
        self.env["union.assist.quality.decide"].with_user(user or self.operator).create(
            {"inspection_id": inspection.id, "released_qty": 0, **values}
        ).action_confirm()
        return inspection.decision_ids

    def stored(self, lot, **values):
        """Receive 10 of a lot, decide on it and bring what may pass into stock."""
        step = self.receive({lot: 10})
        self.record(step.assist_inspection_ids)
        decisions = self.decide_in_full(step.assist_inspection_ids, **values)
        self.validate(step)
        if storage := self.storage(step):
            self.validate(storage)
        return decisions

    def move_out(self, lot, quantity, partner=None, target=None):
        lot = self.lot(lot)
        target = target or self.customer_location
        move = self.env["stock.move"].create(
            {
                "product_id": lot.product_id.id,
                "product_uom_qty": quantity,
                "location_id": self.stock.id,
                "location_dest_id": target.id,
                "partner_id": partner and partner.id,
                "move_line_ids": [
                    Command.create(
                        {
                            "product_id": lot.product_id.id,
                            "lot_id": lot.id,
                            "quantity": quantity,
                            "location_id": self.stock.id,
                            "location_dest_id": target.id,
                        }
                    )
                ],
            }
        )
        move.picked = True
        move._action_done()
        return move


@tagged("post_install", "-at_install", "union_assist")
class TestQualityDecision(UnionAssistDecisionCommon):
    # ------------------------------------------------------------------
    # Rejections
    # ------------------------------------------------------------------
    def test_rejected_part_is_set_apart_when_it_is_decided(self):
        step = self.receive({"D-1": 100, "D-2": 50})
        first, second = step.assist_inspection_ids.sorted("id")
        self.record(first)
        self.decide(first, released=70, rejected=30)
        self.assertEqual(self.on_hand(self.reject_location, "D-1"), 30)
        self.assertEqual(step.state, "assigned")
        self.assertEqual(sum(step.move_ids.mapped("product_uom_qty")), 120)
        self.assertEqual(sum(step.move_line_ids.mapped("quantity")), 120)
        self.assertEqual(second.state, "draft", "the other lot waits as before")
        self.assertFalse(any(step.move_ids.mapped("picked")))
        apart = self.env["stock.picking"].search([("assist_quality_root_id", "=", step.id)])
        self.assertEqual((apart.state, apart.date_done is not False), ("done", True))
        self.assertFalse(self.storage(apart), "rejected goods are not pushed on")
        # The step stays one that can be changed and cancelled.
        step.do_unreserve()
        step.action_assign()
        self.assertEqual(first.state, "decided")
        step.action_cancel()
        self.assertEqual((step.state, second.state), ("cancel", "cancel"))

    def test_wholly_rejected_step_is_finished_by_the_decision(self):
        step = self.receive({"D-1": 10})
        self.pass_lot(step.assist_inspection_ids, rejected=10)
        self.assertEqual(step.state, "done")
        self.assertTrue(step.date_done)
        self.assertEqual(self.on_hand(self.reject_location, "D-1"), 10)
        self.assertFalse(self.storage(step))

    def order(self, quantity=100):
        self.env["union.assist.cap.policy"].search([]).active = False
        self.supplier.assist_supplier_kind = "sme"
        admit_suppliers(self.supplier)
        self.tea.purchase_method = "receive"
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.tea.id, "product_qty": quantity, "price_unit": 10}
                    )
                ],
            }
        )
        order.button_confirm()
        receipt = order.picking_ids
        receipt.move_ids.move_line_ids.unlink()
        for name in ("R-1", "R-2"):
            self.env["stock.move.line"].create(
                {
                    "move_id": receipt.move_ids.id,
                    "picking_id": receipt.id,
                    "product_id": self.tea.id,
                    "lot_name": name,
                    "quantity": quantity / 2,
                    "location_id": receipt.location_id.id,
                    "location_dest_id": receipt.location_dest_id.id,
                    "picked": True,
                }
            )
        receipt.button_validate()
        return order, receipt, receipt.move_ids.move_dest_ids.picking_id

    def waiting(self, card):
        """What a card of the overview shows to the keeper."""
        card = self.env.ref(f"union_assist_logistics.{card}").with_user(self.keeper)
        action = card.open_records()
        return self.env[action["res_model"]].with_user(self.keeper).search(action["domain"])

    def test_return_is_a_return_of_the_receipt(self):
        """What goes back is not billed: the order counts it out."""
        order, receipt, step = self.order()
        first, second = step.assist_inspection_ids.sorted("id")
        before = step.move_line_ids.filtered(lambda line: line.lot_id == second.lot_id).quantity
        self.record(first)
        decisions = self.decide_in_full(
            first, released_qty=30, rejected_qty=20, rejected_reason="Mould"
        )
        rejected = decisions.filtered(lambda decision: decision.kind == "rejected")
        self.assertEqual((rejected.disposition, rejected.carried_qty), ("return", 20))
        back = rejected.return_ids
        self.assertEqual((back.return_id, back.state), (receipt, "assigned"))
        self.assertEqual(back.location_id, self.reject_location)
        self.assertIn(back, self.waiting("card_reject_return"))
        self.assertEqual(back.location_dest_id.usage, "supplier")
        self.assertEqual(back.move_ids.move_line_ids.lot_id, first.lot_id)
        self.assertTrue(back.move_ids.to_refund)
        self.assertEqual(
            step.move_line_ids.filtered(lambda line: line.lot_id == second.lot_id).quantity,
            before,
            "the rest of the receipt stays reserved",
        )
        self.assertEqual(order.order_line.qty_received, 100)
        # A second lot of the receipt goes with the same transfer.
        self.record(second)
        self.decide_in_full(second, rejected_qty=50, rejected_reason="Smell")
        self.assertEqual(second.decision_ids.return_ids, back)
        self.assertEqual(len(back.move_ids), 2)
        self.validate(back)
        self.assertEqual(back.state, "done")
        self.assertEqual(order.order_line.qty_received, 30)
        self.assertEqual(order.order_line.qty_to_invoice, 30)
        self.assertEqual(self.on_hand(self.reject_location, "R-1"), 0)

    def test_dispose_is_a_scrap_to_confirm(self):
        decisions = self.stored(
            "D-3", released_qty=6, rejected_qty=4, disposed_qty=4, rejected_reason="Moth"
        )
        scrap = decisions.scrap_ids
        self.assertEqual((scrap.state, scrap.scrap_qty), ("draft", 4))
        self.assertEqual(scrap.location_id, self.reject_location)
        self.assertIn(scrap, self.waiting("card_reject_scrap"))
        self.assertIn("Moth", scrap.origin)
        self.assertEqual(
            scrap.scrap_reason_tag_ids, self.env.ref("union_assist_logistics.scrap_reason_rejected")
        )
        scrap.with_user(self.keeper).action_validate()
        self.assertEqual(scrap.state, "done")
        self.assertNotIn(scrap, self.waiting("card_reject_scrap"))
        self.assertEqual(self.on_hand(self.reject_location, "D-3"), 0)
        self.assertEqual(self.on_hand(self.stock, "D-3"), 6)

    def test_downgrade_makes_another_product(self):
        decisions = self.stored(
            "D-4",
            released_qty=6,
            rejected_qty=4,
            downgraded_qty=4,
            downgrade_product_id=self.feed.id,
            rejected_reason="Broken",
        )
        production = decisions.production_ids
        self.assertEqual((production.state, production.product_id), ("done", self.feed))
        self.assertEqual(self.on_hand(self.reject_location, "D-4"), 0)
        old, new = self.lot("D-4").sorted(lambda lot: lot.product_id == self.feed)
        self.assertEqual((old.product_id, new.product_id), (self.tea, self.feed))
        self.assertEqual((old.product_qty, new.product_qty), (6, 4))
        made = production.move_finished_ids.move_line_ids
        self.assertEqual(made.lot_id, new)
        self.assertEqual(made.consume_line_ids.lot_id, old, "the way from lot to lot is kept")
        # Unbuilding it does not bring the rejected goods back into their product's stock.
        unbuild = self.env["mrp.unbuild"].create(
            {
                "mo_id": production.id,
                "product_id": self.feed.id,
                "product_qty": 4,
                "lot_id": new.id,
                "location_id": self.stock.id,
                "location_dest_id": self.stock.id,
            }
        )
        with self.assertRaisesRegex(UserError, "would have entered stock"):
            unbuild.action_unbuild()

    def test_downgrade_is_for_another_product_of_the_same_kind_of_unit(self):
        inspection = self.receive({"D-5": 10}).assist_inspection_ids
        self.record(inspection)
        values = {"rejected_qty": 10, "downgraded_qty": 10, "rejected_reason": "Broken"}
        with self.assertRaisesRegex(UserError, "never get back"):
            self.decide_in_full(inspection, downgrade_product_id=self.tea.id, **values)
        self.feed.uom_id = self.env.ref("uom.product_uom_kgm")
        with self.assertRaisesRegex(UserError, "cannot be turned"):
            self.decide_in_full(inspection, downgrade_product_id=self.feed.id, **values)

    def test_unsafe_goods_are_not_downgraded_to_assistance_goods(self):
        inspection = self.receive({"D-6": 10}).assist_inspection_ids
        self.record(inspection, lead=9)
        self.supplier.assist_supplier_kind = "sme"
        self.feed.product_tmpl_id.assist_supplier_id = self.supplier
        with self.assertRaisesRegex(UserError, "food safety"):
            self.decide_in_full(
                inspection,
                rejected_qty=10,
                downgraded_qty=10,
                downgrade_product_id=self.feed.id,
                rejected_reason="Lead",
            )

    def test_no_other_production_takes_rejected_goods(self):
        self.stored("D-7", released_qty=6, rejected_qty=4, disposed_qty=4, rejected_reason="Moth")
        production = self.env["mrp.production"].create(
            {
                "product_id": self.feed.id,
                "product_qty": 4,
                "bom_id": False,
                "picking_type_id": self.warehouse.manu_type_id.id,
                "location_src_id": self.reject_location.id,
            }
        )
        raw = self.env["stock.move"].create(
            production._get_move_raw_values(self.tea, 4, self.tea.uom_id)
        )
        production.action_confirm()
        raw.move_line_ids.unlink()
        raw.move_line_ids = [
            Command.create(
                {
                    "product_id": self.tea.id,
                    "lot_id": self.lot("D-7").id,
                    "quantity": 4,
                    "location_id": self.reject_location.id,
                    "location_dest_id": raw.location_dest_id.id,
                }
            )
        ]
        raw.picked = True
        production.lot_producing_ids = self.env["stock.lot"].create(
            {"name": "F-1", "product_id": self.feed.id}
        )
        production.qty_producing = 4
        with self.assertRaisesRegex(UserError, "was rejected"):
            production.button_mark_done()

    def test_split_over_every_kind(self):
        step = self.receive({"D-8": 100})
        self.record(step.assist_inspection_ids)
        with Form(
            self.env["union.assist.quality.decide"]
            .with_user(self.operator)
            .with_context(default_inspection_id=step.assist_inspection_ids.id)
        ) as form:
            self.assertEqual(form.released_qty, 100)
            form.released_qty = 40
            form.conceded_qty = 25
            form.conceded_reason = "Colour"
            form.use = "Canteens"
            form.partner_ids = self.canteen
            form.rejected_qty = 35
            form.rejected_reason = "Wet"
            self.assertEqual((form.returned_qty, form.remaining_qty), (35, 0))
            form.disposed_qty = 10
            form.downgraded_qty = 5
            form.downgrade_product_id = self.feed
            self.assertEqual(form.returned_qty, 20)
        form.record.action_confirm()
        decisions = step.assist_inspection_ids.decision_ids
        self.assertEqual(
            [(d.kind, d.disposition, d.quantity) for d in decisions],
            [
                ("released", False, 40),
                ("conceded", False, 25),
                ("rejected", "return", 20),
                ("rejected", "dispose", 10),
                ("rejected", "downgrade", 5),
            ],
        )
        self.assertEqual(self.on_hand(self.reject_location, "D-8"), 30)
        self.assertEqual(decisions[2].return_ids.move_ids.quantity, 20)
        self.assertEqual(decisions[3].scrap_ids.scrap_qty, 10)
        self.assertEqual(decisions[4].production_ids.qty_produced, 5)
        self.validate(step)
        self.validate(self.storage(step))
        self.assertEqual(self.on_hand(self.stock, "D-8"), 70, "65 of the tea, 5 of the feed")

    def test_more_disposed_of_than_rejected(self):
        inspection = self.receive({"D-9": 10}).assist_inspection_ids
        self.record(inspection)
        wizard = (
            self.env["union.assist.quality.decide"]
            .with_user(self.operator)
            .create({"inspection_id": inspection.id, "released_qty": 5, "rejected_qty": 5})
        )
        wizard.write({"rejected_reason": "?", "downgraded_qty": 6})
        wizard.downgrade_product_id = self.feed
        with self.assertRaisesRegex(UserError, "More is disposed"):
            wizard.action_confirm()

    def test_goods_made_here_do_not_go_back(self):
        production = self.tea.with_company(self.env.company).property_stock_production
        lot = self.env["stock.lot"].create({"name": "D-10", "product_id": self.tea.id})
        self.env["stock.quant"]._update_available_quantity(self.tea, production, 10, lot_id=lot)
        move = self.env["stock.move"].create(
            {
                "product_id": self.tea.id,
                "product_uom_qty": 10,
                "location_id": production.id,
                "location_dest_id": self.stock.id,
                "move_line_ids": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "lot_id": lot.id,
                            "quantity": 10,
                            "location_id": production.id,
                            "location_dest_id": self.stock.id,
                        }
                    )
                ],
            }
        )
        move.picked = True
        move._action_done()
        lot.with_user(self.inspector).action_assist_inspect()
        inspection = lot.assist_inspection_ids
        self.record(inspection)
        wizard = (
            self.env["union.assist.quality.decide"]
            .with_user(self.operator)
            .create({"inspection_id": inspection.id, "released_qty": 7, "rejected_qty": 3})
        )
        self.assertFalse(wizard.is_returnable)
        self.assertEqual((wizard.disposed_qty, wizard.returned_qty), (3, 0))
        wizard.rejected_reason = "Burnt"
        wizard.action_confirm()
        self.assertEqual(inspection.decision_ids.scrap_ids.scrap_qty, 3)

    def test_a_decision_is_made_once(self):
        inspection = self.receive({"D-11": 10}).assist_inspection_ids
        self.pass_lot(inspection)
        with self.assertRaises(UserError):
            self.decide(inspection, rejected=10)
        decision = inspection.decision_ids
        for vals in ({"quantity": 1}, {"carried_qty": 1}, {"production_ids": False}):
            with self.assertRaisesRegex(UserError, "never changed"):
                decision.with_user(self.operator).write(vals)
        with self.assertRaisesRegex(UserError, "never deleted"):
            decision.unlink()

    def test_decider_is_not_the_inspector(self):
        inspection = self.receive({"D-12": 10}).assist_inspection_ids
        both = self.operator
        both.group_ids |= self.env.ref("union_assist_logistics.group_inspector")
        self.record(inspection, user=both)
        with self.assertRaisesRegex(AccessError, "somebody else"):
            self.decide(inspection, released=10, user=both)

    # ------------------------------------------------------------------
    # Concessions
    # ------------------------------------------------------------------
    def concede(self, lot, quantity=10, released=0, days=5, **values):
        return self.stored(
            lot,
            released_qty=released,
            conceded_qty=quantity,
            conceded_reason="Colour",
            date_until=self.env.company._assist_today() + timedelta(days=days),
            **values,
        ).filtered(lambda decision: decision.kind == "conceded")

    def later(self, days):
        """Go some days on, at noon in China."""
        day = self.env.company._assist_today() + timedelta(days=days)
        return freeze_time(fields.Datetime.to_datetime(day) + timedelta(hours=4))

    def test_concession_has_a_last_day(self):
        inspection = self.receive({"C-0": 10}).assist_inspection_ids
        self.record(inspection, moisture=9)
        today = self.env.company._assist_today()
        with self.assertRaisesRegex(UserError, "over already"):
            self.decide_in_full(
                inspection,
                conceded_qty=10,
                conceded_reason="Dry it",
                date_until=today - timedelta(days=1),
            )
        inspection.lot_id.expiration_date = fields.Datetime.now() + timedelta(days=3)
        wizard = (
            self.env["union.assist.quality.decide"]
            .with_user(self.operator)
            .create({"inspection_id": inspection.id})
        )
        self.assertLessEqual(wizard.date_until, today + timedelta(days=4), "not past its expiry")
        self.assertEqual(wizard.released_qty, 0)

    def test_what_is_left_of_a_concession_is_blocked(self):
        decision = self.concede("C-1")
        lot = self.lot("C-1")
        self.move_out("C-1", 4)
        self.assertEqual((decision.left_qty, decision.has_ended), (6, False))
        self.assertEqual(lot.assist_concession_until, decision.date_until)
        self.assertFalse(lot.assist_blocked_qty)
        with self.later(5):
            self.move_out("C-1", 1)
        with self.later(6):
            self.env.invalidate_all()
            self.assertTrue(decision.has_ended)
            self.assertEqual((decision.left_qty, lot.assist_blocked_qty), (5, 5))
            for target in (self.customer_location, self.warehouse.wh_output_stock_loc_id):
                with self.assertRaisesRegex(UserError, "against its concession"):
                    with self.cr.savepoint():
                        self.move_out("C-1", 1, target=target)

    def test_released_part_of_a_conceded_lot_goes_on(self):
        """What left before is counted on the concession first."""
        self.concede("C-2", 4, released=6)
        self.move_out("C-2", 3)
        with self.later(9):
            self.env.invalidate_all()
            self.assertEqual(self.lot("C-2").assist_blocked_qty, 1)
            with self.assertRaisesRegex(UserError, "1 Units of it"), self.cr.savepoint():
                self.move_out("C-2", 7)
            self.move_out("C-2", 6)
            with self.assertRaisesRegex(UserError, "against its concession"):
                self.move_out("C-2", 1)

    def test_goods_that_come_back_may_leave_again(self):
        self.concede("C-3", 4, released=6)
        self.move_out("C-3", 10)
        back = self.env["stock.move"].create(
            {
                "product_id": self.tea.id,
                "product_uom_qty": 5,
                "location_id": self.customer_location.id,
                "location_dest_id": self.stock.id,
                "move_line_ids": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "lot_id": self.lot("C-3").id,
                            "quantity": 5,
                            "location_id": self.customer_location.id,
                            "location_dest_id": self.stock.id,
                        }
                    )
                ],
            }
        )
        back.picked = True
        back._action_done()
        with self.later(9):
            self.move_out("C-3", 5)

    def test_concession_for_some_customers(self):
        office = self.env["res.partner"].create({"name": "Kitchen", "parent_id": self.canteen.id})
        self.concede("C-4", 4, released=6, partner_ids=[Command.set(self.canteen.ids)])
        with self.assertRaisesRegex(UserError, "for Canteen"), self.cr.savepoint():
            self.move_out("C-4", 7, partner=self.union)
        self.move_out("C-4", 6, partner=self.union)
        with self.assertRaisesRegex(UserError, "for Canteen"), self.cr.savepoint():
            self.move_out("C-4", 1)
        self.move_out("C-4", 3, partner=office)
        self.move_out("C-4", 1, partner=self.canteen)

    def test_ended_concession_is_inspected_again(self):
        """A correction is a new inspection; it gives no right to bring more in."""
        first = self.concede("C-5", 10)
        lot = self.lot("C-5")
        self.move_out("C-5", 4)
        with self.later(6):
            self.env.invalidate_all()
            lot.with_user(self.inspector).action_assist_inspect()
            inspection = lot.assist_inspection_ids - first.inspection_id
            self.assertTrue(inspection.renews_concession)
            self.assertEqual(inspection.quantity, 6)
            self.record(inspection)
            self.decide_in_full(inspection, released_qty=5, rejected_qty=1, rejected_reason="Stale")
            self.env.invalidate_all()
            self.assertEqual(lot.assist_blocked_qty, 0)
            self.assertEqual(self.on_hand(self.reject_location, "C-5"), 1)
            with self.assertRaisesRegex(UserError, "would have entered stock"):
                with self.cr.savepoint():
                    self.env["stock.quant"]._update_available_quantity(
                        self.tea, self.warehouse.wh_qc_stock_loc_id, 3, lot_id=lot
                    )
                    self.bring_in(lot, 3)
            self.move_out("C-5", 5)
            with self.assertRaisesRegex(UserError, "Nothing of lot"):
                lot.with_user(self.inspector).action_assist_inspect()

    def bring_in(self, lot, quantity):
        source = self.warehouse.wh_qc_stock_loc_id
        move = self.env["stock.move"].create(
            {
                "product_id": self.tea.id,
                "product_uom_qty": quantity,
                "location_id": source.id,
                "location_dest_id": self.stock.id,
                "move_line_ids": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "lot_id": lot.id,
                            "quantity": quantity,
                            "location_id": source.id,
                            "location_dest_id": self.stock.id,
                        }
                    )
                ],
            }
        )
        move.picked = True
        move._action_done()

    def test_concessions_running_out_are_found(self):
        decision = self.concede("C-6", 10, days=3)
        model = self.env["union.assist.quality.decision"].with_user(self.operator)
        self.assertIn(decision, model.search([("left_qty", ">", 0)]))
        self.assertNotIn(decision, model.search([("left_qty", "=", 0)]))
        self.assertTrue(
            decision.inspection_id.activity_ids.filtered(
                lambda activity: activity.date_deadline == decision.date_until
            )
        )
        self.move_out("C-6", 10)
        self.env.invalidate_all()
        self.assertNotIn(decision, model.search([("left_qty", ">", 0)]))

    def test_the_last_day_is_the_company_s(self):
        """The concession holds until midnight in China, not in Greenwich."""
        self.env.company.partner_id.tz = "Asia/Shanghai"
        decision = self.concede("C-7", 10, days=1)
        end = fields.Datetime.to_datetime(decision.date_until)
        with freeze_time(end + timedelta(hours=15, minutes=59)):
            self.move_out("C-7", 1)
        with freeze_time(end + timedelta(hours=16, minutes=1)):
            with self.assertRaisesRegex(UserError, "against its concession"):
                self.move_out("C-7", 1)

    def test_as_many_queries_for_many_conceded_lots(self):
        def queries(count):
            lots = self.env["stock.lot"]
            for number in range(count):
                self.concede(f"G{count}-{number}", 10)
                lots |= self.lot(f"G{count}-{number}")
            return self.record_queries(lambda: lots._assist_get_blocked())

        queries(1)
        self.assert_same_queries(queries(3), queries(9))
