from odoo import api, fields, models


class UnionAssistCapOverride(models.Model):
    """A permission for one order to exceed one cap: by how much, by whom and why.

    Made by :meth:`purchase.order._assist_grant_override` alone, which asks the authorities. The
    ledger says how much of it the order used.
    """

    _name = "union.assist.cap.override"
    _inherit = ["union.assist.append.only"]
    _description = "Cap Override"
    _order = "id desc"
    _rec_name = "order_id"
    _append_only_except = (
        *("supplier_id", "company_id"),  # those of the cap
        *("create_uid", "write_uid", "write_date"),
    )

    order_id = fields.Many2one(
        "purchase.order", required=True, readonly=True, index=True, ondelete="restrict"
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
    amount = fields.Monetary(
        required=True, readonly=True, help="By how much the order may exceed the cap."
    )
    cap_amount = fields.Monetary("Cap at the Time", readonly=True)
    reason = fields.Text(required=True, readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "union_assist_cap_override_attachment_rel",
        "override_id",
        "attachment_id",
        "Files",
        readonly=True,
        ondelete="restrict",
    )
    authority_id = fields.Many2one(
        "union.assist.cap.authority",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="What allowed the user to grant it.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Granted by",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.uid,
    )
    date = fields.Datetime(required=True, readonly=True, default=lambda self: fields.Datetime.now())

    _granted = models.Constraint(
        "CHECK (amount > 0 AND btrim(reason) <> '')", "An override has an amount and a reason."
    )

    @api.depends("order_id.name")
    def _compute_display_name(self):
        # Viewers see overrides without reading the orders.
        for override in self.sudo():
            override.display_name = override.order_id.name

    @api.model_create_multi
    def create(self, vals_list):
        overrides = super().create(vals_list)
        for override in overrides:
            # Its files go where nobody may change or delete them.
            override.attachment_ids.sudo().write(
                {"res_model": self._name, "res_id": override.id, "res_field": False}
            )
        return overrides
