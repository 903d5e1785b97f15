from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.catalogue_edition import fingerprint
from ..tools.catalogue_changes import count_kinds


class UnionAssistCataloguePublish(models.TransientModel):
    """A last look before an edition is published for good: counts, changes, what is missing."""

    _name = "union.assist.catalogue.publish"
    _description = "Publish an Edition"

    edition_id = fields.Many2one(
        "union.assist.catalogue.edition", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date(related="edition_id.date")
    last_edition_id = fields.Many2one("union.assist.catalogue.edition", readonly=True)
    entry_count = fields.Integer("Products", readonly=True)
    category_count = fields.Integer("Categories", readonly=True)
    county_count = fields.Integer("Counties", readonly=True)
    supplier_count = fields.Integer("Suppliers", readonly=True)
    added_count = fields.Integer("Added", readonly=True)
    removed_count = fields.Integer("Removed", readonly=True)
    changed_count = fields.Integer("Changed", readonly=True)
    gap_ids = fields.One2many("union.assist.catalogue.publish.gap", "publish_id", readonly=True)
    seen = fields.Char(readonly=True, help="Fingerprint of what was shown.")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create([{"edition_id": vals.get("edition_id")} for vals in vals_list])
        for wizard in wizards:
            wizard._look()
        return wizards

    def _look(self):
        """Take down what publishing would freeze now."""
        edition = self.edition_id
        edition._check_publisher()
        rows = edition._collect_rows()
        last = edition._get_last()
        added, removed, changed = (
            count_kinds(edition._compare_with(last, rows)) if last else (0, 0, 0)
        )
        self.write(
            {
                "last_edition_id": last.id,
                **edition._count_rows(rows),
                "added_count": added,
                "removed_count": removed,
                "changed_count": changed,
                "gap_ids": [
                    Command.create(
                        {
                            "name": sentence,
                            "product_count": len(products),
                            "product_tmpl_ids": [Command.set(products)],
                        }
                    )
                    for sentence, products in edition._get_gaps(rows)
                ],
                "seen": fingerprint(rows),
            }
        )

    def action_publish(self):
        """Publish what was shown; refuse when the catalogue changed in the meantime."""
        self.ensure_one()
        edition = self.edition_id
        edition._check_publisher()
        if self.seen != fingerprint(edition._collect_rows()):
            raise UserError(
                self.env._(
                    "The catalogue changed since you opened this window. Close it and open it"
                    " again to see what would be published now."
                )
            )
        edition._publish()
        return {
            "type": "ir.actions.act_window",
            "res_model": edition._name,
            "res_id": edition.id,
            "view_mode": "form",
            "target": "current",
        }

    def action_view_changes(self):
        """Show what differs from the last edition."""
        self.ensure_one()
        return self.edition_id.action_compare()
