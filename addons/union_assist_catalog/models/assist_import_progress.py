from odoo import fields, models


class UnionAssistImportProgress(models.Model):
    """How far the work on an import has come, in a row of its own.

    It is written beside the transaction that does the work, so that people see it at once: a
    field of the import itself could not be, for the work writes that row, too.
    """

    _name = "union.assist.import.progress"
    _description = "Import Progress"
    _log_access = False

    import_id = fields.Many2one("union.assist.import", required=True, ondelete="cascade")
    done = fields.Integer()
    total = fields.Integer()

    _import_unique = models.UniqueIndex("(import_id)")
