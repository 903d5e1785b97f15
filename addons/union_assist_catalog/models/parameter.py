from itertools import pairwise

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class UnionAssistParameter(models.Model):
    """A threshold of the programme with the days that it holds and the document it rests on.

    Rules change: whoever asks for a value names the day, so that an old figure can be
    computed again as it was.
    """

    _name = "union.assist.parameter"
    _description = "Rule Value"
    _order = "code, date_from desc, id desc"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="By which the programme asks for the value.")
    value = fields.Float(required=True, digits=(16, 4))
    unit = fields.Char(translate=True)
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("Until", help="Last day; empty while it goes on.")
    scope = fields.Char(translate=True, help="Where and for whom it holds.")
    source = fields.Char(required=True, translate=True, help="The document that says so.")

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a value is not before its first day.",
    )
    _code_idx = models.Index("(code, date_from)")

    @api.constrains("code", "date_from", "date_to")
    def _check_overlap(self):
        same = self.search([("code", "in", self.mapped("code"))], order="date_from, id")
        for values in same.grouped("code").values():
            for earlier, later in pairwise(values):
                if not earlier.date_to or earlier.date_to >= later.date_from:
                    raise ValidationError(
                        self.env._(
                            "“%(name)s” would have two values on %(date)s."
                            " End the earlier one before that day.",
                            name=later.name,
                            date=later.date_from,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    def _get_value(self, code, date=None):
        """Return the value of ``code`` on a day, today by default.

        :raise UserError: when no value holds on that day
        """
        date = date or self.env.company._assist_today()
        value = self._cached_values(date).get(code)
        if value is None:
            raise UserError(
                self.env._(
                    "No value of “%(code)s” holds on %(date)s. An administrator adds one under"
                    " Assistance → Configuration → Rule Values.",
                    code=code,
                    date=date,
                )
            )
        return value

    @tools.ormcache("date")
    def _cached_values(self, date):
        domain = Domain("date_from", "<=", date) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", date)
        )
        return {record.code: record.value for record in self.sudo().search(domain)}
