from odoo import api, fields, models
from odoo.exceptions import UserError

# What a payment of a weigh ticket says, here as there.
PAYMENT_FIELDS = frozenset(("amount", "date", "linkage_id"))


class UnionAssistLinkagePayment(models.Model):
    _inherit = "union.assist.linkage.payment"

    weigh_payment_ids = fields.One2many(
        "union.assist.weigh.payment", "linkage_payment_id", "Weigh Ticket Payments", readonly=True
    )

    def write(self, vals):
        if PAYMENT_FIELDS & vals.keys():
            self._check_no_weigh_ticket()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_weigh_ticket(self):
        self._check_no_weigh_ticket()

    def _check_no_weigh_ticket(self):
        if made := self.sudo().weigh_payment_ids:
            raise UserError(
                self.env._(
                    "This payment was made for weigh ticket %(ticket)s: cancel it there.",
                    ticket=made[0].ticket_id.name,
                )
            )
