from odoo import fields, models


class StockPickingType(models.Model):
    _inherit = "stock.picking.type"

    assist_note_paper = fields.Selection(
        [
            ("a4", "A4"),
            ("a5", "A5 Landscape"),
            ("continuous", "Continuous 241 × 139.7 mm"),
        ],
        "Delivery Note Paper",
        required=True,
        default="a4",
        help="Paper that delivery notes of this operation type are printed on.",
    )
    assist_auto_print_note = fields.Boolean(
        "Auto Print Delivery Note",
        help="If this checkbox is ticked, Odoo will automatically print the delivery note"
        " when a delivery is validated.",
    )

    # ------------------------------------------------------------------
    # Quality plans
    # ------------------------------------------------------------------
    def _assist_is_quality_step(self):
        """Whether goods are inspected before they enter stock in transfers of this type."""
        self.ensure_one()
        return self == self.warehouse_id.sudo().qc_type_id
