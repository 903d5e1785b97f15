from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

STATES = [
    ("draft", "Draft"),
    ("applied", "Applied"),
    ("returned", "Returned"),
    ("recommended", "Recommended"),
    ("admitted", "Admitted"),
    ("suspended", "Suspended"),
    ("removed", "Removed"),
]

# Which step leads where, and who decides on it.
TRANSITIONS = {
    ("draft", "apply"): ("applied", "supplier"),
    ("returned", "apply"): ("applied", "supplier"),
    ("applied", "recommend"): ("recommended", "county"),
    ("applied", "return"): ("returned", "county"),
    ("recommended", "admit"): ("admitted", "federation"),
    ("recommended", "return"): ("returned", "federation"),
    ("admitted", "suspend"): ("suspended", "federation"),
    ("admitted", "remove"): ("removed", "federation"),
    ("suspended", "readmit"): ("admitted", "federation"),
    ("suspended", "remove"): ("removed", "federation"),
    ("removed", "readmit"): ("admitted", "federation"),
}
REASONED_STEPS = frozenset(("return", "suspend", "readmit", "remove"))

# What the applicant declares: open while it is the applicant's turn.
APPLICATION_FIELDS = frozenset(("contact_id", "goods", "mechanism_ids", "claimed_households"))
OPEN_STATES = ("draft", "returned")
GROUP = "union_assist_catalog.group_"


class UnionAssistAdmission(models.Model):
    """The application of a supplier to the programme and what became of it.

    The supplier applies, its county recommends or returns, the federation audits. The state
    follows from the events alone, so that it is never anything that no step explains.
    """

    _name = "union.assist.admission"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Supplier Admission"
    _order = "state_since desc, id desc"
    _rec_name = "supplier_id"
    _mail_post_access = "read"

    supplier_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("assist_supplier_kind", "!=", False), ("parent_id", "=", False)],
    )
    company_id = fields.Many2one(related="supplier_id.company_id", store=True, index=True)
    region_id = fields.Many2one(
        related="supplier_id.assist_region_id", store=True, index=True, string="County"
    )
    supplier_kind = fields.Selection(related="supplier_id.assist_supplier_kind", store=True)
    credit_code = fields.Char(related="supplier_id.company_registry", string="Credit Code")
    person_count = fields.Float(related="supplier_id.assist_person_count")
    household_count = fields.Float(related="supplier_id.assist_household_count")
    contact_id = fields.Many2one(
        "res.partner",
        ondelete="restrict",
        domain="[('id', 'child_of', supplier_id)]",
        help="Who answers for the application and hears of its steps.",
    )
    goods = fields.Text("Goods Offered", tracking=True, help="What the supplier wants to sell.")
    mechanism_ids = fields.Many2many("union.assist.mechanism", string="Mechanisms")
    claimed_households = fields.Integer(
        "Households Declared",
        tracking=True,
        help="How many households the supplier says it lifts. Only verified linkages count.",
    )
    state = fields.Selection(
        STATES,
        "Status",
        compute="_compute_state",
        store=True,
        index=True,
        group_expand=True,
        help="Follows from the steps taken.",
    )
    state_since = fields.Date("Since", compute="_compute_state", store=True)
    reason = fields.Text(
        "Latest Reason", compute="_compute_state", store=True, help="Given with the latest step."
    )
    admitted_on = fields.Date(
        compute="_compute_state", store=True, help="Day of the latest admission or readmission."
    )
    event_ids = fields.One2many(
        "union.assist.admission.event", "admission_id", "History", readonly=True
    )
    missing = fields.Char(
        compute="_compute_missing",
        compute_sudo=True,
        help="What the application lacks before it can be submitted.",
    )
    my_turn = fields.Boolean(compute="_compute_my_turn", search="_search_my_turn")

    _supplier_unique = models.UniqueIndex(
        "(supplier_id)", "This supplier has an application already."
    )
    _claimed_positive = models.Constraint(
        "CHECK (claimed_households >= 0)", "The number of households declared is not negative."
    )

    @api.depends("event_ids.state_to")
    def _compute_state(self):
        for admission in self:
            events = admission.event_ids
            last = max(events, key=lambda event: event.id, default=events)
            admitted = [event.date for event in events if event.state_to == "admitted"]
            admission.state = last.state_to or "draft"
            admission.state_since = last.date
            admission.reason = last.reason
            admission.admitted_on = max(admitted, default=False)

    @api.depends(
        "supplier_id.assist_legal_representative",
        "supplier_id.assist_region_id",
        "supplier_id.assist_supplier_kind",
        "supplier_id.company_registry",
        "supplier_id.phone",
        "supplier_id.street",
        "contact_id",
        "goods",
        "mechanism_ids",
        "claimed_households",
    )
    def _compute_missing(self):
        for admission in self:
            admission.missing = ", ".join(admission._get_missing().values())

    def _get_missing(self):
        """Return what an application needs and lacks: ``{name of a field: its label}``."""
        self.ensure_one()
        supplier = self.supplier_id
        needed = {
            "company_registry": (supplier, self.env._("Unified Social Credit Code")),
            "assist_supplier_kind": (supplier, self.env._("Supplier Kind")),
            "assist_region_id": (supplier, self.env._("County")),
            "assist_legal_representative": (supplier, self.env._("Legal Representative")),
            "street": (supplier, self.env._("Address")),
            "phone": (supplier, self.env._("Phone")),
            "contact_id": (self, self.env._("Contact")),
            "goods": (self, self.env._("Goods Offered")),
            "mechanism_ids": (self, self.env._("Mechanisms")),
            "claimed_households": (self, self.env._("Households Declared")),
        }
        return {name: label for name, (record, label) in needed.items() if not record[name]}

    @api.depends("state", "region_id")
    @api.depends_context("uid")
    def _compute_my_turn(self):
        mine = self.filtered_domain(self._get_my_turn_domain())
        for admission in self:
            admission.my_turn = admission in mine

    def _search_my_turn(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_my_turn_domain()
        if True in value and False in value:
            return Domain.TRUE
        return domain if True in value else ~domain

    @api.model
    def _get_my_turn_domain(self):
        """Domain of the applications that wait for the user in one of its roles."""
        user = self.env.user
        domain = Domain.FALSE
        if user.has_group(f"{GROUP}operator"):
            domain |= Domain("state", "in", OPEN_STATES)
        if user.has_group(f"{GROUP}federation"):
            domain |= Domain("state", "=", "recommended")
        if user.has_group(f"{GROUP}county"):
            domain |= Domain("state", "=", "applied") & self._get_county_domain()
        return domain

    @api.model
    def _get_county_domain(self):
        return Domain("region_id", "child_of", self.env.user.assist_region_ids.ids)

    # --------------------------------------------------
    # CRUD
    # --------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        admissions = super().create(vals_list)
        # Whatever they were given, by values or by defaults of the context: new ones are drafts.
        if any(admission.state != "draft" for admission in admissions):
            raise UserError(self._get_state_message())
        return admissions

    def write(self, vals):
        self.check_access("write")
        if {"state", "state_since", "reason", "admitted_on", "event_ids"} & vals.keys():
            raise UserError(self._get_state_message())
        if "supplier_id" in vals and any(self.mapped("event_ids")):
            raise UserError(
                self.env._("An application that was submitted stays that of its supplier.")
            )
        if APPLICATION_FIELDS & vals.keys():
            for admission in self:
                if admission.state not in OPEN_STATES:
                    raise UserError(
                        self.env._(
                            "The application of %(supplier)s has been submitted: what it"
                            " declares can be changed after it is returned.",
                            supplier=admission.supplier_id.display_name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        if self.event_ids:
            raise UserError(
                self.env._("An application that was submitted is kept with its history.")
            )

    @api.constrains("supplier_id", "contact_id")
    def _check_supplier(self):
        for admission in self:
            supplier = admission.supplier_id
            if not supplier.assist_supplier_kind or supplier.commercial_partner_id != supplier:
                raise ValidationError(
                    self.env._(
                        "%(partner)s cannot apply: only a company with a supplier kind can.",
                        partner=supplier.display_name,
                    )
                )
            contact = admission.contact_id
            if contact and contact.commercial_partner_id != supplier:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of %(supplier)s.",
                        contact=contact.display_name,
                        supplier=supplier.display_name,
                    )
                )

    def _get_state_message(self):
        return self.env._(
            "Nobody enters the status of an application: it follows from the steps taken."
        )

    # --------------------------------------------------
    # Steps
    # --------------------------------------------------

    def action_apply(self):
        """Submit the applications to their counties."""
        self._take_step("apply")

    def action_recommend(self):
        return self._ask("recommend")

    def action_return(self):
        return self._ask("return")

    def action_admit(self):
        return self._ask("admit")

    def action_suspend(self):
        return self._ask("suspend")

    def action_readmit(self):
        return self._ask("readmit")

    def action_remove(self):
        return self._ask("remove")

    def _ask(self, step):
        """Open the dialog of a step, for its reason and its day."""
        self._check_step(step)
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_admission_step"
            ),
            "name": dict(self.env["union.assist.admission.step"]._get_steps())[step],
            "context": {"default_admission_ids": self.ids, "default_step": step},
        }

    def _take_step(self, step, reason=None, cause=None, date=None):
        """Take applications one step on.

        :param str step: one of those of the event model
        :param str reason: needed to return, suspend, readmit and remove
        :param cause: removal reason, needed to remove
        :param date: day of the decision, today by default
        :raise AccessError: when the step is not the user's to take
        :raise UserError: when it does not apply, or something of it is missing
        """
        today = self.env.company._assist_today()
        date = fields.Date.to_date(date) or today
        reason = (reason or "").strip()
        roles = self._check_step(step)
        if step in REASONED_STEPS and not reason:
            raise UserError(self.env._("Give the reason: the supplier reads it and can act on it."))
        if step == "remove" and not cause:
            raise UserError(self.env._("Say on which ground the supplier is removed."))
        if date > today:
            raise UserError(
                self.env._("A step of %(date)s cannot be taken before that day.", date=date)
            )
        for admission in self:
            if admission.state_since and date < admission.state_since:
                raise UserError(
                    self.env._(
                        "%(supplier)s took its last step on %(last)s: the next one cannot be"
                        " of %(date)s.",
                        supplier=admission.supplier_id.display_name,
                        last=admission.state_since,
                        date=date,
                    )
                )
            if step == "apply" and (missing := admission.sudo()._get_missing()):
                raise UserError(
                    self.env._(
                        "The application of %(supplier)s lacks: %(missing)s.",
                        supplier=admission.supplier_id.display_name,
                        missing=", ".join(missing.values()),
                    )
                )
        self.env["union.assist.admission.event"].sudo().create(
            [
                {
                    "admission_id": admission.id,
                    "step": step,
                    "state_from": admission.state,
                    "state_to": TRANSITIONS[admission.state, step][0],
                    "date": date,
                    "reason": reason or False,
                    "cause_id": cause.id if cause else False,
                    "user_id": self.env.uid,
                    "role": role,
                }
                for admission, role in zip(self, roles, strict=True)
            ]
        )
        self.sudo()._after_step(step)

    def _check_step(self, step):
        """Check that the user may take the step now; return in which role, for each record."""
        self.check_access("read")
        labels = dict(self._fields["state"]._description_selection(self.env))
        for admission in self:
            if (admission.state, step) not in TRANSITIONS:
                raise UserError(
                    self.env._(
                        "%(supplier)s is %(state)s: this step does not apply to it.",
                        supplier=admission.supplier_id.display_name,
                        state=labels[admission.state],
                    )
                )
        deciders = [TRANSITIONS[admission.state, step][1] for admission in self]
        return [
            admission._get_role(decider) for admission, decider in zip(self, deciders, strict=True)
        ]

    def _get_role(self, decider):
        """Return the role in which the user decides for ``decider``.

        :raise AccessError: when the user is none of those who decide
        """
        user = self.env.user
        if user.has_group(f"{GROUP}manager"):
            return "administrator"
        if decider == "supplier":
            if user.has_group(f"{GROUP}operator"):
                return "operator"
            if user._is_portal() and user.commercial_partner_id == self.supplier_id:
                return "supplier"
        elif user.has_group(f"{GROUP}{decider}"):
            if decider != "county" or self.filtered_domain(self._get_county_domain()):
                return decider
        deciders = {
            "supplier": self.env._("the supplier itself or an operator"),
            "county": self.env._("an official of the supplier's county"),
            "federation": self.env._("the federation"),
        }
        raise AccessError(
            self.env._(
                "This step of %(supplier)s is for %(decider)s to take.",
                supplier=self.sudo().supplier_id.display_name,
                decider=deciders[decider],
            )
        )

    def _after_step(self, step):
        """Tell of the step: in the log, to who is next, and to the supplier by mail."""
        labels = dict(
            self.env["union.assist.admission.event"]
            ._fields["step"]
            ._description_selection(self.env)
        )
        self._message_log_batch(
            bodies={
                admission.id: ": ".join(filter(None, (labels[step], admission.reason)))
                for admission in self
            }
        )
        self.supplier_id._assist_update_scores()
        self.activity_unlink(["union_assist_catalog.activity_type_admission"])
        self._schedule_next()
        if step != "apply":
            told = self.filtered(lambda admission: admission.contact_id or admission.supplier_id)
            told = told.filtered(lambda a: a.contact_id.email or a.supplier_id.email)
            template = self.env.ref(
                "union_assist_catalog.mail_template_admission", raise_if_not_found=False
            )
            if template and told:
                template.sudo().send_mail_batch(told.ids)

    def _schedule_next(self):
        """Give who is next an activity: county officials, then the federation."""
        waiting = self.filtered(lambda admission: admission.state in ("applied", "recommended"))
        if not waiting:
            return
        officials = self._get_users("county")
        auditors = self._get_users("federation")
        activity_type = self.env.ref("union_assist_catalog.activity_type_admission")
        today = self.env.company._assist_today()
        vals_list = []
        for admission in waiting:
            users = auditors
            if admission.state == "applied":
                places = {int(part) for part in admission.region_id.parent_path.split("/") if part}
                users = officials.filtered(
                    lambda user, places=places: places.intersection(user.assist_region_ids.ids)
                )
            if admission.company_id:
                users = users.filtered(
                    lambda user, company=admission.company_id: company in user.company_ids
                )
            vals_list += [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": admission.id,
                    "user_id": user.id,
                    "summary": activity_type.summary,
                    "automated": True,
                    "date_deadline": fields.Date.add(today, days=activity_type.delay_count),
                }
                for user in users
            ]
        # They see it in their queue; a mail to each of them for each application is too much.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    @api.model
    def _get_users(self, role):
        """Return the users of a role who are not administrators as well."""
        users = self.env.ref(f"{GROUP}{role}").all_user_ids
        return users - self.env.ref(f"{GROUP}manager").all_user_ids

    def _get_state_on(self, date):
        """Return the state in which the application was when ``date`` ended."""
        self.ensure_one()
        if self.state_since and self.state_since <= date:
            return self.state
        events = [event for event in self.event_ids if event.date <= date]
        last = max(events, key=lambda event: event.id, default=self.event_ids.browse())
        return last.state_to or "draft"
