from odoo import Command, fields
from odoo.tests import new_test_user

from .common import CapCommon


class AgreementCommon(CapCommon):
    """A subscription of 1,000 at 100 (100,000) that holds from yesterday for a month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = new_test_user(
            cls.env, "agreement_buyer", "union_assist_catalog.group_operator", lang="en_US"
        )
        cls.manager = new_test_user(
            cls.env, "agreement_manager", "union_assist_catalog.group_manager", lang="en_US"
        )
        cls.today = cls.company._assist_today()
        cls.subscription = cls._create_agreement()

    @classmethod
    def _create_agreement(cls, kind="subscription", quantity=1000, price=100, **values):
        agreement = cls.env["purchase.requisition"].create(
            {
                "requisition_type": "blanket_order",
                "assist_kind": kind,
                "vendor_id": cls.supplier.id,
                "user_id": cls.buyer.id,
                "date_start": fields.Date.subtract(cls.today, days=1),
                "date_end": fields.Date.add(cls.today, days=30),
                "line_ids": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_qty": quantity,
                            "price_unit": price,
                        }
                    )
                ],
                **values,
            }
        )
        agreement.action_confirm()
        return agreement

    @classmethod
    def _call(cls, quantity, price=100, agreement=None, confirm=True, **values):
        """Make an order of the buyer on the agreement."""
        order = cls.env["purchase.order"].with_user(cls.buyer)
        order = order.create(
            {
                "partner_id": cls.supplier.id,
                "requisition_id": (agreement or cls.subscription).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_qty": quantity,
                            "price_unit": price,
                            "tax_ids": False,
                        }
                    )
                ],
                **values,
            }
        )
        if confirm:
            order.button_confirm()
        return order

    def assert_called(self, quantity, amount=None, agreement=None):
        """Counter, calls and orders say the same."""
        agreement = agreement or self.subscription
        self.env.flush_all()
        self.env.invalidate_all()
        amount = quantity * 100 if amount is None else amount
        counter = (
            agreement.assist_called
            if agreement.assist_kind == "subscription"
            else agreement.assist_ordered
        )
        orders = agreement.purchase_ids.filtered(lambda order: order.state == "purchase")
        self.assertAlmostEqual(counter, amount, 2)
        self.assertAlmostEqual(sum(agreement.assist_call_ids.mapped("quantity")), quantity, 2)
        self.assertAlmostEqual(sum(agreement.assist_call_ids.mapped("amount")), amount, 2)
        self.assertEqual(agreement.assist_call_ids.order_id, orders.filtered("order_line"))
