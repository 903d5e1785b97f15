from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .quality_plan_item import READING_DIGITS

# What an inspector enters; everything else of a line is frozen when it is made.
RESULT_FIELDS = frozenset(("value", "recorded", "answer", "note"))


class UnionAssistQualityInspectionLine(models.Model):
    """The result of one item on one lot."""

    _name = "union.assist.quality.inspection.line"
    _inherit = ["union.assist.quality.criterion"]
    _description = "Quality Inspection Line"

    inspection_id = fields.Many2one(
        "union.assist.quality.inspection", required=True, index=True, ondelete="cascade"
    )
    item_id = fields.Many2one(
        "union.assist.quality.plan.item",
        "Plan Item",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    company_id = fields.Many2one(related="inspection_id.company_id", store=True, index=True)
    state = fields.Selection(related="inspection_id.state")
    value = fields.Float(
        digits=READING_DIGITS, min_display_digits=0, help="Measured value, in the item's unit."
    )
    recorded = fields.Boolean(
        help="The value was measured. Tick it by hand when the measured value is zero."
    )
    answer = fields.Selection([("pass", "Conforms"), ("fail", "Does Not Conform")])
    verdict = fields.Selection(
        [("pass", "Pass"), ("fail", "Fail")], compute="_compute_verdict", store=True
    )
    note = fields.Char("Remark")
    recorded_by_id = fields.Many2one("res.users", "Recorded by", readonly=True)

    @api.depends("kind", "limit_type", "min_value", "max_value", "value", "recorded", "answer")
    def _compute_verdict(self):
        for line in self:
            if line.kind != "measure":
                line.verdict = line.answer
            elif line.recorded:
                line.verdict = "pass" if line._judge(line.value) else "fail"
            else:
                line.verdict = False

    @api.onchange("value")
    def _onchange_value(self):
        if self.value:
            self.recorded = True

    def write(self, vals):
        """Record results: only while the inspection is open, and who did it."""
        if self.env.su:
            return super().write(vals)
        frozen = vals.keys() - RESULT_FIELDS
        if frozen:
            raise AccessError(
                self.env._(
                    "Items and limits of an inspection come from its plan and stay as they are"
                    " (%(fields)s). Change the plan for later inspections.",
                    fields=", ".join(sorted(frozen)),
                )
            )
        closed = self.inspection_id.filtered(lambda inspection: inspection.state != "draft")
        if closed:
            raise UserError(
                self.env._(
                    "Inspection %(inspection)s is not open for results any more."
                    " Send it back to recording first.",
                    inspection=closed[0].display_name,
                )
            )
        if "value" in vals:
            vals = {"recorded": True, **vals}
        self.check_access("write")
        # The inspector is kept with the result: the decider must be somebody else.
        self.sudo().write({"recorded_by_id": self.env.uid})
        return super().write(vals)
