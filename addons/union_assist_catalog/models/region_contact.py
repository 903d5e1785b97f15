from odoo import api, fields, models


class UnionAssistRegionContact(models.Model):
    """Whom to call in a region's administration, and for what."""

    _name = "union.assist.region.contact"
    _description = "Region Contact"
    _order = "region_id, sequence, id"

    region_id = fields.Many2one(
        "union.assist.region", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, ondelete="restrict", index=True
    )
    role = fields.Char(
        required=True, translate=True, help="For example: assistance office, agriculture bureau."
    )
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    active = fields.Boolean(default=True)

    _contact_unique = models.UniqueIndex(
        "(region_id, partner_id)", "This contact is on the region's list already."
    )

    @api.depends("partner_id.display_name", "role")
    def _compute_display_name(self):
        for contact in self:
            contact.display_name = f"{contact.partner_id.display_name} ({contact.role})"

    def write(self, vals):
        result = super().write(vals)
        if "region_id" in vals:
            self.check_access("write")  # of the new region too
        return result
