from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.union_assist_procure.exceptions import CapExceeded

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapSplit(CapCommon):
    """The tea supplier has 40,000 left of 300,000; Oil Company sells tea too, with 20,000 left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_order(260_000).button_confirm()
        cls.other = cls._create_supplier("Oil Company", persons=10)
        cls._sell(cls.supplier, 26)
        cls._sell(cls.other, 25, delay=7)
        cls.buyer = new_test_user(cls.env, "cap_buyer", "purchase.group_purchase_user")

    @classmethod
    def _sell(cls, supplier, price, product=None, **values):
        return cls.env["product.supplierinfo"].create(
            {
                "partner_id": supplier.id,
                "product_tmpl_id": (product or cls.product).product_tmpl_id.id,
                "price": price,
                **values,
            }
        )

    def _refuse(self, order):
        """Have the confirmation refused and return the refusal."""
        with self.assertRaises(CapExceeded) as caught, self.cr.savepoint():
            order.with_user(self.buyer).button_confirm()
        self.assertEqual(order.state, "draft")
        return caught.exception

    def _split(self, order, **quantities):
        """Open the proposal from the refusal, set quantities by name of supplier."""
        refusal = self._refuse(order)
        _message, action, _button, context = refusal.args
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.buyer)
            .with_context(default_order_id=context["default_order_id"])
        )
        for index, row in enumerate(wizard.line_ids._records):
            name = self.env["res.partner"].browse(row["supplier_id"]).name.split()[0]
            if name in quantities:
                with wizard.line_ids.edit(index) as line:
                    line.quantity = quantities[name]
        return wizard

    # --------------------------------------------------
    # The refusal
    # --------------------------------------------------

    def test_the_refusal_says_all_that_helps(self):
        order = self._create_order(52_000, quantity=2000)
        refusal = self._refuse(order)
        self.assertIsInstance(refusal, UserError, "for every client a user error")
        text = str(refusal)
        for part in (
            f"{order.name} exceeds the purchase cap of Tea Company",
            "300,000.00 (150 verified persons × $",
            "2,000.00)",
            "Used by other orders: $\xa0260,000.00".replace("$\xa0", "$"),
            "52,000.00",
            "12,000.00",
            "Tea: at most 1,538 Units instead of 2,000",
            "6 more persons",
            "Oil Company: Tea at $",
            "20,000.00 left",
        ):
            self.assertIn(part, text.replace("\N{NO-BREAK SPACE}", "").replace("\ufeff", ""))
        self.assertEqual(refusal.args[1]["res_model"], "union.assist.cap.split")
        self.assertEqual(refusal.args[0], text)

    def test_the_vectors(self):
        """With 260,000 of 300,000 ordered 40,000 passes, and a cent more does not."""
        refusal = self._refuse(self._create_order(40_000.01))
        self.assertIn("1 more persons", str(refusal))
        self._create_order(40_000).with_user(self.buyer).button_confirm()
        self.assert_used(300_000)

    def test_the_largest_orders_are_named_and_the_rest_counted(self):
        amounts = [100, 200, 300, 400, 500, 600]
        names = []
        for amount in amounts:
            order = self._create_order(amount)
            order.button_confirm()
            names.append(order.name)
        text = str(self._refuse(self._create_order(39_000)))
        for name in names[2:]:
            self.assertIn(f"• {name}:", text)
        for name in names[:2]:
            self.assertNotIn(name, text)
        self.assertRegex(text, r"and 2 more: .*300\.00")

    def test_no_number_of_heads_is_enough(self):
        self.policy.max_amount = 300_000
        text = str(self._refuse(self._create_order(40_001)))
        self.assertRegex(text, "No number of heads is enough: the maximum is .*300,000.00")

    def test_the_policy_counts_households(self):
        self.policy.write({"basis": "households", "min_amount": 280_000})
        text = str(self._refuse(self._create_order(20_001)))
        self.assertRegex(text, "the minimum: 1 verified households × .* alone would give less")
        self.assertIn("140 more households", text)

    def test_several_lines_each_alone(self):
        other_product = self.env["product.product"].create({"name": "Cake"})
        order = self._create_order(26_000, quantity=1000)
        order.order_line = [
            Command.create(
                {"product_id": other_product.id, "product_qty": 100, "price_unit": 200.0}
            ),
            Command.create({"product_id": other_product.id, "product_qty": 1, "price_unit": 900.0}),
        ]
        order.order_line.tax_ids = False
        text = str(self._refuse(order))
        self.assertIn("Tea: at most 734 Units instead of 1,000", text)
        self.assertIn("Cake: at most 65 Units instead of 100", text)
        self.assertNotIn("instead of 1\n", text, "that line alone is too small")

    def test_no_other_supplier_has_room(self):
        self._create_order(20_000, self.other).button_confirm()
        refusal = self._refuse(self._create_order(52_000, quantity=2000))
        self.assertIn("No other supplier with room left", str(refusal))
        self.assertIsNone(refusal.args[1])

    def test_a_confirmed_order_is_not_split(self):
        order = self._create_order(26_000, quantity=1000)
        order.button_confirm()
        with self.assertRaises(CapExceeded) as caught, self.cr.savepoint():
            order.order_line.product_qty = 2000
        self.assertIsNone(caught.exception.args[1])

    # --------------------------------------------------
    # The split
    # --------------------------------------------------

    def test_split_as_proposed(self):
        order = self._create_order(52_000, quantity=2000)
        wizard = self._split(order)
        self.assertEqual(wizard.amount_kept, 1538 * 26)
        self.assertEqual(wizard.amount_moved, 462 * 25)
        self.assertFalse(wizard.unplaced)
        self.assertFalse(wizard.problems)
        split = wizard.save()
        action = split.action_split()
        orders = self.env["purchase.order"].search(action["domain"])
        request = orders - order
        self.assertEqual(order.order_line.product_qty, 1538)
        self.assertEqual(order.order_line.price_unit, 26)
        self.assertEqual(request.partner_id, self.other)
        self.assertEqual(request.origin, order.name)
        self.assertEqual(request.state, "draft")
        self.assertEqual(request.order_line.product_qty, 462)
        self.assertEqual(request.order_line.price_unit, 25)
        self.assertIn(request.name, order.message_ids[0].body)
        self.assertIn(order.name, "".join(request.message_ids.mapped("body")))
        order.with_user(self.buyer).button_confirm()
        request.with_user(self.buyer).button_confirm()
        self.assert_used(260_000 + 1538 * 26)
        self.assert_used(462 * 25, self._get_cap(self.other))

    def test_split_and_confirm(self):
        order = self._create_order(52_000, quantity=2000)
        action = self._split(order).save().action_split_confirm()
        self.assertEqual(action["res_id"], order.id)
        self.assertEqual(order.state, "purchase")
        self.assert_used(260_000 + 1538 * 26)

    def test_what_cannot_be_placed_is_said(self):
        order = self._create_order(78_000, quantity=3000)
        wizard = self._split(order)
        self.assertIn("Tea: 662 Units of 3,000", wizard.unplaced)
        split = wizard.save()
        split.action_split()
        self.assertIn("662", order.message_ids[0].body)

    def test_own_quantities(self):
        order = self._create_order(52_000, quantity=2000)
        split = self._split(order, Tea=1000, Oil=700).save()
        self.assertIn("300", split.unplaced)
        split.action_split()
        request = self.env["purchase.order"].search([("origin", "=", order.name)])
        self.assertEqual(
            (order.order_line.product_qty, request.order_line.product_qty), (1000, 700)
        )

    def test_quantities_that_do_not_add_up(self):
        order = self._create_order(52_000, quantity=2000)
        wizard = self._split(order, Oil=463)
        self.assertIn("1 Units more than the order asks for", wizard.problems)
        split = wizard.save()
        with self.assertRaisesRegex(UserError, "more than the order asks"), self.cr.savepoint():
            split.action_split()
        self.assertEqual(order.order_line.product_qty, 2000)
        self.assertFalse(self.env["purchase.order"].search([("origin", "=", order.name)]))

    def test_what_would_exceed_anybodys_cap_leaves_all_as_it_was(self):
        order = self._create_order(52_000, quantity=2000)
        for quantities in ({"Tea": 1539, "Oil": 461}, {"Tea": 1199, "Oil": 801}):
            split = self._split(order, **quantities).save()
            with self.assertRaisesRegex(UserError, "still be exceeded"), self.cr.savepoint():
                split.action_split()
            self.assertEqual(order.order_line.product_qty, 2000)
            self.assertFalse(self.env["purchase.order"].search([("origin", "=", order.name)]))

    def test_minimum_lot_and_sign(self):
        self.product.seller_ids[1:].write({"min_qty": 500, "assist_lot_size": 24})
        order = self._create_order(52_000, quantity=2000)
        wizard = self._split(order)
        self.assertEqual(wizard.line_ids._records[1]["quantity"], 504)
        for quantity, problem in ((480, "at least 500"), (510, "sells by 24"), (-1, "negative")):
            self.assertIn(problem, self._split(order, Oil=quantity).problems)

    def test_without_any_room_all_goes_to_others(self):
        self._create_order(40_000).button_confirm()
        order = self._create_order(2600, quantity=100)
        self._split(order).save().action_split()
        request = self.env["purchase.order"].search([("origin", "=", order.name)])
        self.assertEqual(request.order_line.product_qty, 100)
        self.assertEqual(order.state, "cancel")

    def test_in_another_unit_with_tax_and_currency(self):
        """The order is in dozens of a foreign currency, with tax that the policy counts."""
        tax = self._create_tax(10)
        currency = self.env["res.currency"].create(
            {
                "name": "XTS",
                "symbol": "X",
                "rounding": 0.01,
                "rate_ids": [Command.create({"name": "2000-01-01", "rate": 2.0})],
            }
        )
        order = self._create_order(0, quantity=1)
        order.write({"currency_id": currency.id})
        order.order_line.write(
            {
                "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
                "product_qty": 200,
                "price_unit": 600,
                "tax_ids": [Command.set(tax.ids)],
            }
        )
        self.assertAlmostEqual(order.assist_cap_order, 66_000)
        wizard = self._split(order)
        rows = wizard.line_ids._records
        self.assertEqual(rows[0]["quantity"], 121, "121 × 300 × 1.1 = 39,930")
        self.assertEqual(rows[0]["price_unit"], 300)
        self.assertEqual(rows[1]["quantity"], 66, "66 dozen of 300 with the room of 20,000")
        wizard.save().action_split()
        request = self.env["purchase.order"].search([("origin", "=", order.name)])
        self.assertEqual(request.order_line.product_uom_qty, 66 * 12)
        self.assertEqual(request.order_line.price_unit, 300)

    # --------------------------------------------------
    # Who may
    # --------------------------------------------------

    def test_only_pending_orders_and_their_own_lines(self):
        order = self._create_order(52_000, quantity=2000)
        split = self._split(order).save()
        foreign = self._create_order(100)
        split.line_ids[1].sudo().order_line_id = foreign.order_line
        with self.assertRaisesRegex(UserError, "Only lines of"):
            split.action_split()
        split = self._split(order).save()
        order.button_cancel()
        with self.assertRaisesRegex(UserError, "nothing is split"):
            split.action_split()

    @mute_logger(
        "odoo.models", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"
    )
    def test_who_may_split(self):
        order = self._create_order(52_000, quantity=2000)
        split = self._split(order).save()
        contact = self.env["res.partner"].create({"name": "C", "parent_id": self.supplier.id})
        users = {
            "viewer": new_test_user(self.env, "split_viewer", "union_assist_catalog.group_user"),
            "employee": new_test_user(self.env, "split_employee", "base.group_user"),
            "portal": new_test_user(
                self.env, "split_portal", "base.group_portal", partner_id=contact.id
            ),
            "public": new_test_user(self.env, "split_public", "base.group_public"),
        }
        company = self.env["res.company"].create({"name": "Second Company"})
        second = new_test_user(
            self.env,
            "split_second",
            "purchase.group_purchase_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for role, user in users.items():
            with self.subTest(role=role), self.assertRaises(AccessError):
                split.with_user(user).action_split()
            with self.subTest(role=role), self.assertRaises(AccessError):
                split.with_user(user).create({"order_id": order.id})
        with self.assertRaises(AccessError):
            self.env["union.assist.cap.split"].with_user(second).with_context(
                default_order_id=order.id
            ).default_get(["order_id", "line_ids"])
        with self.assertRaises(AccessError):
            split.sudo().copy().with_user(second).sudo(False).action_split()
