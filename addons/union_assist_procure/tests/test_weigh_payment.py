from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .farming_common import FarmingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestWeighPayment(FarmingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tickets = cls._create_ticket(100) | cls._create_ticket(200)
        cls.tickets.action_confirm()

    def _link(self, mechanism="mechanism_order_purchase", household=None):
        return self.env["union.assist.linkage"].create(
            {
                "household_id": (household or self.household).id,
                "supplier_id": self.supplier.id,
                "mechanism_id": self.env.ref(f"union_assist_catalog.{mechanism}").id,
                "date_from": self.season.date_from,
                "state": "verified",
            }
        )

    def test_paying_in_parts(self):
        action = self.tickets.action_pay()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertEqual(form.total, 900)
        with form.line_ids.edit(0) as line:
            line.amount = 100
        form.voucher_number = "PZ-7"
        form.save().action_pay()
        first, second = self.tickets
        self.assertEqual(
            (first.state, first.paid_amount, first.open_amount), ("confirmed", 100, 200)
        )
        self.assertEqual((second.state, second.open_amount), ("paid", 0))
        self.assertEqual(self.contract.open_amount, 200)
        self._pay(first)
        self.assertEqual(first.state, "paid")
        self.assertEqual(set(self.tickets.payment_ids.mapped("voucher_number")), {"PZ-7", "PZ-1"})
        with self.assertRaisesRegex(UserError, "None of these"):
            self.tickets.action_pay()

    def test_nothing_is_paid_twice_or_too_early(self):
        payment_model = self.env["union.assist.weigh.payment"]
        with self.assertRaisesRegex(UserError, "no more"), self.cr.savepoint():
            payment_model.create({"ticket_id": self.tickets[0].id, "amount": 300.01})
        with self.assertRaisesRegex(UserError, "no more"), self.cr.savepoint():
            payment_model.create([{"ticket_id": self.tickets[0].id, "amount": 200}] * 2)
        with self.assertRaisesRegex(UserError, "no more"), self.cr.savepoint():
            payment_model.create({"ticket_id": self._create_ticket().id, "amount": 1})
        self._pay(self.tickets)
        with self.assertRaisesRegex(UserError, "no more"), self.cr.savepoint():
            payment_model.create({"ticket_id": self.tickets[0].id, "amount": 1})

    def test_payments_stay_as_they_are_and_are_cancelled(self):
        self._pay(self.tickets)
        payment = self.tickets[0].payment_ids
        payment.write({"voucher_number": "PZ-2", "note": "Receipt came later"})
        for vals in ({"amount": 1}, {"date": "2020-01-01"}, {"ticket_id": self.tickets[1].id}):
            with self.assertRaisesRegex(UserError, "stays as it was made"):
                payment.write(vals)
        with self.assertRaisesRegex(UserError, "instead of deleting"):
            payment.unlink()
        with self.assertRaisesRegex(UserError, "Say why"):
            payment.write({"state": "cancelled"})
        with self.assertRaisesRegex(UserError, "cannot become"), self.cr.savepoint():
            self.tickets[0].write({"state": "confirmed"})
        with self.assertRaisesRegex(UserError, "cannot become"), self.cr.savepoint():
            self.tickets[0].write({"state": "void", "void_reason": "Wrong"})
        self.env["union.assist.weigh.void"].create(
            {"payment_ids": [Command.set(payment.ids)], "reason": "Came back"}
        ).action_apply()
        self.assertEqual(payment.state, "cancelled")
        self.assertEqual((self.tickets[0].state, self.tickets[0].open_amount), ("confirmed", 300))
        self._pay(
            self.tickets[0],
            line_ids=[Command.create({"ticket_id": self.tickets[0].id, "amount": 10})],
        )
        with self.assertRaisesRegex(UserError, "cancel its payments"), self.cr.savepoint():
            self.tickets[0].write({"state": "void", "void_reason": "Wrong"})
        self.tickets[0].payment_ids.filtered(lambda one: one.state == "posted").write(
            {"state": "cancelled", "cancel_reason": "Came back"}
        )
        self.tickets[0].write({"state": "void", "void_reason": "Wrong"})

    def test_payments_are_evidence_on_the_linkage(self):
        linkage = self._link()
        wages = self._link("mechanism_wage_work", self.neighbour)
        self._pay(self.tickets, voucher=b"UERG", voucher_name="slip.pdf")
        self.assertEqual(linkage.paid_amount, 900)
        self.assertEqual(linkage.payment_ids.mapped("voucher_name"), ["slip.pdf"] * 2)
        self.assertFalse(wages.payment_ids)
        recorded = self.tickets[0].payment_ids.linkage_payment_id
        self.assertIn(self.tickets[0].name, recorded.note)
        for change in (
            lambda: recorded.write({"amount": 1}),
            lambda: recorded.unlink(),
            lambda: linkage.write({"payment_ids": [Command.clear()]}),
        ):
            with self.assertRaisesRegex(UserError, "cancel it there"), self.cr.savepoint():
                change()
        self.tickets[0].payment_ids.write({"state": "cancelled", "cancel_reason": "Came back"})
        self.assertEqual(linkage.paid_amount, 600)
        self.assertFalse(recorded.exists())

    def test_no_linkage_no_matter(self):
        self._link("mechanism_wage_work")
        self._pay(self.tickets)
        self.assertFalse(self.tickets.payment_ids.linkage_payment_id)
        self.assertEqual(self.contract.paid_amount, 900)

    def test_no_field_for_a_bank_account(self):
        for model in ("payment", "pay", "ticket"):
            for name, field in self.env[f"union.assist.weigh.{model}"]._fields.items():
                self.assertNotIn("bank", name)
                self.assertNotEqual(getattr(field, "comodel_name", None), "res.partner.bank")
