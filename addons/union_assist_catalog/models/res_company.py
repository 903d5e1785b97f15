import pytz

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _assist_get_zone(self):
        """Return the time zone of the company's days, whoever looks at them (a ``tzinfo``)."""
        self.ensure_one()
        partner = self.sudo().partner_id
        zones = pytz.country_timezones.get(partner.country_id.code or "", ["UTC"])
        return pytz.timezone(partner.tz or zones[0])

    def _assist_today(self):
        """Return the day it is for the company: documents expire when it ends, for everybody."""
        return fields.Datetime.now().astimezone(self._assist_get_zone()).date()
