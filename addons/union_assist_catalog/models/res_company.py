import pytz

from odoo import fields, models, tools


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals:
            self.env.registry.clear_cache()
        return result

    def _assist_get_zone(self):
        """Return the time zone of the company's days, whoever looks at them (a ``tzinfo``)."""
        self.ensure_one()
        return pytz.timezone(self._assist_get_zone_name())

    @tools.ormcache("self.id")
    def _assist_get_zone_name(self):
        # Kept in memory: every rule that a day decides asks for it.
        partner = self.sudo().partner_id
        zones = pytz.country_timezones.get(partner.country_id.code or "", ["UTC"])
        return partner.tz or zones[0]

    def _assist_today(self):
        """Return the day it is for the company: documents expire when it ends, for everybody."""
        return fields.Datetime.now().astimezone(self._assist_get_zone()).date()
