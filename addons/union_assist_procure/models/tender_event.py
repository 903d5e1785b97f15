from odoo import api, fields, models


class UnionAssistTenderEvent(models.Model):
    """One act in a tender: who did what and when. Append-only, and never with a price."""

    _name = "union.assist.tender.event"
    _inherit = ["union.assist.append.only"]
    _description = "Tender Log Entry"
    _order = "id desc"
    _rec_name = "kind"
    _append_only_except = (
        *("company_id", "supplier_id"),  # those of other records
        *("create_uid", "write_uid", "write_date"),
    )

    tender_id = fields.Many2one(
        "union.assist.tender", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="tender_id.company_id", store=True, index=True, precompute=True
    )
    invitation_id = fields.Many2one(
        "union.assist.tender.invitation",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    supplier_id = fields.Many2one(related="invitation_id.supplier_id", store=True, precompute=True)
    kind = fields.Selection(
        [
            ("called", "Called"),
            ("invited", "Invited"),
            ("extended", "Deadline extended"),
            ("submitted", "Bid handed in"),
            ("changed", "Bid changed"),
            ("withdrawn", "Bid withdrawn"),
            ("shown", "Own bid shown to the bidder"),
            ("late", "Bid refused: too late"),
            ("requested", "Opening asked for"),
            ("opened", "Bids opened"),
            ("invalid", "Bid found invalid"),
            ("awarded", "Awarded"),
            ("failed", "Closed without award"),
            ("cancelled", "Cancelled"),
        ],
        "Act",
        required=True,
        readonly=True,
    )
    date = fields.Datetime(required=True, readonly=True, default=lambda self: fields.Datetime.now())
    user_id = fields.Many2one(
        "res.users", "By", required=True, readonly=True, default=lambda self: self.env.uid
    )
    digest = fields.Char(
        "Receipt", readonly=True, help="SHA-256 of the sealed bid with its random salt."
    )
    note = fields.Text(readonly=True)

    @api.model
    def _get_append_only_refusal(self):
        return self.env._("The log of a tender is append-only: it never changes.")
