from odoo import models
from odoo.exceptions import UserError

# What makes up a file; its access token, for one, is nobody's evidence.
CONTENT_FIELDS = frozenset(
    (
        "name",
        "type",
        "url",
        "raw",
        "datas",
        "db_datas",
        "store_fname",
        "mimetype",
        "res_model",
        "res_id",
        "res_field",
    )
)


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        """Leave the files of what is closed as they are."""
        if vals.keys() & CONTENT_FIELDS:
            self._assist_check_kept("write")
        return super().write(vals)

    def unlink(self):
        """Leave the files of what is closed where they are."""
        self._assist_check_kept("unlink")
        return super().unlink()

    def _assist_check_kept(self, operation):
        """Refuse to change files that are evidence of something that is closed.

        Models say what is closed by ``_assist_get_closed``; attachments of others cost no
        query more.

        :raise UserError: naming the first such record
        """
        if self.env.su:
            return
        for model, files in self.sudo().grouped("res_model").items():
            if not hasattr(self.env.get(model or ""), "_assist_get_closed"):
                continue
            records = self.env[model].sudo().browse(set(files.mapped("res_id")) - {0}).exists()
            closed = records._assist_get_closed()[:1]
            if closed:
                # Who may not do it anyway is not told what the file belongs to.
                self.check_access(operation)
                [file, *_others] = files.filtered(
                    lambda file, closed=closed: file.res_id == closed.id
                )
                raise UserError(
                    self.env._(
                        "“%(file)s” belongs to %(record)s, which is closed: it is evidence and"
                        " stays as it is.",
                        file=file.name,
                        record=closed.display_name,
                    )
                )
