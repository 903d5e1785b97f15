from odoo import fields, models


class UnionAssistLinkagePayment(models.Model):
    """Money that a supplier paid a household under a linkage, with its voucher."""

    _name = "union.assist.linkage.payment"
    _description = "Linkage Payment"
    _order = "date desc, id desc"

    linkage_id = fields.Many2one(
        "union.assist.linkage", required=True, index=True, ondelete="cascade"
    )
    supplier_id = fields.Many2one(related="linkage_id.supplier_id", store=True, index=True)
    region_id = fields.Many2one(related="linkage_id.region_id", store=True, index=True)
    mechanism_id = fields.Many2one(related="linkage_id.mechanism_id", store=True)
    date = fields.Date(required=True, default=lambda self: self.env.company._assist_today())
    currency_id = fields.Many2one(related="linkage_id.currency_id")
    amount = fields.Monetary(required=True)
    voucher = fields.Binary(attachment=True, help="Receipt, roll of wages or transfer slip.")
    voucher_name = fields.Char()
    note = fields.Char()

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A payment is above 0.")
