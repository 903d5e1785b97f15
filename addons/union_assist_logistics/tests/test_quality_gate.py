from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import UnionAssistQualityCommon

# Keys that skip something in some Odoo flow, and what an RPC client might try.
CONTEXT_KEYS = {
    "skip_sanity_check": True,
    "skip_backorder": True,
    "skip_expired": True,
    "skip_immediate": True,
    "skip_quality": True,
    "skip_sms": True,
    "cancel_backorder": True,
    "is_scrap": True,
    "ignore_dest_packages": True,
    "button_validate_picking_ids": [],
    "inventory_mode": True,
    "install_mode": True,
    "bypass_entire_pack": True,
    "preserve_state": True,
}


@tagged("post_install", "-at_install", "union_assist")
class TestQualityGate(UnionAssistQualityCommon):
    # ------------------------------------------------------------------
    # The quality step
    # ------------------------------------------------------------------
    def test_undecided_blocks_validation(self):
        step = self.receive({"T-1": 10})
        action = self.validate(step)
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("T-1", action["params"]["message"])
        self.assertEqual(action["params"]["next"]["res_id"], step.assist_inspection_ids.id)
        self.assertNotEqual(step.state, "done")
        self.record(step.assist_inspection_ids)
        self.validate(step)
        self.assertNotEqual(step.state, "done", "results alone release nothing")

    def test_no_context_key_goes_around_the_decision(self):
        step = self.receive({"T-1": 10})
        step.with_context(**CONTEXT_KEYS).button_validate()
        self.assertNotEqual(step.state, "done")
        step.move_ids.picked = True
        for key, value in CONTEXT_KEYS.items():
            with self.assertRaises(UserError), self.cr.savepoint():
                step.with_context(**{key: value})._action_done()
            with self.assertRaises(UserError), self.cr.savepoint():
                step.move_ids.with_context(**{key: value})._action_done()
        with self.assertRaises(UserError):
            step.with_context(**CONTEXT_KEYS)._action_done()

    def test_batch_stops_at_the_undecided(self):
        first, second = self.receive({"T-1": 10}), self.receive({"T-2": 10})
        batch = self.env["stock.picking.batch"].create(
            {"picking_ids": [(6, 0, (first | second).ids)]}
        )
        batch.action_confirm()
        self.pass_lot((first | second).assist_inspection_ids[0])
        batch.with_user(self.keeper).action_done()
        self.assertEqual({first.state, second.state} & {"done"}, set())

    def test_released_lot_goes_on_to_stock(self):
        step = self.receive({"T-1": 10})
        self.pass_lot(step.assist_inspection_ids)
        self.assertIs(self.validate(step), True)
        storage = self.storage(step)
        self.assertEqual(storage.picking_type_id, self.warehouse.store_type_id)
        self.assertIs(self.validate(storage), True)
        self.assertEqual(self.on_hand(self.stock, "T-1"), 10)

    def test_rejected_lot_is_set_apart(self):
        step = self.receive({"T-1": 10})
        self.pass_lot(step.assist_inspection_ids, rejected=10)
        self.assertIs(self.validate(step), True)
        self.assertEqual(step.move_ids.location_dest_id, self.reject_location)
        self.assertEqual(step.move_ids.location_final_id, self.reject_location)
        self.assertFalse(self.storage(step), "rejected goods are not pushed on to stock")
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 10)
        self.assertEqual(self.reject_location.location_id, self.warehouse.view_location_id)

    def test_split_decision(self):
        step = self.receive({"T-1": 100})
        self.pass_lot(step.assist_inspection_ids, released=70, conceded=10, rejected=20)
        self.assertIs(self.validate(step), True)
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 20)
        storage = self.storage(step)
        self.assertEqual(sum(storage.move_ids.mapped("product_uom_qty")), 80)
        self.validate(storage)
        self.assertEqual(self.on_hand(self.stock, "T-1"), 80)
        self.assertEqual(self.lot("T-1").assist_quality_state, "partial")
        self.assertFalse(step.backorder_ids, "the rejected part is no backorder")

    def test_two_lots_with_different_decisions(self):
        step = self.receive({"T-1": 30, "T-2": 70})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first, rejected=30)
        self.pass_lot(second)
        self.validate(step)
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 30)
        self.assertEqual(self.on_hand(self.reject_location, "T-2"), 0)
        self.validate(self.storage(step))
        self.assertEqual(self.on_hand(self.stock, "T-1"), 0)
        self.assertEqual(self.on_hand(self.stock, "T-2"), 70)

    def test_units_of_purchase(self):
        """A rejected part of a case need not be a whole case."""
        dozen = self.env.ref("uom.product_uom_dozen")
        step = self.receive({"T-1": 24})
        step.do_unreserve()
        step.move_ids.write({"product_uom": dozen.id, "product_uom_qty": 2})
        step.action_assign()
        self.assertEqual(step.assist_inspection_ids.quantity, 24)
        self.pass_lot(step.assist_inspection_ids, released=17, rejected=7)
        self.validate(step)
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 7)
        self.assertEqual(
            sum(self.storage(step).move_ids.move_line_ids.mapped("quantity_product_uom")), 17
        )

    # ------------------------------------------------------------------
    # Backorders, partial receipts, other reservations
    # ------------------------------------------------------------------
    def test_decided_lot_does_not_wait_for_the_other(self):
        """A check on goods that are not processed does not block those that are."""
        step = self.receive({"T-1": 30, "T-2": 70})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first)
        self.assertEqual(self.validate(step)["tag"], "display_notification")
        step.move_line_ids.filtered(lambda line: line.lot_id.name == "T-2").quantity = 0
        self.validate(step)
        self.assertEqual(step.state, "done")
        backorder = step.backorder_ids
        self.assertEqual(second.picking_id, backorder, "the check follows its goods")
        self.assertEqual((second.state, second.quantity), ("draft", 70))
        self.assertEqual(backorder.assist_inspection_ids, second)
        self.assertEqual(self.validate(backorder)["tag"], "display_notification")
        self.pass_lot(second)
        self.validate(backorder)
        self.assertEqual(backorder.state, "done")
        self.assertEqual(self.on_hand(self.warehouse.wh_qc_stock_loc_id, "T-2"), 70)

    def test_split_decision_over_a_backorder(self):
        """The rejected part is set apart at once, the released one may go in several steps."""
        step = self.receive({"T-1": 100})
        inspection = step.assist_inspection_ids
        self.pass_lot(inspection, released=50, rejected=50)
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 50)
        self.assertEqual(sum(step.move_ids.mapped("product_uom_qty")), 50)
        step.move_line_ids.quantity = 30
        self.validate(step)
        backorder = step.backorder_ids
        self.assertEqual(sum(backorder.move_ids.mapped("product_uom_qty")), 20)
        self.assertFalse(backorder.assist_inspection_ids, "what is decided is not asked again")
        self.validate(backorder)
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 50)
        self.assertEqual(self.on_hand(self.warehouse.wh_qc_stock_loc_id, "T-1"), 50)

    def test_rejected_part_that_was_not_reserved(self):
        """What the decision could not move is set apart with the step, over its backorders."""
        step = self.receive({"T-1": 100})
        inspection = step.assist_inspection_ids
        self.record(inspection)
        step.do_unreserve()
        self.decide(inspection, released=50, rejected=50)
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 0)
        step.action_assign()
        step.move_line_ids.quantity = 30
        self.validate(step)
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 30)
        backorder = step.backorder_ids
        self.assertEqual(sum(backorder.move_ids.mapped("product_uom_qty")), 70)
        self.validate(backorder)
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 50)
        self.assertEqual(self.on_hand(self.warehouse.wh_qc_stock_loc_id, "T-1"), 50)
        self.assertEqual(inspection.decision_ids[1].carried_qty, 50)

    def test_more_of_a_lot_arrives(self):
        step = self.receive({"T-1": 60})
        inspection = step.assist_inspection_ids
        self.record(inspection)
        self.env["stock.quant"]._update_available_quantity(
            self.tea, self.warehouse.wh_input_stock_loc_id, 40, lot_id=self.lot("T-1")
        )
        step.move_line_ids.quantity = 100
        self.validate(step)
        self.assertEqual((inspection.state, inspection.quantity), ("draft", 100))
        self.assertEqual(step.assist_inspection_ids, inspection)

    def test_second_receipt_of_a_lot_is_inspected_again(self):
        first = self.receive({"T-1": 60})
        self.pass_lot(first.assist_inspection_ids)
        self.validate(first)
        second = self.receive_again({"T-1": 40})
        self.assertEqual(second.assist_inspection_ids.quantity, 40)
        self.assertEqual(self.validate(second)["tag"], "display_notification")
        with self.assertRaises(UserError):
            self.move(self.warehouse.wh_input_stock_loc_id, self.stock, "T-1", 40)
            self.validate(self.storage(first))

    def receive_again(self, lots):
        """Receive quantities of lots that exist already."""
        return self.receive(lots)

    def test_quantity_above_the_inspected_is_not_passed(self):
        step = self.receive({"T-1": 60})
        self.pass_lot(step.assist_inspection_ids)
        self.env["stock.quant"]._update_available_quantity(
            self.tea, self.warehouse.wh_input_stock_loc_id, 40, lot_id=self.lot("T-1")
        )
        step.move_line_ids.quantity = 100
        self.assertEqual(self.validate(step)["tag"], "display_notification")
        self.assertEqual(step.assist_inspection_ids.mapped("quantity"), [60, 40])
        step.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "100 Units of Green Tea, lot T-1, .* 60 are"):
            step.move_ids._action_done()

    def test_other_lot_reserved(self):
        step = self.receive({"T-1": 10})
        old = step.assist_inspection_ids
        self.env["stock.quant"]._update_available_quantity(
            self.tea,
            self.warehouse.wh_input_stock_loc_id,
            10,
            lot_id=self.env["stock.lot"].create({"name": "T-9", "product_id": self.tea.id}),
        )
        step.move_line_ids.lot_id = self.lot("T-9")
        self.assertEqual(self.validate(step)["tag"], "display_notification")
        self.assertEqual(old.state, "cancel")
        new = step.assist_inspection_ids - old
        self.assertEqual((new.lot_id.name, new.quantity), ("T-9", 10))
        step.move_line_ids.lot_id = self.lot("T-1")
        self.validate(step)
        self.assertEqual((old.state, new.state), ("draft", "cancel"))

    def test_cancelled_step_closes_its_inspections(self):
        step = self.receive({"T-1": 10})
        self.record(step.assist_inspection_ids)
        step.action_cancel()
        self.assertEqual(step.assist_inspection_ids.state, "cancel")
        with self.assertRaises(UserError):
            self.decide(step.assist_inspection_ids, released=10)

    # ------------------------------------------------------------------
    # Ways around the quality step
    # ------------------------------------------------------------------
    def test_bare_moves_of_undecided_goods(self):
        self.receive({"T-1": 10})
        source = self.warehouse.wh_input_stock_loc_id
        production = self.env["stock.location"].search(
            [("usage", "=", "production"), ("company_id", "=", self.env.company.id)], limit=1
        )
        transit = self.env["stock.location"].create({"name": "Road", "usage": "transit"})
        for target in (
            self.stock,
            self.warehouse.wh_output_stock_loc_id,
            self.customer_location,
            production,
            transit,
        ):
            with self.subTest(target=target.display_name):
                with self.assertRaises(UserError), self.cr.savepoint():
                    self.move(source, target, "T-1", 1)
        self.move(source, self.supplier_location, "T-1", 1)

    def test_other_operation_type(self):
        """An internal transfer instead of the quality step ends before stock."""
        step = self.receive({"T-1": 10})
        step.action_cancel()
        self.move(
            self.warehouse.wh_input_stock_loc_id, self.warehouse.wh_qc_stock_loc_id, "T-1", 10
        )
        with self.assertRaisesRegex(UserError, "cannot go from"):
            self.move(self.warehouse.wh_qc_stock_loc_id, self.stock, "T-1", 10)

    def test_changed_destination(self):
        step = self.receive({"T-1": 10})
        step.move_ids.location_dest_id = self.stock
        step.move_line_ids.location_dest_id = self.stock
        self.assertEqual(self.validate(step)["tag"], "display_notification")
        step.move_ids.picked = True
        with self.assertRaises(UserError):
            step.move_ids._action_done()

    def test_changed_operation_type(self):
        step = self.receive({"T-1": 10})
        step.write(
            {
                "picking_type_id": self.warehouse.int_type_id.id,
                "location_id": self.warehouse.wh_input_stock_loc_id.id,
                "location_dest_id": self.stock.id,
            }
        )
        step.move_ids.location_dest_id = self.stock
        self.env["stock.move.line"].create(
            {
                "move_id": step.move_ids.id,
                "picking_id": step.id,
                "product_id": self.tea.id,
                "lot_id": self.lot("T-1").id,
                "quantity": 10,
                "location_id": self.warehouse.wh_input_stock_loc_id.id,
                "location_dest_id": self.stock.id,
            }
        )
        with self.assertRaisesRegex(UserError, "cannot go from"):
            step.button_validate()

    def test_receipt_straight_into_stock(self):
        self.warehouse.reception_steps = "one_step"
        with self.assertRaisesRegex(UserError, "three-step receipt"):
            self.receive_into(self.stock, "T-1")
        with self.assertRaisesRegex(UserError, "cannot go from"):
            self.receive_into(self.customer_location, "T-2")

    def receive_into(self, location, lot_name):
        move = self.env["stock.move"].create(
            {
                "product_id": self.tea.id,
                "product_uom_qty": 5,
                "picking_type_id": self.warehouse.in_type_id.id,
                "location_id": self.supplier_location.id,
                "location_dest_id": location.id,
                "move_line_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.tea.id,
                            "lot_name": lot_name,
                            "quantity": 5,
                            "location_id": self.supplier_location.id,
                            "location_dest_id": location.id,
                        },
                    )
                ],
            }
        )
        move.picked = True
        move._action_done()

    def test_goods_without_a_lot(self):
        """An operation type that asks for no lots does not hide them."""
        kind = self.warehouse.int_type_id.copy(
            {"use_create_lots": False, "use_existing_lots": False}
        )
        move = self.env["stock.move"].create(
            {
                "product_id": self.tea.id,
                "product_uom_qty": 5,
                "picking_type_id": kind.id,
                "location_id": self.supplier_location.id,
                "location_dest_id": self.stock.id,
            }
        )
        move.quantity = 5
        move.picked = True
        with self.assertRaisesRegex(UserError, "enter the lot"):
            move._action_done()

    def test_stock_count(self):
        """A count brings no undecided lot into stock, but corrects a released one."""
        step = self.receive({"T-1": 10, "T-2": 10})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first, released=8, rejected=2)
        self.pass_lot(second, rejected=10)
        self.validate(step)
        self.validate(self.storage(step))
        quant = self.env["stock.quant"].search(
            [("location_id", "=", self.stock.id), ("lot_id.name", "=", "T-1")]
        )
        for counted in (6, 8):
            quant.with_context(inventory_mode=True).inventory_quantity = counted
            quant.action_apply_inventory()
        self.assertEqual(self.on_hand(self.stock, "T-1"), 8)
        quant.with_context(inventory_mode=True).inventory_quantity = 9
        with self.assertRaisesRegex(UserError, "would have entered stock"), self.cr.savepoint():
            quant.action_apply_inventory()
        found = (
            self.env["stock.quant"]
            .with_context(inventory_mode=True)
            .create(
                {
                    "product_id": self.tea.id,
                    "location_id": self.stock.id,
                    "lot_id": self.lot("T-2").id,
                    "inventory_quantity": 1,
                }
            )
        )
        with self.assertRaisesRegex(UserError, "would have entered stock"):
            found.action_apply_inventory()

    def test_scrapped_and_found_again(self):
        """Scrapping gives no right to bring the same quantity in again."""
        step = self.receive({"T-1": 10})
        self.pass_lot(step.assist_inspection_ids)
        self.validate(step)
        self.validate(self.storage(step))
        self.env["stock.scrap"].create(
            {
                "product_id": self.tea.id,
                "scrap_qty": 4,
                "lot_id": self.lot("T-1").id,
                "location_id": self.stock.id,
            }
        ).do_scrap()
        self.assertEqual(self.on_hand(self.stock, "T-1"), 6)
        quant = self.env["stock.quant"].search(
            [("location_id", "=", self.stock.id), ("lot_id.name", "=", "T-1")]
        )
        quant.with_context(inventory_mode=True).inventory_quantity = 10
        with self.assertRaisesRegex(UserError, "would have entered stock"):
            quant.action_apply_inventory()

    def test_rejected_goods_stay_apart(self):
        step = self.receive({"T-1": 10})
        self.pass_lot(step.assist_inspection_ids, released=6, rejected=4)
        self.validate(step)
        self.validate(self.storage(step))
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.reject_location.id}
        )
        self.assertTrue(shelf.assist_is_reject)
        self.move(self.reject_location, shelf, "T-1", 4)
        for source, target in (
            (shelf, self.stock),
            (shelf, self.customer_location),
            (shelf, self.warehouse.wh_qc_stock_loc_id),
            (shelf, self.warehouse.wh_input_stock_loc_id),
        ):
            with self.assertRaisesRegex(UserError, "was rejected"), self.cr.savepoint():
                self.move(source, target, "T-1", 1)
        self.move(shelf, self.supplier_location, "T-1", 3)
        self.env["stock.scrap"].create(
            {
                "product_id": self.tea.id,
                "scrap_qty": 1,
                "lot_id": self.lot("T-1").id,
                "location_id": shelf.id,
            }
        ).do_scrap()
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 0)

    def test_finished_lines_are_not_edited_around_the_decision(self):
        step = self.receive({"T-1": 10, "T-2": 10})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first)
        self.pass_lot(second, rejected=10)
        self.validate(step)
        storage = self.storage(step)
        self.validate(storage)
        rejected = self.env["stock.move.line"].search(
            [("lot_id.name", "=", "T-2"), ("location_dest_id", "=", self.reject_location.id)]
        )
        stored = storage.move_line_ids
        for line, vals in (
            (rejected, {"location_dest_id": self.stock.id}),
            (rejected, {"location_dest_id": self.warehouse.wh_qc_stock_loc_id.id}),
            (stored, {"lot_id": self.lot("T-2").id}),
            (stored, {"quantity": 20}),
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError), self.cr.savepoint():
                line.write(vals)
        with self.assertRaises(UserError):
            self.env["stock.move.line"].create(
                {
                    "move_id": storage.move_ids.id,
                    "product_id": self.tea.id,
                    "lot_id": self.lot("T-2").id,
                    "quantity": 5,
                    "location_id": self.warehouse.wh_qc_stock_loc_id.id,
                    "location_dest_id": self.stock.id,
                }
            )

    def test_stock_records_are_not_rewritten(self):
        self.receive({"T-1": 10})
        quant = self.env["stock.quant"].search(
            [
                ("location_id", "=", self.warehouse.wh_input_stock_loc_id.id),
                ("lot_id.name", "=", "T-1"),
            ]
        )
        quants = self.env["stock.quant"].with_user(self.keeper)
        with self.assertRaisesRegex(AccessError, "under quality control"):
            quants.browse(quant.id).write({"location_id": self.stock.id})
        with self.assertRaisesRegex(AccessError, "under quality control"):
            quants.create(
                {
                    "product_id": self.tea.id,
                    "location_id": self.stock.id,
                    "lot_id": self.lot("T-1").id,
                    "quantity": 5,
                }
            )

    def test_lot_in_stock_before_its_decision_is_not_delivered(self):
        """A plan that begins in the past holds what lies in stock undecided."""
        self.plan.active = False
        step = self.receive({"T-1": 10})
        self.validate(step)
        self.validate(self.storage(step))
        self.plan.active = True
        for target in (self.customer_location, self.warehouse.wh_output_stock_loc_id):
            with self.assertRaisesRegex(UserError, "no quality decision"), self.cr.savepoint():
                self.move(self.stock, target, "T-1", 1)
        lot = self.lot("T-1")
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            lot.with_user(self.keeper).action_assist_inspect()
        lot.with_user(self.inspector).action_assist_inspect()
        lot.with_user(self.inspector).action_assist_inspect()
        inspection = lot.assist_inspection_ids
        self.assertEqual((inspection.quantity, inspection.state), (10, "draft"))
        self.pass_lot(inspection, released=7, rejected=3)
        self.assertEqual(self.on_hand(self.reject_location, "T-1"), 3, "set apart at once")
        self.move(self.stock, self.customer_location, "T-1", 7)
        with self.assertRaisesRegex(UserError, "Nothing of lot"):
            lot.with_user(self.inspector).action_assist_inspect()
        with self.assertRaisesRegex(UserError, "would have entered stock"):
            self.move(self.warehouse.wh_input_stock_loc_id, self.stock, "T-1", 1)

    def test_goods_made_here_wait_for_their_decision(self):
        production = self.tea.with_company(self.env.company).property_stock_production
        self.env["stock.lot"].create({"name": "M-1", "product_id": self.tea.id})
        self.move(production, self.stock, "M-1", 10)
        with self.assertRaisesRegex(UserError, "no quality decision"), self.cr.savepoint():
            self.move(self.stock, self.customer_location, "M-1", 1)
        lot = self.lot("M-1").with_user(self.inspector)
        lot.action_assist_inspect()
        self.pass_lot(lot.assist_inspection_ids)
        self.move(self.stock, production, "M-1", 4)
        self.move(production, self.stock, "M-1", 4)
        self.move(self.stock, self.customer_location, "M-1", 10)
        with self.assertRaisesRegex(UserError, "would have entered stock"):
            self.move(production, self.stock, "M-1", 1)

    def test_reject_location_stays_one(self):
        reject = self.reject_location
        with self.assertRaisesRegex(UserError, "stays a reject location"):
            reject.assist_is_reject = False

    def test_rpc_does_not_forge_inspections(self):
        step = self.receive({"T-1": 10})
        inspection = step.assist_inspection_ids.with_user(self.inspector)
        for vals in (
            {"state": "decided"},
            {"state": "cancel"},
            {"quantity": 0.001},
            {"lot_id": self.lot("T-1").id},
            {"picking_id": False},
            {"recorded_by_id": self.operator.id},
            {"result": "pass"},
            {"released_qty": 10},
            {"decision_ids": [(0, 0, {"kind": "released", "quantity": 10})]},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                inspection.write(vals)
        line = inspection.line_ids[2]
        for vals in (
            {"max_value": 99},
            {"safety": False},
            {"kind": "pass_fail"},
            {"verdict": "pass"},
            {"recorded_by_id": False},
            {"inspection_id": False},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                line.write(vals)
        with mute_logger("odoo.addons.base.models.ir_model"):
            with self.assertRaises(AccessError):
                line.unlink()
            with self.assertRaises(AccessError):
                inspection.write({"line_ids": [(5, 0, 0)]})
            with self.assertRaises(AccessError):
                self.env["union.assist.quality.inspection"].with_user(self.inspector).create(
                    {"lot_id": self.lot("T-1").id, "product_id": self.tea.id, "quantity": 10}
                )

    def test_queries_do_not_grow_with_lots(self):
        def queries(count):
            step = self.receive({f"G{count}-{number}": 2 for number in range(count)})
            for inspection in step.assist_inspection_ids:
                self.pass_lot(inspection)
            self.validate(step)
            self.assertEqual(len(step.move_line_ids), count)
            lines = step.move_line_ids
            return self.record_queries(lambda: lines._assist_check_quality())

        queries(2)
        self.assert_same_queries(queries(5), queries(50))
