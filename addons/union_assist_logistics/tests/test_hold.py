from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .recall_common import RecallCommon
from .test_quality_gate import CONTEXT_KEYS


@tagged("post_install", "-at_install", "union_assist")
class TestHold(RecallCommon):
    @contextmanager
    def refused(self, text="on hold"):
        with self.assertRaisesRegex(UserError, text), self.cr.savepoint():
            yield

    # ------------------------------------------------------------------
    # What it covers
    # ------------------------------------------------------------------
    def test_covers_packs_of_any_level(self):
        tea, rice, other = (
            self.stock_lot("T-1", 100),
            self.stock_lot("R-1", 100, self.rice),
            self.stock_lot("T-2", 100),
        )
        pack = self.produce("P-1", 10, {tea: 20, rice: 10})
        clean = self.produce("P-2", 10, {other: 20, rice: 10})
        box = self.produce("B-1", 2, {pack: 4}, self.box)
        hold = self.hold(tea)
        self.assertEqual(
            {line.lot_id: line.level for line in hold.line_ids}, {tea: 0, pack: 1, box: 2}
        )
        lots = tea | rice | other | pack | clean | box
        self.assertTrue(box.assist_is_held)
        self.assertIn(hold.name, box.assist_held_by)
        self.assertFalse((clean | rice | other).filtered("assist_is_held"))
        self.assertEqual(
            self.env["stock.lot"].search([("assist_is_held", "=", True)]) & lots, tea | pack | box
        )
        self.assertNotIn(tea, self.env["stock.lot"].search([("assist_is_held", "=", False)]))

    def test_where_the_goods_are(self):
        tea = self.stock_lot("T-1", 100)
        carton = self.env["stock.package"].create({"name": "CARTON"})
        kind = self.warehouse.int_type_id
        self.transfer({tea: 10}, self.stock, self.stock, kind, into=carton)
        self.transfer({tea: 7}, self.stock, self.reject_location, kind)
        self.deliver({tea: 30})
        self.transfer(
            {tea: 4}, self.customer_location, self.stock, self.warehouse.in_type_id, self.union
        )
        self.deliver({tea: 5}, done=False)
        line = self.hold(tea).line_ids
        self.assertEqual(
            (line.stock_qty, line.apart_qty, line.packed_qty, line.taken_qty, line.delivered_qty),
            (67, 7, 10, 5, 26),
        )

    def test_supplier_and_days(self):
        inside, outside, foreign = (
            self.stock_lot("T-1", 10, produced="2026-03-02"),
            self.stock_lot("T-2", 10, produced="2026-03-04"),
            self.env["stock.lot"].create(
                {
                    "name": "T-3",
                    "product_id": self.tea.id,
                    "assist_production_date": "2026-03-02",
                }
            ),
        )
        hold = self.hold(
            scope="origin",
            supplier_id=self.supplier.id,
            date_from="2026-03-01",
            date_to="2026-03-03",
        )
        self.assertEqual(hold.line_ids.lot_id, inside)
        # What arrives later belongs to it as well.
        later = self.stock_lot("T-4", 10, produced="2026-03-03")
        self.assertTrue(later.assist_is_held)
        self.assertFalse(foreign.assist_is_held)
        # So does a lot whose day is put right.
        outside.assist_production_date = "2026-03-01"
        self.assertTrue(outside.assist_is_held)
        with self.refused():
            self.deliver({later: 1})

    def test_receipt_before_and_after_it_is_done(self):
        lot = self.env["stock.lot"].create({"name": "T-1", "product_id": self.tea.id})
        receipt = self.transfer(
            {lot: 10},
            self.supplier_location,
            self.stock,
            self.warehouse.in_type_id,
            self.supplier,
            done=False,
        )
        hold = self.hold(scope="receipt", picking_id=receipt.id)
        self.assertFalse(hold.line_ids)
        receipt._action_done()
        self.assertEqual(hold.line_ids.lot_id, lot)

    def test_made_of_goods_held_meanwhile(self):
        """Consumed before the hold, finished after it: the pack is on hold from its first day."""
        tea = self.stock_lot("T-1", 100)
        production = self.produce("P-1", 10, {tea: 20}, done=False)
        production.move_raw_ids.picked = True
        production.move_raw_ids._action_done()
        hold = self.hold(tea)
        production.button_mark_done()
        pack = production.lot_producing_ids
        self.assertTrue(pack.assist_is_held)
        self.assertEqual(hold.line_ids.lot_id, tea | pack)

    # ------------------------------------------------------------------
    # Every door
    # ------------------------------------------------------------------
    def test_reservation_leaves_held_lots_out(self):
        held, free = self.stock_lot("T-1", 10), self.stock_lot("T-2", 4)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.union.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [Command.create({"product_id": self.tea.id, "product_uom_qty": 8})],
            }
        )
        order.action_confirm()
        pick = order.picking_ids
        self.assertIn(held, pick.move_line_ids.lot_id)
        hold = self.hold(held)
        self.assertNotIn(held, pick.move_line_ids.lot_id)
        self.assertIn(pick, hold.stopped_picking_ids)
        self.assertIn("T-1", pick.assist_held_lots)
        pick.action_assign()
        self.assertEqual(pick.move_line_ids.lot_id, free)
        self.assertEqual(pick.move_ids.quantity, 4)
        quant = self.env["stock.quant"].search(
            [("lot_id", "=", held.id), ("location_id", "=", self.stock.id)]
        )
        self.assertEqual((quant.quantity, quant.reserved_quantity), (10, 0))
        # A client cannot ask for the rest with its context.
        pick.with_context(assist_gather=False).action_assign()
        self.assertEqual(pick.move_line_ids.lot_id, free)
        hold.with_user(self.operator)._lift("The laboratory found nothing.")
        self.assertEqual(pick.move_line_ids.lot_id, held | free)

    def test_chosen_by_hand(self):
        held = self.stock_lot("T-1", 10)
        self.hold(held)
        with self.refused():
            self.deliver({held: 1}, done=False)
        free = self.stock_lot("T-2", 10)
        delivery = self.deliver({free: 1}, done=False)
        with self.refused():
            delivery.move_line_ids.lot_id = held

    def test_goods_on_the_way(self):
        """Picked and loaded before the hold: the delivery keeps its line and cannot be finished."""
        tea = self.stock_lot("T-1", 10)
        delivery = self.deliver({tea: 5}, done=False)
        hold = self.hold(tea)
        self.assertEqual(delivery.move_line_ids.lot_id, tea)
        self.assertIn(delivery, hold.stopped_picking_ids)
        with self.refused():
            delivery.with_user(self.keeper).button_validate()
        batch = self.env["stock.picking.batch"].create({"picking_ids": [(6, 0, delivery.ids)]})
        batch.action_confirm()
        with self.refused():
            batch.with_user(self.keeper).action_done()
        for context in ({}, *({key: value} for key, value in CONTEXT_KEYS.items())):
            with self.refused():
                delivery.with_context(**context)._action_done()
            with self.refused():
                delivery.move_ids.with_context(**context)._action_done()
        self.assertEqual(self.on_hand(self.stock, "T-1"), 10)

    def test_bare_move_and_production(self):
        tea = self.stock_lot("T-1", 10)
        production = self.produce("P-1", 2, {tea: 4}, done=False)
        self.hold(tea)
        with self.refused():
            production.button_mark_done()
        for target in (
            self.customer_location,
            self.warehouse.wh_pack_stock_loc_id,
            self.tea.property_stock_production,
            self.env["stock.location"].search([("usage", "=", "transit")], limit=1)
            or self.warehouse.wh_output_stock_loc_id,
        ):
            move = self.env["stock.move"].create(
                {
                    "product_id": self.tea.id,
                    "product_uom_qty": 1,
                    "location_id": self.stock.id,
                    "location_dest_id": target.id,
                }
            )
            with self.subTest(target=target.display_name), self.refused():
                self.env["stock.move.line"].create(
                    {
                        "move_id": move.id,
                        "product_id": self.tea.id,
                        "lot_id": tea.id,
                        "quantity": 1,
                        "location_id": self.stock.id,
                        "location_dest_id": target.id,
                        "picked": True,
                    }
                )
                move._action_done()

    def test_packing_in_place(self):
        tea = self.stock_lot("T-1", 10)
        carton = self.env["stock.package"].create({"name": "CARTON"})
        kind = self.warehouse.int_type_id
        self.transfer({tea: 4}, self.stock, self.stock, kind, into=carton)
        self.hold(tea)
        with self.refused():
            self.transfer({tea: 3}, self.stock, self.stock, kind, into=carton)
        # A carton may be opened to look for the goods.
        carton.unpack()
        self.assertFalse(carton.quant_ids)

    def test_finished_lines_are_not_rewritten(self):
        held, free = self.stock_lot("T-1", 10), self.stock_lot("T-2", 10)
        delivery = self.deliver({free: 2})
        sent = self.deliver({held: 2})
        self.hold(held)
        with self.refused():
            delivery.move_line_ids.lot_id = held
        with self.refused("do not become another lot"):
            sent.move_line_ids.lot_id = free
        with self.refused():
            sent.move_line_ids.quantity = 5
        with self.refused():
            self.env["stock.move.line"].create(
                {
                    "move_id": delivery.move_ids.id,
                    "picking_id": delivery.id,
                    "product_id": self.tea.id,
                    "lot_id": held.id,
                    "quantity": 1,
                    "location_id": self.stock.id,
                    "location_dest_id": self.customer_location.id,
                }
            )
        quant = self.env["stock.quant"].search(
            [("lot_id", "=", held.id), ("location_id", "=", self.stock.id)]
        )
        manager = new_test_user(self.env, "hold_stock_manager", "stock.group_stock_manager")
        with self.assertRaises(AccessError):
            quant.with_user(manager).with_context(inventory_mode=True).write({"lot_id": free.id})

    def test_where_held_goods_may_go(self):
        tea = self.stock_lot("T-1", 20)
        self.deliver({tea: 5})
        self.hold(tea)
        kind = self.warehouse.int_type_id
        quarantine = self.env["stock.location"].create(
            {
                "name": "Quarantine",
                "location_id": self.warehouse.view_location_id.id,
                "assist_is_quarantine": True,
            }
        )
        self.transfer({tea: 2}, self.stock, quarantine, kind)
        self.transfer({tea: 2}, self.stock, self.reject_location, kind)
        self.transfer(
            {tea: 2},
            self.stock,
            self.supplier_location,
            self.warehouse.out_type_id,
            self.supplier,
        )
        self.transfer(
            {tea: 3}, self.customer_location, self.stock, self.warehouse.in_type_id, self.union
        )
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.tea.id,
                "lot_id": tea.id,
                "scrap_qty": 1,
                "location_id": self.stock.id,
            }
        )
        scrap.action_validate()
        self.assertEqual(scrap.state, "done")
        self.assertEqual(self.on_hand(self.stock, "T-1"), 11)
        with self.refused():
            self.transfer({tea: 2}, quarantine, self.stock, kind)

    def test_a_reservation_for_the_reject_location(self):
        tea = self.stock_lot("T-1", 20)
        self.hold(tea)
        move = self.env["stock.move"].create(
            {
                "product_id": self.tea.id,
                "product_uom_qty": 5,
                "location_id": self.stock.id,
                "location_dest_id": self.reject_location.id,
            }
        )
        move._action_confirm()
        move._action_assign()
        self.assertEqual(move.move_line_ids.lot_id, tea)

    def test_held_goods_are_inspected_where_they_are(self):
        self.plan.active = True
        step = self.receive({"T-1": 10})
        self.hold(self.lot("T-1"))
        self.assertEqual(step.move_line_ids.lot_id.name, "T-1")
        self.pass_lot(step.assist_inspection_ids, released=6, rejected=4)
        # The rejected part goes where it belongs, and the released one stays.
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 4)
        with self.refused():
            self.validate(step)

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------
    def test_who_sets_and_who_lifts(self):
        tea = self.stock_lot("T-1", 10)
        with mute_logger("odoo.addons.base.models.ir_model"):
            for user in (
                self.keeper,
                new_test_user(self.env, "hold_viewer", "union_assist_catalog.group_user"),
                new_test_user(self.env, "hold_county", "union_assist_catalog.group_county"),
                new_test_user(self.env, "hold_portal", "base.group_portal"),
                self.env.ref("base.public_user"),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    self.hold(tea, user=user)
        hold = self.hold(tea, user=self.operator)
        with self.assertRaisesRegex(AccessError, "somebody else"):
            hold.with_user(self.operator)._lift("I was wrong")
        with self.assertRaises(AccessError):
            hold.with_user(self.inspector)._lift("Fine")
        for vals in ({"state": "lifted"}, {"held_by_id": self.inspector.id}, {"line_ids": [(5,)]}):
            with self.assertRaises(AccessError):
                hold.with_user(self.operator).write(vals)
        with self.assertRaises(UserError):
            hold.with_user(self.operator).write({"reason": "Nothing"})
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            hold.line_ids.with_user(self.operator).write({"held": False})
        with self.assertRaises(UserError):
            hold.unlink()
        decider = new_test_user(
            self.env, "hold_decider", "union_assist_logistics.group_quality_decide"
        )
        with self.assertRaises(UserError):
            hold.with_user(decider)._lift("  ")
        wizard = (
            self.env["union.assist.hold.lift"]
            .with_user(decider)
            .create({"hold_id": hold.id, "reason": "The laboratory found nothing."})
        )
        wizard.action_confirm()
        self.assertEqual((hold.state, hold.lifted_by_id), ("lifted", decider))
        self.assertFalse(tea.assist_is_held)
        self.assertEqual(self.deliver({tea: 1}).state, "done")
        bodies = " ".join(tea.message_ids.mapped("body"))
        self.assertIn("On hold by", bodies)
        self.assertIn("The laboratory found nothing.", bodies)

    def test_two_holds_on_one_lot(self):
        tea = self.stock_lot("T-1", 10)
        first, second = self.hold(tea), self.hold(tea)
        first.with_user(self.operator)._lift("Settled")
        self.assertTrue(tea.assist_is_held)
        with self.refused():
            self.deliver({tea: 1})
        second.with_user(self.operator)._lift("Settled too")
        self.deliver({tea: 1})

    def test_scope_is_told(self):
        for values in ({"scope": "lot"}, {"scope": "origin"}, {"scope": "receipt"}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.env["union.assist.hold"].create({"reason": "?", **values})

    def test_form_tells_what_it_would_cover(self):
        tea = self.stock_lot("T-1", 10)
        self.produce("P-1", 2, {tea: 4})
        with Form(self.env["union.assist.hold"].with_user(self.inspector)) as form:
            form.lot_ids.add(tea)
            form.reason = "Smells"
            self.assertIn("1 lots, and 1 made", form.preview)

    def test_companies(self):
        company = self.env["res.company"].create({"name": "Other Depot"})
        other = new_test_user(
            self.env,
            "hold_other",
            "union_assist_catalog.group_operator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        tea = self.stock_lot("T-1", 10)
        hold = self.hold(tea)
        self.assertFalse(self.env["union.assist.hold"].with_user(other).search([]))
        with self.assertRaises(AccessError):
            hold.with_user(other).read(["name"])
        self.assertFalse(tea.with_user(other).with_company(company).assist_is_held)
        with self.assertRaises(AccessError):
            hold.with_user(other)._lift("Not mine")

    # ------------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------------
    def test_queries_do_not_grow(self):
        def count(number):
            lots = self.env["stock.lot"]
            for index in range(number):
                lots |= self.stock_lot(f"Q-{number}-{index}", 10)
            self.produce(f"PQ-{number}", 1, dict.fromkeys(lots, 1))
            hold = self.env["union.assist.hold"].create(
                {"reason": "?", "lot_ids": [Command.set(lots.ids)]}
            )

            def work():
                hold._get_seed_ids()
                self.env["union.assist.trace"]._get_levels(lots.ids, hold.company_id)
                lots._assist_get_holds(hold.company_id)
                self.env["union.assist.trace"]._get_places(lots.ids, hold.company_id)

            return self.record_queries(work)

        self.assert_same_queries(count(3), count(15))

    def test_queries_of_holding_do_not_grow(self):
        def count(number):
            lots = self.env["stock.lot"].union(
                *(self.stock_lot(f"H-{number}-{index}", 10) for index in range(number))
            )
            picking = self.transfer(
                dict.fromkeys(lots, 1),
                self.stock,
                self.customer_location,
                self.warehouse.out_type_id,
                self.union,
                done=False,
            )
            self.assertEqual(len(picking.move_line_ids.lot_id), number)
            hold = self.env["union.assist.hold"].create(
                {"reason": "?", "lot_ids": [Command.set(lots.ids)]}
            )
            queries = self.record_queries(hold.with_user(self.inspector).action_hold)
            self.assertEqual(hold.line_ids.lot_id, lots)
            self.assertEqual(hold.stopped_picking_ids, picking)
            return queries

        self.assert_same_queries(count(5), count(50))


@tagged("post_install", "-at_install", "union_assist")
class TestPromise(RecallCommon):
    """What is on hold or rejected is on hand, but neither free nor forecast."""

    def quantities(self, product=None, **context):
        self.env.invalidate_all()  # asked in a request of its own
        product = (product or self.tea).with_context(warehouse_id=self.warehouse.id, **context)
        return product.qty_available, product.free_qty, product.virtual_available

    def hold(self, lots):
        hold = self.env["union.assist.hold"].create(
            {"reason": "?", "lot_ids": [Command.set(lots.ids)]}
        )
        hold.with_user(self.inspector).action_hold()
        return hold

    def test_goods_on_hold_are_not_free(self):
        lot = self.stock_lot("P-1", 10)
        self.stock_lot("P-2", 5)
        self.assertEqual(self.quantities(), (15, 15, 15))
        hold = self.hold(lot)
        self.assertEqual(self.quantities(), (15, 5, 5))
        self.assertEqual(self.quantities(lot_id=lot.id), (10, 0, 0))
        self.assertEqual(self.quantities(self.rice), (0, 0, 0))
        hold.with_user(self.operator)._lift("Was a mistake")
        self.assertEqual(self.quantities(), (15, 15, 15))

    def test_what_was_picked_is_taken_off_once(self):
        lot = self.stock_lot("P-1", 10)
        picking = self.transfer(
            {lot: 4},
            self.stock,
            self.customer_location,
            self.warehouse.out_type_id,
            self.union,
            done=False,
        )
        picking.move_ids.picked = True
        before = self.quantities()
        self.hold(lot)
        after = self.quantities()
        self.assertEqual((before[0], after[0]), (10, 10))
        self.assertEqual(before[1] - after[1], before[1], "nothing is free any more")
        self.assertEqual(after[1], 0)

    def test_rejected_and_expired_goods_are_taken_off_once(self):
        self.stock_lot("P-1", 10)
        lot = self.stock_lot("P-2", 6)
        self.transfer(
            {lot: 6},
            self.stock,
            self.warehouse._assist_get_reject_location(),
            self.warehouse.int_type_id,
        )
        self.assertEqual(self.quantities(), (16, 10, 10))
        self.tea.use_expiration_date = True
        lot.removal_date = "2020-01-01"
        self.assertEqual(self.quantities(), (16, 10, 10))

    def test_order_line_does_not_offer_them(self):
        lot = self.stock_lot("P-1", 10)
        self.hold(lot)
        self.env.invalidate_all()
        order = self.env["sale.order"].create(
            {
                "partner_id": self.union.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [Command.create({"product_id": self.tea.id, "product_uom_qty": 3})],
            }
        )
        self.assertEqual(order.order_line.free_qty_today, 0)
        self.assertEqual(order.order_line.virtual_available_at_date, 0)

    def test_nothing_held_no_query(self):
        products = self.env["product.product"].create(
            [{"name": f"P{number}", "is_storable": True} for number in range(5)]
        )
        self.env.flush_all()
        self.cr.execute("UPDATE stock_location SET assist_is_reject = false")
        self.env.registry.clear_cache()
        products._assist_get_unfree_index()
        with self.assertQueryCount(0):
            self.assertEqual(products._assist_get_unfree(None, None, None), {})
