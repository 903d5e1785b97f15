from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .quality_criterion import READING_DIGITS

# What is typed; the rest is kept with it.
READ_FIELDS = frozenset(("value", "unit", "below"))


class UnionAssistQualityReading(models.Model):
    """One reading of a measured item: the value as it was read, by whom and when."""

    _name = "union.assist.quality.reading"
    _description = "Quality Reading"
    _order = "line_id, number, id"

    line_id = fields.Many2one(
        "union.assist.quality.inspection.line", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    number = fields.Integer(required=True, help="1 for the first reading (r1 of a formula).")
    value = fields.Float(
        required=True, digits=READING_DIGITS, min_display_digits=0, help="As it was read."
    )
    unit = fields.Char(help="Unit it was read in; empty for the item's own.")
    below = fields.Boolean(
        "Not Detected",
        help="Nothing was found: the value is the limit of detection, 0 where it is not known.",
    )
    line_value = fields.Float(
        "Value in the Item's Unit", digits=READING_DIGITS, min_display_digits=0, readonly=True
    )
    recorded_by_id = fields.Many2one("res.users", "Read by", required=True, readonly=True)
    recorded_on = fields.Datetime("Read on", required=True, readonly=True)

    _number_unique = models.UniqueIndex(
        "(line_id, number)", "This reading of the item was taken already: change it instead."
    )
    _number_positive = models.Constraint("CHECK (number > 0)", "Readings count from 1.")

    @api.model_create_multi
    def create(self, vals_list):
        """Take readings, in the item's unit or one that converts to it.

        :raise UserError: the inspection is closed, the item is not measured, or the unit does
            not convert
        """
        # What is checked is what is kept, also where it comes from defaults of the context.
        defaults = self.default_get(["line_id", *READ_FIELDS])
        vals_list = [{**defaults, **vals} for vals in vals_list]
        lines = self.env["union.assist.quality.inspection.line"].browse(
            [vals["line_id"] for vals in vals_list if vals.get("line_id")]
        )
        lines._check_open()
        next_numbers = {}
        prepared = []
        for vals in vals_list:
            line = lines.browse(vals.get("line_id")).with_prefetch(lines.ids)
            last = next_numbers.setdefault(line, max(line.reading_ids.mapped("number"), default=0))
            next_numbers[line] = max(last + 1, vals.get("number") or 0)
            prepared.append(
                {
                    **vals,
                    **self._prepare_kept(line, vals),
                    "number": vals.get("number") or last + 1,
                }
            )
        readings = super().create(prepared)
        lines._after_reading()
        return readings

    def write(self, vals):
        """Correct readings; who did it is kept with the correction."""
        frozen = vals.keys() - READ_FIELDS - {"number"}
        if frozen and not self.env.su:
            raise AccessError(
                self.env._(
                    "These fields of a reading are kept with it, not written: %(fields)s.",
                    fields=", ".join(sorted(frozen)),
                )
            )
        self.line_id._check_open()
        for reading in self:
            merged = {name: reading[name] for name in READ_FIELDS} | vals
            super(UnionAssistQualityReading, reading).write(
                {**vals, **self._prepare_kept(reading.line_id, merged)}
            )
        self.line_id._after_reading()
        return True

    def unlink(self):
        lines = self.line_id
        lines._check_open()
        result = super().unlink()
        lines._after_reading()
        return result

    def _prepare_kept(self, line, vals):
        """What is kept with a reading beside what was typed."""
        if line.kind != "measure":
            raise UserError(
                self.env._("“%(item)s” is not measured: it takes no readings.", item=line.name)
            )
        if vals.get("below") and (line.limit_type != "at_most" or line.judged_by == "formula"):
            raise UserError(
                self.env._(
                    "“%(item)s”: “not detected” says nothing about its limit %(limit)s. Enter the"
                    " measured value.",
                    item=line.name,
                    limit=line.criterion,
                )
            )
        return {
            "line_value": line._convert_reading(vals.get("value") or 0.0, vals.get("unit")),
            "recorded_by_id": self.env.uid,
            "recorded_on": fields.Datetime.now(),
        }
