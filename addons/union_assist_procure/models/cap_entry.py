from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class UnionAssistCapEntry(models.Model):
    """One line of the ledger of a cap: what an order took of it, or gave back, and why it could.

    The ledger is append-only. An entry is never changed nor deleted; making one moves the
    cap's counter in the same statement of the same transaction, so that the entries of a cap
    always add up to its counter.
    """

    _name = "union.assist.cap.entry"
    _description = "Cap Ledger Entry"
    _order = "id desc"
    _rec_name = "order_id"

    cap_id = fields.Many2one(
        "union.assist.cap", required=True, readonly=True, index=True, ondelete="restrict"
    )
    supplier_id = fields.Many2one(related="cap_id.supplier_id", store=True, index=True)
    company_id = fields.Many2one(related="cap_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="cap_id.currency_id")
    order_id = fields.Many2one(
        "purchase.order", required=True, readonly=True, index=True, ondelete="restrict"
    )
    policy_id = fields.Many2one(
        "union.assist.cap.policy",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Rule in force when the entry was made.",
    )
    kind = fields.Selection(
        [("commit", "Commitment"), ("release", "Release")], required=True, readonly=True
    )
    amount = fields.Monetary(
        required=True, readonly=True, help="Positive takes of the cap, negative gives back."
    )
    cap_amount = fields.Monetary("Cap at the Time", readonly=True)
    persons = fields.Float("Verified Persons", readonly=True, digits=(12, 2))
    households = fields.Float("Verified Households", readonly=True, digits=(12, 2))
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, default=lambda self: self.env.uid
    )
    date = fields.Datetime(required=True, readonly=True, default=lambda self: fields.Datetime.now())

    _kind_sign = models.Constraint(
        "CHECK (amount > 0 AND kind = 'commit' OR amount < 0 AND kind = 'release')",
        "A commitment is positive and a release negative.",
    )

    @api.depends("order_id.name")
    def _compute_display_name(self):
        # Viewers see the ledger without reading the orders in it.
        for entry in self.sudo():
            entry.display_name = entry.order_id.name

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        for cap, cap_entries in entries.grouped("cap_id").items():
            self.env.cr.execute(
                SQL(
                    "UPDATE union_assist_cap SET committed = committed + %s WHERE id = %s",
                    sum(cap_entries.mapped("amount")),
                    cap.id,
                )
            )
        entries.cap_id.invalidate_recordset(["committed"], flush=False)
        entries.cap_id.modified(["committed"])
        return entries

    def write(self, vals):
        if vals:
            raise UserError(
                self.env._(
                    "The cap ledger is append-only: no entry of it changes. Change the order;"
                    " the difference is posted as a new entry."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("The cap ledger is append-only: no entry of it is ever deleted.")
        )
