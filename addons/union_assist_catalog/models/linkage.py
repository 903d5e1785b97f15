from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare

from ..tools.shares import peak_share

# What an inspector vouches for when verifying: a change voids the verification.
VERIFIED_FIELDS = frozenset(
    ("household_id", "supplier_id", "mechanism_id", "date_from", "date_to", "share")
)

# What only the system writes: these are the evidence that a cap rests on.
SYSTEM_FIELDS = frozenset(("persons", "verified_by_id", "verified_on"))


class UnionAssistLinkage(models.Model):
    """One household lifted by one supplier for a period, and whether that was verified.

    Only verified linkages count, on the days of their period. The people counted are
    the household's persons times the share of the household that this supplier claims,
    so that a household linked to several suppliers is never counted twice in full.
    """

    _name = "union.assist.linkage"
    _inherit = ["mail.thread"]
    _description = "Household Linkage"
    _order = "date_from desc, id desc"

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
        "From", required=True, default=lambda self: fields.Date.context_today(self), tracking=True
    )
    date_to = fields.Date("Until", tracking=True, help="Last day; empty while it goes on.")
    share = fields.Float(
        required=True,
        default=1.0,
        digits=(5, 4),
        tracking=True,
        help="Part of the household that this supplier claims, from 0 to 1. The verified"
        " shares of one household never add up to more than 1 on any day.",
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
    note = fields.Text()
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("verified", "Verified"),
            ("revoked", "Revoked"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    verified_by_id = fields.Many2one("res.users", "Verified by", readonly=True, copy=False)
    verified_on = fields.Datetime(readonly=True, copy=False)

    _share_range = models.Constraint(
        "CHECK (share > 0 AND share <= 1)", "The share is above 0 and at most 1."
    )
    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a linkage is not before its first day.",
    )
    _counted_idx = models.Index("(supplier_id, date_from, date_to) WHERE state = 'verified'")

    @api.depends("household_id.persons", "share")
    def _compute_persons(self):
        for linkage in self:
            linkage.persons = linkage.household_id.persons * linkage.share

    @api.depends("household_id", "supplier_id")
    def _compute_display_name(self):
        for linkage in self:
            linkage.display_name = (
                f"{linkage.household_id.code} – {linkage.supplier_id.display_name}"
            )

    @api.constrains("state", "share", "date_from", "date_to", "household_id")
    def _check_shares(self):
        households = self.filtered(lambda linkage: linkage.state == "verified").household_id
        if households:
            # Of two transactions that claim the same household at once, the second must see
            # the first: touching the row makes it fail and be replayed.
            self.env.cr.execute(
                SQL(
                    "UPDATE union_assist_household SET id = id WHERE id IN %s",
                    tuple(households.ids),
                )
            )
        verified = self.search([("household_id", "in", households.ids), ("state", "=", "verified")])
        for household, linkages in verified.grouped("household_id").items():
            peak = peak_share((line.date_from, line.date_to, line.share) for line in linkages)
            if float_compare(peak, 1.0, precision_digits=4) > 0:
                raise ValidationError(
                    self.env._(
                        "Household %(household)s would be counted %(peak)s times on some days."
                        " It is claimed by: %(suppliers)s. Lower the shares so that they add up"
                        " to 1 at most, or end the earlier linkage.",
                        household=household.code,
                        peak=f"{peak:g}",
                        suppliers=", ".join(linkages.supplier_id.mapped("display_name")),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_verification(vals) for vals in vals_list])

    def write(self, vals):
        if VERIFIED_FIELDS & vals.keys() and "state" not in vals:
            self._send_back(self.env._("What had been verified was changed."))
        return super().write(self._with_verification(vals))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_verified(self):
        if any(linkage.state == "verified" for linkage in self):
            raise UserError(
                self.env._("A verified linkage is evidence: revoke it instead of deleting it.")
            )

    def _with_verification(self, vals):
        """Record who verified and when, whichever way the state is written."""
        if forged := SYSTEM_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "Nobody enters %(fields)s of a linkage: they follow from its verification"
                    " and its household.",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env) for name in sorted(forged)
                    ),
                )
            )
        if "state" not in vals:
            return vals
        verified = vals["state"] == "verified"
        return {
            **vals,
            "verified_by_id": self.env.uid if verified else False,
            "verified_on": fields.Datetime.now() if verified else False,
        }

    def _send_back(self, reason):
        """Return verified linkages to verification and say why in their log."""
        verified = self.filtered(lambda linkage: linkage.state == "verified")
        verified.write({"state": "submitted"})
        for linkage in verified:
            linkage._message_log(body=reason)

    def _move_state(self, allowed, state):
        self.check_access("write")
        wrong = self.filtered(lambda linkage: linkage.state not in allowed)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(linkage)s is %(state)s: this step does not apply to it.",
                    linkage=wrong[0].display_name,
                    state=labels[wrong[0].state],
                )
            )
        self.write({"state": state})

    def action_submit(self):
        self._move_state(("draft", "revoked"), "submitted")

    def action_verify(self):
        """Vouch for the linkages: from now on their people count."""
        self._move_state(("submitted",), "verified")

    def action_revoke(self):
        self._move_state(("draft", "submitted", "verified"), "revoked")

    @api.model
    def _get_counted_domain(self, date):
        """Domain of the linkages that count on ``date``."""
        return Domain(
            [
                ("state", "=", "verified"),
                ("date_from", "<=", date),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", date),
            ]
        )
