from odoo import fields, models


class UnionAssistScorePart(models.Model):
    """One of the things that a supplier is scored by, and how much it weighs.

    Each addon brings the parts that it has data for; a part without data weighs nothing.
    """

    _name = "union.assist.score.part"
    _description = "Supplier Score Part"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="By which the programme delivers its values.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    weight = fields.Float(
        required=True, default=1.0, help="Beside the weights of the other parts; they need no sum."
    )
    description = fields.Text(translate=True, help="What is measured, and how.")

    _code_unique = models.UniqueIndex("(code)", "This score part code exists already.")
    _weight_positive = models.Constraint("CHECK (weight > 0)", "A weight is above 0.")
