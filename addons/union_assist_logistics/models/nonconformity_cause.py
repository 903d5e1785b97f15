from odoo import fields, models


class UnionAssistNonconformityCause(models.Model):
    """A cause of nonconformities, from the list that they are counted by."""

    _name = "union.assist.nonconformity.cause"
    _description = "Cause of Nonconformities"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex("(name)", "This cause is on the list already.")
