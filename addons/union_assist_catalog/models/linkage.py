from collections import defaultdict
from itertools import combinations

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare

from ..tools.shares import cut_from, overlap, peak_share, uncovered
from .verification import METHODS

# What an inspector vouches for when verifying: a change voids the verification.
VERIFIED_FIELDS = frozenset(
    ("household_id", "supplier_id", "mechanism_id", "date_from", "date_to", "share")
)

# What only the system writes: these are the evidence that a cap rests on.
SYSTEM_FIELDS = frozenset(("persons", "paid_amount", "verified_by_id", "verified_on"))

# What is written together with the state, and never alone.
STATE_FIELDS = frozenset(("verified_method", "verified_note", "state_reason"))

# Claims that are up to count.
CLAIM_STATES = ("submitted", "verified")

# What a supplier must not see of the linkages that it may read: it names other suppliers.
STAFF_GROUPS = "union_assist_catalog.group_user,union_assist_catalog.group_county"


class UnionAssistLinkage(models.Model):
    """One household lifted by one supplier for a period, and whether that was verified.

    A linkage is a claim. What counts are its verifications, made when it is verified and
    ended when it is sent back or revoked. The people counted are the household's persons
    times the share of the household that this supplier claims, so that a household linked
    to several suppliers is never counted twice in full.
    """

    _name = "union.assist.linkage"
    _inherit = ["mail.thread"]
    _description = "Household Linkage"
    _order = "date_from desc, id desc"
    _assist_kept_fields = SYSTEM_FIELDS | STATE_FIELDS

    # The code of a household is no personal data: suppliers read it too.
    display_name = fields.Char(compute_sudo=True)
    household_id = fields.Many2one(
        "union.assist.household", required=True, index=True, ondelete="restrict", tracking=True
    )
    region_id = fields.Many2one(related="household_id.region_id", store=True, index=True)
    supplier_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("assist_supplier_kind", "!=", False)],
        tracking=True,
    )
    mechanism_id = fields.Many2one(
        "union.assist.mechanism", required=True, ondelete="restrict", tracking=True
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: self.env.company._assist_today(),
        tracking=True,
    )
    date_to = fields.Date("Until", tracking=True, help="Last day; empty while it goes on.")
    share = fields.Float(
        required=True,
        default=1.0,
        digits=(5, 4),
        tracking=True,
        help="Part of the household that this supplier claims, from 0 to 1. A share below 1 needs"
        " an approved split of the household.",
    )
    persons = fields.Float(
        "Persons by Share",
        compute="_compute_persons",
        store=True,
        digits=(12, 2),
        help="Persons of the household times the share.",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    promised_amount = fields.Monetary(
        "Promised per Year",
        help="What the supplier promised the household a year: purchases, wages or rent.",
    )
    payment_ids = fields.One2many("union.assist.linkage.payment", "linkage_id", "Payments")
    paid_amount = fields.Monetary(
        "Paid",
        compute="_compute_paid_amount",
        store=True,
        help="Sum of the payments that are recorded here.",
    )
    evidence_ids = fields.Many2many(
        "ir.attachment",
        "union_assist_linkage_evidence_rel",
        "linkage_id",
        "attachment_id",
        "Contract and Evidence",
        copy=False,
        help="Contract, roll of wages, confirmation of the household: read by whoever may read"
        " this linkage. No identity cards, no bank accounts.",
    )
    note = fields.Text()
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("verified", "Verified"),
            ("expired", "Expired"),
            ("revoked", "Revoked"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    state_reason = fields.Text(
        "Reason",
        readonly=True,
        copy=False,
        help="Why it was refused, sent back or revoked.",
    )
    verified_by_id = fields.Many2one("res.users", "Verified by", readonly=True, copy=False)
    verified_on = fields.Datetime(readonly=True, copy=False)
    verified_method = fields.Selection(METHODS, "Verified through", readonly=True, copy=False)
    verified_note = fields.Text("Verification Note", readonly=True, copy=False)
    in_conflict = fields.Boolean(
        "Conflict",
        compute="_compute_conflict",
        search="_search_in_conflict",
        compute_sudo=True,
        groups=STAFF_GROUPS,
        help="Another supplier claims the same household on the same days, and no approved split"
        " says who has which part.",
    )
    conflict_reason = fields.Char(
        compute="_compute_conflict", compute_sudo=True, groups=STAFF_GROUPS
    )
    verification_ids = fields.One2many(
        "union.assist.verification", "linkage_id", "Verifications", readonly=True
    )

    _share_range = models.Constraint(
        "CHECK (share > 0 AND share <= 1)", "The share is above 0 and at most 1."
    )
    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a linkage is not before its first day.",
    )
    _expiry_idx = models.Index("(date_to) WHERE state = 'verified'")

    @api.depends("household_id.persons", "share")
    def _compute_persons(self):
        for linkage in self:
            linkage.persons = linkage.household_id.persons * linkage.share

    @api.depends("payment_ids.amount")
    def _compute_paid_amount(self):
        paid = dict(
            self.env["union.assist.linkage.payment"]._read_group(
                [("linkage_id", "in", self._origin.ids)], ["linkage_id"], ["amount:sum"]
            )
        )
        for linkage in self:
            if linkage._origin == linkage:
                linkage.paid_amount = paid.get(linkage, 0.0)
            else:  # in a form that is not saved yet
                linkage.paid_amount = sum(linkage.payment_ids.mapped("amount"))

    @api.depends("household_id", "supplier_id")
    def _compute_display_name(self):
        for linkage in self:
            linkage.display_name = (
                f"{linkage.household_id.code} – {linkage.supplier_id.display_name}"
            )

    # -- states ----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        linkages = super().create([self._with_verification(vals) for vals in vals_list])
        linkages._own_evidence()
        linkages.filtered(lambda linkage: linkage.state == "verified")._record_verification()
        return linkages

    def write(self, vals):
        vals = self._with_verification(vals)
        if content := VERIFIED_FIELDS & vals.keys():
            changed = self.filtered(lambda linkage: linkage._differs(vals, content))
            changed._send_back(
                self.env._("What had been verified was changed."), ("verified", "expired")
            )
        was_verified = self.filtered(lambda linkage: linkage.state == "verified")
        result = super().write(vals)
        self._own_evidence()
        if "state" in vals:
            if vals["state"] == "verified":
                (self - was_verified)._record_verification()
            elif vals["state"] != "expired":
                self.sudo().verification_ids._end(
                    self.env.company._assist_today(),
                    vals.get("state_reason") or self.env._("The linkage is verified no more."),
                )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_verified(self):
        if any(linkage.state == "verified" for linkage in self):
            raise UserError(
                self.env._("A verified linkage is evidence: revoke it instead of deleting it.")
            )
        if kept := self.sudo().verification_ids.linkage_id:
            raise UserError(
                self.env._(
                    "These linkages were verified once, and past figures rest on that: they are"
                    " revoked, but not deleted: %(names)s.",
                    names=", ".join(kept[:10].mapped("display_name")),
                )
            )

    def _differs(self, vals, names):
        """Whether writing these values would change one of the fields named."""
        self.ensure_one()
        for name in names:
            field = self._fields[name]
            new = field.convert_to_record(field.convert_to_cache(vals[name], self), self)
            if new != self[name]:
                return True
        return False

    def _own_evidence(self):
        """Tie files that were uploaded to the linkage, so that its readers may read them."""
        for linkage in self:
            loose = linkage.sudo().evidence_ids.filtered(
                lambda file: not file.res_id and file.create_uid == self.env.user
            )
            if loose:
                loose.write({"res_model": self._name, "res_id": linkage.id})

    def _with_verification(self, vals):
        """Record who verified, when and how, whichever way the state is written."""
        forged = SYSTEM_FIELDS & vals.keys()
        if "state" not in vals:
            forged |= STATE_FIELDS & vals.keys()
        if forged:
            raise UserError(
                self.env._(
                    "Nobody enters %(fields)s of a linkage: they follow from its verification"
                    " and its household.",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env) for name in sorted(forged)
                    ),
                )
            )
        if vals.get("state", "expired") == "expired":
            return vals
        if vals["state"] == "verified":
            return {
                "verified_method": "documents",
                "verified_note": False,
                **vals,
                "state_reason": False,
                "verified_by_id": self.env.uid,
                "verified_on": fields.Datetime.now(),
            }
        return {
            "state_reason": False,
            **vals,
            "verified_by_id": False,
            "verified_on": False,
            "verified_method": False,
            "verified_note": False,
        }

    def _set_state(self, state, body, **values):
        """Write the state and say it in each log."""
        if not self:
            return
        self.with_context(tracking_disable=True).write({"state": state, **values})
        self._log(body)

    def _log(self, body):
        """Say the same in the log of each linkage, of tens of thousands too."""
        message = self[0]._message_log_batch({self[0].id: body})
        message.flush_recordset()
        columns = SQL(", ").join(
            SQL.identifier(name)
            for name, field in message._fields.items()
            if field.store and field.column_type and name not in ("id", "res_id")
        )
        # Creating each message takes three times as long as verifying its linkage.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_message (res_id, %(columns)s)
                SELECT linkage.id, %(columns)s
                  FROM (SELECT %(columns)s FROM mail_message WHERE id = %(message)s) AS message,
                       unnest(%(linkages)s::int[]) AS linkage (id)
                """,
                columns=columns,
                message=message.id,
                linkages=list(self[1:].ids),
            )
        )
        self.invalidate_recordset(["message_ids"])

    def _send_back(self, reason, states=("verified",)):
        """Return linkages to verification: from today on they do not count."""
        self.filtered(lambda linkage: linkage.state in states)._set_state(
            "submitted",
            self.env._("Sent back to verification: %(reason)s", reason=reason),
            state_reason=reason,
        )

    def _verify(self, method, note=False):
        """Vouch for the linkages: their people count on the days of their period."""
        label = dict(self._fields["verified_method"]._description_selection(self.env))[method]
        body = self.env._("Verified by: %(method)s", method=label)
        self._set_state(
            "verified",
            f"{body}. {note}" if note else body,
            verified_method=method,
            verified_note=note,
        )

    def _refuse(self, reason):
        """Return the linkages to who entered them, with the reason."""
        self._set_state(
            "draft", self.env._("Refused: %(reason)s", reason=reason), state_reason=reason
        )

    def _revoke(self, reason, false_from=None):
        """End what the linkages count for.

        :param false_from: the day from which they were not true, ``date.min`` for from the
            start; without it they do not count from today on
        """
        if false_from:
            self.sudo().verification_ids._end(false_from, reason)
        self._set_state(
            "revoked", self.env._("Revoked: %(reason)s", reason=reason), state_reason=reason
        )

    def _check_step(self, allowed):
        self.check_access("write")
        wrong = self.filtered(lambda linkage: linkage.state not in allowed)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "These linkages are not ready for this step: %(linkages)s.",
                    linkages="; ".join(
                        self.env._(
                            "%(name)s is %(state)s",
                            name=linkage.display_name,
                            state=labels[linkage.state],
                        )
                        for linkage in wrong[:10]
                    ),
                )
            )

    def action_submit(self):
        self._check_step(("draft", "revoked"))
        self._set_state("submitted", self.env._("Submitted for verification"))

    def action_verify(self):
        """Vouch for the linkages, on the documents: from now on their people count."""
        self._check_step(("submitted",))
        self._verify("documents")

    def action_revoke(self):
        """Let the linkages count no more from today on."""
        self._check_step(("draft", "submitted", "verified", "expired"))
        self._revoke(self.env._("Revoked without a reason given."))

    def action_view_splits(self):
        """Open the splits of the household."""
        self.ensure_one()
        return self.household_id.action_view_splits()

    def action_review_verify(self):
        return self._open_review("verify", self.env._("Verify Linkages"))

    def action_review_refuse(self):
        return self._open_review("refuse", self.env._("Refuse Linkages"))

    def action_review_revoke(self):
        return self._open_review("revoke", self.env._("Revoke Linkages"))

    def _open_review(self, operation, title):
        linkages = self
        limit = int(
            self.env["ir.config_parameter"].sudo().get_param("web.active_ids_limit", "20000")
        )
        if len(self) >= limit and self.env.context.get("active_domain"):
            # The web client names so many at most of those that its user chose by "select all".
            linkages = self.search(self.env.context["active_domain"])
        linkages.check_access("write")
        review = self.env["union.assist.linkage.review"].create(
            {"operation": operation, "linkage_ids": [Command.set(linkages.ids)]}
        )
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": review._name,
            "res_id": review.id,
            "view_mode": "form",
            "target": "new",
        }

    # -- conflicts -------------------------------------------------------------------

    @api.depends(
        "household_id.linkage_ids.state",
        "household_id.linkage_ids.supplier_id",
        "household_id.linkage_ids.date_from",
        "household_id.linkage_ids.date_to",
        "household_id.split_ids.state",
        "household_id.split_ids.date_to",
    )
    def _compute_conflict(self):
        conflicts = self._find_conflicts(self.household_id)
        for linkage in self:
            rivals = conflicts.get(linkage._origin, ())
            linkage.in_conflict = bool(rivals)
            linkage.conflict_reason = "; ".join(
                self.env._(
                    "%(supplier)s claims the household too, from %(date)s",
                    supplier=rival.supplier_id.display_name,
                    date=day,
                )
                for rival, day in rivals
            )

    def _search_in_conflict(self, operator, value):
        self._check_field_access(self._fields["in_conflict"], "read")
        if operator != "in":
            return NotImplemented
        linkages = self._find_conflicts(self._find_rivalled_households())
        domain = Domain("id", "in", [linkage.id for linkage in linkages])
        return domain if True in value else ~domain

    @api.model
    def _find_rivalled_households(self):
        """Return the households that several suppliers claim on the same days, split or not."""
        self.flush_model(["household_id", "supplier_id", "state", "date_from", "date_to"])
        self.env.cr.execute(
            SQL(
                """
                SELECT DISTINCT one.household_id
                  FROM union_assist_linkage AS one
                  JOIN union_assist_linkage AS other
                    ON other.household_id = one.household_id
                   AND other.supplier_id > one.supplier_id
                   AND other.date_from <= COALESCE(one.date_to, 'infinity')
                   AND one.date_from <= COALESCE(other.date_to, 'infinity')
                 WHERE one.state IN %(states)s AND other.state IN %(states)s
                """,
                states=CLAIM_STATES,
            )
        )
        return self.env["union.assist.household"].browse(
            household_id for (household_id,) in self.env.cr.fetchall()
        )

    @api.model
    def _find_conflicts(self, households):
        """Find claims of several suppliers on the same days that no approved split settles.

        :return: ``{linkage: [(rival linkage, first unsettled day)]}``
        """
        claims = self.sudo().search(
            [("household_id", "in", households.ids), ("state", "in", CLAIM_STATES)], order="id"
        )
        shares = claims._get_approved_shares()
        conflicts = defaultdict(list)
        for rivals in claims.grouped("household_id").values():
            for one, other in combinations(rivals, 2):
                common = one.supplier_id != other.supplier_id and overlap(
                    (one.date_from, one.date_to), (other.date_from, other.date_to)
                )
                if not common:
                    continue
                # Approved splits of a household never overlap: the same days are the same split.
                settled = {period for period, _share in shares.get(one.id, ())} & {
                    period for period, _share in shares.get(other.id, ())
                }
                if left := uncovered(common, settled):
                    conflicts[one].append((other, left[0][0]))
                    conflicts[other].append((one, left[0][0]))
        return conflicts

    # -- verification ----------------------------------------------------------------

    def _plan_verification(self, wrong_from=None):
        """Find the days that a verification of these linkages would count.

        Days that an earlier verification of the same linkage covers stay as they were. A share
        below 1 counts only on the days of an approved split that says so.

        :param wrong_from: the day from which earlier verifications of these linkages are wrong
            and would be replaced; ``date.min`` for the whole of them
        :return: ``({linkage: periods}, {linkage: reason why it cannot be verified})``; a
            linkage is in one of the two
        """
        rows = (
            self.env["union.assist.verification"]
            .sudo()
            .search([("household_id", "in", self.household_id.ids), ("void", "=", False)])
        )
        rows_of = rows.grouped("household_id")
        splits = self._get_approved_shares()
        plans, obstacles = {}, {}
        for linkage in self:
            household = linkage.household_id
            if household.status == "left" or not household.active:
                obstacles[linkage] = self.env._("The household has left the register.")
                continue
            own = [
                (row.date_from, row.date_to)
                for row in rows_of.get(household, rows.browse())
                if row.linkage_id == linkage
            ]
            if wrong_from:
                own = cut_from(own, wrong_from)
            periods = uncovered((linkage.date_from, linkage.date_to), own)
            if not periods:
                obstacles[linkage] = self.env._(
                    "An earlier verification covers all of its days. Say that it was wrong in"
                    " order to replace it, or extend the period."
                )
                continue
            if float_compare(linkage.share, 1.0, precision_digits=4) < 0:
                periods = [
                    common
                    for period in periods
                    for split_period, share in splits.get(linkage.id, ())
                    if float_compare(share, linkage.share, precision_digits=4) == 0
                    and (common := overlap(period, split_period))
                ]
                if not periods:
                    obstacles[linkage] = self.env._(
                        "It claims a part of the household, and no approved split gives it that"
                        " part. Have a split of the household approved first."
                    )
                    continue
            plans[linkage] = periods
        by_household = defaultdict(list)
        for linkage in plans:
            by_household[linkage.household_id].append(linkage)
        for household, linkages in by_household.items():
            claims = []
            for row in rows_of.get(household, rows.browse()):
                kept = [(row.date_from, row.date_to)]
                if wrong_from and row.linkage_id in linkages:
                    kept = cut_from(kept, wrong_from)
                claims += [(*period, row.share) for period in kept]
            claims += [
                (*period, linkage.share) for linkage in linkages for period in plans[linkage]
            ]
            peak = peak_share(claims)
            if float_compare(peak, 1.0, precision_digits=4) > 0:
                suppliers = self.browse().concat(*linkages).supplier_id
                suppliers |= rows_of.get(household, rows.browse()).supplier_id
                reason = rows._explain_excess(household, peak, suppliers)
                for linkage in linkages:
                    obstacles[linkage] = reason
                    del plans[linkage]
        return plans, obstacles

    def _get_approved_shares(self):
        """Return ``{linkage id: [(period, share)]}`` as approved splits have it."""
        shares = defaultdict(list)
        for line in (
            self.env["union.assist.household.split.line"]
            .sudo()
            .search(
                [
                    ("linkage_id", "in", self.ids),
                    ("split_id.state", "in", ("approved", "ended")),
                ]
            )
        ):
            split = line.split_id
            shares[line.linkage_id.id].append(((split.date_from, split.date_to), line.share))
        return shares

    def _record_verification(self):
        """Make the rows that count, for linkages that have just been verified."""
        plans, obstacles = self._plan_verification()
        if obstacles:
            raise ValidationError(
                "\n".join(
                    f"{linkage.display_name}: {reason}"
                    for linkage, reason in list(obstacles.items())[:10]
                )
            )
        self.env["union.assist.verification"].sudo().create(
            [
                {
                    "linkage_id": linkage.id,
                    "household_id": linkage.household_id.id,
                    "supplier_id": linkage.supplier_id.id,
                    "region_id": linkage.region_id.id,
                    "mechanism_id": linkage.mechanism_id.id,
                    "share": linkage.share,
                    "household_persons": linkage.household_id.persons,
                    "date_from": date_from,
                    "date_to": date_to,
                    "method": linkage.verified_method,
                    "note": linkage.verified_note,
                    "verified_by_id": linkage.verified_by_id.id,
                    "verified_on": linkage.verified_on,
                }
                for linkage, periods in plans.items()
                for date_from, date_to in periods
            ]
        )

    @api.model
    def _expire(self):
        """Mark linkages and splits whose last day is over; the counts do not depend on it."""
        self.search(
            [("state", "=", "verified"), ("date_to", "<", self.env.company._assist_today())]
        )._set_state("expired", self.env._("Its last day is over."))
        self.env["union.assist.household.split"]._end_overdue()
