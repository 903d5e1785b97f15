from odoo import api, fields, models

from ..tools.catalogue_changes import count_kinds
from ..tools.sheets import Column, render_sheet

ASPECT_FIELDS = {
    "price": "price_changed",
    "certificate": "certificate_changed",
    "supplier": "supplier_changed",
    "specification": "specification_changed",
    "other": "other_changed",
}

SHEET_COLUMNS = {
    "kind": ("text", 10),
    "name": ("text", 30),
    "code": ("text", 14),
    "gtin": ("text", 16),
    "category": ("text", 14),
    "county": ("text", 12),
    "supplier": ("text", 28),
    "price_old": ("money", 11),
    "price_new": ("money", 11),
    "price_percent": ("percent", 10),
    "details": ("text", 60),
}


class UnionAssistCatalogueComparison(models.TransientModel):
    """Two editions side by side: what was added, removed, and changed in between."""

    _name = "union.assist.catalogue.comparison"
    _description = "Comparison of Editions"

    old_edition_id = fields.Many2one(
        "union.assist.catalogue.edition", "From", required=True, ondelete="cascade"
    )
    new_edition_id = fields.Many2one(
        "union.assist.catalogue.edition", "To", required=True, ondelete="cascade"
    )
    change_ids = fields.One2many("union.assist.catalogue.change", "comparison_id", "Changes")
    added_count = fields.Integer("Added", readonly=True)
    removed_count = fields.Integer("Removed", readonly=True)
    changed_count = fields.Integer("Changed", readonly=True)

    @api.depends("old_edition_id", "new_edition_id")
    def _compute_display_name(self):
        for comparison in self:
            comparison.display_name = self.env._(
                "Changes from %(old)s to %(new)s",
                old=comparison.old_edition_id.number or self.env._("Draft"),
                new=comparison.new_edition_id.number or self.env._("Draft"),
            )

    def action_compare(self):
        """Compare the editions and show what changed."""
        self.ensure_one()
        old, new = self.old_edition_id, self.new_edition_id
        (old | new).check_access("read")
        changes = new._compare_with(old)
        self.change_ids.unlink()
        lines = {
            (line.edition_id, line.product_tmpl_id.id): line.id for line in (old | new).line_ids
        }
        self.env["union.assist.catalogue.change"].create(
            [
                {
                    **self._prepare_change(change),
                    "old_line_id": lines.get((old, change.key)),
                    "new_line_id": lines.get((new, change.key)),
                }
                for change in changes
            ]
        )
        added, removed, changed = count_kinds(changes)
        self.write({"added_count": added, "removed_count": removed, "changed_count": changed})
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_change"
            ),
            "display_name": self.display_name,
            "domain": [("comparison_id", "=", self.id)],
            "context": {"comparison_id": self.id},
        }

    def _prepare_change(self, change):
        shown = change.new or change.old
        return {
            "comparison_id": self.id,
            "kind": change.kind,
            "product_tmpl_id": change.key,
            **{name: shown[name] for name in ("name", "code", "gtin", "category", "county")},
            "supplier": shown["supplier"],
            "currency_id": shown["currency_id"],
            "price_old": change.old["price"] if change.old else 0,
            "price_new": change.new["price"] if change.new else 0,
            "price_percent": (change.percent or 0) / 100,
            "details": self._describe(change),
            **{ASPECT_FIELDS[aspect]: True for aspect in change.fields},
        }

    def _describe(self, change):
        """Say each change in a line: what, from what, to what."""
        labels = self.env["union.assist.catalogue.edition.line"]._get_printed_labels()
        sentences = []
        for names in change.fields.values():
            for name in names:
                if name == "currency_id":
                    continue
                shown = "price_text" if name == "price" else name
                sentence = self.env._(
                    "%(what)s: %(old)s → %(new)s",
                    what=labels[name],
                    old=change.old[shown] or "–",
                    new=change.new[shown] or "–",
                )
                if name == "price" and change.percent is not None:
                    sentence = f"{sentence} ({change.percent:+.1f}%)"
                sentences.append(sentence)
        return "\n".join(sentences)

    def _get_file_name(self):
        return self.display_name.replace("/", "-")

    def _render_xlsx(self):
        """Return the changes as an XLSX file."""
        self.ensure_one()
        self.check_access("read")
        change_model = self.env["union.assist.catalogue.change"]
        columns = [
            Column(change_model._fields[name]._description_string(self.env), kind, width)
            for name, (kind, width) in SHEET_COLUMNS.items()
        ]
        kinds = dict(change_model._fields["kind"]._description_selection(self.env))
        rows = [
            [
                kinds[row["kind"]] if name == "kind" else self._get_cell(row, name)
                for name in SHEET_COLUMNS
            ]
            for row in self.change_ids.read(list(SHEET_COLUMNS))
        ]
        return render_sheet(self.display_name, columns, rows, fields.Datetime.now())

    def _get_cell(self, row, name):
        """Leave prices of the edition blank that the product does not stand in."""
        absent = {"added": ("price_old",), "removed": ("price_new",)}.get(row["kind"], ())
        if name in absent or (name == "price_percent" and not row[name]):
            return None
        return row[name]
