from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class UnionAssistQualityDecide(models.TransientModel):
    """Dialog that decides on one inspected lot, whole or split."""

    _name = "union.assist.quality.decide"
    _description = "Decide on an Inspected Lot"

    inspection_id = fields.Many2one(
        "union.assist.quality.inspection", required=True, readonly=True, ondelete="cascade"
    )
    product_id = fields.Many2one(related="inspection_id.product_id")
    quantity = fields.Float(related="inspection_id.quantity")
    uom_id = fields.Many2one(related="inspection_id.uom_id", string="Unit")
    result = fields.Selection(related="inspection_id.result")
    safety_failed = fields.Boolean(related="inspection_id.safety_failed")
    retest_ids = fields.One2many(related="inspection_id.retest_ids")
    released_qty = fields.Float(
        "Release", compute="_compute_quantities", store=True, readonly=False, digits="Product Unit"
    )
    conceded_qty = fields.Float(
        "Release by Concession", digits="Product Unit", help="Released although an item failed."
    )
    conceded_reason = fields.Char("Reason of Concession")
    partner_ids = fields.Many2many(
        "res.partner", string="Only for", help="Customers it may go to. Empty: anybody."
    )
    use = fields.Char("For Which Use")
    date_until = fields.Date(
        "Until",
        compute="_compute_date_until",
        store=True,
        readonly=False,
        help="Last day: what is left of it then is blocked again.",
    )
    rejected_qty = fields.Float(
        "Reject", compute="_compute_quantities", store=True, readonly=False, digits="Product Unit"
    )
    rejected_reason = fields.Char("Reason of Rejection")
    is_returnable = fields.Boolean(compute="_compute_is_returnable")
    disposed_qty = fields.Float(
        "Of which Dispose",
        compute="_compute_disposed_qty",
        store=True,
        readonly=False,
        digits="Product Unit",
        help="Destroyed: a scrap is made for whoever does it to confirm.",
    )
    downgraded_qty = fields.Float(
        "Of which Downgrade",
        digits="Product Unit",
        help="Becomes another product at once, under a lot of its own.",
    )
    downgrade_product_id = fields.Many2one(
        "product.product",
        "Downgrade to",
        domain="[('is_storable', '=', True), ('id', '!=', product_id)]",
    )
    returned_qty = fields.Float(
        "Back to the Supplier",
        compute="_compute_returned_qty",
        digits="Product Unit",
        help="The rest of what is rejected; a return on the receipt is made.",
    )
    remaining_qty = fields.Float(
        "Left to Decide", compute="_compute_remaining_qty", digits="Product Unit"
    )

    @api.depends("inspection_id")
    def _compute_quantities(self):
        """Propose what the results say; the decider changes it."""
        for wizard in self:
            inspection = wizard.inspection_id
            wizard.released_qty = inspection.quantity if inspection.result == "pass" else 0.0
            wizard.rejected_qty = inspection.quantity if inspection.safety_failed else 0.0

    @api.depends("inspection_id")
    def _compute_date_until(self):
        for wizard in self:
            wizard.date_until = wizard.inspection_id and wizard.inspection_id._get_concession_end()

    @api.depends("inspection_id")
    def _compute_is_returnable(self):
        for wizard in self:
            wizard.is_returnable = bool(
                wizard.inspection_id and wizard.inspection_id._get_returnable()
            )

    @api.depends("rejected_qty", "downgraded_qty", "is_returnable")
    def _compute_disposed_qty(self):
        """What came by no receipt cannot go back."""
        for wizard in self:
            rest = max(wizard.rejected_qty - wizard.downgraded_qty, 0.0)
            wizard.disposed_qty = min(wizard.disposed_qty, rest) if wizard.is_returnable else rest

    @api.depends("rejected_qty", "disposed_qty", "downgraded_qty")
    def _compute_returned_qty(self):
        for wizard in self:
            wizard.returned_qty = wizard.rejected_qty - wizard.disposed_qty - wizard.downgraded_qty

    @api.depends("released_qty", "conceded_qty", "rejected_qty")
    def _compute_remaining_qty(self):
        for wizard in self:
            wizard.remaining_qty = wizard.quantity - (
                wizard.released_qty + wizard.conceded_qty + wizard.rejected_qty
            )

    def action_confirm(self):
        """Make the decision."""
        self.ensure_one()
        if self.uom_id.compare(self.returned_qty, 0.0) < 0:
            raise UserError(
                self.env._(
                    "More is disposed of and downgraded than rejected: %(rejected)s %(unit)s.",
                    rejected=f"{self.rejected_qty:g}",
                    unit=self.uom_id.name,
                )
            )
        vals_list = [
            {"inspection_id": self.inspection_id.id, **vals}
            for vals in self._prepare_parts()
            if not self.uom_id.is_zero(vals["quantity"])
        ]
        if not vals_list:
            raise UserError(self.env._("Enter the quantities to release, concede or reject."))
        self.env["union.assist.quality.decision"].create(vals_list)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_parts(self):
        """Values of a decision on each part of the lot, those of quantity zero among them."""
        rejected = {"kind": "rejected", "reason": self.rejected_reason}
        return [
            {"kind": "released", "quantity": self.released_qty},
            {
                "kind": "conceded",
                "quantity": self.conceded_qty,
                "reason": self.conceded_reason,
                "partner_ids": [Command.set(self.partner_ids.ids)],
                "use": self.use,
                "date_until": self.date_until,
            },
            {**rejected, "quantity": self.returned_qty, "disposition": "return"},
            {**rejected, "quantity": self.disposed_qty, "disposition": "dispose"},
            {
                **rejected,
                "quantity": self.downgraded_qty,
                "disposition": "downgrade",
                "downgrade_product_id": self.downgrade_product_id.id,
            },
        ]
