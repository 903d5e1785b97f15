from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import sealing
from .tender_bid import get_bid_keys

SYSTEM_FIELDS = frozenset(
    ("state", "invited_on", "is_late", "act_count", "closed_on", "bid_ids", "notice")
)


class UnionAssistTenderInvitation(models.Model):
    """A supplier that is invited to a tender, and whether it has bid."""

    _name = "union.assist.tender.invitation"
    _inherit = ["mail.thread"]
    _description = "Tender Invitation"
    _order = "tender_id desc, id"
    _rec_name = "supplier_id"
    _check_company_auto = True
    _assist_kept_fields = SYSTEM_FIELDS

    tender_id = fields.Many2one(
        "union.assist.tender", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    supplier_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain=[("assist_admission_state", "=", "admitted")],
    )
    state = fields.Selection(
        [("invited", "No Bid"), ("bid", "Bid Handed In"), ("withdrawn", "Withdrawn")],
        "Status",
        required=True,
        readonly=True,
        default="invited",
    )
    invited_on = fields.Datetime(readonly=True)
    is_late = fields.Boolean("Invited Later", readonly=True, help="After the tender was called.")
    act_count = fields.Integer(readonly=True, help="Times that a bid was handed in or withdrawn.")
    closed_on = fields.Datetime(readonly=True, help="From then on nothing is handed in.")
    notice = fields.Text(readonly=True, help="What the last notice said beside its standard text.")
    bid_ids = fields.One2many(
        "union.assist.tender.bid",
        "invitation_id",
        readonly=True,
        groups="union_assist_catalog.group_user",
    )
    submitted_on = fields.Datetime(related="bid_ids.submitted_on")
    digest = fields.Char(related="bid_ids.digest")
    recipient_ids = fields.Many2many(
        "res.partner", compute="_compute_recipient_ids", compute_sudo=True
    )

    _supplier_unique = models.UniqueIndex(
        "(tender_id, supplier_id)", "This supplier is invited already."
    )

    @api.depends("supplier_id")
    def _compute_recipient_ids(self):
        """Who gets the notices: the supplier, and those who log in for it."""
        users = self.env["res.users"].search(
            [("partner_id.commercial_partner_id", "in", self.supplier_id.ids)]
        )
        contacts = users.partner_id.grouped("commercial_partner_id")
        for invitation in self:
            supplier = invitation.supplier_id
            invitation.recipient_ids = (supplier | contacts.get(supplier, supplier)).filtered(
                "email"
            )

    @api.model_create_multi
    def create(self, vals_list):
        invitations = super().create(
            [{name: vals[name] for name in vals if name not in SYSTEM_FIELDS} for vals in vals_list]
        )
        late = invitations.filtered(lambda row: row.tender_id.state != "draft")
        for tender in late.tender_id:
            tender._check_state("called")
            if tender.is_due:
                raise UserError(self.env._("The deadline has passed: nobody is invited any more."))
        if late:
            late._check_invitable()
            late.sudo().is_late = True
            late._invite()
        return invitations

    def write(self, vals):
        if not self.env.su and SYSTEM_FIELDS & vals.keys():
            raise UserError(self.env._("An invitation moves by the acts of its supplier alone."))
        if {"supplier_id", "tender_id"} & vals.keys() and any(row.invited_on for row in self):
            raise UserError(self.env._("Who was invited stays invited."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_invited(self):
        if any(row.invited_on for row in self):
            raise UserError(self.env._("Who was invited stays invited."))

    @api.constrains("supplier_id")
    def _check_supplier(self):
        for invitation in self:
            supplier = invitation.sudo().supplier_id
            if supplier.assist_admission_state != "admitted":
                raise ValidationError(
                    self.env._(
                        "%(supplier)s is not admitted: only admitted suppliers are invited.",
                        supplier=supplier.display_name,
                    )
                )

    def _check_invitable(self):
        """Refuse to invite suppliers from whom the goods could not be ordered."""
        for tender, invitations in self.grouped("tender_id").items():
            products = tender.sudo().lot_ids.product_id
            obstacles = self.env["res.partner"]._assist_get_order_obstacles(
                [(row.supplier_id, products) for row in invitations],
                tender.company_id._assist_today(),
            )
            sentences = [sentence for found in obstacles for sentence in found]
            if sentences:
                raise UserError(
                    self.env._(
                        "Not all of them can be invited to %(tender)s:\n%(obstacles)s",
                        tender=tender.display_name,
                        obstacles="\n".join(sentences),
                    )
                )

    def _invite(self):
        self.sudo().write({"invited_on": fields.Datetime.now()})
        for invitation in self:
            invitation.tender_id._log("invited", invitation)
        self._notify("union_assist_procure.mail_template_tender_invitation")

    def _notify(self, template, reason=None):
        """Mail the invited in their language; the portal shows the same."""
        if not self:
            return
        invitations = self.sudo()
        invitations.write({"notice": reason})
        reached = invitations.filtered("recipient_ids")
        if reached:
            self.env.ref(template).sudo().send_mail_batch(
                reached.ids, email_layout_xmlid="mail.mail_notification_light"
            )

    def _close(self):
        """Take no bid any more. Bids being handed in at this moment come before this, or see it."""
        self.sudo().write({"closed_on": fields.Datetime.now()})
        self.env.flush_all()

    # --------------------------------------------------
    # Bids
    # --------------------------------------------------

    def _get_binding(self):
        """Return what a seal is bound to: put elsewhere it is none."""
        self.ensure_one()
        return f"{self.tender_id.id}/{self.id}/{self.supplier_id.id}"

    def _begin_act(self):
        """Hold the row of the invitation, then say whether bids are taken still.

        The row is written first and the clock read after, so that nothing comes between.
        """
        self.ensure_one()
        self.act_count += 1
        self.flush_recordset()
        tender = self.tender_id
        if tender.state == "called" and fields.Datetime.now() < tender.deadline:
            return True
        tender._log("late", self)
        return False

    def _submit(self, content):
        """Seal a bid, or seal another one in its place.

        :param dict content: ``lots`` as :func:`~..tools.bid_form.read_bid` returns them, and
            ``note``; it is encrypted before anything is stored
        :return: whether it was taken; it is not after the deadline
        """
        self.ensure_one()
        invitation = self.sudo()
        if not invitation._begin_act():
            return False
        tender = invitation.tender_id
        sealed = sealing.seal(
            content, tender.deadline, get_bid_keys(self.env), invitation._get_binding()
        )
        values = {
            "sealed": sealed.token,
            "digest": sealed.digest,
            "state": "sealed",
            "submitted_on": fields.Datetime.now(),
            "submitted_by_id": self.env.uid,
        }
        known = invitation.bid_ids
        if known:
            known.write(values)
        else:
            known.create({**values, "invitation_id": invitation.id})
        tender._log(
            "changed" if invitation.state == "bid" else "submitted",
            invitation,
            digest=sealed.digest,
        )
        invitation.state = "bid"
        return True

    def _withdraw(self):
        """Withdraw the bid; its sealed content is removed. Returns whether it was in time."""
        self.ensure_one()
        invitation = self.sudo()
        if not invitation._begin_act():
            return False
        if invitation.state == "bid":
            invitation.bid_ids.write({"state": "withdrawn", "sealed": False})
            invitation.state = "withdrawn"
            invitation.tender_id._log("withdrawn", invitation, digest=invitation.digest)
        return True
