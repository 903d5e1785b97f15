from contextlib import suppress

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .common import UnionAssistQualityCommon

# A value of each type, as a client sends it; a number for the others.
FORGED = {
    **dict.fromkeys(("char", "text", "html", "selection"), "forged"),
    **dict.fromkeys(("one2many", "many2many"), [[5, 0, 0]]),
    "binary": "Zg==",
    "boolean": True,
    "date": "2020-01-01",
    "datetime": "2020-01-01 00:00:00",
    "json": {},
}


@tagged("post_install", "-at_install", "union_assist")
class TestGateAttack(UnionAssistQualityCommon):
    """Ways around the gate that need no right but the ones of a role, and no screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.input = cls.warehouse.wh_input_stock_loc_id
        cls.control = cls.warehouse.wh_qc_stock_loc_id
        cls.production_location = cls.tea.with_company(cls.env.company).property_stock_production

    def half_decided(self, name):
        """A lot of which 60 are released and in stock, and 40 wait undecided at Input.

        :return: (the lot, the move line that stored the 60)
        """
        first = self.receive({name: 60})
        self.pass_lot(first.assist_inspection_ids)
        self.validate(first)
        self.validate(self.storage(first))
        self.receive({name: 40}).do_unreserve()
        stored = self.env["stock.move.line"].search(
            [("lot_id.name", "=", name), ("location_dest_id", "=", self.stock.id)]
        )
        return self.lot(name), stored

    def refuse_entry(self, name, quantity=40, source=None, target=None):
        with self.assertRaisesRegex(UserError, "would have entered stock"), self.cr.savepoint():
            self.move(source or self.input, target or self.stock, name, quantity)

    # ------------------------------------------------------------------
    # Credit for what left
    # ------------------------------------------------------------------
    def test_consumption_gives_no_right_to_undecided_goods(self):
        self.half_decided("A-1")
        self.move(self.stock, self.production_location, "A-1", 40)
        self.refuse_entry("A-1")
        # What comes back unused does.
        self.move(self.production_location, self.stock, "A-1", 40)
        self.assertEqual(self.on_hand(self.stock, "A-1"), 60)

    def test_stock_count_gives_no_right_to_undecided_goods(self):
        self.half_decided("A-2")
        quant = self.env["stock.quant"].search(
            [("location_id", "=", self.stock.id), ("lot_id.name", "=", "A-2")]
        )
        quant.with_context(inventory_mode=True).inventory_quantity = 20
        quant.action_apply_inventory()
        self.refuse_entry("A-2")
        quant.with_context(inventory_mode=True).inventory_quantity = 60
        quant.action_apply_inventory()
        self.assertEqual(self.on_hand(self.stock, "A-2"), 60)

    # ------------------------------------------------------------------
    # Forged history
    # ------------------------------------------------------------------
    def forge(self, record, vals, context=None):
        """Write as the warehouse does by RPC; refused or not, the gate has to hold."""
        record = record.with_user(self.keeper).with_context(**(context or {}))
        try:
            with mute_logger("odoo.addons.base.models.ir_model"), self.cr.savepoint():
                record.write(vals)
        except (AccessError, UserError):
            return False
        return True

    def test_forged_quantity_of_a_finished_line(self):
        _lot, stored = self.half_decided("A-3")
        self.forge(stored, {"quantity_product_uom": 0})
        self.refuse_entry("A-3")

    def test_forged_state_of_a_finished_line(self):
        _lot, stored = self.half_decided("A-4")
        self.forge(stored, {"state": "draft"})
        self.refuse_entry("A-4")

    def test_forged_state_of_a_finished_move(self):
        _lot, stored = self.half_decided("A-5")
        for state in ("draft", "cancel"):
            self.forge(stored.move_id, {"state": state})
            self.refuse_entry("A-5")

    def test_forged_place_of_a_finished_line(self):
        """A context key of core writes the place without moving the goods."""
        key = {"skip_uom_conversion": True}
        _lot, stored = self.half_decided("A-6")
        self.forge(stored, {"location_dest_id": self.control.id}, key)
        self.refuse_entry("A-6")
        other = self.env["stock.lot"].create({"name": "A-6x", "product_id": self.tea.id})
        self.forge(stored, {"lot_id": other.id}, key)
        self.refuse_entry("A-6")

    def test_forged_consumption(self):
        """Goods that are only said to be consumed come back from nowhere."""
        self.half_decided("A-7")
        move = self.move(self.stock, self.production_location, "A-7", 40, done=False)
        self.forge(move, {"state": "done"})
        self.refuse_entry("A-7", source=self.production_location)

    def test_forged_step(self):
        """What a step passed on is not said to have been another step's."""
        first = self.receive({"A-8": 60})
        inspection = first.assist_inspection_ids
        self.pass_lot(inspection)
        first.move_line_ids.quantity = 30
        self.validate(first)
        line = first.move_line_ids
        other = self.receive({"A-9": 5}, product=self.rice)
        self.forge(line, {"picking_id": other.id})
        self.env["stock.quant"]._update_available_quantity(
            self.tea, self.input, 100, lot_id=self.lot("A-8")
        )
        backorder = first.backorder_ids
        backorder.action_assign()
        backorder.move_line_ids.quantity = 60
        backorder.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "are released"):
            backorder._action_done()

    def test_forged_move_unlinked(self):
        _lot, stored = self.half_decided("A-10")
        self.forge(stored.move_id, {"state": "draft"})
        # Refused or not: what counts is that the forgery opens no way in.
        with (
            suppress(AccessError, UserError),
            mute_logger("odoo.addons.base.models.ir_model"),
            self.cr.savepoint(),
        ):
            stored.with_user(self.keeper).unlink()
        self.refuse_entry("A-10")

    # ------------------------------------------------------------------
    # Places
    # ------------------------------------------------------------------
    def test_shelf_of_rejected_goods_stays_one(self):
        step = self.receive({"A-20": 10})
        self.pass_lot(step.assist_inspection_ids, released=6, rejected=4)
        self.validate(step)
        self.validate(self.storage(step))
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.reject_location.id}
        )
        self.move(self.reject_location, shelf, "A-20", 4)
        for vals in ({"assist_is_reject": False}, {"location_id": self.stock.id}):
            with suppress(UserError), self.cr.savepoint():
                shelf.write(vals)
            with self.assertRaises(UserError), self.cr.savepoint():
                self.move(shelf, self.customer_location, "A-20", 4)

    def test_undecided_goods_do_not_get_into_stock_with_their_shelf(self):
        self.half_decided("A-21")
        shelf = self.env["stock.location"].create({"name": "Bay", "location_id": self.input.id})
        self.move(self.input, shelf, "A-21", 40)
        with self.assertRaises(UserError), self.cr.savepoint():
            shelf.location_id = self.stock
            self.move(shelf, self.customer_location, "A-21", 40)

    # ------------------------------------------------------------------
    # Lots and master data
    # ------------------------------------------------------------------
    def test_lot_registered_before_the_plan(self):
        """An old number is no pass for goods that come in today; old goods stay free."""
        self.plan.active = False
        old = self.receive({"OLD-1": 7})
        self.validate(old)
        self.validate(self.storage(old))
        self.env.flush_all()
        for table in ("stock_lot", "stock_move_line"):
            column = "id" if table == "stock_lot" else "lot_id"
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET create_date = '2019-05-01' WHERE %s = %s",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    self.lot("OLD-1").id,
                )
            )
        self.env.cr.execute(
            "UPDATE stock_move_line SET date = create_date WHERE lot_id = %s",
            (self.lot("OLD-1").id,),
        )
        self.env.invalidate_all()
        self.plan.active = True
        self.move(self.stock, self.customer_location, "OLD-1", 2)
        for target in (self.stock, self.customer_location):
            self.refuse_entry("OLD-1", 5, source=self.supplier_location, target=target)
        step = self.receive({"OLD-1": 5})
        self.assertEqual(step.assist_inspection_ids.quantity, 5)
        step.do_unreserve()
        self.refuse_entry("OLD-1", 5)
        self.move(self.input, self.control, "OLD-1", 5)
        self.refuse_entry("OLD-1", 5, source=self.control)
        self.move(self.control, self.input, "OLD-1", 5)
        step.action_assign()
        self.pass_lot(step.assist_inspection_ids)
        self.validate(step)
        self.validate(self.storage(step))
        self.assertEqual(self.on_hand(self.stock, "OLD-1"), 10)
        self.move(self.stock, self.customer_location, "OLD-1", 10)

    def test_product_taken_out_of_the_category_of_its_plan(self):
        category = self.env["product.category"].create({"name": "Tea"})
        other = self.env["product.category"].create({"name": "Other"})
        self.tea.categ_id = category
        self.plan.write(
            {"product_tmpl_ids": [Command.clear()], "categ_ids": [(6, 0, category.ids)]}
        )
        step = self.receive({"A-30": 10})
        self.assertEqual(len(step.assist_inspection_ids), 1)
        self.tea.categ_id = other
        self.validate(step)
        self.assertNotEqual(step.state, "done")
        with self.assertRaises(UserError), self.cr.savepoint():
            self.move(self.input, self.stock, "A-30", 10)

    def test_supplier_of_a_receipt_changed(self):
        """Which supplier a lot came from is not said by who unloads it, where it was ordered."""
        trusted = self.env["res.partner"].create({"name": "Trusted", "is_company": True})
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "order_line": [
                    Command.create({"product_id": self.tea.id, "product_qty": 10, "price_unit": 1})
                ],
            }
        )
        order.button_confirm()
        receipt = order.picking_ids
        receipt.with_user(self.keeper).partner_id = trusted
        receipt.move_line_ids.lot_name = "A-31"
        receipt.move_line_ids.quantity = 10
        receipt.button_validate()
        step = receipt.move_ids.move_dest_ids.picking_id
        self.assertEqual(step.assist_inspection_ids.supplier_id, self.supplier)
        self.assertEqual(self.lot("A-31")._assist_get_suppliers()[self.lot("A-31")], self.supplier)

    def test_forged_quantity_of_a_new_line(self):
        """Core moves the quantity of a line added to a finished transfer; so much is counted."""
        lot, stored = self.half_decided("A-11")
        with self.assertRaisesRegex(UserError, "would have entered stock"), self.cr.savepoint():
            self.env["stock.move.line"].with_user(self.keeper).create(
                {
                    "move_id": stored.move_id.id,
                    "picking_id": stored.picking_id.id,
                    "product_id": self.tea.id,
                    "lot_id": lot.id,
                    "quantity": 40,
                    "quantity_product_uom": 0,
                    "state": "draft",
                    "location_id": self.input.id,
                    "location_dest_id": self.stock.id,
                }
            )

    def test_line_put_into_a_finished_move(self):
        """Its state would follow the move, and its goods would stay where they are."""
        lot, _stored = self.half_decided("A-12")
        used = self.move(self.stock, self.production_location, "A-12", 1)
        fresh = self.move(self.stock, self.production_location, "A-12", 40, done=False)
        self.assertFalse(self.forge(fresh.move_line_ids, {"move_id": used.id}))
        self.refuse_entry("A-12", source=self.production_location)

    def test_goods_that_no_plan_asks_for_are_left_alone(self):
        """What core lets write on finished moves of other goods stays possible."""
        step = self.receive({"A-13": 10}, product=self.rice)
        self.validate(step)
        line = step.move_line_ids
        self.assertTrue(self.forge(line.move_id, {"is_inventory": True}))

    def test_reject_flag_lent_to_stock(self):
        """A place called Reject for as long as undecided goods come in lets none of them out."""
        self.half_decided("A-22")
        shelf = self.env["stock.location"].create(
            {"name": "B1", "location_id": self.stock.id, "assist_is_reject": True}
        )
        self.move(self.input, shelf, "A-22", 40)
        with self.assertRaisesRegex(UserError, "did not release"), self.cr.savepoint():
            shelf.assist_is_reject = False

    def test_input_moved_away(self):
        """The warehouse's Input is not exchanged for another while goods wait in it."""
        self.half_decided("A-23")
        with self.assertRaisesRegex(UserError, "did not release"), self.cr.savepoint():
            self.warehouse.wh_input_stock_loc_id = self.control

    # ------------------------------------------------------------------
    # Defaults of the context, and those that users keep
    # ------------------------------------------------------------------
    def test_no_default_sets_what_steps_set(self):
        """What may not be written may not be a default either, in any of our models."""
        manager = new_test_user(self.env, "attack_manager", "union_assist_catalog.group_manager")
        checked = 0
        for name, model in self.env.registry.items():
            kept = model._assist_kept_fields
            for field in sorted(kept):
                self.assertIn(field, model._fields, name)
                forged = FORGED.get(model._fields[field].type, 1)
                records = self.env[name].with_user(manager)
                plain = records.default_get([field])
                with self.subTest(model=name, field=field):
                    found = records.with_context(**{f"default_{field}": forged})
                    self.assertEqual(found.default_get([field]), plain)
                    checked += 1
        self.assertGreater(checked, 100)

    def test_kept_default_of_a_user(self):
        report = self.env["union.assist.lab.report"].with_user(self.inspector)
        self.env["ir.default"].with_user(self.inspector).set(
            report._name, "state", "checked", user_id=True
        )
        self.assertEqual(report.create({"number": "L-1"}).state, "draft")

    def test_failed_lot_is_not_released_by_a_default(self):
        inspection = self.receive({"A-40": 10}).assist_inspection_ids
        self.record(inspection, moisture=9)
        decisions = self.env["union.assist.quality.decision"].with_user(self.operator)
        forged = {"default_kind": "released", "default_quantity": 10}
        for vals, context in (
            ({"quantity": 10}, forged),
            ({}, forged),
            ({}, {**forged, "default_inspection_id": inspection.id}),
        ):
            if "default_inspection_id" not in context:
                vals["inspection_id"] = inspection.id
            with self.assertRaisesRegex(UserError, "failed its inspection"):
                decisions.with_context(**context).create(vals)
        self.assertEqual(inspection.state, "submitted")

    def test_reading_is_judged_as_it_is_kept(self):
        inspection = self.receive({"A-41": 10}).assist_inspection_ids
        line = inspection.line_ids.filtered("safety")  # at most 5 mg/kg
        readings = self.env["union.assist.quality.reading"].with_user(self.inspector)
        reading = readings.with_context(default_value=999.0).create({"line_id": line.id})
        self.assertEqual((reading.line_value, line.verdict), (999, "fail"))
        reading.unlink()
        readings.with_context(default_unit="g/kg").create({"line_id": line.id, "value": 1})
        self.assertEqual((line.value, line.verdict), (1000, "fail"))

    def test_quantity_of_a_new_line_by_default(self):
        lot, stored = self.half_decided("A-42")
        lines = self.env["stock.move.line"].with_user(self.keeper)
        with self.assertRaisesRegex(UserError, "would have entered stock"), self.cr.savepoint():
            lines.with_context(default_quantity_product_uom=0, default_state="draft").create(
                {
                    "move_id": stored.move_id.id,
                    "picking_id": stored.picking_id.id,
                    "product_id": self.tea.id,
                    "lot_id": lot.id,
                    "quantity": 40,
                    "location_id": self.input.id,
                    "location_dest_id": self.stock.id,
                }
            )

    def test_stock_record_out_of_a_default(self):
        lot, _stored = self.half_decided("A-43")
        before = self.on_hand(self.stock, "A-43")
        self.env["stock.quant"].with_user(self.keeper).with_context(default_quantity=40).create(
            {"product_id": self.tea.id, "location_id": self.stock.id, "lot_id": lot.id}
        )
        self.assertEqual(self.on_hand(self.stock, "A-43"), before)

    def test_note_number_out_of_a_default(self):
        pickings = self.env["stock.picking"].with_user(self.keeper)
        picking = pickings.with_context(
            default_assist_note_number="SH2026-99999",
            default_assist_proof_state="signed",
            default_assist_note_prints=7,
        ).create({"picking_type_id": self.warehouse.out_type_id.id})
        self.assertFalse(picking.assist_note_number or picking.assist_proof_state)
        self.assertEqual(picking.assist_note_prints, 0)

    # ------------------------------------------------------------------
    # Who received it, and what it was
    # ------------------------------------------------------------------
    def test_receiver_of_conceded_goods_is_not_changed_afterwards(self):
        """Conceded for one customer: the papers do not say so until it has left alone."""
        other = self.env["res.partner"].create({"name": "Other Union", "is_company": True})
        step = self.receive({"A-50": 10})
        inspection = step.assist_inspection_ids
        self.record(inspection, moisture=9)
        self.env["union.assist.quality.decision"].with_user(self.operator).create(
            {
                "inspection_id": inspection.id,
                "kind": "conceded",
                "quantity": 10,
                "reason": "A little moist",
                "partner_ids": [Command.set(self.union.ids)],
            }
        )
        self.validate(step)
        self.validate(self.storage(step))
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
                            "product_uom_qty": 10,
                            "location_id": self.stock.id,
                            "location_dest_id": self.customer_location.id,
                        }
                    )
                ],
            }
        )
        delivery.action_confirm()
        delivery.action_assign()
        self.validate(delivery)
        self.assertEqual(delivery.state, "done")
        for record in (delivery, delivery.move_ids):
            with self.assertRaisesRegex(UserError, "against its concession"), self.cr.savepoint():
                record.with_user(self.keeper).partner_id = other
        address = self.union.copy({"parent_id": self.union.id, "type": "delivery"})
        delivery.with_user(self.keeper).partner_id = address

    def test_goods_under_a_plan_stay_stored_goods(self):
        """Goods of which no stock is kept would leave without a lot."""
        self.half_decided("A-51")
        product = self.tea.with_user(self.operator)
        with self.assertRaises(UserError), self.cr.savepoint():
            product.is_storable = False
            self.env.flush_all()
            move = self.env["stock.move"].create(
                {
                    "product_id": self.tea.id,
                    "product_uom_qty": 40,
                    "location_id": self.input.id,
                    "location_dest_id": self.customer_location.id,
                }
            )
            move._action_confirm()
            move.quantity = 40
            move.picked = True
            move._action_done()

    def test_remedy_of_a_case_is_not_borrowed(self):
        """Goods that moved for another reason are no remedy of a discrepancy."""
        _lot, stored = self.half_decided("A-52")
        case = self.env["union.assist.delivery.case"].search([], limit=1)
        self.assertFalse(self.forge(stored.move_id, {"assist_case_id": case.id or 1}))

    def test_second_company(self):
        """Whoever works in two companies takes nothing out of one under the rules of the other."""
        company = self.env["res.company"].create({"name": "Second House"})
        self.plan.company_id = self.env.company
        self.half_decided("A-60")
        keeper = new_test_user(
            self.env,
            "attack_two",
            "union_assist_logistics.group_warehouse",
            company_id=company.id,
            company_ids=[Command.set((company | self.env.company).ids)],
        )
        target = self.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
        for place in (target.lot_stock_id, self.customer_location):
            with self.assertRaises(UserError), self.cr.savepoint():
                picking = (
                    self.env["stock.picking"]
                    .with_user(keeper)
                    .with_context(allowed_company_ids=[company.id, self.env.company.id])
                    .create(
                        {
                            "picking_type_id": target.int_type_id.id,
                            "company_id": company.id,
                            "location_id": self.input.id,
                            "location_dest_id": place.id,
                            "move_ids": [
                                Command.create(
                                    {
                                        "product_id": self.tea.id,
                                        "product_uom_qty": 40,
                                        "company_id": company.id,
                                        "location_id": self.input.id,
                                        "location_dest_id": place.id,
                                        "move_line_ids": [
                                            Command.create(
                                                {
                                                    "product_id": self.tea.id,
                                                    "lot_id": self.lot("A-60").id,
                                                    "quantity": 40,
                                                    "picked": True,
                                                    "company_id": company.id,
                                                    "location_id": self.input.id,
                                                    "location_dest_id": place.id,
                                                }
                                            )
                                        ],
                                    }
                                )
                            ],
                        }
                    )
                )
                picking.button_validate()
        self.assertEqual(self.on_hand(self.input, "A-60"), 40)

    def test_undecided_goods_over_a_place_of_no_company(self):
        """A place that belongs to nobody is no way out either."""
        self.half_decided("A-61")
        place = self.env["stock.location"].create(
            {"name": "Yard", "usage": "internal", "company_id": False}
        )
        for target in (place, self.env.ref("stock.stock_location_inter_company")):
            self.refuse_entry("A-61", target=target)

    def test_packed_into_nested_packages(self):
        self.half_decided("A-62")
        inner = self.env["stock.package"].create({"name": "INNER-62"})
        outer = self.env["stock.package"].create({"name": "OUTER-62"})
        fill = self.move(self.input, self.input, "A-62", 40, done=False)
        fill.move_line_ids.result_package_id = inner
        fill.picked = True
        fill._action_done()
        inner.parent_package_id = outer
        move = self.move(self.input, self.stock, "A-62", 40, done=False)
        move.move_line_ids.write({"package_id": inner.id, "result_package_id": inner.id})
        with self.assertRaisesRegex(UserError, "would have entered stock"), self.cr.savepoint():
            move._action_done()
        self.assertEqual(inner.location_id, self.input)

    def test_plan_changed_in_the_middle(self):
        """A new version that asks for less does not judge goods that came under the old one."""
        step = self.receive({"A-63": 10})
        inspection = step.assist_inspection_ids
        before = inspection.line_ids.mapped(lambda line: (line.name, line.criterion))
        manager = new_test_user(self.env, "attack_plan", "union_assist_catalog.group_manager")
        for vals in ({"item_ids": [Command.clear()]}, {"is_template": True}):
            with self.assertRaises(UserError), self.cr.savepoint():
                self.plan.with_user(manager).write(vals)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.plan.item_ids.with_user(manager).write({"max_value": 99.0})
        with self.assertRaises(UserError), self.cr.savepoint():
            self.plan.with_user(manager).unlink()
        self.assertEqual(
            inspection.line_ids.mapped(lambda line: (line.name, line.criterion)), before
        )

    def test_steps_of_the_warehouse_changed_while_goods_are_on_the_way(self):
        step = self.receive({"A-64": 10})
        with self.assertRaisesRegex(UserError, "still contain"), self.cr.savepoint():
            self.warehouse.reception_steps = "one_step"
        self.warehouse.reception_steps = "two_steps"
        self.validate(step)
        self.assertNotEqual(step.state, "done")
        step.do_unreserve()
        self.refuse_entry("A-64", 10)
        self.move(self.input, self.control, "A-64", 10)
        self.refuse_entry("A-64", 10, source=self.control)

    def test_step_taken_by_another_operation_type(self):
        """The warehouse's quality step is not given to another type to get around it."""
        step = self.receive({"A-65": 10})
        self.warehouse.qc_type_id = self.warehouse.int_type_id.copy()
        step.move_ids.picked = True
        with self.assertRaises(UserError), self.cr.savepoint():
            step._action_done()
            self.validate(self.storage(step))
        self.assertEqual(self.on_hand(self.stock, "A-65"), 0)

    def test_results_written_over_do_not_hide_who_recorded_them(self):
        """Whoever recorded a result decides nothing, also when somebody else wrote it again."""
        both = new_test_user(
            self.env,
            "attack_both",
            "union_assist_logistics.group_inspector,union_assist_logistics.group_quality_decide",
        )
        inspection = self.receive({"A-70": 10}).assist_inspection_ids
        lines = inspection.line_ids
        for line in lines.with_user(both):
            if line.kind == "pass_fail":
                line.answer = "pass"
            else:
                line.value = 3.0
        for line in lines.with_user(self.inspector):
            line.reading_ids.unlink()
            line.write({"answer": "pass"} if line.kind == "pass_fail" else {"value": 3.0})
        inspection.with_user(self.inspector).action_submit()
        self.assertNotIn(both, lines.recorded_by_id | lines.reading_ids.recorded_by_id)
        with self.assertRaisesRegex(AccessError, "somebody else must decide"):
            self.decide(inspection, released=10, user=both)
        self.decide(inspection, released=10)

    # ------------------------------------------------------------------
    # The number of a lot
    # ------------------------------------------------------------------
    def refuse_identity(self, lot):
        for vals in ({"name": "A-X"}, {"product_id": self.rice.id}):
            for record in (lot.with_user(self.operator), lot.sudo()):
                with self.assertRaisesRegex(UserError, "inspected, held or recalled"):
                    record.write(vals)
        # What a form sends unchanged, and all else, is no matter.
        lot.write({"name": lot.name, "product_id": lot.product_id.id, "ref": "A-X"})

    def test_inspected_lot_keeps_its_number_and_product(self):
        step = self.receive({"A-80": 10})
        lot = self.lot("A-80")
        lot.with_user(self.operator).name = "A-81"
        self.record(step.assist_inspection_ids)
        self.refuse_identity(lot)
        self.decide(step.assist_inspection_ids, rejected=10)
        self.refuse_identity(lot)
        with self.assertRaisesRegex(UserError, "A-81"):
            (lot | self.lot_of_rice()).name = "A-82"

    def lot_of_rice(self):
        lot = self.env["stock.lot"].create({"name": "A-83", "product_id": self.rice.id})
        lot.name = "A-84"
        return lot

    def test_held_lot_keeps_its_number_and_product(self):
        lot = self.lot_of_rice()
        lot.action_assist_hold()
        hold = self.env["union.assist.hold"].create(
            {"scope": "lot", "lot_ids": [Command.set(lot.ids)], "reason": "Smell"}
        )
        hold.action_hold()
        with self.assertRaisesRegex(UserError, "inspected, held or recalled"):
            lot.name = "A-85"

    # ------------------------------------------------------------------
    # Conceded goods on the way to another company
    # ------------------------------------------------------------------
    def concede_and_release(self, name):
        """100 in stock: 60 released, 40 conceded until today for one customer."""
        step = self.receive({name: 100})
        inspection = step.assist_inspection_ids
        self.record(inspection)
        today = self.env.company._assist_today()
        rows = (
            {
                "kind": "conceded",
                "quantity": 40,
                "date_until": today,
                "partner_ids": [Command.set(self.union.ids)],
            },
            {"kind": "released", "quantity": 60},
        )
        self.env["union.assist.quality.decision"].with_user(self.operator).create(
            [{"inspection_id": inspection.id, "reason": "A little moist", **row} for row in rows]
        )
        self.validate(step)
        self.validate(self.storage(step))

    def test_conceded_goods_do_not_leave_over_a_place_of_no_company(self):
        yard = self.env["stock.location"].create(
            {"name": "Yard", "usage": "internal", "company_id": False}
        )
        transit = self.env.ref("stock.stock_location_inter_company")
        transit.active = True
        for name, place in (("A-90", transit), ("A-91", yard)):
            self.concede_and_release(name)
            with self.assertRaisesRegex(UserError, "against its concession"), self.cr.savepoint():
                self.move(self.stock, place, name, 100)
            self.move(self.stock, place, name, 60)
            self.assertEqual(self.on_hand(place, name), 60)
            # Back again it may leave again, and from there it leaves once.
            self.move(place, self.stock, name, 20)
            self.move(place, self.customer_location, name, 40)
            self.move(self.stock, self.customer_location, name, 20)
            with self.assertRaisesRegex(UserError, "against its concession"), self.cr.savepoint():
                self.move(self.stock, self.customer_location, name, 40)

    def test_conceded_goods_move_inside_the_company(self):
        other = self.env["stock.warehouse"].create({"name": "Hill Depot", "code": "HD"})
        transit = self.env.company.internal_transit_location_id
        self.concede_and_release("A-92")
        self.move(self.stock, transit, "A-92", 100)
        self.move(transit, other.lot_stock_id, "A-92", 100)
        self.assertEqual(self.on_hand(other.lot_stock_id, "A-92"), 100)
