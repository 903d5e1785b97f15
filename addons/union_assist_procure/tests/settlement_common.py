from datetime import date, datetime

from odoo import Command
from odoo.tests import new_test_user

from .common import CapCommon

#: Statements of the tests are of this month; the day on which they are made comes later.
MONTH = date(2026, 3, 1)


class SettlementCommon(CapCommon):
    """A supplier of the programme whose orders are received, billed and paid on given days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.active = False
        cls.company.partner_id.write(
            {"country_id": cls.env.ref("base.cn").id, "tz": "Asia/Shanghai"}
        )
        cls.operator = new_test_user(
            cls.env,
            "statement_operator",
            "union_assist_catalog.group_operator",
            email="statement_operator@example.com",
        )
        cls.supplier.email = "tea@example.com"

    @classmethod
    def _order(cls, quantity=100.0, price=10.0, supplier=None, taxes=None, **values):
        order = cls.env["purchase.order"].create(
            {
                "partner_id": (supplier or cls.supplier).id,
                "user_id": cls.operator.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.set(taxes.ids if taxes else [])],
                        }
                    )
                ],
                **values,
            }
        )
        order.button_confirm()
        return order

    def _receive_on(self, order, day, quantity=None):
        """Receive on a day of the company, keeping the rest on a backorder."""
        picking = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))[:1]
        picking.move_ids.quantity = (
            quantity if quantity is not None else picking.move_ids.product_uom_qty
        )
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self._set_day(picking, day)
        return picking

    def _set_day(self, picking, day):
        # Four in the morning in UTC is noon in China.
        picking.move_ids.date = datetime(day.year, day.month, day.day, 4)

    def _return_on(self, picking, day, quantity, to_refund=True):
        returned = self._return(picking, quantity, to_refund)
        self._set_day(returned, day)
        return returned

    def _bill(self, order, day, quantity, price=None, post=True, kind="in_invoice"):
        """Bill (or refund) a quantity of an order's only line."""
        line = order.order_line[:1]
        vals = line._prepare_account_move_line()
        vals.pop("balance", None)
        vals["quantity"] = quantity
        if price is not None:
            vals["price_unit"] = price
        bill = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": order.partner_id.id,
                "currency_id": order.currency_id.id,
                "invoice_date": day,
                "date": day,
                "invoice_line_ids": [Command.create(vals)],
            }
        )
        if post:
            bill.action_post()
        return bill

    def _pay(self, bill, day, amount):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create(
            {"amount": amount, "payment_date": day, "payment_difference_handling": "open"}
        )._create_payments()

    def _pay_advance(self, day, amount, supplier=None):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": (supplier or self.supplier).id,
                "amount": amount,
                "date": day,
            }
        )
        payment.action_post()
        return payment

    def _generate(self, month=MONTH, supplier=None, company=None):
        self.env.flush_all()
        return (
            self.env["union.assist.statement"]
            ._generate(company or self.company, month, supplier or self.supplier)
            .filtered(lambda s: s.supplier_id == (supplier or self.supplier))
        )

    def assert_line(self, line, **figures):
        self.assertEqual(
            {name: round(line[name], 2) for name in figures},
            {name: float(value) for name, value in figures.items()},
        )

    def assert_adds_up(self, statement):
        """Each line and the statement add up, and the lines to the statement."""
        money = statement.currency_id.round
        for line in statement.line_ids:
            self.assertAlmostEqual(
                line.open, line.opening + line.amount + line.price_difference - line.paid, 2
            )
        self.assertAlmostEqual(
            statement.closing,
            statement.opening + statement.amount + statement.price_difference - statement.paid,
            2,
        )
        for name in ("amount", "price_difference", "billed", "open"):
            self.assertAlmostEqual(statement[name], money(sum(statement.line_ids.mapped(name))), 2)
        self.assertAlmostEqual(statement.closing, statement.open - statement.advance, 2)

    def assert_ledger(self, statement):
        """The closing balance is what naive sums over stock, bills and payments give."""
        end = datetime(statement.date_to.year, statement.date_to.month, statement.date_to.day, 16)
        lines = self.env["purchase.order.line"].search(
            [
                ("partner_id", "child_of", statement.supplier_id.id),
                ("company_id", "=", statement.company_id.id),
                ("order_id.currency_id", "=", statement.currency_id.id),
                ("state", "=", "purchase"),
            ]
        )
        owed = 0.0
        for line in lines:
            accepted = 0.0
            for move in line.move_ids.filtered(lambda m: m.state == "done" and m.date < end):
                if move.location_dest_id.usage == "supplier":
                    accepted -= move.quantity if move.to_refund else 0
                else:
                    accepted += move.quantity
            accepted = line.product_id.uom_id._compute_quantity(accepted, line.product_uom_id)
            billed = amount = 0.0
            for part in line.invoice_lines:
                if part.parent_state == "posted" and part.move_id.invoice_date <= statement.date_to:
                    sign = 1 if part.move_id.move_type == "in_invoice" else -1
                    billed += sign * part.quantity
                    amount += sign * part.price_total
            ordered = line.price_total / line.product_qty
            # What is billed beyond the accepted quantity is owed to nobody.
            if billed > accepted:
                amount = amount / billed * accepted
                billed = accepted
            owed += amount + (accepted - billed) * ordered
        paid = sum(
            item.amount_currency
            for item in self.env["account.move.line"].search(
                [
                    ("partner_id", "=", statement.supplier_id.id),
                    ("company_id", "=", statement.company_id.id),
                    ("currency_id", "=", statement.currency_id.id),
                    ("account_id.account_type", "=", "liability_payable"),
                    ("move_id.move_type", "=", "entry"),
                    ("journal_id.type", "in", ("bank", "cash")),
                    ("parent_state", "=", "posted"),
                    ("date", "<=", statement.date_to),
                ]
            )
        )
        self.assertAlmostEqual(statement.closing, owed - paid, 2)
