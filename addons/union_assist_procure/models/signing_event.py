from odoo import api, fields, models


class UnionAssistSigningEvent(models.Model):
    """An occasion on which unions and suppliers sign subscriptions and intentions.

    What was subscribed and what was intended are two figures and are never added up.
    """

    _name = "union.assist.signing.event"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Signing Event"
    _order = "date desc, id desc"

    name = fields.Char(required=True, tracking=True)
    date = fields.Date(
        required=True, tracking=True, default=lambda self: self.env.company._assist_today()
    )
    region_id = fields.Many2one("union.assist.region", index=True, ondelete="restrict")
    place = fields.Char(help="Building or address.")
    organiser_ids = fields.Many2many(
        "res.partner", "union_assist_signing_event_organiser_rel", string="Organisers"
    )
    union_ids = fields.Many2many(
        "res.partner",
        "union_assist_signing_event_union_rel",
        string="Union Units",
        domain=[("assist_union_kind", "!=", False)],
        help="Units that subscribe; the goods are bought for them.",
    )
    supplier_ids = fields.Many2many(
        "res.partner",
        "union_assist_signing_event_supplier_rel",
        string="Suppliers",
        domain=[("assist_supplier_kind", "!=", False)],
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Documents", help="Scans of what was signed, pictures."
    )
    note = fields.Html()
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(default=True)
    requisition_ids = fields.One2many(
        "purchase.requisition",
        "assist_event_id",
        "Agreements",
        domain=[("assist_kind", "!=", False)],
        groups="purchase.group_purchase_user",
    )
    subscription_count = fields.Integer(
        "Subscriptions", compute="_compute_agreements", compute_sudo=True
    )
    intention_count = fields.Integer("Intentions", compute="_compute_agreements", compute_sudo=True)
    subscribed = fields.Monetary(
        compute="_compute_agreements",
        compute_sudo=True,
        help="Binding amounts signed here, in the company's currency, without what was cancelled.",
    )
    intended = fields.Monetary(
        compute="_compute_agreements",
        compute_sudo=True,
        help="Amounts of intentions signed here, which bind nobody. Never added to the"
        " subscribed amount.",
    )

    @api.depends(
        "company_id",
        "requisition_ids.assist_intended",
        "requisition_ids.assist_kind",
        "requisition_ids.assist_subscribed",
        "requisition_ids.state",
    )
    def _compute_agreements(self):
        self.subscription_count = self.intention_count = 0
        self.subscribed = self.intended = 0.0
        groups = self.env["purchase.requisition"]._read_group(
            [
                ("assist_event_id", "in", self.ids),
                ("assist_kind", "!=", False),
                ("state", "!=", "cancel"),
            ],
            ["assist_event_id", "assist_kind", "currency_id"],
            ["__count", "assist_subscribed:sum", "assist_intended:sum"],
        )
        for event, kind, currency, count, subscribed, intended in groups:
            amount = currency._convert(
                subscribed if kind == "subscription" else intended,
                event.currency_id,
                event.company_id,
                event.date,
            )
            if kind == "subscription":
                event.subscription_count += count
                event.subscribed += amount
            else:
                event.intention_count += count
                event.intended += amount

    def action_view_subscriptions(self):
        """Open the subscriptions signed here."""
        return self._get_agreement_action("action_subscription")

    def action_view_intentions(self):
        """Open the intentions signed here."""
        return self._get_agreement_action("action_intention")

    def _get_agreement_action(self, name):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"union_assist_procure.{name}")
        kind = name.removeprefix("action_")
        action["domain"] = [("assist_kind", "=", kind), ("assist_event_id", "=", self.id)]
        action["context"] = {
            "default_assist_kind": kind,
            "default_requisition_type": "blanket_order",
            "default_assist_event_id": self.id,
        }
        return action
