from odoo import api, models


class Base(models.AbstractModel):
    _inherit = "base"

    #: Fields that steps set and nobody writes: no default of a client's sets them either.
    _assist_kept_fields = frozenset()

    @api.model
    def default_get(self, fields):
        """Leave what is not written by hand as the model makes it.

        Checks of ``create`` see the values that are given, not the defaults of the context
        or those that users keep for themselves.
        """
        values = super().default_get(fields)
        if self._assist_kept_fields and not self.env.su:
            for name in self._assist_kept_fields & values.keys():
                del values[name]
                default = self._fields[name].default
                if default:
                    values |= self._convert_to_write({name: default(self)})
        return values

    def export_data(self, fields_to_export):
        """Note exports of personal data, from whichever model they are reached."""
        result = super().export_data(fields_to_export)
        self.env["union.assist.export.log"]._log_export(self, fields_to_export)
        return result
