from odoo import api, fields, models

REASONS = [
    ("confirm", "Confirmation"),
    ("increase", "Increase"),
    ("receipt", "More Received"),
    ("reduction", "Reduction"),
    ("return", "Return to the Supplier"),
    ("remainder", "Remainder Closed"),
    ("cancel", "Cancellation"),
    ("period", "Moved to Another Period"),
    ("goods", "Moved to Other Goods"),
    ("supplier", "Moved to Another Supplier"),
    ("policy", "Policy Changed"),
    ("season", "Season Changed"),
    ("category", "Product Category Changed"),
    ("kind", "Supplier Joined, Left or Changed Its Kind"),
    ("reconciliation", "Reconciliation"),
]


class UnionAssistCapEntry(models.Model):
    """One line of the ledger of a cap: what an order took of it, or gave back, and why it could.

    The ledger is append-only, and a trigger of the database moves the cap's counter with every
    entry, so that the entries of a cap always add up to its counter.

    - ``commit``: an order took room that the cap had (or more, where the policy only warns).
    - ``override``: an order took more than the cap, by a permission; negative when given back.
    - ``release``: an order gave room back.
    - ``recount``: rules changed, and with them what a confirmed order takes. Nothing is refused.
    - ``correction``: a reconciliation found a difference, and somebody set it right.
    """

    _name = "union.assist.cap.entry"
    _inherit = ["union.assist.append.only"]
    _description = "Cap Ledger Entry"
    _order = "id desc"
    _rec_name = "order_id"
    _append_only_except = (
        *("supplier_id", "company_id"),  # those of the cap
        *("create_uid", "write_uid", "write_date"),
    )

    cap_id = fields.Many2one(
        "union.assist.cap", required=True, readonly=True, index=True, ondelete="restrict"
    )
    supplier_id = fields.Many2one(
        related="cap_id.supplier_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        related="cap_id.company_id", store=True, index=True, precompute=True
    )
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
        [
            ("commit", "Commitment"),
            ("release", "Release"),
            ("override", "Override"),
            ("recount", "Recount"),
            ("correction", "Correction"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Selection(REASONS, readonly=True, help="What made the order take or give back.")
    amount = fields.Monetary(
        required=True, readonly=True, help="Positive takes of the cap, negative gives back."
    )
    excess = fields.Monetary(
        "Above the Cap",
        readonly=True,
        help="Part of the amount that lay above the cap when the entry was made.",
    )
    cap_amount = fields.Monetary("Cap at the Time", readonly=True)
    persons = fields.Float("Verified Persons", readonly=True, digits=(12, 2))
    households = fields.Float("Verified Households", readonly=True, digits=(12, 2))
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, default=lambda self: self.env.uid
    )
    date = fields.Datetime(required=True, readonly=True, default=lambda self: fields.Datetime.now())

    _kind_sign = models.Constraint(
        "CHECK (CASE kind WHEN 'commit' THEN amount > 0 WHEN 'release' THEN amount < 0"
        " ELSE amount <> 0 END)",
        "A commitment is positive, a release negative, and nothing is posted of 0.",
    )

    def init(self):
        """Have the database move the counter of the cap with every entry."""
        result = super().init()
        self.env.cr.execute("""
            CREATE OR REPLACE FUNCTION union_assist_cap_count() RETURNS trigger AS $$
            BEGIN
                UPDATE union_assist_cap SET committed = committed + NEW.amount
                 WHERE id = NEW.cap_id;
                RETURN NULL;
            END $$ LANGUAGE plpgsql;
            DROP TRIGGER IF EXISTS union_assist_cap_entry_count ON union_assist_cap_entry;
            CREATE TRIGGER union_assist_cap_entry_count AFTER INSERT ON union_assist_cap_entry
                FOR EACH ROW EXECUTE FUNCTION union_assist_cap_count()
        """)
        return result

    @api.depends("order_id.name")
    def _compute_display_name(self):
        # Viewers see the ledger without reading the orders in it.
        for entry in self.sudo():
            entry.display_name = entry.order_id.name

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries.cap_id.invalidate_recordset(["committed"], flush=False)
        entries.cap_id.modified(["committed"])
        return entries

    @api.model
    def _get_append_only_refusal(self):
        return self.env._(
            "The cap ledger is append-only: no entry of it changes or is ever deleted. Change the"
            " order; the difference is posted as a new entry."
        )
