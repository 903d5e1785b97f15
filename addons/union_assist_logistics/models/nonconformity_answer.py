from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistNonconformityAnswer(models.Model):
    """What a supplier answered to a nonconformity, with the files it handed in."""

    _name = "union.assist.nonconformity.answer"
    _description = "Supplier's Answer"
    _order = "id desc"
    _rec_name = "nonconformity_id"

    nonconformity_id = fields.Many2one(
        "union.assist.nonconformity", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="nonconformity_id.company_id", store=True, index=True)
    supplier_id = fields.Many2one(related="nonconformity_id.supplier_id", store=True, index=True)
    text = fields.Text("Supplier's Answer", required=True, readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Files", readonly=True)
    answered_by_id = fields.Many2one("res.users", "Answered by", required=True, readonly=True)
    answered_on = fields.Datetime(required=True, readonly=True)

    def write(self, vals):
        if self:
            raise UserError(self.env._("What a supplier answered is kept as it is."))
        return super().write(vals)

    def _assist_get_closed(self):
        """All of them: the files of an answer stay."""
        return self

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What a supplier answered is kept with its nonconformity."))
