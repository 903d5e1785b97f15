from odoo import api, fields, models


class UnionAssistQualityPlanItem(models.Model):
    """An item of a quality plan; inspections copy it when they are made."""

    _name = "union.assist.quality.plan.item"
    _inherit = ["union.assist.quality.criterion"]
    _description = "Quality Plan Item"

    name = fields.Char(translate=True)
    reading_names = fields.Char(translate=True)
    choices_pass = fields.Char(translate=True)
    choices_fail = fields.Char(translate=True)
    method = fields.Char(translate=True)
    standard = fields.Char(translate=True)
    source = fields.Char(translate=True)
    plan_id = fields.Many2one(
        "union.assist.quality.plan", required=True, index=True, ondelete="cascade"
    )

    lineage = fields.Integer(
        readonly=True, help="The item of an earlier version that this one was copied from first."
    )

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.plan_id._check_unused()
        return items

    def write(self, vals):
        if vals.keys() - {"sequence"}:
            self.plan_id._check_unused()
        return super().write(vals)

    def unlink(self):
        self.plan_id._check_unused()
        return super().unlink()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        return [
            {**vals, "lineage": item.lineage or item.id}
            for item, vals in zip(self, vals_list, strict=True)
        ]

    def _say_field(self, name):
        """The value of a field as people read it."""
        self.ensure_one()
        field, value = self._fields[name], self[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.relational:
            return value.display_name or ""
        return f"{value:g}" if field.type == "float" else str(value or "")

    def _prepare_line_vals(self):
        """Values of the inspection line that checks this item, frozen as they are today."""
        self.ensure_one()
        return {**{name: self[name] for name in self._get_criterion_fields()}, "item_id": self.id}
