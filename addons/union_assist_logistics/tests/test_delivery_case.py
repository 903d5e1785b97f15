from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .proof_common import ProofCommon


@tagged("post_install", "-at_install", "union_assist")
class TestDeliveryCase(ProofCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls._make_shipped(1)
        cls.order = cls.picking.sale_id
        cls.line = cls.order.order_line.filtered(lambda line: line.product_id == cls.tea)

    def _case(self, kind="short", quantity=2):
        self._sign(self.picking, (1, kind, quantity))
        return self.picking.assist_case_ids.with_user(self.operator)

    def _agree(self, case, remedy, responsibility="warehouse", **values):
        case.write({"remedy": remedy, "responsibility": responsibility, **values})
        case.action_agree()

    def _invoice(self):
        invoice = self.order._create_invoices()
        invoice.action_post()
        return invoice

    def _on_hand(self, location):
        quants = self.env["stock.quant"].search(
            [("location_id", "=", location.id), ("lot_id", "=", self.lots[self.tea].id)]
        )
        return sum(quants.mapped("quantity"))

    # -- billing ---------------------------------------------------------------------

    def test_without_a_receipt_nothing_changes(self):
        self.assertEqual((self.line.qty_delivered, self.line.qty_to_invoice), (10, 10))

    def test_what_is_short_is_not_billed(self):
        case = self._case()
        self.assertEqual(case.held_qty, 2)
        self.assertEqual((self.line.qty_delivered, self.line.qty_to_invoice), (8, 8))
        invoice = self._invoice()
        billed = invoice.invoice_line_ids.filtered(lambda line: line.product_id == self.tea)
        self.assertEqual(billed.quantity, 8)

    def test_a_case_that_does_not_hold_is_billed(self):
        case = self._case()
        self._agree(case, "none", "customer")
        self.assertEqual(case.state, "done")
        self.assertEqual(self.line.qty_delivered, 10)
        self.assertFalse(case.move_ids)

    def test_lost_goods_are_sent_again(self):
        """Off the receiver and written off at once; billed again when the new ones left."""
        case = self._case()
        self._agree(case, "resend")
        self.assertEqual(case.state, "agreed")
        back = case.return_ids
        self.assertEqual(back.state, "done")
        self.assertEqual(back.move_ids.move_line_ids.lot_id, self.lots[self.tea])
        place = self.company.assist_difference_location_id
        self.assertEqual(self._on_hand(place), 0, "lost goods are written off")
        self.assertEqual(case.held_qty, 0)
        self.assertEqual(self.line.qty_delivered, 8)
        new = case.delivery_ids
        self.assertEqual(new.location_dest_id.usage, "customer")
        self.assertEqual(new.move_ids.product_uom_qty, 2)
        with self.assertRaisesRegex(UserError, "has not left"):
            case.action_done()
        new.action_assign()
        self._print(new)
        new.button_validate()
        self.assertEqual(self.line.qty_delivered, 10)
        self.assertEqual(case.state, "done")
        case.action_close()
        self.assertEqual((case.state, case.closed_by_id), ("closed", self.operator))

    def test_a_shortage_that_remains_after_sending_again(self):
        case = self._case()
        self._agree(case, "resend")
        new = case.delivery_ids
        new.action_assign()
        self._print(new)
        new.button_validate()
        self._sign(new.with_env(self.env), (1, "short", 1))
        self.assertEqual(self.line.qty_delivered, 9)
        second = new.assist_case_ids.with_user(self.operator)
        self._agree(second, "write_off")
        self.assertEqual(second.state, "done")
        self.assertEqual((self.line.qty_delivered, self.line.qty_to_invoice), (9, 9))

    def test_the_supplier_is_asked_about_what_it_answers_for(self):
        """Once, without what the receiver wrote."""
        case = self._case("damaged", 2)
        case.sudo().remark = "Opened by Mrs. Example"
        supplier = self.env["res.partner"].create(
            {"name": "Tea Maker", "is_company": True, "assist_supplier_kind": "sme"}
        )
        self._agree(case, "write_off", "supplier", responsible_id=supplier.id)
        asked = case.nonconformity_id
        self.assertEqual((asked.origin, asked.supplier_id), ("customer", supplier))
        self.assertEqual(asked.lot_ids, self.lots[self.tea])
        self.assertEqual((asked.quantity, asked.severity), (2, "major"))
        self.assertNotIn("Example", asked.description)

    def test_nobody_else_is_asked(self):
        case = self._case("damaged", 2)
        self._agree(case, "write_off", "warehouse")
        self.assertFalse(case.nonconformity_id)

    def test_refused_goods_come_back(self):
        """They wait for the warehouse; what has not come back is held, what has is returned."""
        case = self._case("refused", 3)
        self.assertTrue(case.goods_back)
        self._agree(case, "credit")
        back = case.return_ids
        self.assertNotEqual(back.state, "done")
        self.assertEqual(case.state, "agreed")
        self.assertEqual((case.held_qty, self.line.qty_delivered), (3, 7))
        before = self._on_hand(self.warehouse.lot_stock_id)
        back.move_ids.picked = True
        back.with_user(self.keeper).button_validate()
        self.assertEqual(self._on_hand(self.warehouse.lot_stock_id), before + 3)
        self.assertEqual((case.held_qty, self.line.qty_delivered), (0, 7))
        self.assertEqual(case.state, "done")

    def test_exchange(self):
        case = self._case("damaged", 2)
        self._agree(case, "exchange", "supplier", responsible_id=self.unit.id)
        self.assertTrue(case.goods_back)
        for picking in (case.return_ids, case.delivery_ids):
            self.assertEqual(self.line.qty_delivered, 8)
            picking.action_assign()
            picking.move_ids.picked = True
            picking.button_validate()
        self.assertEqual(self.line.qty_delivered, 10)
        self.assertEqual(case.state, "done")

    def test_what_was_invoiced_is_credited(self):
        self._invoice()
        case = self._case()
        self.assertEqual(self.line.qty_to_invoice, -2)
        self._agree(case, "credit", "carrier", responsible_id=self.unit.id, cost=30)
        self.assertEqual(case.state, "agreed")
        with self.assertRaisesRegex(UserError, "credit note"):
            case.action_done()
        case.action_credit()
        note = case.sudo().credit_note_id
        self.assertEqual((note.move_type, note.invoice_line_ids.quantity), ("out_refund", 2))
        note.action_post()
        self.assertEqual((self.line.qty_invoiced, self.line.qty_to_invoice), (8, 0))
        case.action_close()
        self.assertEqual(case.state, "closed")

    def test_units_of_the_order(self):
        """Ordered in dozens, short by the piece of the note's unit."""
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.env["sale.order"].create(
            {
                "partner_id": self.unit.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.tea.id,
                            "product_uom_qty": 2,
                            "product_uom_id": dozen.id,
                        },
                    )
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.action_assign()
        self._print(picking)
        picking.button_validate()
        receipt = self._sign(picking, (1, "short", 1))
        self.assertEqual(receipt.line_ids.uom_id, dozen)
        self.assertEqual(order.order_line.qty_delivered, 1)

    def test_kits_count_whole_sets(self):
        pack = self.env["product.product"].create(
            {"name": "礼包", "is_storable": True, "invoice_policy": "delivery"}
        )
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": pack.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    (0, 0, {"product_id": self.tea.id, "product_qty": 2}),
                    (0, 0, {"product_id": self.rice.id, "product_qty": 1}),
                ],
            }
        )
        order = self._make_order({pack: 10})
        picking = order.picking_ids
        self._print(picking)
        picking.button_validate()
        self.assertEqual(order.order_line.qty_delivered, 10)
        self._sign(picking, (1, "short", 3), (2, "short", 1))
        self.assertEqual(order.order_line.qty_delivered, 8, "two sets lack tea, one of them rice")

    # -- rules -----------------------------------------------------------------------

    def test_nobody_but_operators_settles(self):
        case = self._case()
        case.write({"remedy": "none", "responsibility": "customer"})
        for user in (self.keeper, self.viewer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                case.with_user(user).action_agree()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                case.with_user(user).cost = 1
        for values in ({"state": "closed"}, {"held_qty": 0}, {"agreed_by_id": self.operator.id}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                case.write(values)

    def test_large_cases_are_agreed_by_an_administrator(self):
        self.env["union.assist.parameter"].search([("code", "=", "delivery_case_approval")]).write(
            {"value": 100}
        )
        case = self._case()
        self.assertEqual(case.goods_value, 256)
        with self.assertRaisesRegex(UserError, "Ask an administrator"):
            self._agree(case, "credit")
        self.operator.group_ids += self.env.ref("union_assist_catalog.group_manager")
        case.action_agree()
        self.assertEqual(case.agreed_by_id, self.operator)

    def test_agreement_needs_who_and_how(self):
        case = self._case()
        with self.assertRaisesRegex(UserError, "who is responsible"):
            case.action_agree()
        case.write({"remedy": "credit", "responsibility": "carrier"})
        with self.assertRaisesRegex(UserError, "which supplier or carrier"):
            case.action_agree()

    def test_what_was_reported_stays(self):
        case = self._case()
        with self.assertRaisesRegex(UserError, "receipt says stays"):
            case.quantity = 1
        with self.assertRaises(UserError):
            case.unlink()
        with self.assertRaisesRegex(UserError, "not copied"):
            case.copy()

    def test_found_later(self):
        """An operator opens a case for what was written on paper; no more than was sent."""
        move = self.picking.move_ids.filtered(lambda move: move.product_id == self.tea)
        cases = self.env["union.assist.delivery.case"].with_user(self.operator)
        vals = {"picking_id": self.picking.id, "move_id": move.id, "kind": "near_expiry"}
        case = cases.create({**vals, "quantity": 4})
        self.assertEqual(self.line.qty_delivered, 6)
        with (
            self.assertRaisesRegex(ValidationError, "10.0 .* were delivered"),
            self.cr.savepoint(),
        ):
            cases.create({**vals, "quantity": 7})
        other = self._make_shipped(1)
        with self.assertRaisesRegex(ValidationError, "is not of delivery"), self.cr.savepoint():
            cases.create({**vals, "picking_id": other.id, "quantity": 1})
        case.unlink()
        self.assertEqual(self.line.qty_delivered, 10)

    def test_an_agreement_is_taken_back_while_nothing_moved(self):
        case = self._case("refused", 3)
        self._agree(case, "exchange")
        case.action_reopen()
        self.assertEqual(case.state, "open")
        self.assertEqual(set(case.move_ids.mapped("state")), {"cancel"})
        self._agree(case, "none", "customer")
        self.assertEqual(self.line.qty_delivered, 10)

    def test_queries_do_not_grow_with_the_cases(self):
        pickings = self._make_shipped(12)
        for picking in pickings:
            self._sign(picking, (1, "short", 1))

        def queries(chosen):
            lines = chosen.sale_id.order_line.with_prefetch()
            delivered = {line: line.qty_delivered for line in lines}
            return self.record_queries(lambda: lines._assist_get_held(delivered))

        queries(pickings[:1])
        self.assert_same_queries(queries(pickings[1:4]), queries(pickings[4:]))

    def test_reminders(self):
        case = self._case()
        self.env["union.assist.delivery.case"].sudo().browse(case.id).deadline = "2020-01-01"
        self.assertTrue(case.is_overdue)
        with self.enter_registry_test_mode():
            cron = self.env.ref("union_assist_logistics.ir_cron_delivery_case")
            for _run in range(2):
                cron.with_user(self.env.ref("base.user_root")).method_direct_trigger()
        case.invalidate_recordset()
        self.assertEqual(len(case.activity_ids), 1)
        self.assertEqual(case.reminded_on, self.company._assist_today())
