from odoo import fields, models


class UnionAssistQualityPlanItem(models.Model):
    """An item of a quality plan; inspections copy it when they are made."""

    _name = "union.assist.quality.plan.item"
    _inherit = ["union.assist.quality.criterion"]
    _description = "Quality Plan Item"

    name = fields.Char(translate=True)
    reading_names = fields.Char(translate=True)
    choices_pass = fields.Char(translate=True)
    choices_fail = fields.Char(translate=True)
    plan_id = fields.Many2one(
        "union.assist.quality.plan", required=True, index=True, ondelete="cascade"
    )

    def _prepare_line_vals(self):
        """Values of the inspection line that checks this item, frozen as they are today."""
        self.ensure_one()
        return {**{name: self[name] for name in self._get_criterion_fields()}, "item_id": self.id}
