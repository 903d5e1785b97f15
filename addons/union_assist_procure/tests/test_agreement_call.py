from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .agreement_common import AgreementCommon


@tagged("post_install", "-at_install", "union_assist")
class TestAgreementCall(AgreementCommon):
    """Every way to call more than was subscribed is refused, every way back gives room."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._call(800)
        cls.line = cls.order.order_line

    def assert_refused(self, words, function, *args, **kwargs):
        with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
            function(*args, **kwargs)
        self.env.invalidate_all()
        self.assert_called(800)

    def test_the_refusal_says_all_figures(self):
        order = self._call(300, confirm=False)
        with self.assertRaises(UserError) as refused, self.cr.savepoint():
            order.button_confirm()
        message = str(refused.exception)
        for part in (
            order.name,
            self.subscription.name,
            self.supplier.name,
            "agreed 1,000.00",
            "so far 800.00",
            f"{self.order.name}: 800.00",
            "this order 300.00",
            "too much by 100.00",
        ):
            self.assertIn(part, message)
        self.assertEqual(order.assist_call_refusal, message)
        order.order_line.product_qty = 200
        self.assertFalse(order.assist_call_refusal)
        order.button_confirm()
        self.assert_called(1000)

    def test_a_live_form_says_it_too(self):
        with Form(self._call(200, confirm=False)) as form:
            self.assertFalse(form.assist_call_refusal)
            with form.order_line.edit(0) as line:
                line.product_qty = 201
            self.assertIn("too much by 1.00", form.assist_call_refusal)

    def test_the_doors_that_grow_an_order(self):
        more = "too much by 1.00"
        other = self._call(201, confirm=False)
        values = {
            "order_id": self.order.id,
            "product_id": self.product.id,
            "product_qty": 201,
            "price_unit": 100,
            "tax_ids": False,
        }
        free = self._call(201, requisition_id=False)
        for function, *arguments in (
            (other.write, {"state": "purchase"}),
            (other.button_approve,),
            (self.line.write, {"product_qty": 1001}),
            (
                self.order.write,
                {"order_line": [Command.update(self.line.id, {"product_qty": 1001})]},
            ),
            (self.order.write, {"order_line": [Command.create({**values, "order_id": False})]}),
            (self.env["purchase.order.line"].with_user(self.buyer).create, values),
            (free.write, {"requisition_id": self.subscription.id}),
            (free.order_line.write, {"order_id": self.order.id}),
        ):
            self.assert_refused(more, function, *arguments)

    def test_creating_and_importing_a_confirmed_order(self):
        self.assert_refused("too much by 1.00", self._call, 201, confirm=False, state="purchase")
        columns = ["partner_id/.id", "state", "requisition_id/.id"]
        columns += [
            f"order_line/{name}" for name in ("product_id/.id", "product_qty", "price_unit", "name")
        ]
        row = [str(self.supplier.id), "purchase", str(self.subscription.id), str(self.product.id)]
        result = self.env["purchase.order"].load(columns, [[*row, "201", "100", "Tea"]])
        self.assertFalse(result["ids"])
        self.assertIn("too much by 1.00", result["messages"][0]["message"])
        self.assertTrue(
            self.env["purchase.order"].load(columns, [[*row, "200", "100", "Tea"]])["ids"]
        )
        self.assert_called(1000)

    def test_merged_requests(self):
        orders = self._call(150, confirm=False) | self._call(150, confirm=False)
        orders.action_merge()
        merged = orders.filtered(lambda order: order.state == "draft")
        self.assert_refused("too much by 100.00", merged.button_confirm)

    def test_two_confirmed_together(self):
        orders = self._call(150, confirm=False) | self._call(150, confirm=False)
        self.assert_refused("too much by 100.00", orders.write, {"state": "purchase"})

    def test_waiting_for_approval_is_refused_early(self):
        self.company.po_double_validation = "two_step"
        self.company.po_double_validation_amount = 0
        order = self._call(201, confirm=False)
        self.assert_refused("too much by 1.00", order.button_confirm)
        order.order_line.product_qty = 200
        order.button_confirm()
        self.assertEqual(order.state, "to approve")
        self.assert_called(800)
        order.with_user(self.manager).button_approve()
        self.assert_called(1000)

    def test_what_gives_back(self):
        self.line.product_qty = 500
        self.assert_called(500)
        self.order.requisition_id = False
        self.assert_called(0)
        self.order.requisition_id = self.subscription
        self.assert_called(500)
        self.order.button_cancel()
        self.assert_called(0)
        self._call(1000)
        self.assert_called(1000)

    def test_lines_and_orders_deleted(self):
        second = self.line.copy({"product_qty": 100, "order_id": self.order.id})
        self.assert_called(900)
        self.order.button_cancel()
        second.unlink()
        self.assert_called(0)
        # Without a cap there is no ledger that keeps the cancelled order.
        self.policy.active = False
        order = self._call(100)
        self.assert_called(100)
        order.button_cancel()
        order.unlink()
        self.assert_called(0)

    def test_moving_to_another_agreement(self):
        other = self._create_agreement(quantity=800)
        self.order.requisition_id = other
        self.assert_called(0)
        self.assert_called(800, agreement=other)

    def test_goods_sent_back_are_called_no_more(self):
        picking = self._receive(self.order.sudo())
        self.assert_called(800)
        self._return(picking, 300)
        self.assert_called(500)
        self.assertEqual(self.subscription.line_ids.assist_received_qty, 500)
        self._call(500)
        self.assert_called(1000)

    def test_other_units_of_measure(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._call(10, 1200, confirm=False)
        order.order_line.write({"product_uom_id": dozen.id, "product_qty": 17, "price_unit": 1200})
        self.assert_refused("too much by 4.00", order.button_confirm)
        order.order_line.write({"product_qty": 16, "price_unit": 1200})
        order.button_confirm()
        self.assert_called(992)

    def test_outside_the_period(self):
        day = fields.Date.subtract(self.today, days=1)
        for values in (
            {"date_start": fields.Date.add(self.today, days=1)},
            {"date_start": False, "date_end": day},
        ):
            with self.cr.savepoint() as savepoint:
                self.subscription.write(values)
                order = self._call(1, confirm=False)
                self.assert_refused("outside the agreed period", order.button_confirm)
                self.assert_refused(
                    "outside the agreed period", self.line.write, {"product_qty": 801}
                )
                self.line.product_qty = 799  # less is always possible
                savepoint.rollback()
            self.env.invalidate_all()
        self.subscription.date_end = self.today
        self._call(1)

    def test_the_past_is_taken_up_by_administrators_alone(self):
        self.subscription.write(
            {"date_start": "2020-07-02", "date_end": "2020-12-31"},
        )
        values = {"state": "purchase", "date_approve": "2020-08-01 04:00:00"}
        order = self._call(1, confirm=False)
        self.assert_refused("outside the agreed period", order.write, values)
        order.with_user(self.manager).write(values)
        self.assert_called(801)

    def test_prices(self):
        order = self._call(10, 101, confirm=False)
        self.assert_refused("above the agreed price", order.button_confirm)
        self.assert_refused("above the agreed price", self.line.write, {"price_unit": 100.01})
        order.order_line.discount = 1  # 99.99
        order.button_confirm()
        self.assert_called(810, 80_999.90)
        self._call(10, 90)
        self.assert_called(820, 81_899.90)

    def test_an_administrator_lets_a_higher_price_pass_and_it_is_noted(self):
        order = self._call(10, 101, confirm=False)
        order.with_user(self.manager).button_confirm()
        self.assert_called(810, 81_010)
        note = self.subscription.message_ids[0].body
        self.assertIn(order.name, note)
        self.assertIn("101.00", note)
        # What was let pass may be received, lowered and raised again at its price.
        order = order.sudo()
        order.order_line.product_qty = 9
        order.order_line.product_qty = 10
        self._receive(order)
        self.assert_refused_price(order)

    def assert_refused_price(self, order):
        with self.assertRaisesRegex(UserError, "above the agreed price"), self.cr.savepoint():
            order.order_line.write({"price_unit": 102})

    def test_the_amount_binds_administrators_too(self):
        order = self._call(200, 101, confirm=False)
        with self.assertRaises(UserError) as refused, self.cr.savepoint():
            order.with_user(self.manager).button_confirm()
        message = str(refused.exception).replace("\xa0", " ")
        for part in ("100,000.00", "80,000.00", "20,200.00", "200.00", self.order.name):
            self.assertIn(part, message)
        self.assert_called(800)

    def test_many_small_calls_add_up(self):
        """Rounding each of them must not exceed what was agreed."""
        agreement = self._create_agreement(quantity=3, price=1.005)
        for _call in range(3):
            self._call(1, 1.005, agreement)
        self.assert_called(3, 3.015, agreement)

    def test_other_goods_and_other_suppliers(self):
        other = self.env["product.product"].create({"name": "Oil"})
        order = self._call(1, confirm=False)
        order.order_line.create(
            {"order_id": order.id, "product_id": other.id, "product_qty": 1, "price_unit": 1}
        )
        self.assert_refused("Not agreed.*Oil", order.button_confirm)
        order.order_line[1].unlink()
        order.partner_id = self._create_supplier("Oil Company", persons=100)
        self.assert_refused("goes to Oil Company", order.button_confirm)

    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        order = (
            self.env["purchase.order"]
            .with_company(company)
            .create(
                {
                    "company_id": company.id,
                    "partner_id": self.supplier.id,
                    "currency_id": self.company.currency_id.id,
                    "requisition_id": self.subscription.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "product_qty": 1,
                                "price_unit": 1,
                                "tax_ids": False,
                            }
                        )
                    ],
                }
            )
        )
        self.assert_refused(f"is one of {self.company.name}", order.button_confirm)

    def test_a_contact_of_the_supplier_delivers(self):
        contact = self.env["res.partner"].create({"name": "Depot", "parent_id": self.supplier.id})
        order = self._call(1, confirm=False)
        order.partner_id = contact
        order.button_confirm()
        self.assert_called(801)

    def test_agreements_that_are_not_open(self):
        draft = self._create_agreement()
        draft.action_cancel()
        order = self._call(1, agreement=draft, confirm=False)
        with self.assertRaisesRegex(UserError, "not open"):
            order.button_confirm()
        self.subscription.action_done()
        self.assert_refused("not open", self.line.write, {"product_qty": 801})
        self.line.product_qty = 700

    def test_another_currency(self):
        currency = self.env["res.currency"].create(
            {
                "name": "XAS",
                "symbol": "X",
                "rate_ids": [Command.create({"name": "2000-01-01", "rate": 2.0})],
            }
        )
        order = self._call(10, 201, confirm=False, currency_id=currency.id)
        self.assert_refused("above the agreed price", order.button_confirm)
        order.order_line.price_unit = 200
        order.button_confirm()
        self.assert_called(810)

    def test_nobody_writes_calls_or_counters(self):
        with self.assertRaisesRegex(UserError, "follows from the orders"):
            self.subscription.assist_called = 0
        agreement = (
            self.env["purchase.requisition"]
            .with_context(default_assist_called=5)
            .create({"vendor_id": self.supplier.id, "assist_kind": "subscription"})
        )
        self.assertEqual(agreement.assist_called, 0)
        for operation in ("create", "write", "unlink"):
            self.assertFalse(
                self.subscription.assist_call_ids.with_user(self.manager).has_access(operation)
            )

    def test_plain_agreements_stay_as_they_are(self):
        plain = self._create_agreement(kind=False, date_end=self.today, quantity=5)
        plain.date_end = fields.Date.subtract(self.today, days=1)
        plain.date_start = fields.Date.subtract(self.today, days=9)
        order = self._call(500, 150, plain)
        self.assertFalse(order.sudo().assist_call_ids)
        self.assertEqual((plain.assist_called, plain.assist_subscribed), (0, 0))
        self.assertFalse(plain.line_ids.supplier_info_ids.date_end)
        plain.vendor_id = self._create_supplier("Other")
        plain.line_ids.with_user(self.buyer).product_qty = 6
        order.button_cancel()
        plain.action_cancel()

    def test_an_intention_binds_nobody(self):
        intention = self._create_agreement("intention", quantity=10)
        self.assertFalse(intention.line_ids.supplier_info_ids)
        self._call(20, 150, intention)
        self.assert_called(20, 3000, intention)
        self.assertEqual((intention.assist_called, intention.assist_open), (0, 0))

    def test_calling_off_proposes_what_is_left(self):
        action = self.subscription.with_user(self.buyer).action_assist_call_off()
        form = Form(
            self.env["purchase.order"].with_user(self.buyer).with_context(**action["context"])
        )
        self.assertEqual(form.partner_id, self.supplier)
        order = form.save()
        self.assertEqual(order.requisition_id, self.subscription)
        self.assertEqual(order.order_line.product_qty, 200)
        self.assertEqual(order.order_line.price_unit, 100)
        order.button_confirm()
        self.assert_called(1000)
        with self.assertRaisesRegex(UserError, "in full"):
            self.subscription.action_assist_call_off()

    def test_queries_do_not_grow(self):
        def confirm(count):
            agreement = self._create_agreement(quantity=1000, price=1)
            orders = self.env["purchase.order"].browse(
                [self._call(1, 1, agreement, confirm=False).id for _order in range(count)]
            )
            held = self.env["union.assist.call"]
            self.env.flush_all()
            orders.write({"state": "purchase"})
            self.env.flush_all()
            # Nothing changes any more: what is counted is the comparison with what is held.
            return self._count_queries(held._sync, orders)

        self.assert_same_queries(confirm(5), confirm(50))
