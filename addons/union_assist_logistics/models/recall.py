import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

DECIDERS = "union_assist_logistics.group_quality_decide"

# What follows from the steps; the rest is written while the recall is a draft.
STEP_FIELDS = frozenset(
    (
        "name",
        "state",
        "started_by_id",
        "started_on",
        "closed_by_id",
        "closed_on",
        "search_seconds",
        "recipient_ids",
        "line_ids",
        "balance_ids",
        "report_id",
    )
)
# What may be written while it is open.
OPEN_FIELDS = frozenset(("conclusion", "notice", "recipient_ids"))


class UnionAssistRecall(models.Model):
    """Taking goods back from everybody who received them.

    When it begins, the list of recipients is found at once, the time that took is kept, and
    the mass balance of every lot is drawn up. A real recall puts the lots on hold, sends
    notices and follows what each recipient answers and sends back. A mock recall (演练) runs
    the same search and balance, and touches neither goods nor recipients.
    """

    _name = "union.assist.recall"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Recall"
    _order = "id desc"
    _check_company_auto = True
    _assist_kept_fields = STEP_FIELDS

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    is_mock = fields.Boolean("Mock Recall", help="An exercise: no notices, no holds.")
    hold_id = fields.Many2one(
        "union.assist.hold",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain=[("state", "!=", "draft")],
        help="The hold whose lots are recalled.",
    )
    lot_ids = fields.Many2many(
        "stock.lot",
        "union_assist_recall_lot_rel",
        string="Lots",
        check_company=True,
        compute="_compute_lot_ids",
        store=True,
        readonly=False,
        help="The lots at fault; the packs they are in are found.",
    )
    level = fields.Selection(
        [("1", "Level 1"), ("2", "Level 2"), ("3", "Level 3")],
        help="How grave the danger is. Level 1: serious harm or death; level 2: harm to health;"
        " level 3: wrong labels or similar.",
    )
    reason = fields.Text(required=True, help="What is wrong with the goods; recipients read it.")
    notice = fields.Text(
        "What to Do",
        default=lambda self: self.env._(
            "Stop handing the goods out and keep them apart. Tell us within 24 hours how many you"
            " still have. We take them back at our cost and replace or refund them."
        ),
        help="What recipients are asked to do.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("open", "Running"), ("closed", "Closed"), ("cancel", "Cancelled")],
        "Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    started_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    started_on = fields.Datetime(readonly=True, copy=False)
    notify_by = fields.Datetime(
        compute="_compute_notify_by",
        help="Until when recipients are told, by the level and the rule values in force.",
    )
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)
    search_seconds = fields.Float(
        "Time to Find Recipients (s)",
        readonly=True,
        copy=False,
        digits=(10, 3),
        help="From the lots to the list of recipients.",
    )
    duration_hours = fields.Float(
        "Duration (h)", compute="_compute_duration_hours", help="From its start to its closing."
    )
    conclusion = fields.Text(copy=False, help="What was found out, and what changes.")
    recipient_ids = fields.One2many(
        "union.assist.recall.recipient", "recall_id", "Recipients", copy=False
    )
    line_ids = fields.One2many("union.assist.recall.line", "recall_id", "Deliveries", readonly=True)
    balance_ids = fields.One2many(
        "union.assist.recall.balance", "recall_id", "Mass Balance", readonly=True, copy=False
    )
    recipient_count = fields.Integer("Units", compute="_compute_figures")
    notified_count = fields.Integer("Units Notified", compute="_compute_figures")
    answered_count = fields.Integer("Units Answered", compute="_compute_figures")
    delivery_count = fields.Integer("Number of Deliveries", compute="_compute_figures")
    return_count = fields.Integer("Number of Returns", compute="_compute_figures")
    recovery_rate = fields.Float(
        "Recovered (%)",
        compute="_compute_recovery_rate",
        digits=(5, 1),
        help="Share of the recalled goods that recipients had and that came back or was destroyed.",
    )
    is_balanced = fields.Boolean(compute="_compute_is_balanced")
    report_id = fields.Many2one(
        "ir.attachment", "Final Report", readonly=True, copy=False, ondelete="restrict"
    )

    @api.depends("hold_id")
    def _compute_lot_ids(self):
        for recall in self:
            if recall.hold_id:
                recall.lot_ids = recall.hold_id.line_ids.filtered(
                    lambda line: not line.level
                ).lot_id

    @api.depends("level", "started_on")
    def _compute_notify_by(self):
        parameters = self.env["union.assist.parameter"]
        for recall in self:
            recall.notify_by = False
            if recall.level and recall.started_on:
                day = recall.started_on.astimezone(recall.company_id._assist_get_zone()).date()
                hours = parameters._get_value(f"recall_notice_hours_{recall.level}", day)
                recall.notify_by = recall.started_on + timedelta(hours=hours)

    @api.depends("started_on", "closed_on")
    def _compute_duration_hours(self):
        for recall in self:
            recall.duration_hours = (
                (recall.closed_on - recall.started_on).total_seconds() / 3600
                if recall.started_on and recall.closed_on
                else 0.0
            )

    @api.depends("recipient_ids.state", "line_ids", "recipient_ids.return_ids")
    def _compute_figures(self):
        for recall in self:
            recipients = recall.recipient_ids
            recall.recipient_count = len(recipients)
            recall.notified_count = len(recipients.filtered("notified_on"))
            recall.answered_count = len(recipients.filtered("answered_on"))
            recall.delivery_count = len(recall.line_ids.picking_id)
            recall.return_count = len(recipients.return_ids)

    @api.depends("line_ids.destroyed_qty")
    def _compute_recovery_rate(self):
        self.line_ids.mapped("returned_qty")
        for recall in self:
            recall.recovery_rate = recall.line_ids._get_recovery_rate()

    @api.depends("balance_ids.difference")
    def _compute_is_balanced(self):
        for recall in self:
            recall.is_balanced = not any(recall.balance_ids.mapped("difference"))

    # ------------------------------------------------------------------
    # Who may change what
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        self._check_steps(*vals_list)
        sequence = self.env["ir.sequence"].sudo()
        return super().create(
            [{**vals, "name": sequence.next_by_code(self._name) or "/"} for vals in vals_list]
        )

    def write(self, vals):
        names = {name for name in vals if not name.startswith(("message_", "activity_"))}
        if not self.env.su and names:
            self._check_steps({name: vals[name] for name in names - OPEN_FIELDS})
            if any(recall.state != "draft" for recall in self) and names - OPEN_FIELDS:
                raise UserError(
                    self.env._(
                        "A recall that began keeps its lots and reasons (%(fields)s).",
                        fields=", ".join(sorted(names - OPEN_FIELDS)),
                    )
                )
            for recall in self:
                if recall.state not in ("draft", "open"):
                    raise UserError(
                        self.env._("%(recall)s is over: it stays as it is.", recall=recall.name)
                    )
        return super().write(vals)

    def _check_steps(self, *vals_list):
        if not self.env.su and any(STEP_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._("A recall begins and ends by its buttons, not by writing its fields.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_draft(self):
        if any(recall.state not in ("draft", "cancel") or recall.started_on for recall in self):
            raise UserError(self.env._("A recall that began is evidence and is never deleted."))

    @api.constrains("state", "lot_ids")
    def _check_lots(self):
        for recall in self:
            if recall.state == "open" and not recall.lot_ids:
                raise ValidationError(
                    self.env._("%(recall)s: say which lots are recalled.", recall=recall.name)
                )

    def _check_open(self):
        for recall in self:
            if recall.state != "open":
                raise UserError(
                    self.env._("%(recall)s is not running.", recall=recall.display_name)
                )

    def _check_may_run(self):
        if not self.env.user.has_group(DECIDERS):
            raise AccessError(self.env._("Only who decides on lots may run recalls."))
        self.check_access("write")

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------
    def action_start(self):
        """Find the recipients, draw up the balance, and put the lots of a real recall on hold."""
        self._check_may_run()
        for recall in self:
            if recall.state != "draft":
                raise UserError(self.env._("%(recall)s has begun.", recall=recall.name))
            if not recall.lot_ids:
                raise UserError(
                    self.env._("%(recall)s: say which lots are recalled.", recall=recall.name)
                )
            if not recall.is_mock:
                recall._put_on_hold()
            recall.sudo()._find_recipients()
        return True

    def _put_on_hold(self):
        """Put those lots on hold that are not."""
        self.ensure_one()
        holds = self.lot_ids._assist_get_holds(self.company_id)
        free = self.lot_ids.filtered(lambda lot: (lot.id, self.company_id.id) not in holds)
        if not free:
            return
        hold = self.env["union.assist.hold"].create(
            {
                "company_id": self.company_id.id,
                "scope": "lot",
                "lot_ids": [Command.set(free.ids)],
                "reason": self.env._(
                    "Recall %(recall)s: %(reason)s", recall=self.name, reason=self.reason
                ),
            }
        )
        hold.action_hold()
        if not self.hold_id:
            self.sudo().hold_id = hold

    def _find_recipients(self):
        """List everybody who has the goods; called with all rights, with the time taken kept."""
        self.ensure_one()
        trace = self.env["union.assist.trace"]
        lot_ids = self.lot_ids.ids
        # Pending writes are not part of the search.
        trace._begin()
        start = time.perf_counter()
        rows = trace._get_recipients(lot_ids, self.company_id)
        seconds = time.perf_counter() - start
        contents = trace._get_contents(lot_ids, self.company_id)
        by_unit = {}
        for row in rows:
            by_unit.setdefault(row["partner_id"], []).append(row)
        recipients = [
            Command.create(
                {
                    "partner_id": partner_id,
                    "contact_id": unit_rows[-1]["contact_id"],
                    "line_ids": [
                        Command.create(
                            {
                                "picking_id": row["picking_id"],
                                "number": row["number"],
                                "date": row["date"],
                                "on_way": row["on_way"],
                                "lot_id": row["lot_id"],
                                "quantity": row["quantity"],
                                "content": row["quantity"] * contents.get(row["lot_id"], 0.0),
                            }
                        )
                        for row in unit_rows
                    ],
                }
            )
            for partner_id, unit_rows in by_unit.items()
        ]
        levels = trace._get_levels(lot_ids, self.company_id)
        balance = trace._get_balance(list(levels), self.company_id)
        self.write(
            {
                "state": "open",
                "started_by_id": self.env.uid,
                "started_on": fields.Datetime.now(),
                "search_seconds": seconds,
                "recipient_ids": recipients,
                "balance_ids": [
                    Command.create({"lot_id": lot_id, "level": level, **balance[lot_id]})
                    for lot_id, level in levels.items()
                ],
            }
        )
        self.message_post(
            body=self.env._(
                "%(units)s units received these goods in %(deliveries)s deliveries; found in"
                " %(seconds)s seconds.",
                units=self.recipient_count,
                deliveries=self.delivery_count,
                seconds=f"{seconds:.3f}",
            )
        )

    def action_notify(self):
        """Send the notice by mail to every unit with an address that was not told yet.

        The letter is attached; mail and letter are in the unit's language and name the unit,
        the goods and the deliveries, and no person.
        """
        self._check_may_run()
        self._check_open()
        self._check_real()
        template = self.env.ref("union_assist_logistics.mail_template_recall_notice")
        waiting = self.recipient_ids.filtered(
            lambda recipient: not recipient.notified_on and recipient.email
        )
        if not waiting:
            raise UserError(
                self.env._(
                    "No unit with a mail address waits for its notice. Print letters for the rest."
                )
            )
        template.sudo().send_mail_batch(waiting.ids)
        waiting.sudo().write({"notified_on": fields.Datetime.now(), "notice_kind": "mail"})
        self._log_notices(waiting)
        return True

    def action_letters(self):
        """Mark units without mail as told by letter, and print the letters of all these units.

        :return: action that downloads the letters
        """
        self._check_may_run()
        self._check_open()
        self._check_real()
        waiting = self.recipient_ids.filtered(lambda recipient: not recipient.notified_on)
        letters = waiting or self.recipient_ids.filtered(
            lambda recipient: recipient.notice_kind == "letter"
        )
        if not letters:
            raise UserError(self.env._("All units were told by mail."))
        if waiting:
            waiting.sudo().write({"notified_on": fields.Datetime.now(), "notice_kind": "letter"})
            self._log_notices(waiting)
        report = self.env.ref("union_assist_logistics.action_report_recall_notice")
        return report.report_action(letters.ids, config=False)

    def _log_notices(self, recipients):
        for recall, told in recipients.grouped("recall_id").items():
            recall.message_post(
                body=self.env._("%(count)s units were sent their notice.", count=len(told))
            )

    def _check_real(self):
        if any(self.mapped("is_mock")):
            raise UserError(self.env._("A mock recall sends no notices."))

    def action_close(self):
        """Close these recalls; their reports are kept as they are now."""
        self._check_may_run()
        self._check_open()
        for recall in self:
            if not (recall.conclusion or "").strip():
                raise UserError(
                    self.env._(
                        "%(recall)s: write down the conclusion before you close it.",
                        recall=recall.name,
                    )
                )
        for recall in self.sudo():
            recall.write(
                {
                    "state": "closed",
                    "closed_by_id": self.env.uid,
                    "closed_on": fields.Datetime.now(),
                }
            )
            report = self.env["report.union_assist_logistics.report_recall"].sudo()
            recall.report_id = (
                self.env["ir.attachment"]
                .sudo()
                .create(
                    {
                        "name": f"{recall.name}.pdf",
                        "raw": report._draw(recall),
                        "mimetype": "application/pdf",
                        "res_model": recall._name,
                        "res_id": recall.id,
                    }
                )
            )
        return True

    def action_cancel(self):
        """Cancel drafts: what began is closed instead."""
        self._check_may_run()
        if any(recall.state != "draft" for recall in self):
            raise UserError(self.env._("A recall that began is closed with its conclusion."))
        self.sudo().state = "cancel"
        return True

    # ------------------------------------------------------------------
    # Views
    # ------------------------------------------------------------------
    def action_view_lines(self):
        """Open the deliveries of this recall as a list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_recall_line"
        )
        return {**action, "domain": [("recall_id", "=", self.id)], "context": {}}

    def action_view_recipients(self):
        """Open the recipients of this recall as a list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_recall_recipient"
        )
        return {**action, "domain": [("recall_id", "=", self.id)], "context": {}}

    def action_view_returns(self):
        """Open the returns of this recall."""
        self.check_access("read")
        return self.recipient_ids.return_ids._assist_get_list_action(self.env._("Returns"))
