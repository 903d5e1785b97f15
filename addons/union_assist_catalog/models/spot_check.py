import secrets
from datetime import date

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.sampling import draw_sample, population_digest, sample_size

# What a person decides before the draw.
CONTENT_FIELDS = frozenset(
    ("supplier_id", "region_id", "date", "size_kind", "sample_count", "percent")
)

# What the system alone writes: the draw, the closing and its figures.
SYSTEM_FIELDS = frozenset(
    (
        "name",
        "state",
        "seed",
        "population_count",
        "population_persons",
        "population_digest",
        "drawn_by_id",
        "drawn_on",
        "closed_by_id",
        "closed_on",
        "households_before",
        "households_after",
        "persons_before",
        "persons_after",
        "report_id",
    )
)


class UnionAssistSpotCheck(models.Model):
    """A random sample of what counts, looked at on site or by phone.

    The sample is drawn once, by a seed that the system makes at that moment; seed and
    fingerprint of the population are kept, so that the draw can be checked and not repeated.
    Closing takes out of the figures what was found untrue, and keeps the report.
    """

    _name = "union.assist.spot.check"
    _inherit = ["mail.thread"]
    _description = "Spot Check"
    _order = "id desc"
    _assist_kept_fields = SYSTEM_FIELDS

    name = fields.Char("Number", readonly=True, copy=False, default="/")
    supplier_id = fields.Many2one(
        "res.partner",
        index=True,
        ondelete="restrict",
        domain=[("assist_supplier_kind", "!=", False)],
        help="Whose households are checked; all suppliers' when empty.",
    )
    region_id = fields.Many2one(
        "union.assist.region",
        "Place",
        index=True,
        ondelete="restrict",
        help="Where: this place and everything below it; everywhere when empty.",
    )
    date = fields.Date(
        "Counted on",
        required=True,
        default=lambda self: self.env.company._assist_today(),
        help="The sample is drawn from what counts on this day.",
    )
    size_kind = fields.Selection(
        [("percent", "Percent"), ("count", "Number of Households")],
        "Sample by",
        required=True,
        default="percent",
    )
    sample_count = fields.Integer("Sample Size", default=10)
    percent = fields.Float(default=10.0, digits=(5, 2))
    state = fields.Selection(
        [("draft", "Draft"), ("drawn", "Drawn"), ("closed", "Closed")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    seed = fields.Char(readonly=True, copy=False, help="Made by the system at the draw.")
    population_count = fields.Integer("Population", readonly=True, copy=False)
    population_persons = fields.Float(
        "Persons of the Population", readonly=True, copy=False, digits=(12, 2)
    )
    population_digest = fields.Char(
        "Fingerprint of the Population",
        readonly=True,
        copy=False,
        help="SHA-256 of the sorted numbers of the verifications that were drawn from.",
    )
    drawn_by_id = fields.Many2one("res.users", "Drawn by", readonly=True, copy=False)
    drawn_on = fields.Datetime(readonly=True, copy=False)
    line_ids = fields.One2many("union.assist.spot.check.line", "check_id", "Sample", copy=False)
    open_count = fields.Integer("To Do", compute="_compute_result_counts")
    confirmed_count = fields.Integer("Confirmed", compute="_compute_result_counts")
    failed_count = fields.Integer("Failed", compute="_compute_result_counts")
    not_reached_count = fields.Integer("Not Reached", compute="_compute_result_counts")
    closed_by_id = fields.Many2one("res.users", "Closed by", readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)
    households_before = fields.Float(readonly=True, copy=False, digits=(12, 2))
    households_after = fields.Float(readonly=True, copy=False, digits=(12, 2))
    persons_before = fields.Float(readonly=True, copy=False, digits=(12, 2))
    persons_after = fields.Float(readonly=True, copy=False, digits=(12, 2))
    households_deducted = fields.Float(compute="_compute_deducted", digits=(12, 2))
    persons_deducted = fields.Float(compute="_compute_deducted", digits=(12, 2))
    report_id = fields.Many2one("ir.attachment", readonly=True, copy=False)

    _size_positive = models.Constraint(
        "CHECK (sample_count > 0 AND percent > 0 AND percent <= 100)",
        "A sample has one household at least, and 100 percent at most.",
    )

    @api.constrains("supplier_id", "region_id")
    def _check_scope(self):
        if any(not check.supplier_id and not check.region_id for check in self):
            raise ValidationError(
                self.env._("Say what is checked: a supplier, a county, or a supplier in a county.")
            )

    @api.depends("line_ids.result")
    def _compute_result_counts(self):
        for check in self:
            results = check.line_ids.mapped("result")
            check.open_count = results.count(False)
            check.confirmed_count = results.count("confirmed")
            check.failed_count = results.count("failed")
            check.not_reached_count = results.count("not_reached")

    @api.depends("households_before", "households_after", "persons_before", "persons_after")
    def _compute_deducted(self):
        for check in self:
            check.households_deducted = check.households_before - check.households_after
            check.persons_deducted = check.persons_before - check.persons_after

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"].sudo()
        return super().create(
            [
                {
                    **{name: vals[name] for name in vals if name not in SYSTEM_FIELDS},
                    "name": sequence.next_by_code("union.assist.spot.check"),
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if not self.env.su and SYSTEM_FIELDS & vals.keys():
            raise UserError(self.env._("A spot check is drawn and closed by its buttons alone."))
        if CONTENT_FIELDS & vals.keys() and any(check.state != "draft" for check in self):
            raise UserError(
                self.env._("The sample is drawn already, from what was chosen before: it stays.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drawn(self):
        if any(check.state != "draft" for check in self):
            raise UserError(
                self.env._("A draw is made once: a spot check that was drawn is never deleted.")
            )

    def _get_scope_domain(self):
        """Domain of the verifications that the sample is drawn from."""
        self.ensure_one()
        domain = self.env["union.assist.verification"]._get_counted_domain(self.date)
        if self.supplier_id:
            domain &= Domain("supplier_id", "=", self.supplier_id.id)
        if self.region_id:
            domain &= Domain("region_id", "child_of", self.region_id.id)
        return domain

    def _count_scope(self):
        """Return (households, persons) by share that count on the day of the check."""
        ((households, persons),) = (
            self.env["union.assist.verification"]
            .sudo()
            ._read_group(self._get_scope_domain(), [], ["share:sum", "persons:sum"])
        )
        return households or 0.0, persons or 0.0

    def action_draw(self):
        """Draw the sample, once."""
        self.check_access("write")
        for check in self:
            if check.state != "draft":
                raise UserError(
                    self.env._("The sample of %(check)s is drawn already.", check=check.name)
                )
            rows = self.env["union.assist.verification"].sudo().search(check._get_scope_domain())
            if not rows:
                raise UserError(
                    self.env._(
                        "Nothing is verified there on %(date)s: there is nothing to draw from.",
                        date=check.date,
                    )
                )
            seed = str(secrets.randbelow(10**12))
            size = sample_size(
                len(rows),
                count=check.sample_count,
                percent=check.percent if check.size_kind == "percent" else 0.0,
            )
            sample = rows.browse(draw_sample(rows.ids, size, seed))
            check.sudo().write(
                {
                    "state": "drawn",
                    "seed": seed,
                    "population_count": len(rows),
                    "population_persons": sum(rows.mapped("persons")),
                    "population_digest": population_digest(rows.ids),
                    "drawn_by_id": self.env.uid,
                    "drawn_on": fields.Datetime.now(),
                    "line_ids": [
                        Command.create({"verification_id": row.id}) for row in sample.sorted("id")
                    ],
                }
            )

    def action_close(self):
        """Revoke what failed, show what that takes out of the figures, and keep the report."""
        self.check_access("write")
        for check in self:
            if check.state != "drawn":
                raise UserError(self.env._("Only a drawn spot check is closed."))
            if check.open_count:
                raise UserError(
                    self.env._(
                        "%(count)s households of %(check)s have no result yet.",
                        count=check.open_count,
                        check=check.name,
                    )
                )
            households_before, persons_before = check._count_scope()
            failed = check.line_ids.filtered(lambda line: line.result == "failed")
            for day, lines in failed.grouped(
                lambda line: line.failed_day if line.failed_from == "day" else date.min
            ).items():
                lines.linkage_id._revoke(
                    self.env._("Spot check %(check)s failed.", check=check.name), day
                )
            households_after, persons_after = check._count_scope()
            check.sudo().write(
                {
                    "state": "closed",
                    "closed_by_id": self.env.uid,
                    "closed_on": fields.Datetime.now(),
                    "households_before": households_before,
                    "households_after": households_after,
                    "persons_before": persons_before,
                    "persons_after": persons_after,
                }
            )
            check._keep_report()

    def _keep_report(self):
        """Store the report of a closed check as it is on this day."""
        content = self.env["report.union_assist_catalog.report_spot_check"]._draw(self)
        self.sudo().report_id = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{self.name}.pdf".replace("/", "-"),
                    "raw": content,
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )

    def action_view_lines(self):
        """Open the sample as a list of its own, for the way from house to house."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_spot_check_line"
            ),
            "domain": [("check_id", "=", self.id)],
        }
