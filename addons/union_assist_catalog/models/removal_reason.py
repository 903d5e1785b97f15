from odoo import fields, models


class UnionAssistRemovalReason(models.Model):
    """A ground on which a supplier is suspended or removed from the programme."""

    _name = "union.assist.removal.reason"
    _description = "Removal Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)
    source = fields.Char(translate=True, help="The document that says so.")

    _code_unique = models.UniqueIndex("(code)", "This removal reason code exists already.")
