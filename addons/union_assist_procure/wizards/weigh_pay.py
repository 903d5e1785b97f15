from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class UnionAssistWeighPay(models.TransientModel):
    """Pay weigh tickets together, in full or in part, on one voucher."""

    _name = "union.assist.weigh.pay"
    _description = "Pay Weigh Tickets"

    ticket_ids = fields.Many2many("union.assist.weigh.ticket", string="Weigh Tickets")
    line_ids = fields.One2many(
        "union.assist.weigh.pay.line",
        "pay_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    date = fields.Date(
        "Paid on", required=True, default=lambda self: self.env.company._assist_today()
    )
    voucher_number = fields.Char(help="Number of the receipt or transfer slip; no bank account.")
    voucher = fields.Binary(help="Receipt or transfer slip, accounts blacked out.")
    voucher_name = fields.Char()
    note = fields.Char()
    currency_id = fields.Many2one("res.currency", compute="_compute_total")
    total = fields.Monetary(compute="_compute_total")

    @api.depends("ticket_ids")
    def _compute_line_ids(self):
        for pay in self:
            pay.line_ids = [Command.clear()] + [
                Command.create({"ticket_id": ticket._origin.id, "amount": ticket.open_amount})
                for ticket in pay.ticket_ids
            ]

    @api.depends("line_ids.amount")
    def _compute_total(self):
        for pay in self:
            currencies = pay.line_ids.ticket_id.currency_id
            pay.currency_id = currencies[:1] or self.env.company.currency_id
            pay.total = sum(pay.line_ids.mapped("amount"))

    def action_pay(self):
        """Record the payments; the tickets that are paid in full by them are paid."""
        self.ensure_one()
        if len(self.line_ids.ticket_id.currency_id) > 1:
            raise UserError(
                self.env._("These weigh tickets are in several currencies: pay each apart.")
            )
        paid = self.line_ids.filtered(lambda line: line.amount)
        if not paid:
            raise UserError(self.env._("No amount is to be paid: enter one."))
        self.env["union.assist.weigh.payment"].create([line._prepare_payment() for line in paid])
        return {"type": "ir.actions.act_window_close"}


class UnionAssistWeighPayLine(models.TransientModel):
    _name = "union.assist.weigh.pay.line"
    _description = "Weigh Ticket to Pay"

    pay_id = fields.Many2one(
        "union.assist.weigh.pay", required=True, index=True, ondelete="cascade"
    )
    ticket_id = fields.Many2one("union.assist.weigh.ticket", required=True, ondelete="cascade")
    household_id = fields.Many2one(related="ticket_id.household_id")
    supplier_id = fields.Many2one(related="ticket_id.supplier_id")
    currency_id = fields.Many2one(related="ticket_id.currency_id")
    open_amount = fields.Monetary(related="ticket_id.open_amount")
    amount = fields.Monetary("Paid Now")

    def _prepare_payment(self):
        """Return the values of the payment of this ticket."""
        self.ensure_one()
        pay = self.pay_id
        return {
            "ticket_id": self.ticket_id.id,
            "date": pay.date,
            "amount": self.amount,
            "voucher_number": pay.voucher_number,
            "voucher": pay.voucher,
            "voucher_name": pay.voucher_name,
            "note": pay.note,
        }
