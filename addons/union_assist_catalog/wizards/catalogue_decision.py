from datetime import timedelta

from odoo import fields, models


class UnionAssistCatalogueDecision(models.TransientModel):
    """Take products into the recommended catalogue or out of it by hand, for a time."""

    _name = "union.assist.catalogue.decision"
    _description = "Decision on Catalogue Entries"

    entry_ids = fields.Many2many(
        "union.assist.catalogue.entry",
        "union_assist_catalogue_decision_entry_rel",
        string="Products",
        required=True,
    )
    kind = fields.Selection(
        [("include", "Include"), ("exclude", "Exclude")], "Decision", required=True
    )
    reason = fields.Text(required=True, help="Kept in the history of the products.")
    until = fields.Date(
        "Last Day",
        required=True,
        default=lambda self: self.env.company._assist_today() + timedelta(days=30),
        help="From the next day on the criteria decide again.",
    )

    def action_apply(self):
        """Put the decision into force."""
        self.ensure_one()
        self.entry_ids._decide(self.kind, self.reason, self.until)
