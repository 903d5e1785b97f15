import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.formula import FormulaError, parse
from ..tools.judging import DIGITS, Limit, judge
from ..tools.units import UnitError, convert

# Readings and limits go down to micrograms per kilogram.
READING_DIGITS = (16, DIGITS)
#: More readings of one item than this are a mistake of whoever wrote the plan.
MAX_READINGS = 50


class UnionAssistQualityCriterion(models.AbstractModel):
    """One thing to check and the limit it is judged by: of a plan, or frozen on an inspection."""

    _name = "union.assist.quality.criterion"
    _description = "Quality Criterion"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char("Item", required=True)
    kind = fields.Selection(
        [
            ("measure", "Measure"),
            ("pass_fail", "Pass or Fail"),
            ("choice", "Choice"),
            ("text", "Text"),
            ("photo", "Photo"),
        ],
        required=True,
        default="pass_fail",
        help="Measure: readings are judged by a limit. Choice: the option chosen decides."
        " Text and Photo: something is written down or photographed and found to conform.",
    )
    severity = fields.Selection(
        [("critical", "Critical"), ("major", "Major"), ("minor", "Minor")],
        required=True,
        compute="_compute_severity",
        store=True,
        readonly=False,
        precompute=True,
        help="How grave a defect is: sampling allows defects by it. Food safety is critical.",
    )
    safety = fields.Boolean(
        help="Food safety: one failure fails the whole lot; nothing of it can be released."
    )
    limit_type = fields.Selection(
        [("at_most", "At Most"), ("at_least", "At Least"), ("between", "Between")],
        "Limit",
        default="at_most",
        help="How a measured value is judged.",
    )
    min_value = fields.Float("Minimum", digits=READING_DIGITS, min_display_digits=0)
    max_value = fields.Float("Maximum", digits=READING_DIGITS, min_display_digits=0)
    unit = fields.Char(
        help="Unit of the limit as the standard writes it, e.g. mg/kg. Readings in another unit"
        " are converted; units of another kind are refused."
    )
    reading_count = fields.Integer(
        "Readings", default=1, required=True, help="How many times it is measured on a lot."
    )
    judged_by = fields.Selection(
        [
            ("each", "Every Reading"),
            ("mean", "Mean of the Readings"),
            ("formula", "Formula over the Readings"),
        ],
        default="each",
        required=True,
        help="Every Reading: one outside the limit is enough to fail.",
    )
    formula = fields.Char(
        help="Over the readings r1, r2 … or their mean, min, max and range, e.g. r1 / r2 * 100."
    )
    reading_unit = fields.Char(
        help="Unit of the readings of a formula where it is not that of the result, e.g. g."
    )
    reading_names = fields.Char(
        help="What the readings of a formula are, in order and separated by semicolons, e.g."
        " Broken kernels; Sample."
    )
    choices_pass = fields.Char("Options That Pass", help="Separated by semicolons.")
    choices_fail = fields.Char("Options That Fail", help="Separated by semicolons.")
    choices = fields.Json("Options", compute="_compute_choices")
    by_sample = fields.Boolean(
        help="Nonconforming units of the drawn sample are counted, and the lot is judged by the"
        " accepted number of the item's severity. Never for food safety.",
    )
    is_document = fields.Boolean(
        "Document", help="Checks a paper of the lot: never left out, also of skipped lots."
    )
    method = fields.Char(help="How it is tested, e.g. GB 5009.12-2023, or by eye.")
    standard = fields.Char(help="Standard and edition that sets the limit, e.g. GB 2762-2022.")
    source = fields.Char("Source of the Limit", help="Where the limit was taken from.")
    criterion = fields.Char(compute="_compute_criterion")

    _limit_set = models.Constraint(
        "CHECK (kind != 'measure' OR limit_type IS NOT NULL)",
        "Say how the measured value is judged: at most, at least or between.",
    )
    _limit_order = models.Constraint(
        "CHECK (kind != 'measure' OR limit_type != 'between' OR min_value <= max_value)",
        "The minimum of an item is not above its maximum.",
    )
    _reading_count_range = models.Constraint(
        f"CHECK (reading_count BETWEEN 1 AND {MAX_READINGS})",
        f"An item is measured once at least and {MAX_READINGS} times at most.",
    )
    _sample_not_safety = models.Constraint(
        "CHECK (NOT (by_sample AND safety))",
        "Food safety judges the whole lot: such an item is not judged by sample.",
    )
    _sample_counts = models.Constraint(
        "CHECK (NOT by_sample OR kind = 'pass_fail')",
        "By sample, nonconforming units are counted: the item is of the kind Pass or Fail.",
    )
    _safety_critical = models.Constraint(
        "CHECK (NOT safety OR severity = 'critical')",
        "A food safety item is critical.",
    )

    @api.depends("safety")
    def _compute_severity(self):
        for item in self:
            item.severity = "critical" if item.safety else item.severity or "major"

    @api.depends("choices_pass", "choices_fail")
    def _compute_choices(self):
        for item in self:
            item.choices = [
                {"name": name, "pass": passes}
                for text, passes in ((item.choices_pass, True), (item.choices_fail, False))
                for name in self._split_names(text)
            ]

    @api.depends(
        "kind",
        "limit_type",
        "min_value",
        "max_value",
        "unit",
        "reading_count",
        "judged_by",
        "formula",
        "choices_pass",
    )
    @api.depends_context("lang")
    def _compute_criterion(self):
        for item in self:
            if item.kind == "measure":
                item.criterion = item._say_limit()
            elif item.kind == "choice":
                item.criterion = " / ".join(self._split_names(item.choices_pass))
            elif item.kind == "text":
                item.criterion = self.env._("Written down, conforms")
            elif item.kind == "photo":
                item.criterion = self.env._("Photographed, conforms")
            else:
                item.criterion = self.env._("Conforms")

    def _say_limit(self):
        """The limit of a measure in one line, with what is compared with it."""
        low, high = f"{self.min_value:.10g}", f"{self.max_value:.10g}"
        limits = {"at_most": f"≤ {high}", "at_least": f"≥ {low}", "between": f"{low} – {high}"}
        limit = f"{limits.get(self.limit_type, '')} {self.unit or ''}".strip()
        if self.judged_by == "formula":
            return (
                f"{self.formula} {limit}"
                if self.limit_type != "between"
                else (f"{self.formula}: {limit}")
            )
        if self.reading_count > 1:
            if self.judged_by == "mean":
                return self.env._(
                    "Mean of %(count)s %(limit)s", count=self.reading_count, limit=limit
                )
            return self.env._("%(limit)s, each of %(count)s", count=self.reading_count, limit=limit)
        return limit

    @api.constrains("kind", "choices_pass", "choices_fail")
    def _check_choices(self):
        for item in self.filtered(lambda record: record.kind == "choice"):
            passing = self._split_names(item.choices_pass)
            failing = self._split_names(item.choices_fail)
            names = [name.casefold() for name in passing + failing]
            if not passing or not failing or len(set(names)) != len(names):
                raise ValidationError(
                    self.env._(
                        "“%(item)s”: name at least one option that passes and one that fails,"
                        " each once, separated by semicolons.",
                        item=item.name,
                    )
                )

    @api.constrains(
        "kind", "judged_by", "formula", "reading_count", "unit", "reading_unit", "reading_names"
    )
    def _check_formula(self):
        for item in self.filtered(lambda record: record.kind == "measure"):
            if item.judged_by != "formula":
                continue
            try:
                _tree, last = parse(item.formula)
            except FormulaError as error:
                raise ValidationError(
                    self.env._(
                        "“%(item)s”: %(problem)s", item=item.name, problem=item._say_error(error)
                    )
                ) from error
            if last > item.reading_count:
                raise ValidationError(
                    self.env._(
                        "“%(item)s”: the formula uses reading r%(last)s, but only %(count)s"
                        " readings are taken. Raise their number.",
                        item=item.name,
                        last=last,
                        count=item.reading_count,
                    )
                )

    @api.onchange("kind", "judged_by")
    def _onchange_kind(self):
        if self.kind != "measure":
            self.update({"reading_count": 1, "judged_by": "each"})
        if self.judged_by != "formula":
            self.update({"formula": False, "reading_unit": False, "reading_names": False})

    @api.onchange("formula")
    def _onchange_formula(self):
        """Ask for as many readings as the formula names."""
        try:
            _tree, last = parse(self.formula or "")
        except FormulaError:
            return
        self.reading_count = max(self.reading_count, last)

    @api.model
    def _split_names(self, text):
        return [name for name in map(str.strip, re.split(r"[;；\n]", text or "")) if name]

    @api.model
    def _get_criterion_fields(self):
        """Names of the fields that say what is checked: an inspection keeps them as they were."""
        return [
            name
            for name, field in self.env["union.assist.quality.criterion"]._fields.items()
            if field.store and name not in models.MAGIC_COLUMNS
        ]

    def _get_limit(self):
        return Limit(self.limit_type, self.min_value, self.max_value)

    def _get_reading_unit(self):
        """The unit that readings are kept in."""
        return (self.judged_by == "formula" and self.reading_unit) or self.unit or ""

    def _judge(self, value):
        """Return whether a figure in the item's unit keeps the limit; both limits still pass."""
        self.ensure_one()
        return self._get_limit().keeps(value)

    def _judge_readings(self, values):
        """Return (deciding figure, whether it keeps the limit) for all readings of an item.

        :param values: in :meth:`_get_reading_unit`, in the order they were taken
        :raise FormulaError: the item's formula cannot be computed with them
        """
        self.ensure_one()
        return judge(values, self._get_limit(), self.judged_by, self.formula)

    def _convert_reading(self, value, unit):
        """Return a reading in the unit that the item's readings are kept in.

        :param unit: that it was taken in; empty for the item's own
        :raise UserError: the unit is not known, or of another kind
        """
        self.ensure_one()
        wanted = self._get_reading_unit()
        if not unit:
            return value
        try:
            return convert(value, unit, wanted)
        except UnitError as error:
            if error.code == "unknown":
                message = self.env._(
                    "“%(item)s”: unit “%(unit)s” is not known. Enter the value in %(wanted)s.",
                    item=self.name,
                    unit=unit,
                    wanted=wanted or self.env._("the item's own unit"),
                )
            else:
                message = self.env._(
                    "“%(item)s” is measured in %(wanted)s: a value in %(unit)s cannot be compared"
                    " with it. Enter it in %(wanted)s or a unit of the same kind.",
                    item=self.name,
                    unit=unit,
                    wanted=wanted or self.env._("no unit"),
                )
            raise UserError(message) from error

    def _say_error(self, error):
        """What is wrong with a formula, for people."""
        detail = error.detail
        return {
            "empty": self.env._("Write the formula that its readings are judged by."),
            "long": self.env._(
                "The formula is too long; it may have %(limit)s signs.", limit=detail
            ),
            "syntax": self.env._("The formula “%(formula)s” cannot be read.", formula=detail),
            "unknown": self.env._(
                "The formula does not know “%(part)s”. It may use r1, r2 …, mean, min, max, range,"
                " abs, numbers, + - * / and brackets.",
                part=detail,
            ),
            "missing": self.env._("Reading %(reading)s is missing.", reading=detail),
            "division": self.env._(
                "“%(formula)s” divides by zero with these readings.", formula=detail
            ),
            "overflow": self.env._(
                "“%(formula)s” gives no usable number with these readings.", formula=detail
            ),
        }[error.code]

    # ------------------------------------------------------------------
    # Lab reports
    # ------------------------------------------------------------------
    report_required = fields.Boolean(
        "Report Demanded",
        help="A checked lab report of the lot must answer this item before the results are handed"
        " over.",
    )
