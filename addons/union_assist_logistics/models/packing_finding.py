from odoo import fields, models


class UnionAssistPackingFinding(models.Model):
    """What a packing rule said of a recipe when it was last checked; kept with its texts."""

    _name = "union.assist.packing.finding"
    _description = "Packing Rule Check"
    _order = "bom_id, sequence, id"

    bom_id = fields.Many2one("mrp.bom", "Recipe", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="bom_id.company_id", store=True, index=True)
    sequence = fields.Integer()
    name = fields.Char("Rule", required=True)
    verdict = fields.Selection(
        [
            ("pass", "Conforms"),
            ("fail", "Does Not Conform"),
            ("unknown", "Not Known"),
            ("exempt", "Exempt"),
        ],
        required=True,
    )
    value = fields.Char("Actual")
    limit = fields.Char("Required")
    action = fields.Selection([("warn", "Warn"), ("block", "Refuse")])
    source = fields.Char()
    checked_on = fields.Datetime(default=fields.Datetime.now)
