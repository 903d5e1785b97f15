from odoo import fields, models


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    # ------------------------------------------------------------------
    # Arrival checks
    # ------------------------------------------------------------------
    assist_expected_delivery = fields.Date(
        "Reaches Recipients on",
        help="When the goods are to be delivered on, for example for a festival. The shelf life"
        " that has to be left is judged for this day.",
    )
