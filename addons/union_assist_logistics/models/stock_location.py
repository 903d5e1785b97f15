from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


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

    def _assist_get_outside(self):
        """Where goods that lie here have left to: ``customer``, ``nobody``; ``False``: nowhere."""
        self.ensure_one()
        if self.usage in ("customer", "production"):
            return "customer"
        return "nobody" if self.usage in ("internal", "transit") and not self.company_id else False

    @api.model_create_multi
    def create(self, vals_list):
        locations = super().create(vals_list)
        if any(locations.mapped("assist_is_reject")):
            self.env.registry.clear_cache()  # whether there is one
        return locations

    def write(self, vals):
        if "assist_is_reject" in vals:
            self.env.registry.clear_cache()
        if not {"location_id", "assist_is_reject"} & vals.keys():
            return super().write(vals)
        waiting = self._assist_get_waiting_places()
        result = super().write(vals)
        waiting._assist_check_still_waiting()
        return result

    def _assist_get_waiting_places(self):
        """Those of these locations and below where lots wait for a decision, or were rejected."""
        if not self.env["union.assist.quality.plan"]._get_index():
            return self.browse()
        quants = self.env["stock.quant"].sudo()
        groups = quants._read_group(
            [
                ("location_id", "child_of", self.ids),
                ("location_id.usage", "=", "internal"),
                ("lot_id", "!=", False),
                ("quantity", ">", 0),
            ],
            ["location_id"],
        )
        places = self.browse([location.id for (location,) in groups])
        return places.filtered(lambda location: location._assist_is_before_decision())

    def _assist_check_still_waiting(self):
        """Refuse that places get into stock together with what waits there for a decision.

        :raise UserError: naming place, product and lot
        """
        freed = self.filtered(lambda location: not location._assist_is_before_decision())
        if not freed:
            return
        quants = (
            self.env["stock.quant"]
            .sudo()
            .search([("location_id", "in", freed.ids), ("lot_id", "!=", False)])
        )
        kinds = quants.lot_id._assist_get_supplier_kinds()
        for quant in quants:
            if quant.lot_id._assist_get_plan_ids(
                quant.company_id or self.env.company, today=True, kinds=kinds.get(quant.lot_id)
            ):
                raise UserError(
                    self.env._(
                        "%(location)s holds %(product)s, lot %(lot)s, which quality control did"
                        " not release: move the goods by a transfer before you make the location"
                        " a part of the stock.",
                        location=quant.location_id.display_name,
                        product=quant.product_id.display_name,
                        lot=quant.lot_id.name,
                    )
                )

    @api.constrains("assist_is_reject", "location_id", "usage")
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
        for location in opened.filtered("location_id.assist_is_reject"):
            raise ValidationError(
                self.env._(
                    "%(location)s lies in %(parent)s, where rejected goods are set apart: it is a"
                    " reject location too.",
                    location=location.display_name,
                    parent=location.location_id.display_name,
                )
            )
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
