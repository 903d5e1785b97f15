from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import UnionAssistQualityCommon

REFUSED = "cannot go from|no quality decision|cannot be finished"


@tagged("post_install", "-at_install", "union_assist")
class TestQualityWaysAround(UnionAssistQualityCommon):
    """One test for each way by which undecided goods might get into stock or out of it."""

    def setUp(self):
        super().setUp()
        self.input = self.warehouse.wh_input_stock_loc_id
        self.control = self.warehouse.wh_qc_stock_loc_id

    def stored(self, lot, quantity=10):
        """Bring a released lot into stock."""
        step = self.receive({lot: quantity})
        self.pass_lot(step.assist_inspection_ids.filtered(lambda i: i.lot_id.name == lot))
        # Other lots wait in the same step.
        step.action_assign()
        for line in step.move_line_ids:
            line.quantity = quantity if line.lot_id.name == lot else 0
        self.validate(step)
        self.validate(self.storage(step))
        return self.lot(lot)

    def refuse(self, function, *args, **kwargs):
        with self.assertRaisesRegex(UserError, REFUSED), self.cr.savepoint():
            function(*args, **kwargs)

    def transfer(self, source, target, lot, quantity, kind=None, **line_values):
        """Make an internal transfer with its quantity typed in, not confirmed before."""
        return self.env["stock.picking"].create(
            {
                "picking_type_id": (kind or self.warehouse.int_type_id).id,
                "location_id": source.id,
                "location_dest_id": target.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": lot.product_id.id,
                            "product_uom_qty": quantity,
                            "location_id": source.id,
                            "location_dest_id": target.id,
                            "move_line_ids": [
                                Command.create(
                                    {
                                        "product_id": lot.product_id.id,
                                        "lot_id": lot.id,
                                        "quantity": quantity,
                                        "location_id": source.id,
                                        "location_dest_id": target.id,
                                        "picked": True,
                                        **line_values,
                                    }
                                )
                            ],
                        }
                    )
                ],
            }
        )

    # ------------------------------------------------------------------
    # Transfers
    # ------------------------------------------------------------------
    def test_several_backorders(self):
        """Each backorder of a backorder passes no more than was released in the whole step."""
        step = self.receive({"W-1": 100})
        self.pass_lot(step.assist_inspection_ids, released=60, rejected=40)
        picking, passed = step, 0
        for quantity in (10, 20, 25):
            picking.move_line_ids.quantity = quantity
            self.validate(picking)
            passed += quantity
            self.assertEqual(self.on_hand(self.control, "W-1"), passed)
            picking = picking.backorder_ids
            self.assertEqual(picking.assist_quality_root_id, step)
        self.env["stock.quant"]._update_available_quantity(
            self.tea, self.input, 40, lot_id=self.lot("W-1")
        )
        picking.move_line_ids.quantity = 6
        picking.move_ids.picked = True
        self.refuse(picking.move_ids._action_done)
        picking.move_line_ids.quantity = 5
        picking.move_ids._action_done()
        self.assertEqual(self.on_hand(self.control, "W-1"), 60)

    def test_partial_receipt_of_a_lot(self):
        """Goods of a lot that come later are no part of what was decided before."""
        step = self.receive({"W-2": 30})
        self.pass_lot(step.assist_inspection_ids)
        self.assertEqual(self.receive({"W-2": 20}), step, "it joins the step that is open")
        self.assertEqual(step.assist_inspection_ids.sorted("id").mapped("quantity"), [30, 20])
        self.assertEqual(self.validate(step)["tag"], "display_notification")
        step.move_ids.picked = True
        self.refuse(step.move_ids._action_done)
        self.assertEqual(self.on_hand(self.control, "W-2"), 0)

    def test_immediate_transfer(self):
        self.receive({"W-3": 10}).do_unreserve()
        for target in (self.stock, self.warehouse.wh_output_stock_loc_id):
            self.refuse(self.transfer(self.input, target, self.lot("W-3"), 10).button_validate)

    def test_batch_of_immediate_transfers(self):
        self.receive({"W-4": 10}).do_unreserve()
        picking = self.transfer(self.input, self.stock, self.lot("W-4"), 10)
        batch = self.env["stock.picking.batch"].create({"picking_ids": [(6, 0, picking.ids)]})
        batch.action_confirm()
        self.refuse(batch.action_done)

    def test_destination_of_a_line_alone(self):
        """Decided or not: a line sent elsewhere than its step takes no more than was released."""
        step = self.receive({"W-5": 10, "W-6": 10})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first)
        for line in step.move_line_ids:
            line.location_dest_id = self.stock
        step.move_ids.picked = True
        self.refuse(step._action_done)
        step.move_line_ids.filtered(lambda line: line.lot_id == second.lot_id).unlink()
        step._action_done()
        self.assertEqual(self.on_hand(self.stock, "W-5"), 10)
        self.assertEqual(self.on_hand(self.stock, "W-6"), 0)

    def test_destination_of_the_transfer(self):
        step = self.receive({"W-7": 10})
        step.location_dest_id = self.stock
        step.move_ids.location_dest_id = self.stock
        step.move_ids.picked = True
        self.refuse(step._action_done)

    def test_putaway(self):
        """A putaway rule sends released goods to a shelf, and undecided ones nowhere."""
        shelf = self.env["stock.location"].create({"name": "A1", "location_id": self.stock.id})
        self.env["stock.putaway.rule"].create(
            {
                "product_id": self.tea.id,
                "location_in_id": self.stock.id,
                "location_out_id": shelf.id,
            }
        )
        step = self.receive({"W-8": 10, "W-9": 10})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first)
        self.pass_lot(second, rejected=10)
        self.validate(step)
        self.validate(self.storage(step))
        self.assertEqual(self.on_hand(shelf, "W-8"), 10)
        self.receive({"W-10": 10}).do_unreserve()
        self.refuse(self.transfer(self.input, self.stock, self.lot("W-10"), 10).button_validate)
        self.assertEqual(self.on_hand(shelf, "W-10"), 0)

    def test_direct_done_of_transfer_move_and_line(self):
        step = self.receive({"W-11": 10})
        step.move_ids.picked = True
        self.refuse(step._action_done)
        self.refuse(step.move_ids._action_done)
        # The line's own method moves goods without finishing the move: it is no public one.
        self.assertTrue(step.move_line_ids._action_done.__name__.startswith("_"))

    def test_state_written_by_hand(self):
        """Done by writing would be done without moving anything: the move refuses it."""
        step = self.receive({"W-12": 10})
        step.with_user(self.keeper).write({"state": "done"})
        with self.assertRaisesRegex(AccessError, "is not rewritten"), self.cr.savepoint():
            step.move_ids.with_user(self.keeper).write({"state": "done"})
        self.assertEqual(self.on_hand(self.control, "W-12"), 0)
        self.assertEqual(self.on_hand(self.stock, "W-12"), 0)

    def test_lines_made_done_by_rpc(self):
        """A line added to a finished transfer moves its goods at once."""
        lot = self.stored("W-13")
        self.receive({"W-14": 10}).do_unreserve()
        storage = self.env["stock.move.line"].search(
            [("lot_id", "=", lot.id), ("location_dest_id", "=", self.stock.id)]
        )
        for source in (self.input, self.control):
            self.refuse(
                self.env["stock.move.line"].create,
                {
                    "move_id": storage.move_id.id,
                    "picking_id": storage.picking_id.id,
                    "product_id": self.tea.id,
                    "lot_id": self.lot("W-14").id,
                    "quantity": 5,
                    "location_id": source.id,
                    "location_dest_id": self.stock.id,
                },
            )
        self.refuse(storage.write, {"lot_id": self.lot("W-14").id})
        self.refuse(storage.write, {"quantity": 15})

    def test_split_lines(self):
        """Several lines of one lot count together."""
        step = self.receive({"W-15": 10})
        self.pass_lot(step.assist_inspection_ids, released=6, rejected=4)
        self.env["stock.quant"]._update_available_quantity(
            self.tea, self.input, 4, lot_id=self.lot("W-15")
        )
        line = step.move_line_ids
        line.quantity = 5
        line.copy({"quantity": 5})
        step.move_ids.picked = True
        self.refuse(step._action_done)

    def test_picked_tricks(self):
        """What is not picked does not go; what is picked goes only when it was released."""
        step = self.receive({"W-16": 10, "W-17": 10})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first)
        lines = step.move_line_ids
        lines.filtered(lambda line: line.lot_id == first.lot_id).picked = True
        step.move_ids.with_context(cancel_backorder=False)._action_done()
        self.assertEqual(self.on_hand(self.control, "W-16"), 10)
        self.assertEqual(self.on_hand(self.control, "W-17"), 0)
        self.assertEqual(self.on_hand(self.input, "W-17"), 10)
        self.assertEqual(second.state, "draft")

    def test_returns_give_no_right_to_come_in_again(self):
        lot = self.stored("W-18")
        self.move(self.stock, self.customer_location, "W-18", 4)
        self.move(self.customer_location, self.stock, "W-18", 4)
        self.move(self.stock, self.supplier_location, "W-18", 3)
        self.refuse(self.move, self.supplier_location, self.stock, "W-18", 3)
        self.refuse(self.move, self.input, self.stock, "W-18", 1)
        self.assertEqual(lot.product_qty, 7)

    def test_between_warehouses(self):
        other = self.env["stock.warehouse"].create({"name": "South", "code": "SO"})
        transit = self.env["stock.location"].create({"name": "Road", "usage": "transit"})
        self.stored("W-19")
        self.move(self.stock, transit, "W-19", 5)
        self.move(transit, other.lot_stock_id, "W-19", 5)
        self.receive({"W-20": 10}).do_unreserve()
        self.refuse(self.move, self.input, transit, "W-20", 5)
        self.refuse(self.move, self.input, other.lot_stock_id, "W-20", 5)
        # Over the other warehouse's Input, which keeps one-step receipts, it gets no further.
        self.move(self.input, other.wh_input_stock_loc_id, "W-20", 5)
        self.refuse(self.move, other.wh_input_stock_loc_id, other.lot_stock_id, "W-20", 5)

    def test_straight_from_the_supplier_to_the_customer(self):
        """What the dropshipping module does, which the addon does not need."""
        self.env["stock.lot"].create({"name": "W-21", "product_id": self.tea.id})
        self.refuse(self.move, self.supplier_location, self.customer_location, "W-21", 5)

    def test_stock_user_without_inspection_rights_validates_decided_goods(self):
        user = new_test_user(self.env, "ways_stock", "stock.group_stock_user")
        step = self.receive({"W-22": 10})
        self.assertEqual(self.validate(step, user=user)["tag"], "display_notification")
        self.pass_lot(step.assist_inspection_ids, released=7, rejected=3)
        self.assertIs(self.validate(step, user=user), True)
        self.assertIs(self.validate(self.storage(step), user=user), True)
        self.assertEqual(self.on_hand(self.stock, "W-22"), 7)

    # ------------------------------------------------------------------
    # Stock records, packages, owners
    # ------------------------------------------------------------------
    def quant(self, location, lot_name):
        return self.env["stock.quant"].search(
            [("location_id", "=", location.id), ("lot_id.name", "=", lot_name)]
        )

    def test_relocated_stock(self):
        self.receive({"W-23": 10}).do_unreserve()
        wizard = self.env["stock.quant.relocate"].create(
            {
                "quant_ids": [Command.set(self.quant(self.input, "W-23").ids)],
                "dest_location_id": self.stock.id,
            }
        )
        self.refuse(wizard.action_relocate_quants)

    def test_counted_into_another_place(self):
        """Counted away at Input and found in stock: no more than was released comes in."""
        self.receive({"W-24": 10}).do_unreserve()
        quant = self.quant(self.input, "W-24").with_context(inventory_mode=True)
        quant.inventory_quantity = 0
        quant.action_apply_inventory()
        found = (
            self.env["stock.quant"]
            .with_context(inventory_mode=True)
            .create(
                {
                    "product_id": self.tea.id,
                    "location_id": self.stock.id,
                    "lot_id": self.lot("W-24").id,
                    "inventory_quantity": 10,
                }
            )
        )
        self.refuse(found.action_apply_inventory)

    def test_scrapped_and_received_again(self):
        """A lot that was scrapped and comes once more is inspected once more."""
        self.stored("W-25")
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.tea.id,
                "scrap_qty": 10,
                "lot_id": self.lot("W-25").id,
                "location_id": self.stock.id,
            }
        )
        scrap.do_scrap()
        self.refuse(self.move, scrap.scrap_location_id, self.stock, "W-25", 10)
        step = self.receive({"W-25": 10})
        self.assertEqual(step.assist_inspection_ids.state, "draft")
        step.move_ids.picked = True
        self.refuse(step._action_done)

    def test_scrap_of_an_undecided_lot(self):
        """It may be written off where it is; that is no way into stock."""
        self.receive({"W-26": 10}).do_unreserve()
        values = {"product_id": self.tea.id, "lot_id": self.lot("W-26").id, "scrap_qty": 4}
        scrap = self.env["stock.scrap"].create({**values, "location_id": self.input.id})
        scrap.do_scrap()
        self.refuse(self.move, scrap.scrap_location_id, self.stock, "W-26", 4)

    def test_whole_packages(self):
        self.receive({"W-27": 10}).do_unreserve()
        package = self.env["stock.package"].create({"name": "PACK-W"})
        lot = self.lot("W-27")
        self.transfer(
            self.input, self.input, lot, 10, result_package_id=package.id
        ).button_validate()
        self.assertEqual(package.quant_ids.lot_id, lot)
        move = self.transfer(
            self.input,
            self.stock,
            lot,
            10,
            package_id=package.id,
            result_package_id=package.id,
            is_entire_pack=True,
        )
        self.refuse(move.button_validate)
        package.unpack()
        self.assertEqual(self.on_hand(self.input, "W-27"), 10)
        self.refuse(self.transfer(self.input, self.stock, lot, 10).button_validate)

    def test_owner_of_the_goods(self):
        self.receive({"W-28": 10}).do_unreserve()
        lot = self.lot("W-28")
        owned = self.env["stock.quant"]
        owned._update_available_quantity(
            self.tea, self.input, 10, lot_id=lot, owner_id=self.supplier
        )
        self.refuse(
            self.transfer(
                self.input, self.stock, lot, 10, owner_id=self.supplier.id
            ).button_validate
        )

    # ------------------------------------------------------------------
    # Lots and products
    # ------------------------------------------------------------------
    def test_renamed_lot(self):
        """The decision belongs to the lot, not to its name."""
        step = self.receive({"W-29": 10, "W-30": 10})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first)
        with self.assertRaisesRegex(UserError, "inspected, held or recalled"), self.cr.savepoint():
            first.lot_id.name = "W-29-old"
        second.lot_id.name = "W-29 new"
        step.move_ids.picked = True
        self.refuse(step._action_done)

    def test_product_of_a_lot(self):
        self.receive({"W-31": 10})
        with self.assertRaises(UserError), self.cr.savepoint():
            self.lot("W-31").product_id = self.rice

    def test_product_without_lots(self):
        """Goods under a plan stay tracked by lot."""
        self.receive({"W-32": 10})
        with self.assertRaises(UserError), self.cr.savepoint():
            self.tea.tracking = "none"

    def test_lot_of_another_product_of_the_same_name(self):
        self.env["stock.lot"].create({"name": "W-33", "product_id": self.rice.id})
        step = self.receive({"W-33": 10})
        self.assertEqual(step.assist_inspection_ids.lot_id.product_id, self.tea)
        step.move_ids.picked = True
        self.refuse(step._action_done)

    # ------------------------------------------------------------------
    # Production
    # ------------------------------------------------------------------
    def produce(self, lot, source):
        pack = self.env["product.product"].create({"name": "Gift Pack", "is_storable": True})
        production = self.env["mrp.production"].create(
            {
                "product_id": pack.id,
                "product_qty": 1,
                "bom_id": False,
                "picking_type_id": self.warehouse.manu_type_id.id,
                "location_src_id": source.id,
            }
        )
        raw = self.env["stock.move"].create(
            production._get_move_raw_values(lot.product_id, 2, lot.product_id.uom_id)
        )
        production.action_confirm()
        raw.move_line_ids.unlink()
        raw.move_line_ids = [
            Command.create(
                {
                    "product_id": lot.product_id.id,
                    "lot_id": lot.id,
                    "quantity": 2,
                    "location_id": source.id,
                    "location_dest_id": raw.location_dest_id.id,
                }
            )
        ]
        raw.picked = True
        production.qty_producing = 1
        production.button_mark_done()
        return production

    def test_consumed_in_production(self):
        self.receive({"W-34": 10}).do_unreserve()
        for source in (self.input, self.control):
            self.refuse(self.produce, self.lot("W-34"), source)
        self.assertEqual(self.produce(self.stored("W-35"), self.stock).state, "done")

    def test_made_here_and_consumed_undecided(self):
        production = self.tea.with_company(self.env.company).property_stock_production
        lot = self.env["stock.lot"].create({"name": "W-36", "product_id": self.tea.id})
        self.move(production, self.stock, "W-36", 10)
        self.refuse(self.produce, lot, self.stock)

    # ------------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------------
    def test_plan_of_another_company_holds_nothing_here(self):
        company = self.env["res.company"].create({"name": "Other Depot"})
        self.plan.company_id = company
        step = self.receive({"W-37": 10})
        self.assertFalse(step.assist_inspection_ids)
        self.assertIs(self.validate(step), True)
