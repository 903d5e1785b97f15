from odoo import api, fields, models
from odoo.exceptions import UserError

# What may be completed after the payment; all else stays as it was.
VOUCHER_FIELDS = frozenset(("note", "voucher", "voucher_name", "voucher_number"))


class UnionAssistWeighPayment(models.Model):
    """Money paid for a weigh ticket, with its voucher; a ticket may be paid in parts.

    Where the household has a linkage to the supplier, the payment is recorded there too, as
    evidence. Bank accounts are kept nowhere.
    """

    _name = "union.assist.weigh.payment"
    _description = "Payment of a Weigh Ticket"
    _order = "date desc, id desc"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one(
        "union.assist.weigh.ticket", required=True, index=True, ondelete="restrict"
    )
    contract_id = fields.Many2one(related="ticket_id.contract_id", store=True, index=True)
    supplier_id = fields.Many2one(related="ticket_id.supplier_id", store=True, index=True)
    household_id = fields.Many2one(related="ticket_id.household_id", store=True, index=True)
    region_id = fields.Many2one(related="ticket_id.region_id", store=True, index=True)
    company_id = fields.Many2one(related="ticket_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="ticket_id.currency_id")
    date = fields.Date(
        "Paid on", required=True, default=lambda self: self.env.company._assist_today()
    )
    amount = fields.Monetary(required=True)
    voucher_number = fields.Char(help="Number of the receipt or transfer slip; no bank account.")
    voucher = fields.Binary(attachment=True, help="Receipt or transfer slip, accounts blacked out.")
    voucher_name = fields.Char()
    note = fields.Char()
    state = fields.Selection(
        [("posted", "Paid"), ("cancelled", "Cancelled")],
        "Status",
        required=True,
        readonly=True,
        default="posted",
        copy=False,
    )
    cancel_reason = fields.Char(readonly=True, copy=False)
    linkage_payment_id = fields.Many2one(
        "union.assist.linkage.payment",
        "Recorded on Linkage",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A payment is above 0.")

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(
            [{**vals, "state": "posted", "linkage_payment_id": False} for vals in vals_list]
        )
        for ticket in payments.ticket_id:
            currency = ticket.currency_id
            if ticket.state != "confirmed" or currency.compare_amounts(ticket.open_amount, 0.0) < 0:
                before = ticket.open_amount + sum(
                    payments.filtered(
                        lambda payment, ticket=ticket: payment.ticket_id == ticket
                    ).mapped("amount")
                )
                raise UserError(
                    self.env._(
                        "Weigh ticket %(ticket)s has %(open)s to be paid, and no more. Only"
                        " confirmed tickets are paid, and nothing is paid twice.",
                        ticket=ticket.name,
                        open=currency.format(before if ticket.state == "confirmed" else 0.0),
                    )
                )
        payments._record_on_linkages()
        payments._settle_tickets()
        return payments

    def write(self, vals):
        """Let the voucher come later; cancelling is the one other change."""
        if vals.get("state") == "cancelled" and vals.keys() <= {"state", "cancel_reason"}:
            if not vals.get("cancel_reason"):
                raise UserError(self.env._("Say why the payment is cancelled: it stays on file."))
            posted = self.filtered(lambda payment: payment.state == "posted")
            recorded = posted.sudo().linkage_payment_id
            result = super(UnionAssistWeighPayment, posted).write(
                {**vals, "linkage_payment_id": False}
            )
            recorded.unlink()
            posted._settle_tickets()
            return result
        if vals.keys() - VOUCHER_FIELDS:
            raise UserError(
                self.env._(
                    "A payment stays as it was made: cancel it with a reason and enter another."
                )
            )
        result = super().write(vals)
        copied = {name: vals[name] for name in ("voucher", "voucher_name") if name in vals}
        if copied:
            self.sudo().linkage_payment_id.write(copied)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A payment is evidence: cancel it with a reason instead of deleting it.")
        )

    def _settle_tickets(self):
        """Let the tickets be paid where nothing is open, and confirmed where something is."""
        for ticket in self.ticket_id:
            state = "confirmed" if ticket.open_amount > 0 else "paid"
            if ticket.currency_id.is_zero(ticket.open_amount):
                state = "paid"
            if ticket.state in ("confirmed", "paid") and ticket.state != state:
                ticket.sudo().write({"state": state})

    def _record_on_linkages(self):
        """Record the payments on the households' linkages by orders, where there are any."""
        linkages = self.contract_id._find_linkages(("submitted", "verified", "expired"))
        matched = {}
        for payment in self:
            linkage = linkages.get((payment.household_id, payment.supplier_id))
            # Amounts of a linkage are all in one currency.
            if linkage and linkage.currency_id == payment.currency_id:
                matched[payment] = linkage
        records = (
            self.env["union.assist.linkage.payment"]
            .sudo()
            .create(
                [payment._prepare_linkage_payment(linkage) for payment, linkage in matched.items()]
            )
        )
        for payment, record in zip(matched, records, strict=True):
            # Past the guard of write: the payment itself stays as it was made.
            models.Model.write(payment, {"linkage_payment_id": record.id})

    def _prepare_linkage_payment(self, linkage):
        """Return the values of the payment as the linkage keeps it."""
        self.ensure_one()
        parts = (self.ticket_id.name, self.voucher_number)
        return {
            "linkage_id": linkage.id,
            "date": self.date,
            "amount": self.amount,
            "voucher": self.voucher,
            "voucher_name": self.voucher_name,
            "note": " / ".join(part for part in parts if part),
        }

    def action_cancel(self):
        """Ask why the payments are cancelled."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Payments"),
            "res_model": "union.assist.weigh.void",
            "view_mode": "form",
            "target": "new",
            "context": {"default_payment_ids": self.ids},
        }
