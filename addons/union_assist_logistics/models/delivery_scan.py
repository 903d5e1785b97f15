from odoo import fields, models


class UnionAssistDeliveryScan(models.Model):
    """The signed paper of a delivery as it came back: a picture or a PDF, kept as it is."""

    _name = "union.assist.delivery.scan"
    _inherit = ["union.assist.append.only"]
    _description = "Scan of a Signed Delivery Note"
    _order = "id desc"

    name = fields.Char("File", required=True, readonly=True)
    picking_id = fields.Many2one(
        "stock.picking", "Delivery", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="picking_id.company_id", store=True, index=True)
    file = fields.Binary("Content", attachment=True, required=True, readonly=True)
    digest = fields.Char("SHA-256", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Scanned by", required=True, readonly=True, default=lambda self: self.env.uid
    )

    _append_only_except = ("create_uid", "write_uid", "write_date", "company_id")
    _once = models.Constraint(
        "UNIQUE(picking_id, digest)", "This file is with the delivery already."
    )
