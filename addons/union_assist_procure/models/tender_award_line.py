from odoo import api, fields, models


class UnionAssistTenderAwardLine(models.Model):
    """What an award gave to one bid for a lot, and why."""

    _name = "union.assist.tender.award.line"
    _inherit = ["union.assist.append.only"]
    _description = "Tender Award Line"
    _order = "award_id desc, lot_id, rank, id"
    _rec_name = "supplier_id"
    _append_only_except = (
        *("amount", "company_id", "lot_id", "supplier_id"),  # those of other records
        *("create_uid", "write_uid", "write_date"),
    )

    award_id = fields.Many2one(
        "union.assist.tender.award", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="award_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    bid_line_id = fields.Many2one(
        "union.assist.tender.bid.line",
        "Bid",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    lot_id = fields.Many2one(related="bid_line_id.lot_id", store=True, index=True, precompute=True)
    supplier_id = fields.Many2one(
        related="bid_line_id.supplier_id", store=True, index=True, precompute=True
    )
    uom_id = fields.Many2one(related="lot_id.uom_id")
    rank = fields.Integer(readonly=True, aggregator=None)
    score = fields.Float(readonly=True, digits=(5, 2), aggregator=None)
    price_unit = fields.Float("Unit Price", readonly=True, digits="Product Price", aggregator="avg")
    offered = fields.Float(readonly=True, digits="Product Unit")
    awarded = fields.Float("Awarded Quantity", readonly=True, digits="Product Unit")
    amount = fields.Monetary(compute="_compute_amount", store=True, precompute=True)
    reason = fields.Text(readonly=True)

    @api.depends("price_unit", "awarded")
    def _compute_amount(self):
        for line in self:
            line.amount = line.currency_id.round(line.price_unit * line.awarded)

    @api.model
    def _get_append_only_refusal(self):
        return self.env._("An award record is never changed.")
