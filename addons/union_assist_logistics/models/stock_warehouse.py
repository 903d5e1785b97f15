from odoo import fields, models


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    assist_reject_loc_id = fields.Many2one(
        "stock.location", "Reject Location", copy=False, check_company=True, readonly=True
    )

    def write(self, vals):
        if not {"wh_input_stock_loc_id", "wh_qc_stock_loc_id", "view_location_id"} & vals.keys():
            return super().write(vals)
        waiting = self.view_location_id._assist_get_waiting_places()
        result = super().write(vals)
        waiting._assist_check_still_waiting()
        return result

    def _assist_get_reject_location(self):
        """Return the location where rejected goods of this warehouse are set apart.

        It lies beside Input, Quality Control and Stock, not below them: push rules look at
        the parents of a location and would move rejected goods on to stock.
        """
        self.ensure_one()
        warehouse = self.sudo()
        if not warehouse.assist_reject_loc_id:
            warehouse.assist_reject_loc_id = (
                self.env["stock.location"]
                .sudo()
                .create(
                    {
                        "name": self.env._("Reject"),
                        "usage": "internal",
                        "location_id": warehouse.view_location_id.id,
                        "company_id": warehouse.company_id.id,
                        "assist_is_reject": True,
                    }
                )
            )
        return warehouse.assist_reject_loc_id
