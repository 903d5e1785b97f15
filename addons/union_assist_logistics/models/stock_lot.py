from datetime import timedelta

from odoo import api, fields, models


class StockLot(models.Model):
    _inherit = "stock.lot"

    assist_production_date = fields.Date("Production Date")
    assist_arrival_check_ids = fields.One2many(
        "union.assist.arrival.check", "lot_id", "Arrival Checks", readonly=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Count the shelf life from the production date where that is known."""
        for vals in vals_list:
            produced = fields.Date.to_date(vals.get("assist_production_date"))
            if produced and "expiration_date" not in vals:
                product = self.env["product.product"].browse(vals["product_id"])
                if product.use_expiration_date:
                    vals["expiration_date"] = fields.Datetime.to_datetime(produced) + timedelta(
                        days=product.expiration_time
                    )
        return super().create(vals_list)

    def write(self, vals):
        self._assist_check_identity(vals)
        self._assist_check_packed_date(vals)
        result = super().write(vals)
        if vals.get("assist_production_date"):
            self.env["union.assist.hold"]._extend(self)
        if "expiration_date" in vals:
            self._assist_check_pack_expiry()
        return result

    def _assist_get_suppliers(self):
        """Whom these lots came from.

        Those who delivered them, the last one first; of lots that never were received, the
        product's supplier.

        :return: ``{lot: partners}``
        """
        found = dict.fromkeys(self._origin, self.env["res.partner"].sudo())
        for lot, move in (
            self.env["stock.move.line"]
            .sudo()
            ._read_group(
                [
                    ("lot_id", "in", self.ids),
                    ("state", "=", "done"),
                    ("location_id.usage", "=", "supplier"),
                    ("picking_id", "!=", False),
                ],
                ["lot_id", "move_id"],
                order="move_id desc",
            )
        ):
            found[lot] |= move._assist_get_supplier()
        for lot in self._origin.sudo():
            found[lot] = found[lot] or lot.product_id.product_tmpl_id.assist_supplier_id
        return found

    def _assist_get_stock_quants(self):
        """What of these lots lies in stock: past the places for undecided goods."""
        quants = self.env["stock.quant"].search(
            [
                ("lot_id", "in", self.ids),
                ("location_id.usage", "=", "internal"),
                ("quantity", ">", 0),
                ("company_id", "=", self.env.company.id),
            ]
        )
        return quants.filtered(lambda quant: not quant.location_id._assist_is_before_decision())
