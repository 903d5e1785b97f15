import json

from odoo.fields import Domain
from odoo.http import request

from odoo.addons.web.controllers.export import CSVExport, ExcelExport, ExportFormat


class PersonalExport(ExportFormat):
    """Tells the log of exports what was looked for, and the server's own log nothing personal."""

    def base(self, data):
        params = json.loads(data)
        log = request.env["union.assist.export.log"]
        model = request.env[params["model"]]
        domain = Domain(params["domain"])
        masked = log._mask_domain(model, domain)
        chosen = bool(params["ids"])
        if not chosen and masked != domain:
            # The server writes the filter of an export into its log, but only some of many ids.
            found = model.with_context(**params.get("context", {})).search(domain)
            params["ids"] = found.ids
            params["domain"] = [("id", "in", found.ids)]
        request.assist_export = {
            "how": self.extension.lstrip(".").upper(),
            "groupby": params.get("groupby") or [],
            "filter": "" if chosen else str(masked),
        }
        return super().base(json.dumps(params))


class PersonalCSVExport(PersonalExport, CSVExport):
    pass


class PersonalExcelExport(PersonalExport, ExcelExport):
    pass
