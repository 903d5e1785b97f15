import secrets

from odoo import fields, models


class StockLot(models.Model):
    """The address of a lot's public page."""

    _inherit = "stock.lot"

    assist_public_token = fields.Char(copy=False, readonly=True, groups=fields.NO_ACCESS)

    _assist_public_token_unique = models.UniqueIndex(
        "(assist_public_token) WHERE assist_public_token IS NOT NULL"
    )

    def _assist_get_public_url(self):
        """Return the address of the lot's public page, as QR codes on labels show it.

        The address cannot be guessed; it is made when it is first asked for, and stays.
        """
        self.ensure_one()
        lot = self.sudo()
        if not lot.assist_public_token:
            lot.with_context(mail_notrack=True).assist_public_token = secrets.token_urlsafe(16)
        return f"{lot.get_base_url()}/assist/lot/{lot.assist_public_token}"
