from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

# What the steps set, and nobody by hand.
STEP_FIELDS = frozenset(
    (
        "name",
        "state",
        "origin",
        "inspection_id",
        "sent_on",
        "reminded_on",
        "answer_ids",
        "closed_by_id",
        "closed_on",
    )
)
OPEN_STATES = ("open", "sent", "answered")
# Severities that count as serious, for the catalogue.
SERIOUS = ("major", "critical")
DECIDES = "union_assist_logistics.group_quality_decide"


class UnionAssistNonconformity(models.Model):
    """Something that was not as it should be: what, why, and what is done about it.

    Made from a rejection or concession, a problem on arrival, a customer's case, or by hand.
    The supplier answers in the portal; it is closed by somebody else than who is responsible
    for it, when cause and action are known.
    """

    _name = "union.assist.nonconformity"
    _inherit = ["mail.thread", "mail.activity.mixin", "union.assist.state.mixin"]
    _description = "Nonconformity"
    _order = "id desc"
    _check_company_auto = True
    # Whether it was found on arrival or by a customer the screens say.
    _assist_kept_fields = frozenset(STEP_FIELDS) - {"origin"}

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [
            ("open", "To Handle"),
            ("sent", "With Supplier"),
            ("answered", "Answered"),
            ("closed", "Closed"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="open",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    origin = fields.Selection(
        [
            ("inspection", "At Inspection"),
            ("arrival", "Arrival"),
            ("customer", "Customer"),
            ("manual", "By Hand"),
        ],
        "Where Found",
        required=True,
        readonly=True,
        default="manual",
        copy=False,
    )
    inspection_id = fields.Many2one(
        "union.assist.quality.inspection",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        groups="base.group_user",
    )
    picking_id = fields.Many2one(
        "stock.picking",
        "Transfer",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        groups="base.group_user",
        help="Receipt or delivery that it was found on.",
    )
    supplier_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('assist_supplier_kind', '!=', False), ('parent_id', '=', False)]",
        help="Who answers. Empty where the cause is with us.",
    )
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    product_tmpl_id = fields.Many2one(related="product_id.product_tmpl_id", store=True, index=True)
    lot_ids = fields.Many2many("stock.lot", string="Lots", check_company=True)
    lot_names = fields.Char("Lot Numbers", compute="_compute_lot_names", compute_sudo=True)
    quantity = fields.Float(digits="Product Unit", help="How much is affected.")
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major"), ("critical", "Critical")],
        required=True,
        default="minor",
        index=True,
        tracking=True,
        help="Critical: a danger to health or a breach of law. Major: the goods cannot be used as"
        " intended. Minor: anything else.",
    )
    description = fields.Text(
        required=True,
        help="What was found. The supplier reads it: no names or telephone numbers of persons.",
    )
    photo_ids = fields.Many2many(
        "ir.attachment", "union_assist_nonconformity_photo_rel", string="Photos"
    )
    date = fields.Date(
        "Found on",
        required=True,
        index=True,
        default=lambda self: self.env.company._assist_today(),
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        groups="base.group_user",
    )
    deadline = fields.Date(
        tracking=True,
        default=lambda self: self._get_default_deadline(),
        help="By when the supplier answers, or we do.",
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    cause_id = fields.Many2one(
        "union.assist.nonconformity.cause",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        groups="base.group_user",
    )
    cause_note = fields.Text("Cause in Detail", groups="base.group_user")
    corrective_action = fields.Text(
        groups="base.group_user", help="What was done about these goods."
    )
    preventive_action = fields.Text(
        groups="base.group_user", help="What keeps it from happening again."
    )
    answer_ids = fields.One2many(
        "union.assist.nonconformity.answer", "nonconformity_id", "Answers", readonly=True
    )
    sent_on = fields.Datetime(readonly=True, copy=False)
    reminded_on = fields.Date(readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        "res.users", "Closed by", readonly=True, copy=False, groups="base.group_user"
    )
    closed_on = fields.Datetime(readonly=True, copy=False)

    _supplier_date_idx = models.Index("(supplier_id, date) WHERE supplier_id IS NOT NULL")

    @api.depends("lot_ids")
    def _compute_product_id(self):
        for record in self:
            record.product_id = record.lot_ids[:1].product_id or record.product_id

    @api.depends("lot_ids.name")
    def _compute_lot_names(self):
        for record in self:
            record.lot_names = ", ".join(record.lot_ids.mapped("name"))

    @api.model
    def _get_default_deadline(self):
        today = self.env.company._assist_today()
        days = self.env["union.assist.parameter"]._get_value("nonconformity_answer_days", today)
        return today + timedelta(days=int(days))

    @api.depends("deadline", "state")
    def _compute_is_late(self):
        for record in self:
            record.is_late = bool(
                record.state in ("open", "sent")
                and record.deadline
                and record.deadline < record.company_id._assist_today()
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "in", ("open", "sent")) & Domain(
            "deadline", "<", self.env.company._assist_today()
        )
        wanted = {bool(item) for item in value}
        return Domain.OR([late if item else ~late for item in wanted])

    @api.depends("name", "product_id")
    def _compute_display_name(self):
        for record in self:
            parts = [record.name, record.sudo().product_id.display_name]
            record.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------------
    # Making and changing
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # A form sends what it shows with its default; where it was found the user says.
            self._check_step_fields(
                name
                for vals in vals_list
                for name, value in vals.items()
                if value and (name, value) not in (("name", "/"), ("state", "open"))
                if name != "origin" or value == "inspection"
            )
        sequence = self.env.ref("union_assist_logistics.sequence_nonconformity").sudo()
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)",
            (f"ir_sequence_{sequence.id:03d}", len(vals_list)),
        )
        numbers = [sequence.get_next_char(number) for (number,) in self.env.cr.fetchall()]
        records = super().create(
            [
                {**vals, "name": number, "state": "open"}
                for vals, number in zip(vals_list, numbers, strict=True)
            ]
        )
        records._own_photos()
        records._plan_activity()
        records._feed()
        return records

    def write(self, vals):
        if not self.env.su:
            self._check_step_fields(vals)
            evidence = {
                name
                for name in vals
                if not name.startswith(("message_", "activity_")) and name != "active"
            }
            closed = self.filtered(lambda record: record.state == "closed")
            if evidence and closed:
                raise UserError(
                    self.env._(
                        "%(record)s is closed and stays as it is. Open it again to change it.",
                        record=closed[0].name,
                    )
                )
        before = self.product_tmpl_id if {"lot_ids", "product_id"} & vals.keys() else None
        suppliers = self.supplier_id if "supplier_id" in vals else None
        result = super().write(vals)
        if "photo_ids" in vals:
            self._own_photos()
        if {"severity", "state", "supplier_id", "product_id", "lot_ids", "date"} & vals.keys():
            self._feed(before, suppliers)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_by_hand(self):
        kept = self.filtered(lambda record: record.origin != "manual" or record.state != "open")
        if kept:
            raise UserError(
                self.env._(
                    "%(record)s is evidence: archive it instead of deleting it.",
                    record=kept[0].name,
                )
            )

    def unlink(self):
        products, suppliers = self.product_tmpl_id, self.supplier_id
        result = super().unlink()
        self.browse()._feed(products, suppliers)
        return result

    def _check_step_fields(self, names):
        if frozen := STEP_FIELDS & set(names):
            raise AccessError(
                self.env._(
                    "These fields of a nonconformity are set by its steps, not by hand:"
                    " %(fields)s.",
                    fields=", ".join(sorted(frozen)),
                )
            )

    @api.model
    def _create_for(self, vals_list):
        """Make nonconformities from what another document found.

        For inspections, arrivals and customers' cases: whoever records those need not have
        the right to make nonconformities.

        :param vals_list: values; ``origin`` and ``description`` among them, ``user_id`` is the
            current user unless said otherwise
        :return: the nonconformities, with the current user's rights
        """
        vals_list = [{"user_id": self.env.uid, **vals} for vals in vals_list]
        return self.sudo().create(vals_list).sudo(self.env.su)

    def _assist_get_closed(self):
        """Those that are closed: their photos stay."""
        return self.filtered(lambda record: record.state == "closed")

    def _own_photos(self):
        """Have photos uploaded before the record was saved belong to it: who reads it sees them."""
        for record in self:
            loose = record.photo_ids.sudo().filtered(lambda file: not file.res_id)
            loose.write({"res_model": record._name, "res_id": record.id})

    def _plan_activity(self):
        for record in self.sudo():
            if record.user_id and record.user_id.active and not record.user_id.share:
                record.activity_schedule(
                    "union_assist_logistics.activity_nonconformity",
                    date_deadline=record.deadline,
                    user_id=record.user_id.id,
                )

    def _feed(self, products=None, suppliers=None):
        """Bring the suppliers' scores and the recommended catalogue up to date.

        :param products: templates that were concerned before a change
        :param suppliers: suppliers that were concerned before
        """
        records = self.sudo()
        partners = records.supplier_id | (suppliers or records.supplier_id.browse()).sudo()
        partners._assist_update_scores()
        templates = records.product_tmpl_id | (products or records.product_tmpl_id.browse()).sudo()
        self.env["union.assist.catalogue"]._refresh(templates.filtered("assist_supplier_id"))

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------
    def action_send(self):
        """Ask the supplier for its answer: it is told by mail and answers in the portal."""
        self.check_access("write")
        self._check_state("open", "answered")
        for record in self:
            if not record.supplier_id:
                raise UserError(
                    self.env._(
                        "%(record)s names no supplier that could answer.", record=record.name
                    )
                )
        self.sudo().write({"state": "sent", "sent_on": fields.Datetime.now(), "reminded_on": False})
        self._mail("union_assist_logistics.mail_template_nonconformity_sent")
        return True

    def _answer(self, text, attachments):
        """Take the supplier's answer; the responsible person is told.

        The caller has made sure that the user works for the supplier.

        :param str text: what it says
        :param attachments: files handed in with it
        """
        self.ensure_one()
        self._check_state("sent")
        record = self.sudo()
        answer = (
            self.env["union.assist.nonconformity.answer"]
            .sudo()
            .create(
                {
                    "nonconformity_id": record.id,
                    "text": text,
                    "attachment_ids": [Command.set(attachments.ids)],
                    "answered_by_id": self.env.uid,
                    "answered_on": fields.Datetime.now(),
                }
            )
        )
        attachments.sudo().write(
            {
                "res_model": answer._name,
                "res_id": answer.id,
                "access_token": False,
                "description": False,
            }
        )
        record.write({"state": "answered"})
        if record.user_id:
            record.activity_schedule(
                "union_assist_logistics.activity_nonconformity_answer",
                user_id=record.user_id.id,
            )
        return answer

    def action_close(self):
        """Close them: cause and action are known, and somebody else looks at it than who did it.

        :raise AccessError: the user decides on no lots, or is the responsible person
        :raise UserError: the cause or the corrective action is missing
        """
        self._check_decider()
        self._check_state(*OPEN_STATES)
        for record in self:
            if record.user_id == self.env.user:
                raise AccessError(
                    self.env._(
                        "You are responsible for %(record)s: somebody else closes it.",
                        record=record.name,
                    )
                )
            missing = [
                record._fields[name]._description_string(self.env)
                for name in ("cause_id", "corrective_action")
                if not record[name]
            ]
            if missing:
                raise UserError(
                    self.env._(
                        "%(record)s cannot be closed yet. Fill in: %(fields)s.",
                        record=record.name,
                        fields=", ".join(missing),
                    )
                )
        self.sudo().write(
            {
                "state": "closed",
                "closed_by_id": self.env.uid,
                "closed_on": fields.Datetime.now(),
            }
        )
        self.sudo().activity_unlink(
            [
                "union_assist_logistics.activity_nonconformity",
                "union_assist_logistics.activity_nonconformity_answer",
            ]
        )
        return True

    def action_reopen(self):
        """Open closed ones again: the action did not help, or the cause was another."""
        self._check_decider()
        self._check_state("closed")
        self.sudo().write({"state": "open", "closed_by_id": False, "closed_on": False})
        self._plan_activity()
        return True

    def _check_decider(self):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(DECIDES):
            raise AccessError(
                self.env._("Only who decides on lots closes and opens nonconformities.")
            )

    def action_view_inspection(self):
        """Open the inspection that found it."""
        self.ensure_one()
        return self.inspection_id._get_list_action(self.env._("Inspection"))

    def action_view_picking(self):
        """Open the transfer that it was found on."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking",
            "res_id": self.picking_id.id,
            "view_mode": "form",
        }

    def _get_list_action(self):
        """Window action on these nonconformities."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_nonconformity"
        )
        action.update(domain=[("id", "in", self.ids)], context={})
        if len(self) == 1:
            action.update(res_id=self.id, views=[(False, "form")], view_mode="form")
        return action

    # ------------------------------------------------------------------
    # Mails
    # ------------------------------------------------------------------
    def _mail(self, template):
        """Mail the suppliers: number, goods, deadline and the way to the portal, no persons."""
        template = self.env.ref(template, raise_if_not_found=False)
        told = self.sudo().filtered("supplier_id.email")
        if template and told:
            template.sudo().send_mail_batch(told.ids)

    @api.model
    def _cron_remind(self, batch_size=200):
        """Remind suppliers whose answer is late, again after some days."""
        parameters = self.env["union.assist.parameter"]
        late = self.browse()
        for company in self.env["res.company"].search(Domain.TRUE):
            today = company._assist_today()
            days = parameters._get_value("nonconformity_reminder_days", today)
            late |= self.search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "sent"),
                    ("deadline", "<", today),
                    "|",
                    ("reminded_on", "=", False),
                    ("reminded_on", "<=", today - timedelta(days=int(days))),
                ]
            )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(late))
        for start in range(0, len(late), batch_size):
            batch = late[start : start + batch_size]
            batch._mail("union_assist_logistics.mail_template_nonconformity_reminder")
            for company, records in batch.grouped("company_id").items():
                records.reminded_on = company._assist_today()
            if not cron._commit_progress(len(batch)):
                break
