from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistTenderAwardLot(models.Model):
    """How many bids a lot had, and why it was awarded with fewer than needed, or not at all."""

    _name = "union.assist.tender.award.lot"
    _description = "Tender Award Lot"
    _order = "award_id desc, lot_id"
    _rec_name = "lot_id"

    award_id = fields.Many2one(
        "union.assist.tender.award", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="award_id.company_id", store=True, index=True)
    lot_id = fields.Many2one(
        "union.assist.tender.lot", required=True, readonly=True, index=True, ondelete="restrict"
    )
    bid_count = fields.Integer("Valid Bids", readonly=True)
    reason = fields.Text(readonly=True)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("An award record is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An award record is never deleted."))
