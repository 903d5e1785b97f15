from odoo import api, fields, models


class UnionAssistTenderAwardLot(models.Model):
    """How many bids a lot had, and why it was awarded with fewer than needed, or not at all."""

    _name = "union.assist.tender.award.lot"
    _inherit = ["union.assist.append.only"]
    _description = "Tender Award Lot"
    _order = "award_id desc, lot_id"
    _rec_name = "lot_id"
    _append_only_except = (
        *("company_id",),  # those of other records
        *("create_uid", "write_uid", "write_date"),
    )

    award_id = fields.Many2one(
        "union.assist.tender.award", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="award_id.company_id", store=True, index=True, precompute=True
    )
    lot_id = fields.Many2one(
        "union.assist.tender.lot", required=True, readonly=True, index=True, ondelete="restrict"
    )
    bid_count = fields.Integer("Valid Bids", readonly=True)
    reason = fields.Text(readonly=True)

    @api.model
    def _get_append_only_refusal(self):
        return self.env._("An award record is never changed.")
