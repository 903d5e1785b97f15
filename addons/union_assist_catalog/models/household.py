from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..tools.shares import equal_shares
from .household_status import STATUSES
from .identity_mixin import PERSONAL_GROUPS

# What is blanked when a household withdraws its consent.
PERSONAL_FIELDS = ("head_name", "phone", "note")


class UnionAssistHousehold(models.Model):
    """A registered rural household: the people whom the programme is for.

    Households are shown by their code. Names, contacts and members are personal data: only
    operators and officials of the household's own county read them; nothing outside this
    ledger may show them.
    """

    _name = "union.assist.household"
    _inherit = ["mail.thread", "union.assist.identity.mixin"]
    _description = "Household"
    _rec_name = "code"
    _order = "code, id"

    code = fields.Char(
        required=True,
        copy=False,
        tracking=True,
        help="Number of the household in the county's register.",
    )
    head_name = fields.Char(
        "Head of Household",
        groups=PERSONAL_GROUPS,
        help="Personal data: read by operators and the household's own county, never printed"
        " or published.",
    )
    phone = fields.Char(
        groups=PERSONAL_GROUPS,
        help="Personal data, like the name: to reach the household, for example for spot checks.",
    )
    region_id = fields.Many2one(
        "union.assist.region",
        "Place",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        help="County, township or village where the household is registered.",
    )
    persons = fields.Integer(
        required=True,
        default=1,
        tracking=True,
        help="Registered people in this household. Changing it sends the household's"
        " verified linkages back to verification.",
    )
    status = fields.Selection(
        STATUSES,
        required=True,
        default="registered",
        tracking=True,
        help="The newest status of the history. Changing it here adds one from today.",
    )
    status_ids = fields.One2many(
        "union.assist.household.status", "household_id", "Status History", copy=False
    )
    member_ids = fields.One2many(
        "union.assist.household.member", "household_id", groups=PERSONAL_GROUPS
    )
    consent_ids = fields.One2many(
        "union.assist.household.consent",
        "household_id",
        groups=PERSONAL_GROUPS,
        copy=False,
    )
    has_consent = fields.Boolean(
        "Consent in Force",
        compute="_compute_has_consent",
        search="_search_has_consent",
        groups=PERSONAL_GROUPS,
        help="The household has agreed that its file is kept, and has not withdrawn that.",
    )
    has_personal_data = fields.Boolean(
        compute="_compute_has_personal_data",
        search="_search_has_personal_data",
        groups=PERSONAL_GROUPS,
        help="A name, phone, note, identity number or member is kept: this needs consent.",
    )
    duplicate_ids = fields.Many2many(
        "union.assist.household",
        string="Possible Duplicates",
        compute="_compute_duplicate_ids",
        search="_search_duplicate_ids",
        groups=PERSONAL_GROUPS,
        help="Other households with the same phone, or the same name of the head in the same"
        " village or township or with the same last four digits.",
    )
    active = fields.Boolean(default=True, tracking=True)
    note = fields.Text(groups=PERSONAL_GROUPS)
    linkage_ids = fields.One2many("union.assist.linkage", "household_id", "Linkages")
    split_ids = fields.One2many("union.assist.household.split", "household_id", "Splits")
    in_conflict = fields.Boolean(
        "Conflict",
        compute="_compute_in_conflict",
        search="_search_in_conflict",
        compute_sudo=True,
        help="Several suppliers claim this household on the same days, and no approved split says"
        " who has which part.",
    )
    supplier_ids = fields.Many2many(
        "res.partner",
        string="Suppliers",
        compute="_compute_supplier_ids",
        help="Suppliers whose linkage to this household is verified and in force today.",
    )

    _code_unique = models.UniqueIndex("(code)", "A household with this code exists already.")
    _identity_unique = models.UniqueIndex(
        "(identity_hash)", "This identity number is registered already."
    )
    _persons_positive = models.Constraint(
        "CHECK (persons > 0)", "A household has at least one person."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Begin each household's status history."""
        households = super().create(vals_list)
        # Entered with a history, the newest of it is the status; without, it begins today.
        history = households._status_at(self.env.company._assist_today())
        households.filtered(lambda household: household.id not in history)._record_status()
        return households

    def write(self, vals):
        """Send verified linkages back when what was verified no longer holds."""
        if "status" in vals and "status_ids" in vals:
            # Both at once: what the person chose comes after the history that was corrected.
            self.write({name: value for name, value in vals.items() if name != "status"})
            vals = {"status": vals["status"]}
        changed = self.browse()
        if "persons" in vals:
            changed = self.filtered(lambda household: household.persons != vals["persons"])
        if vals.get("status") == "left" or vals.get("active") is False:
            changed |= self
        result = super().write(vals)
        if "region_id" in vals:
            self.check_access("write")  # nobody hands a household to where they may not keep it
        if "status" in vals:
            self._record_status()
        changed.linkage_ids._send_back(self.env._("The household's register entry was changed."))
        return result

    @api.depends(
        "linkage_ids.verification_ids.date_from",
        "linkage_ids.verification_ids.date_to",
        "linkage_ids.verification_ids.void",
    )
    def _compute_supplier_ids(self):
        verification_model = self.env["union.assist.verification"]
        counted = verification_model.search(
            verification_model._get_counted_domain(self.env.company._assist_today())
            & Domain("household_id", "in", self.ids)
        ).grouped("household_id")
        for household in self:
            household.supplier_ids = counted.get(household._origin, verification_model).supplier_id

    @api.depends("linkage_ids.in_conflict")
    def _compute_in_conflict(self):
        for household in self:
            household.in_conflict = any(household.linkage_ids.mapped("in_conflict"))

    def _search_in_conflict(self, operator, value):
        if operator != "in":
            return NotImplemented
        linkage_model = self.env["union.assist.linkage"]
        conflicts = linkage_model._find_conflicts(linkage_model._find_rivalled_households())
        households = linkage_model.browse().concat(*conflicts).household_id
        domain = Domain("id", "in", households.ids)
        return domain if True in value else ~domain

    def action_view_splits(self):
        """Open the splits of this household; a new one proposes equal shares to its claims."""
        self.ensure_one()
        claims = self.linkage_ids.filtered(lambda line: line.state in ("submitted", "verified"))
        shares = equal_shares(len(claims))
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_household_split"
            ),
            "domain": [("household_id", "=", self.id)],
            "context": {
                "default_household_id": self.id,
                "default_line_ids": [
                    Command.create({"linkage_id": claim.id, "share": share})
                    for claim, share in zip(claims, shares, strict=True)
                ],
            },
        }

    @api.depends("code", "region_id.display_name")
    def _compute_display_name(self):
        for household in self:
            place = household.region_id.display_name
            household.display_name = f"{household.code} ({place})" if place else household.code

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        # What people write about a household may name it: it is for those who keep the file.
        if message_operation == "read":
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    # -- status ------------------------------------------------------------------------------------

    def _status_at(self, date):
        """Return the status that each household had on a day, in one query.

        :return: ``{household id: status}``; a household that was not yet registered on that
            day is not a key
        """
        self.check_access("read")
        self.env["union.assist.household.status"].flush_model()
        self.env.cr.execute(
            SQL(
                "SELECT DISTINCT ON (household_id) household_id, status"
                " FROM union_assist_household_status"
                " WHERE household_id = ANY(%s) AND date_from <= %s"
                " ORDER BY household_id, date_from DESC",
                self._origin.ids,
                date,
            )
        )
        return dict(self.env.cr.fetchall())

    def _record_status(self):
        """Let the history end in the households' status, by a change of today where it does not."""
        today = self.env.company._assist_today()
        history = self._status_at(today)
        changed = self.filtered(lambda household: history.get(household.id) != household.status)
        if not changed:
            return
        # Of several changes of a day the last one holds; the log below the form keeps them all.
        status_model = self.env["union.assist.household.status"]
        of_today = status_model.search(
            [("household_id", "in", changed.ids), ("date_from", "=", today)]
        )
        for status, rows in of_today.grouped(lambda row: row.household_id.status).items():
            rows.write({"status": status})
        status_model.create(
            [
                {"household_id": household.id, "status": household.status, "date_from": today}
                for household in changed - of_today.household_id
            ]
        )

    def _take_newest_status(self):
        """Let the households' status be the newest of their history."""
        newest = self._status_at(self.env.company._assist_today())
        changed = self.filtered(
            lambda household: newest.get(household.id, household.status) != household.status
        )
        for status, households in changed.grouped(lambda one: newest[one.id]).items():
            households.write({"status": status})

    # -- identity ----------------------------------------------------------------------------------

    def _get_identity_household(self):
        return self

    def _search_identity_number(self, operator, value):
        """Find households by the number of the head or of a member."""
        heads = super()._search_identity_number(operator, value)
        if heads is NotImplemented or not all(value if operator == "in" else [value]):
            return heads
        members = self.env["union.assist.household.member"]._search_identity_number(operator, value)
        return heads | Domain("member_ids", "any", members)

    @api.depends("phone", "head_name", "region_id", "identity_last4")
    @api.depends_context("uid")
    def _compute_duplicate_ids(self):
        pairs = self._find_duplicates(self._origin.ids)
        for household in self:
            household.duplicate_ids = pairs.get(household._origin.id, [])

    def _search_duplicate_ids(self, operator, value):
        self._check_field_access(self._fields["duplicate_ids"], "read")
        if operator != "in" or set(value) != {False}:
            return NotImplemented
        return ~Domain("id", "in", list(self._find_duplicates()))

    @api.model
    def _find_duplicates(self, household_ids=None):
        """Return ``{household id: ids of others that look like it}``, of those the user may see.

        :param household_ids: look at these only; at all when None
        """
        self.flush_model()
        visible = self._search(Domain.TRUE, active_test=False)
        looked_at = (
            SQL("TRUE") if household_ids is None else SQL("one.id = ANY(%s)", list(household_ids))
        )
        pairs = {}
        # One join for each kind of likeness: an OR of them could not use a hash join.
        for alike in (
            SQL("one.phone = other.phone AND one.phone <> ''"),
            # In a whole county a name says nothing.
            SQL(
                "one.head_name = other.head_name AND one.region_id = other.region_id"
                " AND one.region_id IN (SELECT id FROM union_assist_region"
                " WHERE level IN ('township', 'village'))"
            ),
            SQL("one.head_name = other.head_name AND one.identity_last4 = other.identity_last4"),
        ):
            self.env.cr.execute(
                SQL(
                    "SELECT one.id, other.id FROM union_assist_household one"
                    " JOIN union_assist_household other ON %s AND one.id <> other.id"
                    " WHERE %s AND one.id IN %s AND other.id IN %s",
                    alike,
                    looked_at,
                    visible.subselect(),
                    visible.subselect(),
                )
            )
            for one, other in self.env.cr.fetchall():
                pairs.setdefault(one, set()).add(other)
        return {household_id: sorted(others) for household_id, others in pairs.items()}

    def action_view_duplicates(self):
        """Open the households that look like this one, beside it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Possible Duplicates"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", (self | self.duplicate_ids).ids)],
            "context": {"active_test": False},
        }

    # -- consent -----------------------------------------------------------------------------------

    @api.model
    def _get_consent_domain(self):
        return Domain("date_withdrawn", "=", False) & Domain("scope", "=", "file")

    @api.depends("consent_ids.scope", "consent_ids.date_withdrawn")
    def _compute_has_consent(self):
        given = self.consent_ids.filtered_domain(self._get_consent_domain()).household_id
        for household in self:
            household.has_consent = household._origin in given

    def _search_has_consent(self, operator, value):
        if operator != "in":
            return NotImplemented
        given = Domain("consent_ids", "any", self._get_consent_domain())
        return Domain.OR(given if wanted else ~given for wanted in value)

    @api.depends("head_name", "phone", "note", "identity_last4", "member_ids")
    def _compute_has_personal_data(self):
        for household in self:
            household.has_personal_data = bool(
                household.head_name
                or household.phone
                or household.note
                or household.identity_last4
                or household.member_ids
            )

    def _search_has_personal_data(self, operator, value):
        if operator != "in":
            return NotImplemented
        kept = Domain.OR(
            Domain(name, "!=", False) for name in (*PERSONAL_FIELDS, "identity_last4", "member_ids")
        )
        return Domain.OR(kept if wanted else ~kept for wanted in value)

    def action_withdraw_consent(self):
        """Open the form that withdraws the consent and blanks the personal data."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Withdraw Consent"),
            "res_model": "union.assist.consent.withdrawal",
            "view_mode": "form",
            "target": "new",
            "context": {"default_household_ids": [Command.set(self.ids)]},
        }

    def _withdraw_consent(self, date):
        """Note the withdrawal and remove what only the consent allowed to keep.

        The code, the place, the number of persons and the history stay: what was counted remains
        evidence, and names nobody.
        """
        self.check_access("write")
        if not self.env.user.has_groups(PERSONAL_GROUPS):
            raise UserError(self.env._("Operators and county officials note withdrawals."))
        self.consent_ids.filtered(lambda consent: not consent.date_withdrawn).write(
            {"date_withdrawn": date}
        )
        self.member_ids.unlink()
        self.write(dict.fromkeys(PERSONAL_FIELDS, False))
        self._forget_identity()
        self._message_log_batch(
            bodies=dict.fromkeys(
                self.ids,
                self.env._("Consent withdrawn: personal data were removed."),
            )
        )
