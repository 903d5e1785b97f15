from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapDoors(CapCommon):
    """Every way to commit more than the cap is refused, every way back gives room."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_order(260_000, quantity=100)
        cls.order.button_confirm()
        cls.line = cls.order.order_line

    def assert_refused(self, function, *args, **kwargs):
        with self.assertRaisesRegex(UserError, "exceeds the purchase cap"), self.cr.savepoint():
            function(*args, **kwargs)
        self.assert_used(260_000)

    def _line(self, amount):
        return {
            "order_id": self.order.id,
            "product_id": self.product.id,
            "product_qty": 1,
            "price_unit": amount,
            "tax_ids": False,
        }

    def test_writing_the_state(self):
        order = self._create_order(40_001)
        self.assert_refused(order.write, {"state": "purchase"})
        self._create_order(40_000).write({"state": "purchase"})
        self.assert_used(300_000)

    def test_creating_a_confirmed_order(self):
        self.assert_refused(self._create_order, 40_001, state="purchase")
        self._create_order(40_000, state="purchase")
        self.assert_used(300_000)

    def test_importing_a_confirmed_order(self):
        columns = ["partner_id/.id", "state"]
        columns += [
            f"order_line/{name}" for name in ("product_id/.id", "product_qty", "price_unit", "name")
        ]
        row = [str(self.supplier.id), "purchase", str(self.product.id), "1", "40001", "Tea"]
        result = self.env["purchase.order"].load(columns, [row])
        self.assertFalse(result["ids"])
        self.assertIn("exceeds the purchase cap", result["messages"][0]["message"])
        self.assert_used(260_000)

    def test_a_new_line(self):
        self.assert_refused(self.env["purchase.order.line"].create, self._line(40_001))
        self.env["purchase.order.line"].create(self._line(40_000))
        self.assert_used(300_000)

    def test_quantity_price_discount_and_tax_of_a_line(self):
        tax = self._create_tax(20)
        self.assert_refused(self.line.write, {"product_qty": 116})
        self.assert_refused(self.line.write, {"price_unit": 3000.01})
        self.assert_refused(self.line.write, {"tax_ids": [Command.set(tax.ids)]})
        self.line.product_qty = 115
        self.assert_used(299_000)
        self.line.discount = 50
        self.assert_used(149_500)
        self.line.write({"discount": 0, "product_qty": 10})
        self.assert_used(26_000)

    def test_currency_of_a_confirmed_order(self):
        currency = self.env["res.currency"].create(
            {
                "name": "UAT",
                "symbol": "T",
                "rate_ids": [Command.create({"name": self.year_start, "rate": 0.5})],
            }
        )
        self.assert_refused(self.order.write, {"currency_id": currency.id})
        self.line.product_qty = 50
        self.order.currency_id = currency
        self.assert_used(260_000)
        self.order.currency_id = self.company.currency_id
        self.assert_used(130_000)

    def test_lines_saved_together_count_together(self):
        second = self.env["purchase.order.line"].create(self._line(40_000))
        self.order.write(
            {
                "order_line": [
                    Command.update(self.line.id, {"price_unit": 2900}),
                    Command.update(second.id, {"price_unit": 10_000}),
                ]
            }
        )
        self.assert_used(300_000)

    def test_the_context_opens_no_door(self):
        order = self.order.with_context(
            skip_alternative_check=True, install_mode=True, import_file=True
        )
        self.assert_refused(order.order_line.write, {"product_qty": 200})

    def test_moving_a_line_to_a_confirmed_order(self):
        draft = self._create_order(41_600, quantity=16)
        self.assert_refused(draft.order_line.write, {"order_id": self.order.id})

    def test_another_currency_on_a_confirmed_order(self):
        currency = self.env["res.currency"].create(
            {
                "name": "UAT",
                "symbol": "T",
                "rate_ids": [Command.create({"name": self.year_start, "rate": 0.8})],
            }
        )
        self.assert_refused(self.order.write, {"currency_id": currency.id})  # 325,000
        self.order.write({"currency_id": currency.id, "order_line": [self._update(90)]})
        self.assert_used(292_500)

    def _update(self, quantity):
        values = {"product_qty": quantity, "price_unit": 2600}
        return Command.update(self.line.id, values)

    def test_another_unit_on_a_confirmed_line(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.assert_refused(
            self.line.write, {"product_uom_id": dozen.id, "product_qty": 10, "price_unit": 31_200}
        )

    def test_approving_without_confirming(self):
        order = self._create_order(40_001)
        self.assert_refused(order.button_approve)
        self.assert_refused(order.button_approve, force=True)

    def test_the_portal_confirms_and_changes_nothing(self):
        contact = self.env["res.partner"].create({"name": "C", "parent_id": self.supplier.id})
        user = new_test_user(self.env, "doors_portal", "base.group_portal", partner_id=contact.id)
        order = self._create_order(100).with_user(user)
        for function in (
            order.button_confirm,
            order.button_approve,
            lambda: order.write({"state": "purchase"}),
            lambda: self.line.with_user(user).write({"product_qty": 1}),
            lambda: self.order.with_user(user).action_close_remainder(),
        ):
            # Rendering the log of a changed quantity may refuse first, for the same reason.
            with self.assertRaises(UserError), self.cr.savepoint():
                function()
        self.assert_used(260_000)

    def test_merged_requests(self):
        first, second = (self._create_order(26_000, quantity=10) for _index in range(2))
        (first | second).action_merge()
        merged = (first | second).filtered(lambda order: order.state == "draft")
        self.assertEqual(merged.amount_total, 52_000)
        self.assert_refused(merged.button_confirm)

    def test_duplicated_order(self):
        copied = self.order.copy()
        self.assertFalse(copied.assist_entry_ids)
        self.assert_refused(copied.button_confirm)

    def test_reordering_rule(self):
        self.product.seller_ids = [
            Command.create({"partner_id": self.supplier.id, "price": 2600, "min_qty": 1})
        ]
        orderpoint = self.env["stock.warehouse.orderpoint"].create(
            {"product_id": self.product.id, "product_min_qty": 200, "product_max_qty": 200}
        )
        orderpoint.action_replenish()
        line = self.env["purchase.order.line"].search([("orderpoint_id", "=", orderpoint.id)])
        order = line.order_id
        self.assertEqual(order.state, "draft")
        self.assert_refused(order.button_confirm)

    def test_the_scheduler_extends_requests_and_never_confirmed_orders(self):
        self.product.seller_ids = [
            Command.create({"partner_id": self.supplier.id, "price": 2600, "min_qty": 1})
        ]
        # What is on its way counts: of 105 wanted the confirmed order brings 100.
        orderpoint = self.env["stock.warehouse.orderpoint"].create(
            {"product_id": self.product.id, "product_min_qty": 105, "product_max_qty": 105}
        )
        for wanted in (105, 120):
            orderpoint.write({"product_min_qty": wanted, "product_max_qty": wanted})
            self.env["stock.rule"].run_scheduler()
            self.assertEqual(self.line.product_qty, 100)
            self.assert_used(260_000)
        request = self.env["purchase.order"].search(
            [("partner_id", "=", self.supplier.id), ("state", "=", "draft")]
        )
        self.assertEqual(request.order_line.product_qty, 20)
        self.assert_refused(request.button_confirm)
        request.order_line.product_qty = 15
        request.button_confirm()
        self.assert_used(299_000)

    def test_subcontracting(self):
        boms = self.env.get("mrp.bom")
        if boms is None or "subcontract" not in dict(boms._fields["type"].selection):
            self.skipTest("mrp_subcontracting is not installed here")
        subcontracted = self.env["product.product"].create(
            {"name": "Packed Tea", "is_storable": True, "supplier_taxes_id": False}
        )
        boms.create(
            {
                "product_tmpl_id": subcontracted.product_tmpl_id.id,
                "type": "subcontract",
                "subcontractor_ids": [Command.set(self.supplier.ids)],
                "bom_line_ids": [Command.create({"product_id": self.product.id})],
            }
        )
        order = self._create_order(50_000, quantity=10)
        order.order_line.write({"product_id": subcontracted.id, "price_unit": 5000})
        self.assert_refused(order.button_confirm)
        order.order_line.product_qty = 8
        order.button_confirm()
        self.assert_used(300_000)
        self.assertTrue(order.picking_ids.move_ids.is_subcontract)
        order.button_cancel()
        self.assert_used(260_000)

    def test_tender_award(self):
        rival = self._create_supplier("Rival", persons=50)
        order = self._create_order(50_000)
        wizard = Form(
            self.env["purchase.requisition.create.alternative"].with_context(
                default_origin_po_id=order.id
            )
        )
        wizard.partner_ids = rival
        alternative = self.env["purchase.order"].browse(
            wizard.save().action_create_alternative()["res_id"]
        )
        alternative.order_line.write({"price_unit": 45_000})
        order.order_line.action_choose()
        self.assert_refused(order.with_context(skip_alternative_check=True).button_confirm)
        alternative.order_line.product_qty = 1
        warning = self.env["purchase.requisition.alternative.warning"].create(
            {
                "po_ids": [Command.set(alternative.ids)],
                "alternative_po_ids": [Command.set(order.ids)],
            }
        )
        warning.action_cancel_alternatives()
        self.assert_used(45_000, self._get_cap(rival))
        self.assertEqual(order.state, "cancel")

    def test_blanket_order_call(self):
        blanket = self.env["purchase.requisition"].create(
            {
                "vendor_id": self.supplier.id,
                "requisition_type": "blanket_order",
                "line_ids": [
                    Command.create(
                        {"product_id": self.product.id, "product_qty": 500, "price_unit": 2600}
                    )
                ],
            }
        )
        blanket.action_confirm()
        self.assert_used(260_000)  # an agreement commits nothing by itself, its calls do
        call = Form(self.env["purchase.order"])
        call.requisition_id = blanket
        call = call.save()
        call.order_line.product_qty = 16
        self.assert_refused(call.button_confirm)
        call.order_line.product_qty = 15
        call.button_confirm()
        self.assert_used(299_000)

    def test_return_gives_room_back(self):
        receipt = self._receive(self.order)
        self.assert_used(260_000)
        self._return(receipt, 30)
        self.assert_used(182_000)

    def test_return_to_be_replaced_keeps_the_room(self):
        receipt = self._receive(self.order)
        self._return(receipt, 30, to_refund=False)
        self.assert_used(260_000)

    def test_over_receipt_counts(self):
        with self.assertRaises(UserError), self.cr.savepoint():
            self._receive(self.order, 116)
        self.assert_used(260_000)
        self._receive(self.order, 115)
        self.assert_used(299_000)

    def test_changing_a_receipt_afterwards(self):
        receipt = self._receive(self.order)
        receipt.action_toggle_is_locked()
        self.assert_refused(receipt.move_line_ids.write, {"quantity": 116})
        receipt.move_line_ids.quantity = 110
        self.assert_used(286_000)

    def test_goods_that_came_along_count(self):
        extra = self.env["product.product"].create(
            {
                "name": "Oil",
                "is_storable": True,
                "purchase_method": "receive",
                "supplier_taxes_id": False,
                "seller_ids": [Command.create({"partner_id": self.supplier.id, "price": 100})],
            }
        )
        receipt = self.order.picking_ids
        self.env["stock.move"].create(
            {
                "picking_id": receipt.id,
                "product_id": extra.id,
                "product_uom_qty": 5,
                "quantity": 5,
                "picked": True,
                "location_id": receipt.location_id.id,
                "location_dest_id": receipt.location_dest_id.id,
            }
        )
        receipt.move_ids.picked = True
        receipt._action_done()
        line = self.order.order_line - self.line
        self.assertEqual((line.product_qty, line.qty_received), (0, 5))
        self.assertEqual(line.price_unit, 100)
        self.assert_used(260_500)

    def test_manually_received_services(self):
        service = self.env["product.product"].create(
            {"name": "Packing", "type": "service", "supplier_taxes_id": False}
        )
        line = self.env["purchase.order.line"].create(
            {**self._line(10_000), "product_id": service.id}
        )
        self.assert_used(270_000)
        line.qty_received = 2
        self.assert_used(280_000)
        with self.assertRaises(UserError), self.cr.savepoint():
            line.qty_received = 10

    def test_credit_lines_lower_the_order_and_never_below_nothing(self):
        self.env["purchase.order.line"].create({**self._line(10_000), "product_qty": -1})
        self.assert_used(250_000)
        credit = self._create_order(-50_000)
        credit.button_confirm()
        self.assertFalse(credit.assist_entry_ids, "a credit makes no room for more orders")
        self.assert_used(250_000)

    def test_ledger_is_append_only(self):
        entry = self.order.assist_entry_ids.sudo()
        with self.assertRaisesRegex(UserError, "append-only"):
            entry.write({"amount": 1})
        with self.assertRaisesRegex(UserError, "append-only"):
            entry.unlink()
        with self.assertRaisesRegex(UserError, "append-only"):
            self.cap.sudo().unlink()
        with self.assertRaisesRegex(UserError, "its ledger"):
            self.cap.sudo().write({"committed": 0})
        self.assert_used(260_000)

    def test_entries_move_the_counter_themselves(self):
        self.env["union.assist.cap.entry"].sudo().create(
            {
                "cap_id": self.cap.id,
                "order_id": self.order.id,
                "kind": "release",
                "amount": -1000,
                "date": fields.Datetime.now(),
            }
        )
        self.assert_used(259_000)
        self.order._assist_sync_commitment()
        self.assert_used(260_000)
