from odoo import fields, models


class UnionAssistQualityStandingEvent(models.Model):
    """One lot, or one act, that moved a supplier's product on: kept as it was."""

    _name = "union.assist.quality.standing.event"
    _inherit = ["union.assist.append.only"]
    _description = "Inspection History"
    _order = "id desc"

    standing_id = fields.Many2one(
        "union.assist.quality.standing", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True)
    inspection_id = fields.Many2one(
        "union.assist.quality.inspection", index="btree_not_null", ondelete="restrict"
    )
    lot_id = fields.Many2one(related="inspection_id.lot_id")
    date = fields.Date(required=True)
    outcome = fields.Selection(
        [("accepted", "Accepted"), ("rejected", "Not Accepted"), ("resumed", "Resumed")],
        required=True,
    )
    state_before = fields.Char(required=True)
    state = fields.Selection(
        [
            ("normal", "Normal"),
            ("tightened", "Tightened"),
            ("skip", "Skip-Lot"),
            ("stopped", "Stopped"),
        ],
        "Inspection after It",
        required=True,
    )
    reason = fields.Char(required=True)

    _inspection_unique = models.UniqueIndex(
        "(inspection_id) WHERE inspection_id IS NOT NULL",
        "An inspection counts once.",
    )
