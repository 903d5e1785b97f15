from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistStatementDispute(models.Model):
    """A supplier's claim on a line of a statement, and the answer to it: the line's history."""

    _name = "union.assist.statement.dispute"
    _description = "Disputed Line of a Statement"
    _order = "id desc"
    _rec_name = "line_id"

    line_id = fields.Many2one(
        "union.assist.statement.line",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    statement_id = fields.Many2one(related="line_id.statement_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    supplier_id = fields.Many2one(related="line_id.supplier_id", store=True, index=True)
    state = fields.Selection(
        [
            ("open", "Disputed"),
            ("accepted", "Claim Accepted"),
            ("corrected", "Corrected"),
            ("rejected", "Claim Rejected"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="open",
    )
    reason = fields.Text(required=True, readonly=True)
    is_quantity_claimed = fields.Boolean(readonly=True)
    claimed_quantity = fields.Float(readonly=True, digits="Product Unit")
    is_price_claimed = fields.Boolean(readonly=True)
    claimed_price = fields.Float(
        "Claimed Price (with Taxes)", readonly=True, min_display_digits="Product Price"
    )
    claimed_by_id = fields.Many2one("res.users", "Claimed by", required=True, readonly=True)
    claimed_on = fields.Datetime(required=True, readonly=True)
    quantity_before = fields.Float("Accepted Before", readonly=True, digits="Product Unit")
    price_before = fields.Float(readonly=True, min_display_digits="Product Price")
    attachment_ids = fields.Many2many("ir.attachment", string="Files", readonly=True)
    answer = fields.Text(readonly=True)
    answered_by_id = fields.Many2one("res.users", "Answered by", readonly=True)
    answered_on = fields.Datetime(readonly=True)
    quantity_after = fields.Float("Accepted After", readonly=True, digits="Product Unit")
    price_after = fields.Float(readonly=True, min_display_digits="Product Price")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A supplier's claim is kept with its statement."))

    def _get_claim_text(self):
        self.ensure_one()
        parts = [self.reason]
        unit = self.line_id.product_uom_id.name
        if self.is_quantity_claimed:
            parts.append(
                self.env._(
                    "quantity %(claimed)s instead of %(stated)s %(unit)s",
                    claimed=f"{self.claimed_quantity:g}",
                    stated=f"{self.quantity_before:g}",
                    unit=unit,
                )
            )
        if self.is_price_claimed:
            parts.append(
                self.env._(
                    "price %(claimed)s instead of %(stated)s",
                    claimed=self.line_id._format(self.claimed_price),
                    stated=self.line_id._format(self.price_before),
                )
            )
        return self.env._(
            "%(line)s disputed: %(claim)s",
            line=self.line_id.display_name,
            claim="; ".join(parts),
        )

    def _get_answer_text(self):
        self.ensure_one()
        labels = dict(self._fields["state"]._description_selection(self.env))
        parts = [labels[self.state]]
        unit = self.line_id.product_uom_id
        if unit.compare(self.quantity_after, self.quantity_before):
            parts.append(
                self.env._(
                    "quantity %(before)s → %(after)s %(unit)s",
                    before=f"{self.quantity_before:g}",
                    after=f"{self.quantity_after:g}",
                    unit=unit.name,
                )
            )
        if self.price_after != self.price_before:
            parts.append(
                self.env._(
                    "price %(before)s → %(after)s",
                    before=self.line_id._format(self.price_before),
                    after=self.line_id._format(self.price_after),
                )
            )
        if self.answer:
            parts.append(self.answer)
        return self.env._(
            "%(line)s: %(answer)s", line=self.line_id.display_name, answer="; ".join(parts)
        )
