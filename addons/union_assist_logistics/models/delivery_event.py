from odoo import fields, models

#: How far the proof of a delivery has come, in order.
PROOF_STATES = [
    ("printed", "Printed"),
    ("departed", "Departed"),
    ("delivered", "Delivered"),
    ("signed", "Signed"),
    ("returned", "Returned"),
    ("closed", "Closed"),
]


class UnionAssistDeliveryEvent(models.Model):
    """A step of the proof of a delivery (回单): which, when it happened and who said so."""

    _name = "union.assist.delivery.event"
    _inherit = ["union.assist.append.only"]
    _description = "Step of a Delivery's Proof"
    _order = "moment desc, id desc"

    picking_id = fields.Many2one(
        "stock.picking",
        "Delivery",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="picking_id.company_id", store=True, index=True)
    kind = fields.Selection(PROOF_STATES, "Step Taken", required=True, readonly=True)
    moment = fields.Datetime(
        "Happened on", required=True, readonly=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        "res.users",
        "Recorded by",
        readonly=True,
        ondelete="restrict",
        help="Empty where the receiver did it, who logs in nowhere.",
    )
    note = fields.Char(readonly=True)

    # The company of a transfer never changes once it has moved; it follows from the delivery.
    _append_only_except = ("create_uid", "write_uid", "write_date", "company_id")
