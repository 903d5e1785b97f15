from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .quality_plan_item import READING_DIGITS

# What an inspector enters; everything else of a line is frozen when it is made.
RESULT_FIELDS = frozenset(("value", "recorded", "answer", "note", "defect_count"))


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
        [("pass", "Pass"), ("fail", "Fail"), ("skipped", "Left Out")],
        compute="_compute_verdict",
        store=True,
    )
    note = fields.Char("Remark")
    recorded_by_id = fields.Many2one("res.users", "Recorded by", readonly=True)

    @api.depends(
        "kind",
        "limit_type",
        "min_value",
        "max_value",
        "value",
        "recorded",
        "answer",
        "skipped",
        "sample_size",
        "accept_number",
        "defect_count",
    )
    def _compute_verdict(self):
        for line in self:
            if line.skipped:
                line.verdict = "skipped"
            elif line.sample_size:
                line.verdict = line._judge_sample()
            elif line.kind != "measure":
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
        self._check_sample(vals)
        if "value" in vals or "defect_count" in vals:
            vals = {"recorded": True, **vals}
        self.check_access("write")
        # The inspector is kept with the result: the decider must be somebody else.
        self.sudo().write({"recorded_by_id": self.env.uid})
        return super().write(vals)

    # ------------------------------------------------------------------
    # Sampling
    # ------------------------------------------------------------------
    skipped = fields.Boolean("Left Out", readonly=True)
    sample_size = fields.Integer(readonly=True, help="Units inspected; 0: judged for the lot.")
    sample_of = fields.Integer("Units in the Lot", readonly=True)
    sample_uom_id = fields.Many2one("uom.uom", "Unit Drawn", readonly=True)
    code_letter = fields.Char(readonly=True, help="Of the sampling plan, after arrows.")
    sample_aql = fields.Char("AQL", readonly=True)
    accept_number = fields.Integer("Ac", readonly=True, help="The lot passes with at most so many.")
    reject_number = fields.Integer("Re", readonly=True, help="The lot fails from so many on.")
    defect_count = fields.Integer(
        "Nonconforming Units", help="Found in the sample. Tick Recorded by hand when there is none."
    )

    _defects_in_sample = models.Constraint(
        "CHECK (defect_count >= 0 AND (sample_size = 0 OR defect_count <= sample_size))",
        "Nonconforming units are counted in the sample: from 0 to the units drawn.",
    )

    @api.onchange("defect_count")
    def _onchange_defect_count(self):
        if self.defect_count:
            self.recorded = True

    def _judge_sample(self):
        """Return the verdict on the counted sample; False before it was counted."""
        self.ensure_one()
        if not self.recorded:
            return False
        return "pass" if self.defect_count <= self.accept_number else "fail"

    def _check_sample(self, vals):
        """Refuse counts where nothing is counted, more than was drawn, and left-out items."""
        if not {"defect_count", "answer"} & vals.keys():
            return
        for line in self:
            if line.skipped:
                raise UserError(
                    self.env._(
                        "“%(item)s” is left out of %(inspection)s: inspect the lot in full to"
                        " record it.",
                        item=line.name,
                        inspection=line.inspection_id.display_name,
                    )
                )
            count = vals.get("defect_count")
            if count is not None and not 0 <= count <= line.sample_size:
                raise UserError(
                    self.env._(
                        "“%(item)s” of %(inspection)s: %(count)s nonconforming units of a sample of"
                        " %(size)s. Enter a number from 0 to the sample's.",
                        item=line.name,
                        inspection=line.inspection_id.display_name,
                        count=count,
                        size=line.sample_size,
                    )
                )
