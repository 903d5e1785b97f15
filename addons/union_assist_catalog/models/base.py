from odoo import models


class Base(models.AbstractModel):
    _inherit = "base"

    def export_data(self, fields_to_export):
        """Note exports of personal data, from whichever model they are reached."""
        result = super().export_data(fields_to_export)
        self.env["union.assist.export.log"]._log_export(self, fields_to_export)
        return result
