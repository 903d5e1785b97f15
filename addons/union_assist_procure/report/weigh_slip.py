from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import format_amount

from ..tools.weigh_slip import WeighSlip, render_slips


class WeighSlipModel(models.AbstractModel):
    """Prints weigh tickets, one small page each. Households appear by their code alone."""

    _name = "report.union_assist_procure.report_weigh_slip"
    _description = "Slip of a Weigh Ticket"

    def _render_pdf(self, docids, data=None):
        """Print these weigh tickets as one PDF, in the order given.

        :raise AccessError: when the user may not read one of them
        :raise UserError: when no font is installed
        """
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may print weigh tickets."))
        tickets = self.env["union.assist.weigh.ticket"].browse(docids)
        tickets.check_access("read")
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        return render_slips([self._gather(ticket) for ticket in tickets.sudo()], fonts)

    def _gather(self, ticket):
        """Return what the slip of a ticket says, in the language of the context."""
        zone = ticket.company_id._assist_get_zone()
        moment = ticket.date.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        labels = dict(ticket._fields["state"]._description_selection(self.env))
        unit = ticket.uom_id.name

        def money(amount):
            return format_amount(self.env, amount, ticket.currency_id)

        figures = [
            (self.env._("Gross Weight"), f"{ticket.gross:,.2f} {unit}"),
            (self.env._("Tare"), f"{ticket.tare:,.2f} {unit}"),
            (self.env._("Moisture Deduction (%)"), f"{ticket.moisture:g}"),
            (self.env._("Impurity Deduction (%)"), f"{ticket.impurity:g}"),
            (self.env._("Payable Weight (jin)"), f"{ticket.quantity:,.2f}"),
            (self.env._("Floor Price (per jin)"), f"{ticket.floor_price:g}"),
            (self.env._("Price (per jin)"), f"{ticket.unit_price:g}"),
            (self.env._("Amount"), money(ticket.amount)),
            (self.env._("Deducted for Advances"), money(ticket.deduction)),
            (self.env._("Payable"), money(ticket.payable)),
        ]
        return WeighSlip(
            company=ticket.supplier_id.name,
            title=self.env._("Weigh Ticket"),
            stamp=labels[ticket.state] if ticket.state in ("draft", "void") else "",
            facts=[
                (self.env._("Number"), ticket.name),
                (self.env._("Contract"), ticket.contract_id.name),
                (self.env._("Household"), ticket.household_id.code),
                (self.env._("Crop"), ticket.product_id.name),
                (self.env._("Grade"), ticket.grade_id.name or self.env._("Ordinary goods")),
                (self.env._("Weighed on"), moment),
            ],
            figures=figures,
            signatures=[self.env._("Household"), self.env._("Weighed by")],
        )
