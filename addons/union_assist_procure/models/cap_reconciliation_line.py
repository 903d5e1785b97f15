from odoo import fields, models


class UnionAssistCapReconciliationLine(models.Model):
    """One difference: of a cap's counter and its ledger, or of the ledger and an order."""

    _name = "union.assist.cap.reconciliation.line"
    _description = "Cap Difference"
    _order = "reconciliation_id, id"
    _rec_name = "cap_id"

    reconciliation_id = fields.Many2one(
        "union.assist.cap.reconciliation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    cap_id = fields.Many2one(
        "union.assist.cap", required=True, readonly=True, index=True, ondelete="restrict"
    )
    supplier_id = fields.Many2one(related="cap_id.supplier_id")
    currency_id = fields.Many2one(related="cap_id.currency_id")
    order_id = fields.Many2one(
        "purchase.order",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty where the counter of the cap differs from its ledger.",
    )
    counter = fields.Monetary("Counter of the Cap", readonly=True)
    held = fields.Monetary("In the Ledger", readonly=True, help="Of the order, or of the cap.")
    taken = fields.Monetary("Taken by the Order", readonly=True)
    difference = fields.Monetary(readonly=True, help="What a correction adds.")
