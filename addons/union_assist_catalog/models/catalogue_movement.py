from odoo import api, fields, models


class UnionAssistCatalogueMovement(models.Model):
    """An entry that went into the recommended catalogue or fell out of it: when and why."""

    _name = "union.assist.catalogue.movement"
    _description = "Catalogue Movement"
    _order = "date desc, id desc"
    _rec_name = "entry_id"

    entry_id = fields.Many2one(
        "union.assist.catalogue.entry", required=True, index=True, ondelete="cascade"
    )
    catalogue_id = fields.Many2one(related="entry_id.catalogue_id")
    product_tmpl_id = fields.Many2one(
        related="entry_id.product_tmpl_id", store=True, index=True, string="Product"
    )
    supplier_id = fields.Many2one(related="entry_id.supplier_id")
    origin_id = fields.Many2one(related="entry_id.origin_id")
    date = fields.Date(required=True, index=True, help="Day of the company.")
    direction = fields.Selection([("in", "In"), ("out", "Out")], required=True)
    trigger = fields.Selection(
        [
            ("event", "Something Changed"),
            ("nightly", "Turn of the Day"),
            ("manual", "Decision by Hand"),
        ],
        required=True,
    )
    user_id = fields.Many2one("res.users", "By", groups="base.group_user")
    details = fields.Json(help="The criteria not met then, with what the checks had found.")
    note = fields.Text("Reason of the Decision")
    manual_until = fields.Date("Decided until")
    explanation = fields.Text("Why", compute="_compute_explanation")

    @api.depends("details", "note", "direction")
    @api.depends_context("lang")
    def _compute_explanation(self):
        ids = {int(key) for movement in self for key in movement.details or {}}
        criteria = self.env["union.assist.catalogue.criterion"].sudo().browse(ids).exists()
        by_id = {criterion.id: criterion for criterion in criteria}
        for movement in self:
            sentences = [movement.note] if movement.note else []
            sentences += [
                by_id[int(key)]._explain(details)
                for key, details in (movement.details or {}).items()
                if int(key) in by_id
            ]
            if not sentences:
                sentences = [self.env._("Meets all criteria.")]
            movement.explanation = "\n".join(sentences)
