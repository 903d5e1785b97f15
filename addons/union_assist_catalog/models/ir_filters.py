from odoo import api, models
from odoo.exceptions import ValidationError


class IrFilters(models.Model):
    _inherit = "ir.filters"

    @api.constrains("domain")
    def _check_assist_identity(self):
        """An identity number is never stored, in a favourite search neither."""
        if any("identity_number" in (saved.domain or "") for saved in self):
            raise ValidationError(
                self.env._("A search by identity number cannot be saved: the number would be kept.")
            )
