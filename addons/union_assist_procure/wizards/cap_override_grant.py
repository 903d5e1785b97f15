from math import inf

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount


class UnionAssistCapOverrideGrant(models.TransientModel):
    """Let an order exceed a cap: by how much, why, and on which proof.

    What is allowed is decided by the order's own method; the dialog only proposes.
    """

    _name = "union.assist.cap.override.grant"
    _description = "Let an Order Exceed a Cap"

    order_id = fields.Many2one("purchase.order", required=True, readonly=True, ondelete="cascade")
    order_state = fields.Selection(related="order_id.state")
    cap_id = fields.Many2one("union.assist.cap", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="cap_id.currency_id")
    cap_amount = fields.Monetary("Amount of the Cap", compute="_compute_figures", compute_sudo=True)
    excess = fields.Monetary(
        "Above the Cap",
        compute="_compute_figures",
        compute_sudo=True,
        help="By how much this order exceeds the cap as it is now, beyond what was granted before.",
    )
    allowed = fields.Char(
        "You May Grant", compute="_compute_allowed", help="What your authority leaves today."
    )
    amount = fields.Monetary("Granted Amount", required=True)
    reason = fields.Text()
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "union_assist_cap_override_grant_attachment_rel",
        "grant_id",
        "attachment_id",
        "Files",
        bypass_search_access=True,
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        order = self.env["purchase.order"].browse(values.get("order_id")).exists()
        if order:
            order.check_access("read")
            order_sudo = order.sudo()
            uses = [use for use in order_sudo._get_assist_uses()[order_sudo] if use.claim.key]
            if not uses:
                raise UserError(
                    self.env._("Nothing of %s counts against a purchase cap.", order.name)
                )
            use = uses[0]  # the one with the least room left
            cap = use.cap._open([use.claim.key])[use.claim.key]
            values.update(cap_id=cap.id, amount=order_sudo._get_assist_excess(use))
        return values

    @api.depends("order_id", "cap_id")
    def _compute_figures(self):
        for grant in self:
            order = grant.order_id.sudo()
            cap = grant.cap_id.sudo()
            uses = order._get_assist_uses().get(order, ())
            grant.cap_amount = cap.amount
            grant.excess = sum(order._get_assist_excess(use) for use in uses if use.cap == cap)

    @api.depends("order_id", "cap_id")
    @api.depends_context("uid")
    def _compute_allowed(self):
        for grant in self:
            order, cap = grant.order_id.sudo(), grant.cap_id.sudo()
            room, _authority = self.env["union.assist.cap.authority"]._get_room(
                self.env.user, order, cap
            )
            grant.allowed = (
                self.env._("any amount")
                if room == inf
                else format_amount(self.env, room, cap.currency_id)
            )

    def action_grant(self):
        """Grant it and stay with the order.

        :raise UserError: when something is missing
        :raise AccessError: when the user has no authority for that much
        """
        self._grant()
        return {"type": "ir.actions.act_window_close"}

    def action_grant_confirm(self):
        """Grant it and confirm, or approve, the order."""
        self._grant()
        order = self.order_id
        if order.state in ("draft", "sent"):
            result = order.button_confirm()
        else:
            result = order.button_approve()
        if isinstance(result, dict) and result:
            return result
        return {"type": "ir.actions.act_window_close"}

    def _grant(self):
        self.ensure_one()
        return self.order_id._assist_grant_override(
            self.cap_id, self.amount, self.reason, self.attachment_ids
        )
