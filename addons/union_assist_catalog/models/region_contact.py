from odoo import api, fields, models


class UnionAssistRegionContact(models.Model):
    """Whom to call in a region's administration, and for what. Never a household."""

    _name = "union.assist.region.contact"
    _description = "Region Contact"
    _order = "region_id, sequence, id"

    region_id = fields.Many2one(
        "union.assist.region", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    partner_id = fields.Many2one(
        "res.partner",
        "Address Book",
        ondelete="set null",
        index="btree_not_null",
        help="Fills in name, phone and mail; a contact may also be kept here alone.",
    )
    name = fields.Char(
        compute="_compute_from_partner", store=True, readonly=False, precompute=True, required=True
    )
    role = fields.Char(
        "Office or Role",
        required=True,
        translate=True,
        help="For example: assistance office, agriculture bureau.",
    )
    phone = fields.Char(
        compute="_compute_from_partner", store=True, readonly=False, precompute=True
    )
    email = fields.Char(
        compute="_compute_from_partner", store=True, readonly=False, precompute=True
    )
    active = fields.Boolean(default=True)

    @api.depends("partner_id.name", "partner_id.phone", "partner_id.email")
    def _compute_from_partner(self):
        for contact in self:
            for name in ("name", "phone", "email"):
                contact[name] = contact.partner_id[name] or contact[name]

    @api.depends("name", "role")
    def _compute_display_name(self):
        for contact in self:
            contact.display_name = f"{contact.name} ({contact.role})"

    def write(self, vals):
        result = super().write(vals)
        if "region_id" in vals:
            self.check_access("write")  # of the new region too
        return result
