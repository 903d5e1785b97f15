from odoo import fields, models


class UnionAssistFarmingGrade(models.Model):
    """A grade of farm produce, and what it is worth beside goods of the ordinary grade.

    The factor turns a market price that is quoted without a grade into that of the grade. It
    never lowers a floor price: that holds for every grade unless the contract itself names
    another floor for the grade.
    """

    _name = "union.assist.farming.grade"
    _description = "Produce Grade"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    price_factor = fields.Float(
        required=True,
        default=1.0,
        digits=(6, 4),
        help="Market price of this grade where only the price of ordinary goods is recorded: that"
        " price times the factor.",
    )
    description = fields.Text(translate=True, help="How the grade is told at the scales.")

    _code_unique = models.UniqueIndex("(code)", "A grade with this code exists already.")
    _factor_positive = models.Constraint(
        "CHECK (price_factor > 0)", "The price factor of a grade is above 0."
    )
