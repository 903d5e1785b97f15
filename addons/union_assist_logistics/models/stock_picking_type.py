from odoo import fields, models


class StockPickingType(models.Model):
    _inherit = "stock.picking.type"

    assist_note_layout_id = fields.Many2one(
        "union.assist.note.layout",
        "Delivery Note Layout",
        check_company=True,
        index="btree_not_null",
        help="Paper, columns, prices and copies of the delivery notes of this operation type,"
        " for customers without a layout of their own.",
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
