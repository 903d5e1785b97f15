from odoo import api, fields, models
from odoo.exceptions import ValidationError


class StockLocation(models.Model):
    _inherit = "stock.location"

    assist_is_reject = fields.Boolean(
        "Reject Location",
        compute="_compute_assist_is_reject",
        store=True,
        readonly=False,
        recursive=True,
        help="Holds rejected goods. They leave it only back to the vendor or as a loss.",
    )

    @api.depends("location_id.assist_is_reject")
    def _compute_assist_is_reject(self):
        for location in self:
            location.assist_is_reject = (
                location.assist_is_reject or location.location_id.assist_is_reject
            )

    @api.constrains("assist_is_reject", "usage")
    def _check_assist_is_reject(self):
        for location in self:
            if location.assist_is_reject and location.usage not in ("internal", "view"):
                raise ValidationError(
                    self.env._(
                        "%(location)s holds rejected goods: its type is Internal.",
                        location=location.display_name,
                    )
                )
        opened = self.filtered(lambda location: not location.assist_is_reject)
        goods = opened and self.env["stock.warehouse"].sudo().search(
            [("assist_reject_loc_id", "in", opened.ids)], limit=1
        )
        if goods:
            raise ValidationError(
                self.env._(
                    "%(location)s is where warehouse %(warehouse)s sets rejected goods apart:"
                    " it stays a reject location.",
                    location=goods.assist_reject_loc_id.display_name,
                    warehouse=goods.name,
                )
            )

    def _assist_is_before_decision(self):
        """Whether goods here may still be undecided or rejected: they are not in stock yet."""
        self.ensure_one()
        if self.assist_is_reject or self.usage in ("supplier", "inventory"):
            return True
        if not self.warehouse_id:
            return False
        warehouse = self.warehouse_id.sudo()
        path = self.parent_path or ""
        return any(
            path.startswith(zone.parent_path)
            for zone in warehouse.wh_input_stock_loc_id | warehouse.wh_qc_stock_loc_id
        )

    # ------------------------------------------------------------------
    # Goods on hold
    # ------------------------------------------------------------------
    assist_is_quarantine = fields.Boolean(
        "Quarantine Location",
        help="Goods on hold may be moved here. They leave it when the hold is lifted.",
    )

    def _assist_takes_held(self):
        """Whether goods on hold may be moved here: apart, back to the vendor, or lost."""
        self.ensure_one()
        return (
            self.assist_is_reject
            or self.assist_is_quarantine
            or self.usage in ("supplier", "inventory")
        )
