from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from odoo.models import fix_import_export_id_paths

from .identity_mixin import PERSONAL_GROUPS


class UnionAssistExportLog(models.Model):
    """Who took personal data out of the ledger, when, which and how many.

    Nobody changes or deletes these, administrators included.
    """

    _name = "union.assist.export.log"
    _description = "Export of Personal Data"
    _order = "id desc"
    _rec_name = "model"

    create_date = fields.Datetime("Exported on", readonly=True)
    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="restrict")
    model = fields.Char("Technical Model", required=True)
    model_label = fields.Char("Records", compute="_compute_model_label")
    field_names = fields.Text("Columns", required=True)
    record_count = fields.Integer("Number", required=True, aggregator="sum")
    how = fields.Char(required=True)
    filter = fields.Text(
        help="What was looked for. Values that were compared with personal data are left out."
    )

    @api.depends("model")
    @api.depends_context("lang")
    def _compute_model_label(self):
        for log in self:
            log.model_label = self.env["ir.model"]._get(log.model).name or log.model

    def write(self, vals):
        """Refuse: what was exported stays as it is."""
        if vals:
            raise UserError(self.env._("The log of exports is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of exports is never deleted."))

    @api.model
    def _log(self, model_name, field_names, count, how, filter=""):  # noqa: A002
        """Note that the user takes personal data out.

        :param field_names: columns of the export
        :param count: number of records
        :param how: by what, for example ``XLSX``
        :param filter: what was looked for, without personal data
        """
        return self.sudo().create(
            {
                "user_id": self.env.uid,
                "model": model_name,
                "field_names": "\n".join(field_names),
                "record_count": count,
                "how": how,
                "filter": filter,
            }
        )

    @api.model
    def _log_export(self, records, field_names):
        """Note an export through the client or the API when personal data are in it."""
        told = getattr(request, "assist_export", None) if request else None
        told = told or {"how": "API", "groupby": [], "filter": ""}
        paths = [path.split(":")[0] for path in told["groupby"]]
        paths += ["/".join(fix_import_export_id_paths(name)) for name in field_names]
        if any(self._is_personal(records, path) for path in paths):
            columns = [*told["groupby"], *field_names]
            self._log(records._name, columns, len(records), told["how"], told["filter"])

    @api.model
    def _is_personal(self, model, path):
        """Tell whether a path of field names, divided by ``/`` or ``.``, leads to personal data."""
        for name in path.replace(".", "/").split("/"):
            if getattr(model, "_assist_personal", False):
                return True
            field = model._fields.get(name)
            if field is None or name == "id":
                return False
            if field.groups == PERSONAL_GROUPS:
                return True
            if not field.comodel_name:
                return False
            model = self.env[field.comodel_name]
        return getattr(model, "_assist_personal", False)

    @api.model
    def _mask_domain(self, model, domain):
        """Return a domain with the values left out that are compared with personal data."""

        def mask(condition):
            if self._is_personal(model, condition.field_expr):
                return Domain(condition.field_expr, "=", "…")
            if condition.operator.endswith("any"):
                comodel = self.env[model._fields[condition.field_expr].comodel_name]
                masked = self._mask_domain(comodel, condition.value)
                return Domain(condition.field_expr, condition.operator, masked)
            return condition

        return Domain(domain).map_conditions(mask)
