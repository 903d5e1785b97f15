import base64
import hashlib

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.delivery_entry import PHOTOS_PER_DELIVERY
from ..tools.proof_pictures import to_clean_jpeg


class UnionAssistDeliveryPhoto(models.Model):
    """A photograph that a receiver took of goods; part of the receipt once that is signed.

    Photographs come one by one, before the signature: each has a key that the telephone made,
    so that one sent again is kept once.
    """

    _name = "union.assist.delivery.photo"
    _description = "Photograph of a Delivery"
    _order = "id"
    _rec_name = "key"

    picking_id = fields.Many2one(
        "stock.picking", "Delivery", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="picking_id.company_id", store=True, index=True)
    key = fields.Char(required=True, readonly=True)
    image = fields.Binary("Photograph", attachment=True, required=True, readonly=True)
    digest = fields.Char("SHA-256", required=True, readonly=True)
    line_ids = fields.Many2many(
        "union.assist.delivery.receipt.line",
        "union_assist_delivery_line_photo_rel",
        "photo_id",
        "line_id",
        "Receipt Lines",
        readonly=True,
    )

    _key_unique = models.Constraint("UNIQUE(key)", "A photograph is kept once.")

    @api.model
    def _keep(self, picking, key, content):
        """Keep a photograph of a delivery, once however often it is sent.

        :param key: a UUID that the sender made for this photograph
        :param content: a file of JPEG, PNG or WebP
        :raise UserError: when it is none, or the delivery has too many already
        """
        found = self.search([("key", "=", key)])
        if found:
            if found.picking_id != picking:
                raise UserError(self.env._("This photograph belongs to another delivery."))
            return found
        if self.search_count([("picking_id", "=", picking.id)]) >= PHOTOS_PER_DELIVERY:
            raise UserError(
                self.env._(
                    "A delivery takes %(count)s photographs at most. Take away those that are not"
                    " needed, or show several damages on one.",
                    count=PHOTOS_PER_DELIVERY,
                )
            )
        jpeg = to_clean_jpeg(content)
        if not jpeg:
            raise UserError(
                self.env._(
                    "This file is no photograph that can be read. Take it again, as JPEG, PNG or"
                    " WebP."
                )
            )
        try:
            with self.env.cr.savepoint():
                return self.create(
                    {
                        "picking_id": picking.id,
                        "key": key,
                        "image": base64.b64encode(jpeg),
                        "digest": hashlib.sha256(jpeg).hexdigest(),
                    }
                )
        except UniqueViolation:
            # The same photograph came twice at once, and the other one is kept.
            return self.browse()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if self.sudo().line_ids:
            raise UserError(self.env._("A photograph of a signed receipt is kept with it."))

    @api.autovacuum
    def _gc_unsigned(self):
        """Forget photographs that nobody signed for within a month."""
        self.sudo().search(
            [
                ("line_ids", "=", False),
                ("create_date", "<", fields.Datetime.subtract(fields.Datetime.now(), days=30)),
            ],
            limit=1000,
        ).unlink()
