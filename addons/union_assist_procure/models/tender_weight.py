from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistTenderWeight(models.Model):
    """How much a criterion counts in one tender; announced with the call, and fixed by it."""

    _name = "union.assist.tender.weight"
    _description = "Tender Weight"
    _order = "tender_id, criterion_id"
    _rec_name = "criterion_id"

    tender_id = fields.Many2one(
        "union.assist.tender", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    criterion_id = fields.Many2one(
        "union.assist.tender.criterion", required=True, ondelete="restrict"
    )
    code = fields.Selection(related="criterion_id.code")
    normalisation = fields.Text(related="criterion_id.normalisation")
    source = fields.Char(related="criterion_id.source")
    weight = fields.Float(required=True, digits=(5, 1))

    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "The weight of a criterion is not negative."
    )
    _criterion_unique = models.UniqueIndex(
        "(tender_id, criterion_id)", "This criterion has a weight in the tender already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        weights = super().create(vals_list)
        weights._check_draft()
        return weights

    def write(self, vals):
        self._check_draft()
        result = super().write(vals)
        self._check_draft()  # of the tender that it may have moved to
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_called(self):
        self._check_draft()

    def _check_draft(self):
        for tender in self.tender_id:
            if tender.state != "draft":
                raise UserError(
                    self.env._(
                        "%(tender)s was called: its weights stay as they were announced.",
                        tender=tender.display_name,
                    )
                )
