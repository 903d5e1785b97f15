from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_compare

# What is approved: changing it makes the writer the author.
CONTENT_FIELDS = frozenset(
    ("household_id", "date_from", "date_to", "line_ids", "reason", "evidence_ids")
)

# What the system alone writes: who wrote the split and who approved it.
SYSTEM_FIELDS = frozenset(("state", "author_id", "approved_by_id", "approved_on"))


class UnionAssistHouseholdSplit(models.Model):
    """The parts that several linkages have in one household for a period, adding to 1.

    Somebody writes the split, another person approves it; approving writes the shares. A
    linkage counts a part of a household only on the days of an approved split.
    """

    _name = "union.assist.household.split"
    _inherit = ["mail.thread"]
    _description = "Split of a Household"
    _order = "date_from desc, id desc"
    _assist_kept_fields = SYSTEM_FIELDS

    household_id = fields.Many2one(
        "union.assist.household", required=True, index=True, ondelete="restrict", tracking=True
    )
    region_id = fields.Many2one(related="household_id.region_id", store=True, index=True)
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: self.env.company._assist_today(),
        tracking=True,
    )
    date_to = fields.Date("Until", tracking=True, help="Last day; empty while it goes on.")
    line_ids = fields.One2many("union.assist.household.split.line", "split_id", "Shares", copy=True)
    supplier_ids = fields.Many2many(
        "res.partner", string="Suppliers", compute="_compute_supplier_ids"
    )
    total = fields.Float("Sum of Shares", compute="_compute_total", digits=(5, 4))
    reason = fields.Text(required=True, help="Why the household is shared, and why in these parts.")
    evidence_ids = fields.Many2many(
        "ir.attachment",
        "union_assist_household_split_evidence_rel",
        "split_id",
        "attachment_id",
        "Agreement",
        copy=False,
        help="Agreement of the suppliers or decision of the county.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("ended", "Ended")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    author_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, readonly=True, copy=False
    )
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False, tracking=True
    )
    approved_on = fields.Datetime(readonly=True, copy=False)

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a split is not before its first day.",
    )

    @api.depends("line_ids.supplier_id")
    def _compute_supplier_ids(self):
        for split in self:
            split.supplier_ids = split.line_ids.supplier_id

    @api.depends("line_ids.share")
    def _compute_total(self):
        for split in self:
            split.total = sum(split.line_ids.mapped("share"))

    @api.depends("household_id", "date_from")
    def _compute_display_name(self):
        for split in self:
            split.display_name = f"{split.household_id.code} ({split.date_from})"

    @api.constrains("state", "date_from", "date_to", "household_id")
    def _check_overlap(self):
        valid = Domain("state", "in", ("approved", "ended"))
        for split in self.filtered_domain(valid):
            other = self.sudo().search(
                valid
                & Domain("household_id", "=", split.household_id.id)
                & Domain("id", "!=", split.id)
                & (Domain("date_to", "=", False) | Domain("date_to", ">=", split.date_from))
                & (Domain("date_from", "<=", split.date_to) if split.date_to else Domain.TRUE),
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "Household %(household)s has an approved split from %(date)s already."
                        " End that one first.",
                        household=split.household_id.code,
                        date=other.date_from,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        splits = super().create(
            [{name: vals[name] for name in vals if name not in SYSTEM_FIELDS} for vals in vals_list]
        )
        splits._own_evidence()
        return splits

    def write(self, vals):
        if self.env.su and "state" in vals:
            return super().write(vals)
        if not self.env.su and SYSTEM_FIELDS & vals.keys():
            raise UserError(self.env._("A split is approved and ended by its buttons alone."))
        if CONTENT_FIELDS & vals.keys():
            self._check_draft()
            vals = {**vals, "author_id": self.env.uid}
        result = super().write(vals)
        if "evidence_ids" in vals:
            self._own_evidence()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self._check_draft()

    def _check_draft(self):
        if any(split.state != "draft" for split in self):
            raise UserError(
                self.env._(
                    "An approved split stays as it is: figures rest on it. End it, and write a"
                    " new one for the days after."
                )
            )

    def _own_evidence(self):
        """Tie files that were uploaded to the split, so that its readers may read them."""
        for split in self:
            split.sudo().evidence_ids.filtered(
                lambda file: not file.res_id and file.create_uid == self.env.user
            ).write({"res_model": self._name, "res_id": split.id})

    def action_approve(self):
        """Put the split in force: its shares are written to the linkages.

        Linkages whose share changes count no more from the first day of the split on, and are
        to be verified again.
        """
        self.check_access("write")
        self._check_draft()
        changed = self.env["union.assist.linkage"]
        for split in self:
            if split.author_id == self.env.user:
                raise UserError(
                    self.env._(
                        "You wrote this split of household %(household)s: another person"
                        " approves it.",
                        household=split.household_id.code,
                    )
                )
            split._check_lines()
            for line in split.line_ids:
                linkage = line.linkage_id
                if float_compare(linkage.share, line.share, precision_digits=4):
                    linkage.sudo().verification_ids._end(
                        split.date_from, self.env._("A split of the household was approved.")
                    )
                    changed |= linkage
        self.sudo().write(
            {
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approved_on": fields.Datetime.now(),
            }
        )
        for line in self.line_ids.filtered(lambda line: line.linkage_id in changed):
            line.linkage_id.write({"share": line.share})

    def _check_lines(self):
        self.ensure_one()
        if len(self.line_ids) < 2 or float_compare(self.total, 1.0, precision_digits=4):
            raise ValidationError(
                self.env._(
                    "The shares of household %(household)s add up to %(total)s. A split has two"
                    " shares or more, and they add up to 1.",
                    household=self.household_id.code,
                    total=f"{self.total:g}",
                )
            )
        gone = self.line_ids.linkage_id.filtered(lambda linkage: linkage.state == "revoked")
        if gone:
            raise ValidationError(
                self.env._(
                    "A revoked linkage has no share: %(names)s. Submit it again or take it out.",
                    names=", ".join(gone.mapped("display_name")),
                )
            )

    def action_end(self):
        """End the split with yesterday; its linkages are to be verified again."""
        self.check_access("write")
        today = self.env.company._assist_today()
        if any(split.state != "approved" for split in self):
            raise UserError(self.env._("Only an approved split is ended."))
        for split in self:
            if split.date_from >= today:
                split.sudo().write({"state": "draft"})
                continue
            yesterday = today - timedelta(days=1)
            split.sudo().write(
                {"state": "ended", "date_to": min(split.date_to or yesterday, yesterday)}
            )
        self.line_ids.linkage_id._send_back(self.env._("The split of the household was ended."))

    @api.model
    def _end_overdue(self):
        """End approved splits whose last day is over, and ask what holds from then on."""
        today = self.env.company._assist_today()
        overdue = self.sudo().search([("state", "=", "approved"), ("date_to", "<", today)])
        overdue.write({"state": "ended"})
        running = overdue.line_ids.linkage_id.filtered(
            lambda linkage: not linkage.date_to or linkage.date_to >= today
        )
        approved = running._get_approved_shares()
        running.filtered(
            lambda linkage: (
                not any(
                    period[0] <= today <= (period[1] or today)
                    for period, _share in approved.get(linkage.id, ())
                )
            )
        )._send_back(self.env._("The split of the household is over."))
