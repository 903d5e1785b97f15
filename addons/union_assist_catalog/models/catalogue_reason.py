from odoo import api, fields, models


class UnionAssistCatalogueReason(models.Model):
    """A criterion that a product does not meet now, explained for that product."""

    _name = "union.assist.catalogue.reason"
    _description = "Criterion not Met"
    _order = "entry_id, criterion_id, id"
    _rec_name = "criterion_id"

    entry_id = fields.Many2one(
        "union.assist.catalogue.entry", required=True, index=True, ondelete="cascade"
    )
    criterion_id = fields.Many2one(
        "union.assist.catalogue.criterion", required=True, index=True, ondelete="cascade"
    )
    details = fields.Json(help="What the check found; the sentence is made of it.")
    explanation = fields.Text("Why", compute="_compute_explanation")
    remedy = fields.Text(related="criterion_id.remedy")

    _criterion_unique = models.UniqueIndex("(entry_id, criterion_id)")

    @api.depends("criterion_id", "details")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for reason in self:
            reason.explanation = reason.criterion_id._explain(reason.details)
