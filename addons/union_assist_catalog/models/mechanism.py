from odoo import fields, models


class UnionAssistMechanism(models.Model):
    """How a supplier lifts a household: by buying its harvest, by wages, by rent …"""

    _name = "union.assist.mechanism"
    _description = "Assistance Mechanism"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    kind = fields.Selection(
        [
            ("operating", "Operating Income"),
            ("wage", "Wage Income"),
            ("asset", "Asset Income"),
        ],
        required=True,
        default="operating",
        help="What the household earns by it: from its own produce, from work, or from land,"
        " animals or capital that it hands over.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)

    _code_unique = models.UniqueIndex("(code)", "This mechanism code exists already.")
