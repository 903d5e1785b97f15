from odoo import fields, models


class UnionAssistMechanism(models.Model):
    """How a supplier lifts a household: by buying its harvest, by wages, by rent …"""

    _name = "union.assist.mechanism"
    _description = "Assistance Mechanism"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)

    _code_unique = models.UniqueIndex("(code)", "This mechanism code exists already.")
