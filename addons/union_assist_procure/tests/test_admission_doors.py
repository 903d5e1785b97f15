from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.union_assist_catalog.tests.common import admit_suppliers

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestAdmissionDoors(CapCommon):
    """Only admitted suppliers can receive orders, by whichever door they come."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.active = False  # caps have tests of their own
        cls.admission = cls.supplier.sudo().assist_admission_ids
        cls.buyer = new_test_user(cls.env, "admission_buyer", "purchase.group_purchase_user")
        cls.newcomer = cls.env["res.partner"].create(
            {"name": "Newcomer", "is_company": True, "assist_supplier_kind": "cooperative"}
        )

    def suspend(self):
        self.admission._take_step("suspend", reason="Labels do not agree")
        self.env.invalidate_all()

    def assert_refused(self, function, *args, reason="has not applied", **kwargs):
        with self.assertRaisesRegex(UserError, reason), self.cr.savepoint():
            function(*args, **kwargs)
        self.env.invalidate_all()

    def test_confirming_is_refused_until_admitted(self):
        order = self._create_order(100, self.newcomer)
        self.assertIn("has not applied", order.assist_obstacles)
        self.assert_refused(order.button_confirm)
        self.assert_refused(order.with_user(self.buyer).button_confirm)
        admit_suppliers(self.newcomer)
        self.env.invalidate_all()
        self.assertFalse(order.assist_obstacles)
        order.with_user(self.buyer).button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_a_contact_is_its_company(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.newcomer.id})
        self.assert_refused(self._create_order(100, contact).button_confirm)

    def test_approving(self):
        self.company.po_double_validation = "two_step"
        order = self._create_order(10_000)
        order.with_user(self.buyer).button_confirm()
        self.assertEqual(order.state, "to approve")
        self.suspend()
        self.assertIn("is suspended", order.assist_obstacles)
        self.assert_refused(order.button_approve, reason="Labels do not agree")
        self.assert_refused(order.button_approve, force=True, reason="is suspended")

    def test_writing_creating_and_importing_the_state(self):
        order = self._create_order(100, self.newcomer)
        self.assert_refused(order.write, {"state": "purchase"})
        self.assert_refused(self._create_order, 100, self.newcomer, state="purchase")
        columns = ["partner_id/.id", "state"]
        columns += [
            f"order_line/{name}" for name in ("product_id/.id", "product_qty", "price_unit", "name")
        ]
        row = [str(self.newcomer.id), "purchase", str(self.product.id), "1", "5", "Tea"]
        result = self.env["purchase.order"].load(columns, [row])
        self.assertFalse(result["ids"])
        self.assertIn("has not applied", result["messages"][0]["message"])

    def test_the_context_opens_no_door(self):
        order = self._create_order(100, self.newcomer).with_context(
            install_mode=True, import_file=True, skip_alternative_check=True
        )
        self.assert_refused(order.button_confirm)

    def test_what_was_ordered_before_is_still_received(self):
        order = self._create_order(1000, quantity=10)
        order.button_confirm()
        self.suspend()
        line = order.order_line
        self.assert_refused(line.write, {"product_qty": 11}, reason="is suspended")
        other = self.env["product.product"].create({"name": "Oil"})
        values = {
            "order_id": order.id,
            "product_id": other.id,
            "name": "More",
            "product_qty": 1,
            "price_unit": 1,
            "tax_ids": False,
        }
        self.assert_refused(line.create, values, reason="is suspended")
        del values["order_id"]
        self.assert_refused(
            line.with_context(default_order_id=order.id).create, values, reason="is suspended"
        )
        self.assert_refused(
            order.write, {"order_line": [Command.create(values)]}, reason="is suspended"
        )
        self.assert_refused(line.write, {"product_id": other.id}, reason="is suspended")
        draft = self._create_order(100, quantity=1)
        self.assert_refused(draft.order_line.write, {"order_id": order.id}, reason="is suspended")
        # Less, dearer, received, returned: all that is no order of more goods.
        line.write({"product_qty": 9, "price_unit": 120})
        self.assertEqual(line.product_qty, 9)
        receipt = self._receive(order)
        self.assertEqual(line.qty_received, 9)
        self._return(receipt, 2)
        order.order_line.create(
            {"order_id": order.id, "display_type": "line_note", "name": "x", "product_qty": 0}
        )

    def test_a_line_moved_within_one_save_is_no_new_order(self):
        order = self._create_order(1000, quantity=10)
        order.button_confirm()
        line = order.order_line.create(
            {
                "order_id": order.id,
                "product_id": self.product.id,
                "product_qty": 5,
                "price_unit": 100,
                "tax_ids": False,
            }
        )
        self.suspend()
        order.write(
            {
                "order_line": [
                    Command.update(order.order_line[0].id, {"product_qty": 12}),
                    Command.update(line.id, {"product_qty": 3}),
                ]
            }
        )
        self.assertEqual(sum(order.order_line.mapped("product_qty")), 15)

    def test_another_supplier_on_a_confirmed_order(self):
        order = self._create_order(1000)
        order.button_confirm()
        self.assert_refused(order.write, {"partner_id": self.newcomer.id})

    def test_merged_duplicated_and_cancelled_orders(self):
        order = self._create_order(1000)
        order.button_confirm()
        order.button_cancel()
        self.suspend()
        self.assert_refused(order.copy().button_confirm, reason="is suspended")
        order.button_draft()
        self.assert_refused(order.button_confirm, reason="is suspended")
        first, second = (self._create_order(26_000, quantity=10) for _index in range(2))
        (first | second).action_merge()
        merged = (first | second).filtered(lambda record: record.state == "draft")
        self.assert_refused(merged.button_confirm, reason="is suspended")

    def test_tender_and_blanket_order(self):
        order = self._create_order(50_000)
        wizard = Form(
            self.env["purchase.requisition.create.alternative"].with_context(
                default_origin_po_id=order.id
            )
        )
        wizard.partner_ids = self.newcomer
        alternative = self.env["purchase.order"].browse(
            wizard.save().action_create_alternative()["res_id"]
        )
        alternative = alternative.with_context(skip_alternative_check=True)
        self.assert_refused(alternative.button_confirm)
        blanket = self.env["purchase.requisition"].create(
            {
                "vendor_id": self.newcomer.id,
                "requisition_type": "blanket_order",
                "line_ids": [
                    Command.create(
                        {"product_id": self.product.id, "product_qty": 5, "price_unit": 2}
                    )
                ],
            }
        )
        self.assert_refused(blanket.action_confirm)
        admit_suppliers(self.newcomer)
        blanket.action_confirm()
        self.newcomer.assist_admission_ids._take_step("suspend", reason="Labels do not agree")
        call = Form(self.env["purchase.order"])
        call.requisition_id = blanket
        self.assertIn("is suspended", call.assist_obstacles)
        self.assert_refused(call.save().button_confirm, reason="is suspended")

    def test_reordering_rule_makes_a_draft_that_cannot_be_confirmed(self):
        self.product.seller_ids = [Command.create({"partner_id": self.newcomer.id, "price": 26})]
        orderpoint = self.env["stock.warehouse.orderpoint"].create(
            {"product_id": self.product.id, "product_min_qty": 20, "product_max_qty": 20}
        )
        orderpoint.action_replenish()
        line = self.env["purchase.order.line"].search([("orderpoint_id", "=", orderpoint.id)])
        self.assert_refused(line.order_id.button_confirm)

    def test_other_vendors_are_left_alone(self):
        vendor = self.env["res.partner"].create({"name": "Packer", "is_company": True})
        order = self._create_order(100, vendor)
        self.assertFalse(order.assist_obstacles)
        order.button_confirm()
        order.order_line.product_qty = 5
        self.assertEqual(order.state, "purchase")

    def test_the_day_is_that_of_the_company(self):
        admission = admit_suppliers(self.newcomer, date=self.company._assist_today())
        self.assertFalse(self.newcomer._assist_order_obstacles(self.product, admission.state_since))
        earlier = admission.state_since.replace(year=admission.state_since.year - 1)
        self.assertTrue(self.newcomer._assist_order_obstacles(self.product, earlier))

    def test_queries_of_many_orders(self):
        suppliers = self.env["res.partner"].create(
            [
                {"name": f"S{index}", "is_company": True, "assist_supplier_kind": "sme"}
                for index in range(50)
            ]
        )
        admit_suppliers(suppliers)
        orders = self.env["purchase.order"].concat(
            *(self._create_order(10, supplier) for supplier in suppliers)
        )

        def read(records):
            records.mapped("assist_obstacles")

        self.assert_same_queries(
            self._count_queries(read, orders[:5]), self._count_queries(read, orders)
        )
        orders.write({"state": "purchase"})

        def check(records):
            records._assist_check_obstacles()

        self.assert_same_queries(
            self._count_queries(check, orders[:5]), self._count_queries(check, orders)
        )
