from odoo import api, fields, models

from ..importers import PARTS


class UnionAssistImportError(models.Model):
    """Why a row of an uploaded table cannot be imported, without what stands in the row."""

    _name = "union.assist.import.error"
    _description = "Import Error"
    _order = "import_id desc, number, id"
    _rec_name = "reason"
    _log_access = False

    import_id = fields.Many2one(
        "union.assist.import", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer("Row", help="As the spreadsheet counts; empty for the whole file.")
    column_name = fields.Char("Technical Column")
    column = fields.Char(compute="_compute_column")
    reason = fields.Text()
    of_cell = fields.Boolean(help="Found in the cell itself, whatever the ledgers hold.")

    _import_number_idx = models.Index("(import_id, number)")

    @api.depends("column_name")
    @api.depends_context("lang")
    def _compute_column(self):
        chinese = (self.env.lang or "").startswith("zh")
        labels = {
            column.name: column.label_zh if chinese else column.label
            for parts in PARTS.values()
            for part in parts
            for column in part.columns
        }
        for error in self:
            error.column = labels.get(error.column_name)
