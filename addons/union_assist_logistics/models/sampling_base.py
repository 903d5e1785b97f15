from odoo import api, models


class UnionAssistSamplingBase(models.AbstractModel):
    """Rows of a table: a table that was read before is read again when they change."""

    _name = "union.assist.sampling.base"
    _description = "Part of a Sampling Table"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
