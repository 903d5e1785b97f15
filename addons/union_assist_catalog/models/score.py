from odoo import fields, models


class UnionAssistScore(models.Model):
    """What a supplier reaches in one part of its score, and what that rests on.

    Worked out by ``res.partner._assist_update_scores``; nobody has the right to enter it.
    """

    _name = "union.assist.score"
    _description = "Supplier Score"
    _order = "supplier_id, sequence, id"
    _rec_name = "part_id"

    supplier_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    part_id = fields.Many2one(
        "union.assist.score.part", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(related="part_id.sequence", store=True)
    weight = fields.Float(related="part_id.weight")
    value = fields.Float(required=True, digits=(5, 1), aggregator="avg", help="From 0 to 100.")
    basis = fields.Text(help="The figures that the value rests on.")
    computed_on = fields.Datetime(required=True)

    _supplier_part_unique = models.UniqueIndex(
        "(supplier_id, part_id)", "A supplier has one value in each part."
    )
    _value_range = models.Constraint(
        "CHECK (value >= 0 AND value <= 100)", "A value is between 0 and 100."
    )
