from odoo import Command, api, fields, models


class UnionAssistTenderAwardStep(models.TransientModel):
    """Proposes an award by rank within offers and caps; people change it and say why."""

    _name = "union.assist.tender.award.step"
    _description = "Award a Tender"
    _rec_name = "tender_id"

    tender_id = fields.Many2one("union.assist.tender", required=True, ondelete="cascade")
    minimum_bids = fields.Integer(related="tender_id.minimum_bids")
    line_ids = fields.One2many("union.assist.tender.award.step.line", "step_id", "Bids")
    lot_ids = fields.One2many("union.assist.tender.award.step.lot", "step_id", "Lots")
    note = fields.Text(help="Kept in the award record.")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            if not wizard.line_ids:
                wizard.write(wizard._propose())
        return wizards

    def _propose(self):
        """Give each lot to its bids by rank, as far as offers and caps go."""
        self.ensure_one()
        tender = self.tender_id
        tender.check_access("read")
        caps = tender._get_caps(tender.bid_line_ids)
        left = {cap: cap.remaining for cap in caps.values() if cap}
        lines = []
        for lot in tender.lot_ids:
            open_quantity = lot.quantity
            said = ""
            for line in lot.bid_line_ids.sorted("rank"):
                cap = caps[line]
                fits = line._get_largest_quantity(cap, left.get(cap, 0.0))
                quantity = max(min(fits, open_quantity), 0.0)
                open_quantity -= quantity
                if cap and quantity:
                    left[cap] -= line._get_cap_amount(cap, quantity)
                lines.append(
                    Command.create(
                        {
                            "bid_line_id": line.id,
                            "fits": fits,
                            "quantity": quantity,
                            "reason": said if quantity and line.rank > 1 else False,
                        }
                    )
                )
                if fits < line.quantity:
                    said = self.env._("The cap of those before allows no more.")
                elif not said:
                    said = self.env._("Those before offer no more.")
        return {
            "line_ids": lines,
            "lot_ids": [Command.create({"lot_id": lot.id}) for lot in tender.lot_ids],
        }

    def action_award(self):
        """Award as entered, by the rights of the user on the tender."""
        self.ensure_one()
        self.tender_id._award(
            {line.bid_line_id: line.quantity for line in self.line_ids},
            {line.bid_line_id: line.reason for line in self.line_ids},
            {line.lot_id: line.reason for line in self.lot_ids},
            self.note,
        )
        return {"type": "ir.actions.act_window_close"}


class UnionAssistTenderAwardStepLine(models.TransientModel):
    _name = "union.assist.tender.award.step.line"
    _description = "Award a Tender: Bid"
    _rec_name = "bid_line_id"
    _order = "lot_id, rank, id"

    step_id = fields.Many2one(
        "union.assist.tender.award.step", required=True, index=True, ondelete="cascade"
    )
    bid_line_id = fields.Many2one(
        "union.assist.tender.bid.line", "Bid", required=True, ondelete="cascade"
    )
    lot_id = fields.Many2one(related="bid_line_id.lot_id", store=True)
    supplier_id = fields.Many2one(related="bid_line_id.supplier_id")
    currency_id = fields.Many2one(related="bid_line_id.currency_id")
    rank = fields.Integer(related="bid_line_id.rank", store=True)
    score = fields.Float(related="bid_line_id.score")
    price_unit = fields.Float(related="bid_line_id.price_unit")
    offered = fields.Float(related="bid_line_id.quantity", string="Offered")
    fits = fields.Float(
        "Within the Cap",
        readonly=True,
        digits="Product Unit",
        help="The largest quantity for which the supplier's purchase cap has room today.",
    )
    quantity = fields.Float("Awarded Quantity", digits="Product Unit")
    amount = fields.Monetary(compute="_compute_amount")
    reason = fields.Char(help="Needed where it is not the first rank.")

    @api.depends("price_unit", "quantity")
    def _compute_amount(self):
        for line in self:
            line.amount = line.price_unit * line.quantity


class UnionAssistTenderAwardStepLot(models.TransientModel):
    _name = "union.assist.tender.award.step.lot"
    _description = "Award a Tender: Lot"
    _rec_name = "lot_id"

    step_id = fields.Many2one(
        "union.assist.tender.award.step", required=True, index=True, ondelete="cascade"
    )
    lot_id = fields.Many2one("union.assist.tender.lot", required=True, ondelete="cascade")
    quantity = fields.Float(related="lot_id.quantity", string="Wanted")
    bid_count = fields.Integer(related="lot_id.bid_count")
    needs_reason = fields.Boolean(compute="_compute_needs_reason")
    reason = fields.Char(
        help="Why the lot is awarded with fewer bids than needed, or is not awarded."
    )

    @api.depends("bid_count", "step_id.minimum_bids", "step_id.line_ids.quantity")
    def _compute_needs_reason(self):
        for row in self:
            awarded = any(
                line.quantity for line in row.step_id.line_ids if line.lot_id == row.lot_id
            )
            row.needs_reason = not awarded or row.bid_count < row.step_id.minimum_bids
