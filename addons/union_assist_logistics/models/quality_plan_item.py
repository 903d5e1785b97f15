from odoo import api, fields, models
from odoo.tools import float_compare

# Readings and limits go down to micrograms per kilogram.
READING_DIGITS = (16, 6)


class UnionAssistQualityCriterion(models.AbstractModel):
    """One thing to check and the limit it is judged by."""

    _name = "union.assist.quality.criterion"
    _description = "Quality Criterion"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char("Item", required=True)
    kind = fields.Selection(
        [("measure", "Measure"), ("pass_fail", "Pass or Fail")], required=True, default="pass_fail"
    )
    limit_type = fields.Selection(
        [("at_most", "At Most"), ("at_least", "At Least"), ("between", "Between")],
        "Limit",
        default="at_most",
        help="How a measured value is judged.",
    )
    min_value = fields.Float("Minimum", digits=READING_DIGITS, min_display_digits=0)
    max_value = fields.Float("Maximum", digits=READING_DIGITS, min_display_digits=0)
    unit = fields.Char(help="Unit of the measured value as the standard writes it, e.g. mg/kg.")
    severity = fields.Selection(
        [("critical", "Critical"), ("major", "Major"), ("minor", "Minor")],
        required=True,
        default="major",
        help="How bad a failure is. None is accepted of a critical item.",
    )
    safety = fields.Boolean(
        help="Food safety: one failure fails the whole lot; nothing of it can be released."
    )
    by_sample = fields.Boolean(
        "By Sample",
        help="Nonconforming units of the drawn sample are counted, and the lot is judged by the"
        " accepted number of the item's severity. Never for food safety.",
    )
    is_document = fields.Boolean(
        "Document", help="Checks a paper of the lot: never left out, also of skipped lots."
    )
    standard = fields.Char(help="Standard and edition that sets the limit, e.g. GB 2762-2022.")
    criterion = fields.Char(compute="_compute_criterion")

    _limit_set = models.Constraint(
        "CHECK (kind != 'measure' OR limit_type IS NOT NULL)",
        "Say how the measured value is judged: at most, at least or between.",
    )
    _limit_order = models.Constraint(
        "CHECK (kind != 'measure' OR limit_type != 'between' OR min_value <= max_value)",
        "The minimum of an item is not above its maximum.",
    )

    _sample_not_safety = models.Constraint(
        "CHECK (NOT (by_sample AND safety))",
        "Food safety judges the whole lot: such an item is not judged by sample.",
    )
    _sample_counts = models.Constraint(
        "CHECK (NOT by_sample OR kind = 'pass_fail')",
        "By sample, nonconforming units are counted: the item is of the kind Pass or Fail.",
    )

    @api.depends("kind", "limit_type", "min_value", "max_value", "unit")
    @api.depends_context("lang")
    def _compute_criterion(self):
        for item in self:
            low, high = f"{item.min_value:.10g}", f"{item.max_value:.10g}"
            if item.kind != "measure":
                item.criterion = self.env._("Conforms")
                continue
            limits = {"at_most": f"≤ {high}", "at_least": f"≥ {low}", "between": f"{low} – {high}"}
            item.criterion = f"{limits.get(item.limit_type, '')} {item.unit or ''}".strip()

    def _judge(self, value):
        """Return whether a measured value keeps the limit; both limits still pass."""
        self.ensure_one()
        above = float_compare(value, self.min_value, precision_digits=READING_DIGITS[1]) >= 0
        below = float_compare(value, self.max_value, precision_digits=READING_DIGITS[1]) <= 0
        return {"at_least": above, "at_most": below, "between": above and below}[self.limit_type]


class UnionAssistQualityPlanItem(models.Model):
    """An item of a quality plan; inspections copy it when they are made."""

    _name = "union.assist.quality.plan.item"
    _inherit = ["union.assist.quality.criterion"]
    _description = "Quality Plan Item"

    name = fields.Char(translate=True)
    plan_id = fields.Many2one(
        "union.assist.quality.plan", required=True, index=True, ondelete="cascade"
    )

    def _prepare_line_vals(self):
        """Values of the inspection line that checks this item, frozen as they are today."""
        self.ensure_one()
        names = (
            "sequence",
            "name",
            "kind",
            "limit_type",
            "min_value",
            "max_value",
            "unit",
            "severity",
            "safety",
            "by_sample",
            "is_document",
            "standard",
        )
        return {**{name: self[name] for name in names}, "item_id": self.id}
