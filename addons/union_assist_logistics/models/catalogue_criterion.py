from dateutil.relativedelta import relativedelta

from odoo import fields, models

from .nonconformity import SERIOUS


class UnionAssistCatalogueCriterion(models.Model):
    _inherit = "union.assist.catalogue.criterion"

    code = fields.Selection(
        selection_add=[("nonconformity", "No repeated serious nonconformities")],
        ondelete={"nonconformity": "cascade"},
    )

    def _find_nonconformity(self, products, date):
        parameters = self.env["union.assist.parameter"]
        limit = parameters._get_value("nonconformity_limit", date)
        months = int(parameters._get_value("nonconformity_months", date))
        groups = (
            self.env["union.assist.nonconformity"]
            .sudo()
            ._read_group(
                [
                    ("product_tmpl_id", "in", products.ids),
                    ("supplier_id", "!=", False),
                    ("severity", "in", SERIOUS),
                    ("date", ">", date - relativedelta(months=months)),
                    ("date", "<=", date),
                ],
                ["product_tmpl_id"],
                ["__count", "state:array_agg"],
            )
        )
        return {
            product.id: {
                "count": count,
                "open": sum(state != "closed" for state in states),
                "months": months,
            }
            for product, count, states in groups
            if count >= limit
        }

    def _explain_nonconformity(self, details):
        return self.env._(
            "%(count)s serious nonconformities in the last %(months)s months, %(open)s of them"
            " not closed.",
            **details,
        )
