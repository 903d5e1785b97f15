from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare

from ..tools.shares import peak_share

METHODS = [
    ("site_visit", "Site Visit"),
    ("phone", "Phone Call"),
    ("documents", "Review of Documents"),
    ("county_register", "County Register"),
]

# What may change in a row once it is made: that it ends, or never should have counted.
ENDING_FIELDS = frozenset(("date_to", "ended_on", "ended_by_id", "end_reason", "void"))


class UnionAssistVerification(models.Model):
    """That somebody vouched for a linkage, and for which days: the rows that count.

    Every figure of verified households and persons, on whatever day, is a sum over these
    rows. They keep what was verified as it was; the system alone writes them. A linkage that
    is sent back or revoked ends its row the day before, so that past figures stay what they
    were. A row that should never have counted is void.
    """

    _name = "union.assist.verification"
    _description = "Verification of a Linkage"
    _order = "date_from desc, id desc"

    linkage_id = fields.Many2one(
        "union.assist.linkage", required=True, readonly=True, index=True, ondelete="restrict"
    )
    household_id = fields.Many2one(
        "union.assist.household", required=True, readonly=True, index=True, ondelete="restrict"
    )
    supplier_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    region_id = fields.Many2one(
        "union.assist.region",
        "Place",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Where the household was registered when the linkage was verified.",
    )
    mechanism_id = fields.Many2one(
        "union.assist.mechanism", required=True, readonly=True, ondelete="restrict"
    )
    share = fields.Float("Households by Share", required=True, readonly=True, digits=(5, 4))
    household_persons = fields.Integer(
        "Persons of the Household", required=True, readonly=True, aggregator=None
    )
    persons = fields.Float(
        "Persons by Share",
        compute="_compute_persons",
        store=True,
        digits=(12, 2),
        help="Persons that the household had when it was verified, times the share.",
    )
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("Until", readonly=True, help="Last day; empty while it goes on.")
    method = fields.Selection(METHODS, required=True, readonly=True)
    note = fields.Text(readonly=True)
    verified_by_id = fields.Many2one("res.users", "Verified by", required=True, readonly=True)
    verified_on = fields.Datetime(required=True, readonly=True)
    ended_on = fields.Datetime(readonly=True, help="When it was decided that it ends or is void.")
    ended_by_id = fields.Many2one("res.users", "Ended by", readonly=True)
    end_reason = fields.Text(readonly=True)
    void = fields.Boolean(
        readonly=True, help="Counts on no day: what it vouched for was not so, or never began."
    )

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a verification is not before its first day.",
    )

    @api.depends("household_persons", "share")
    def _compute_persons(self):
        for row in self:
            row.persons = row.household_persons * row.share

    @api.depends("linkage_id", "date_from")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.linkage_id.display_name} ({row.date_from})"

    @api.constrains("linkage_id", "household_id", "share", "date_from", "date_to", "void")
    def _check_shares(self):
        households = self.filtered(lambda row: not row.void).household_id
        if not households:
            return
        # Of two transactions that claim the same household at once, the second must see
        # the first: touching the row makes it fail and be replayed.
        self.env.cr.execute(
            SQL("UPDATE union_assist_household SET id = id WHERE id IN %s", tuple(households.ids))
        )
        counted = self.sudo().search(
            Domain("household_id", "in", households.ids) & Domain("void", "=", False)
        )
        for household, rows in counted.grouped("household_id").items():
            peak = peak_share((row.date_from, row.date_to, row.share) for row in rows)
            if float_compare(peak, 1.0, precision_digits=4) > 0:
                raise ValidationError(self._explain_excess(household, peak, rows.supplier_id))

    def _explain_excess(self, household, peak, suppliers):
        return self.env._(
            "Household %(household)s would be counted %(peak)s times on some days."
            " It is claimed by: %(suppliers)s. Approve a split of the household whose shares"
            " add up to 1, or end the earlier linkage.",
            household=household.code,
            peak=f"{peak:g}",
            suppliers=", ".join(suppliers.mapped("display_name")),
        )

    def write(self, vals):
        if vals.keys() - ENDING_FIELDS:
            raise UserError(
                self.env._("What was verified is evidence: it ends or is void, but never changes.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Verifications are evidence of past figures: they are never deleted.")
        )

    def _end(self, day, reason):
        """Let nothing of these rows count from ``day`` on; ``date.min`` voids them whole."""
        rows = self.sudo().filtered(lambda row: not row.void)
        ending = {
            "ended_on": fields.Datetime.now(),
            "ended_by_id": self.env.uid,
            "end_reason": reason,
        }
        rows.filtered(lambda row: row.date_from >= day).write({**ending, "void": True})
        cut = rows.filtered(
            lambda row: row.date_from < day and (not row.date_to or row.date_to >= day)
        )
        if cut:
            cut.write({**ending, "date_to": day - timedelta(days=1)})

    @api.model
    def _get_counted_domain(self, date):
        """Domain of the rows that count on ``date``, which may be past or to come."""
        return (
            Domain("void", "=", False)
            & Domain("date_from", "<=", date)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", date))
        )
