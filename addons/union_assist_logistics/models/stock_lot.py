from odoo import fields, models


class StockLot(models.Model):
    _inherit = "stock.lot"

    assist_production_date = fields.Date("Production Date")
