from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# What people note about a delivery; the rest is found when the recall begins.
ANSWER_FIELDS = frozenset(("answered_qty", "destroyed_qty", "note"))


class UnionAssistRecallLine(models.Model):
    """A lot in a delivery to a recipient of a recall, and what became of it."""

    _name = "union.assist.recall.line"
    _description = "Recalled Delivery"
    _order = "recipient_id, date, id"
    _rec_name = "number"

    recipient_id = fields.Many2one(
        "union.assist.recall.recipient",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    recall_id = fields.Many2one(related="recipient_id.recall_id", store=True, index=True)
    company_id = fields.Many2one(related="recall_id.company_id", store=True, index=True)
    recall_state = fields.Selection(related="recall_id.state", string="Recall Status")
    partner_id = fields.Many2one(
        related="recipient_id.partner_id", string="Recipient Unit", store=True, index=True
    )
    picking_id = fields.Many2one(
        "stock.picking", "Delivery", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    number = fields.Char("Delivery Note", readonly=True)
    date = fields.Datetime("Delivered on", readonly=True)
    on_way = fields.Boolean(
        "On the Way", readonly=True, help="Picked or loaded for a delivery that is not finished."
    )
    lot_id = fields.Many2one(
        "stock.lot", required=True, readonly=True, index=True, ondelete="restrict"
    )
    product_id = fields.Many2one(related="lot_id.product_id", store=True)
    uom_id = fields.Many2one(related="lot_id.product_uom_id", string="Unit")
    quantity = fields.Float("Delivered", readonly=True, digits="Product Unit")
    content = fields.Float(
        "Of the Recalled Lots",
        readonly=True,
        digits="Product Unit",
        help="How much of the recalled lots is in it.",
    )
    answered_qty = fields.Float(
        "Still There", digits="Product Unit", help="What the recipient says it still has."
    )
    destroyed_qty = fields.Float(
        "Destroyed", digits="Product Unit", help="Destroyed at the recipient's, with proof."
    )
    returned_qty = fields.Float(
        "Returned",
        compute="_compute_returned_qty",
        digits="Product Unit",
        help="Came back by finished returns of this delivery.",
    )
    open_qty = fields.Float("Not Recovered", compute="_compute_returned_qty", digits="Product Unit")
    note = fields.Char("Remark")

    _answers_positive = models.Constraint(
        "CHECK (answered_qty >= 0 AND destroyed_qty >= 0)",
        "Quantities of an answer are not below zero.",
    )

    @api.depends("destroyed_qty")
    def _compute_returned_qty(self):
        trace = self.env["union.assist.trace"]
        returns = {}
        for company, lines in self.grouped("company_id").items():
            returns.update(trace._get_returns(lines.picking_id.ids, lines.lot_id.ids, company))
        for line in self:
            line.returned_qty = returns.get((line.picking_id.id, line.lot_id.id), 0.0)
            line.open_qty = max(line.quantity - line.returned_qty - line.destroyed_qty, 0.0)

    @api.constrains("answered_qty", "destroyed_qty")
    def _check_answer(self):
        for line in self:
            if line.uom_id.compare(max(line.answered_qty, line.destroyed_qty), line.quantity) > 0:
                raise UserError(
                    self.env._(
                        "%(unit)s received %(quantity)s %(uom)s of lot %(lot)s with"
                        " %(delivery)s: more cannot be there or be destroyed.",
                        unit=line.partner_id.display_name,
                        quantity=f"{line.quantity:g}",
                        uom=line.uom_id.name,
                        lot=line.lot_id.name,
                        delivery=line.number,
                    )
                )

    def write(self, vals):
        """Note answers, while the recall is open."""
        if not self.env.su and vals:
            frozen = vals.keys() - ANSWER_FIELDS
            if frozen:
                raise AccessError(
                    self.env._(
                        "What was delivered to whom is not written by hand (%(fields)s).",
                        fields=", ".join(sorted(frozen)),
                    )
                )
            self.check_access("write")
            self.recall_id._check_open()
            now = fields.Datetime.now()
            self.sudo().recipient_id.filtered(
                lambda record: not record.answered_on
            ).answered_on = now
        return super().write(vals)

    def _get_recovery_rate(self):
        """Return which share of the recalled goods in these deliveries was recovered, in %.

        Each delivery counts by how much of the recalled lots is in it, so that packs and loose
        goods add up.
        """
        whole = sum(self.mapped("content"))
        if not whole:
            return 0.0
        recovered = sum(
            line.content * (1 - line.open_qty / line.quantity) for line in self if line.quantity
        )
        return 100.0 * recovered / whole
