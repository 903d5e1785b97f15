import base64
import hashlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .delivery_event import PROOF_STATES

PROOF_BATCH = 200


class StockPicking(models.Model):
    """Proof of delivery (回单): from the printed note to the closed case."""

    _inherit = "stock.picking"

    assist_proof_state = fields.Selection(
        PROOF_STATES, "Proof of Delivery", readonly=True, copy=False, index="btree_not_null"
    )
    assist_proof_event_ids = fields.One2many(
        "union.assist.delivery.event", "picking_id", "Steps of the Proof", readonly=True
    )
    assist_proof_deadline = fields.Date(
        "Proof Expected by",
        readonly=True,
        copy=False,
        help="Signed or on paper; whoever is responsible is reminded after this day.",
    )
    assist_proof_reminded_on = fields.Date(readonly=True, copy=False)
    assist_proof_missing = fields.Boolean(
        "Proof Is Missing",
        compute="_compute_assist_proof_missing",
        search="_search_assist_proof_missing",
    )
    assist_receipt_ids = fields.One2many(
        "union.assist.delivery.receipt", "picking_id", "Signed Receipt", readonly=True
    )
    assist_receipt_pdf = fields.Binary(
        "Signed Receipt (PDF)",
        attachment=True,
        readonly=True,
        copy=False,
        groups="union_assist_catalog.group_operator,union_assist_logistics.group_warehouse",
    )
    assist_scan_ids = fields.One2many(
        "union.assist.delivery.scan",
        "picking_id",
        "Signed Paper",
        readonly=True,
        groups="union_assist_catalog.group_operator,union_assist_logistics.group_warehouse",
    )
    assist_case_ids = fields.One2many(
        "union.assist.delivery.case", "picking_id", "Discrepancies", readonly=True
    )
    assist_case_count = fields.Integer(
        "Discrepancy Count", compute="_compute_assist_case_count", compute_sudo=True
    )
    assist_open_case_count = fields.Integer(
        "Open Discrepancies", compute="_compute_assist_case_count", compute_sudo=True
    )

    @api.depends("assist_case_ids.state")
    def _compute_assist_case_count(self):
        counts, unfinished = {}, {}
        for picking, state, count in self.env["union.assist.delivery.case"]._read_group(
            [("picking_id", "in", self.ids)], ["picking_id", "state"], ["__count"]
        ):
            counts[picking.id] = counts.get(picking.id, 0) + count
            if state in ("open", "agreed"):
                unfinished[picking.id] = unfinished.get(picking.id, 0) + count
        for picking in self:
            picking.assist_case_count = counts.get(picking.id, 0)
            picking.assist_open_case_count = unfinished.get(picking.id, 0)

    def _compute_assist_proof_missing(self):
        missing = self.filtered_domain(self._get_proof_missing_domain())
        for picking in self:
            picking.assist_proof_missing = picking in missing

    @api.model
    def _search_assist_proof_missing(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._get_proof_missing_domain()

    @api.model
    def _get_proof_missing_domain(self):
        """Deliveries whose time for a signature or the signed paper is over."""
        return Domain("assist_proof_state", "in", ("printed", "departed", "delivered")) & Domain(
            "assist_proof_deadline", "<", self.env.company._assist_today()
        )

    # -- steps -------------------------------------------------------------------------

    def _assist_mark_departed(self, moment):
        """Record that the vehicle left with these deliveries; later steps are not undone.

        :param moment: when it left, in UTC
        """
        self._assist_mark_proof("departed", moment)

    def _assist_mark_proof(self, kind, moment):
        """Record a step of the proof of those deliveries that have not come as far.

        A step may be left out: who signs has got the goods, whether or not somebody said
        that the vehicle left. Written with elevated rights: callers check theirs.

        :param kind: one of ``PROOF_STATES``
        :param moment: when it happened, in UTC
        :return: the deliveries that were moved on
        """
        order = [False, *(key for key, _label in PROOF_STATES)]
        behind = self.sudo().filtered(
            lambda picking: (
                picking.picking_type_code == "outgoing"
                and order.index(picking.assist_proof_state) < order.index(kind)
            )
        )
        behind.write({"assist_proof_state": kind})
        behind._assist_set_proof_deadline()
        user = self.env.user
        self.env["union.assist.delivery.event"].sudo().create(
            [
                {
                    "picking_id": picking.id,
                    "kind": kind,
                    "moment": moment,
                    "user_id": user.id if user._is_internal() else False,
                }
                for picking in behind
            ]
        )
        return behind.with_env(self.env)

    def _assist_set_proof_deadline(self):
        """Say until when the proof of those that have left is expected."""
        parameter = self.env["union.assist.parameter"]
        for picking in self:
            if picking.state != "done" or picking.assist_proof_deadline:
                continue
            if picking.assist_proof_state:
                zone = picking.company_id._assist_get_zone()
                day = picking.date_done.astimezone(zone).date()
                days = parameter._get_value("proof_reminder_days", day)
                picking.assist_proof_deadline = day + timedelta(days=int(days))

    def _assist_check_keeper(self):
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("stock.group_stock_user")):
            raise AccessError(self.env._("Only the warehouse and operators do this."))

    def action_assist_mark_delivered(self):
        """Record that these deliveries were handed over; the signature may follow."""
        self._assist_check_keeper()
        unready = self.filtered(
            lambda picking: picking.state != "done" or picking.picking_type_code != "outgoing"
        )
        if unready:
            raise UserError(
                self.env._(
                    "Only deliveries that have left can be handed over; not: %(names)s.",
                    names=", ".join(unready.mapped("name")),
                )
            )
        self._assist_mark_proof("delivered", fields.Datetime.now())

    def action_assist_close_proof(self):
        """Close the proof of deliveries that are signed for, with no case left open."""
        self.check_access("write")
        if not self.env.user.has_group("union_assist_catalog.group_operator"):
            raise AccessError(self.env._("Only operators close the proof of a delivery."))
        unsigned = self.filtered(
            lambda picking: picking.assist_proof_state not in ("signed", "returned", "closed")
        )
        if unsigned:
            raise UserError(
                self.env._(
                    "These deliveries are neither signed for nor is their signed paper back:"
                    " %(names)s.",
                    names=", ".join(unsigned.mapped("name")),
                )
            )
        disputed = self.filtered("assist_open_case_count")
        if disputed:
            raise UserError(
                self.env._(
                    "Discrepancies of these deliveries are not done yet: %(names)s.",
                    names=", ".join(disputed.mapped("name")),
                )
            )
        self._assist_mark_proof("closed", fields.Datetime.now())
        self.sudo()._assist_drop_reminders()

    def _assist_can_be_signed(self):
        """Whether the receiver may sign: the goods have left, and no proof is there yet."""
        self.ensure_one()
        return self.state == "done" and self.assist_proof_state in (
            "printed",
            "departed",
            "delivered",
        )

    def _assist_get_responsible(self):
        """Return who looks after the proof of this delivery, if that is somebody of the staff."""
        self.ensure_one()
        users = (self.user_id, self.sale_id.user_id)
        return next(
            (user for user in users if user.active and user._is_internal()),
            self.env["res.users"],
        )

    def _assist_keep_scan(self, name, content):
        """Keep the signed paper of this delivery; the same file is kept once.

        :param content: the file: a picture (JPEG, PNG, WebP) or a PDF
        """
        self.ensure_one()
        scans = self.env["union.assist.delivery.scan"].sudo()
        digest = hashlib.sha256(content).hexdigest()
        if not scans.search_count([("picking_id", "=", self.id), ("digest", "=", digest)]):
            scans.create(
                {
                    "name": name,
                    "picking_id": self.id,
                    "file": base64.b64encode(content),
                    "digest": digest,
                    "user_id": self.env.uid,
                }
            )
        self._assist_mark_proof("returned", fields.Datetime.now())
        self.sudo()._assist_drop_reminders()

    # -- screens -----------------------------------------------------------------------

    def action_view_assist_cases(self):
        """Open the discrepancies of these deliveries."""
        of_these = Domain("picking_id", "in", self.ids)
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Discrepancies"),
            "res_model": "union.assist.delivery.case",
            "view_mode": "list,kanban,form",
            "domain": list(of_these),
            "context": {"default_picking_id": self.id} if len(self) == 1 else {},
        }
        if len(self) == 1 and len(self.assist_case_ids) == 1:
            action.update(views=[(False, "form")], res_id=self.assist_case_ids.id)
        return action

    def action_view_assist_receipt(self):
        """Open what the receiver signed for."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Signed Receipt"),
            "res_model": "union.assist.delivery.receipt",
            "view_mode": "form",
            "res_id": self.assist_receipt_ids.id,
        }

    def action_assist_download_receipt(self):
        """Download the receipt that was signed."""
        self.ensure_one()
        if not self.assist_receipt_pdf:
            raise UserError(self.env._("%(name)s has no signed receipt.", name=self.name))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/stock.picking/{self.id}/assist_receipt_pdf"
            f"?download=1&filename={self.assist_note_number}.pdf",
            "target": "download",
        }

    # -- reminders ---------------------------------------------------------------------

    @api.model
    def _assist_cron_remind_proof(self):
        """Remind of deliveries without signature or signed paper: one activity each."""
        cron = self.env["ir.cron"]
        for company in self.env["res.company"].search(Domain.TRUE):
            company_self = self.with_company(company)
            domain = (
                company_self._get_proof_missing_domain()
                & Domain("company_id", "=", company.id)
                & Domain("assist_proof_reminded_on", "=", False)
            )
            while pickings := self.search(domain, limit=PROOF_BATCH):
                pickings._assist_remind_proof(company._assist_today())
                if not cron._commit_progress(len(pickings), remaining=self.search_count(domain)):
                    return

    def _assist_remind_proof(self, today):
        self.sudo().write({"assist_proof_reminded_on": today})
        activity_type = self.env.ref("union_assist_logistics.activity_delivery_proof")
        fallback = self.env["union.assist.certificate"]._get_fallback_user()
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": model_id,
                    "res_id": picking.id,
                    "user_id": (picking._assist_get_responsible() or fallback).id,
                    "date_deadline": today,
                    "automated": True,
                }
                for picking in self
            ]
        )

    def _assist_drop_reminders(self):
        """The proof is there: nobody needs to ask for it any more."""
        self.activity_unlink(["union_assist_logistics.activity_delivery_proof"])
