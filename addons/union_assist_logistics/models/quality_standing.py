from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools import sampling

ACTIVITY = "mail.mail_activity_data_todo"
STATES = [
    ("normal", "Normal"),
    ("tightened", "Tightened"),
    ("skip", "Skip-Lot"),
    ("stopped", "Stopped"),
]


class UnionAssistQualityStanding(models.Model):
    """How lots of a supplier's product are inspected now, and what led there.

    Follows from the decisions on earlier lots by the switching rule in force; nobody sets it.
    """

    _name = "union.assist.quality.standing"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Inspection Standing"
    _order = "supplier_id, product_tmpl_id, id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    supplier_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    product_tmpl_id = fields.Many2one(
        "product.template",
        "Product",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    state = fields.Selection(
        STATES,
        "Severity of Inspection",
        required=True,
        readonly=True,
        default="normal",
        tracking=True,
    )
    recent = fields.Char(readonly=True, help="Last lots, the oldest first: A accepted, R not.")
    run = fields.Integer("Accepted in a Row", readonly=True)
    rejections = fields.Integer("Rejected while Tightened", readonly=True)
    reason = fields.Char(readonly=True)
    event_ids = fields.One2many(
        "union.assist.quality.standing.event", "standing_id", "History", readonly=True
    )
    resume_reason = fields.Char(
        copy=False, help="What the supplier did about the cause, and how that was checked."
    )

    _key_unique = models.UniqueIndex(
        "(company_id, supplier_id, product_tmpl_id)",
        "This supplier's product has a standing in the company already.",
    )

    @api.depends("supplier_id", "product_tmpl_id")
    def _compute_display_name(self):
        for standing in self:
            standing.display_name = (
                f"{standing.supplier_id.display_name} · {standing.product_tmpl_id.display_name}"
            )

    def write(self, vals):
        if not self.env.su:
            frozen = {
                name
                for name in vals.keys() - {"resume_reason"}
                if not name.startswith(("message_", "activity_"))
            }
            if frozen:
                raise AccessError(
                    self.env._(
                        "How lots are inspected follows from the decisions on earlier ones"
                        " (%(fields)s); it is not set by hand.",
                        fields=", ".join(sorted(frozen)),
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of inspections is evidence and stays."))

    def action_resume(self):
        """Take deliveries again after a stop, under tightened inspection."""
        self.check_access("write")
        for standing in self:
            if standing.state != "stopped":
                raise UserError(
                    self.env._(
                        "Inspection of %(standing)s is not stopped.", standing=standing.display_name
                    )
                )
            reason = (standing.resume_reason or "").strip()
            if not reason:
                raise UserError(
                    self.env._(
                        "Say what the supplier did about the cause before inspection of"
                        " %(standing)s is resumed.",
                        standing=standing.display_name,
                    )
                )
            standing.sudo()._step(sampling.resume(), "resumed", reason)
            standing.sudo().resume_reason = False
        return True

    # ------------------------------------------------------------------
    # Following decisions
    # ------------------------------------------------------------------
    @api.model
    def _find(self, keys):
        """Return the standings by ``(company, supplier, product template)``, in one query."""
        keys = {key for key in keys if key[1]}
        if not keys:
            return {}
        found = self.sudo().search(
            [
                ("company_id", "in", [company.id for company, _supplier, _product in keys]),
                ("supplier_id", "in", [supplier.id for _company, supplier, _product in keys]),
                ("product_tmpl_id", "in", [product.id for _company, _supplier, product in keys]),
            ]
        )
        return {
            (standing.company_id.id, standing.supplier_id.id, standing.product_tmpl_id.id): standing
            for standing in found
        }

    @api.model
    def _note_decided(self, inspections):
        """Move the standings on after decisions on inspections that follow history."""
        inspections = inspections.sudo().filtered(
            lambda record: record.supplier_id and any(record.plan_ids.mapped("sampling_switching"))
        )
        known = self._find({(i.company_id, i.supplier_id, i.product_tmpl_id) for i in inspections})
        for inspection in inspections.sorted("id"):
            company = inspection.company_id
            rule = self.env["union.assist.quality.switching"]._get_rule(
                company, company._assist_today()
            )
            # A skipped lot that passes shows nothing new; one that fails all the same counts.
            is_skipped = inspection.inspection_mode == "skip"
            if not rule or is_skipped and self._is_accepted(inspection):
                continue
            key = (company.id, inspection.supplier_id.id, inspection.product_tmpl_id.id)
            if key not in known:
                known[key] = self.sudo().create(
                    {"company_id": key[0], "supplier_id": key[1], "product_tmpl_id": key[2]}
                )
            known[key]._note_lot(inspection, rule)

    @api.model
    def _is_accepted(self, inspection):
        """Whether a lot passed and was released in full.

        Conceded and partly rejected lots were not: the supplier did not deliver what was
        agreed.
        """
        return (
            inspection.result == "pass"
            and not inspection.rejected_qty
            and not inspection.conceded_qty
        )

    def _note_lot(self, inspection, rule):
        """Count one lot and say what follows."""
        accepted = self._is_accepted(inspection)
        before = sampling.Standing(self.state, self.recent or "", self.run, self.rejections)
        after = sampling.advance(rule._get_figures(), before, accepted)
        lot = inspection.lot_id.name
        if after.state == before.state:
            reason = (
                self.env._("Lot %(lot)s accepted.", lot=lot)
                if accepted
                else self.env._("Lot %(lot)s not accepted.", lot=lot)
            )
        elif after.state == "tightened":
            reason = self.env._(
                "Lot %(lot)s not accepted: %(rejects)s of at most %(window)s lots in a row.",
                lot=lot,
                rejects=rule.tighten_rejects,
                window=rule.tighten_window,
            )
        elif after.state == "stopped":
            reason = self.env._(
                "Lot %(lot)s not accepted: %(rejects)s lots under tightened inspection.",
                lot=lot,
                rejects=after.rejections,
            )
        elif after.state == "skip":
            reason = self.env._(
                "Lot %(lot)s accepted: %(run)s lots in a row.", lot=lot, run=after.run
            )
        elif accepted:
            reason = self.env._(
                "Lot %(lot)s accepted: %(run)s lots in a row under tightened inspection.",
                lot=lot,
                run=rule.relax_accepts,
            )
        else:
            reason = self.env._("Lot %(lot)s not accepted: no lots are skipped now.", lot=lot)
        self._step(after, "accepted" if accepted else "rejected", reason, inspection)
        if after.state == "stopped" and before.state != "stopped":
            self._tell_purchasing(inspection)

    def _step(self, after, outcome, reason, inspection=None):
        """Take over a new standing and keep what led there."""
        self.ensure_one()
        self.env["union.assist.quality.standing.event"].sudo().create(
            {
                "standing_id": self.id,
                "company_id": self.company_id.id,
                "inspection_id": inspection and inspection.id,
                "date": self.company_id._assist_today(),
                "outcome": outcome,
                "state_before": self.state,
                "state": after.state,
                "reason": reason,
            }
        )
        vals = {"recent": after.recent, "run": after.run, "rejections": after.rejections}
        if after.state != self.state:
            vals.update(state=after.state, reason=reason)
        self.write(vals)

    def _tell_purchasing(self, inspection):
        """Ask who buys from the supplier to act: lots keep failing."""
        self.ensure_one()
        orders = inspection.origin_picking_id.move_ids.move_orig_ids.purchase_line_id.order_id
        buyer = self.supplier_id.buyer_id or orders.user_id[:1]
        if not (buyer and self.sudo(False).with_user(buyer).has_access("read")):
            buyer = self.env.user
        self.activity_schedule(
            ACTIVITY,
            user_id=buyer.id,
            summary=self.env._("Stop deliveries: lots keep failing"),
            note=self.env._(
                "%(reason)s Every unit of later lots is inspected until inspection is resumed."
                " Agree with the supplier what is done about the cause.",
                reason=self.reason,
            ),
        )

    def action_view_inspections(self):
        """Open the inspections of this supplier's product."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_quality_inspection"
        )
        action["domain"] = [
            ("supplier_id", "=", self.supplier_id.id),
            ("product_tmpl_id", "=", self.product_tmpl_id.id),
        ]
        action["context"] = {}
        return action
