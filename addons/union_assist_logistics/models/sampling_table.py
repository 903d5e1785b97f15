from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.sampling import SamplingTable


class UnionAssistSamplingTable(models.Model):
    """Code letters and single sampling plans of a standard, for one severity of inspection."""

    _name = "union.assist.sampling.table"
    _inherit = ["union.assist.sampling.base"]
    _description = "Sampling Table"
    _order = "severity, date_from desc, id desc"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    severity = fields.Selection(
        [("normal", "Normal"), ("tightened", "Tightened"), ("reduced", "Reduced")],
        "Severity of Inspection",
        required=True,
        default="normal",
    )
    edition = fields.Char(required=True, help="Number and year of the standard.")
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("Until", help="Last day; empty while it goes on.")
    source = fields.Text(
        required=True, translate=True, help="Where the figures were taken from and checked."
    )
    letter_ids = fields.One2many(
        "union.assist.sampling.letter", "table_id", "Code Letters", copy=True
    )
    row_ids = fields.One2many("union.assist.sampling.row", "table_id", "Plans", copy=True)

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a table is not before its first day.",
    )

    @api.constrains("active", "severity", "date_from", "date_to", "letter_ids", "row_ids")
    def _check_table(self):
        for table in self.filtered("active"):
            if not (table.letter_ids and table.row_ids):
                raise ValidationError(
                    self.env._(
                        "Table “%(table)s” is empty: enter its code letters and plans.",
                        table=table.name,
                    )
                )
            table._make_table()
            same = self.search_count(
                Domain("severity", "=", table.severity)
                & Domain("id", "!=", table.id)
                & (Domain("date_to", "=", False) | Domain("date_to", ">=", table.date_from))
                & (Domain("date_from", "<=", table.date_to) if table.date_to else Domain.TRUE)
            )
            if same:
                raise ValidationError(
                    self.env._(
                        "Another table of the same severity holds in the days of “%(table)s”:"
                        " end one of them first.",
                        table=table.name,
                    )
                )

    def _make_table(self):
        """Return the figures as a ``SamplingTable``.

        :raise ValidationError: the figures do not fit together
        """
        self.ensure_one()
        try:
            return SamplingTable(
                [row._get_values() for row in self.letter_ids],
                [row._get_values() for row in self.row_ids.sorted("sample_size")],
            )
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "Table “%(table)s” does not fit together: %(error)s",
                    table=self.name,
                    error=str(error),
                )
            ) from error

    @api.model
    @tools.ormcache("severity", "date")
    def _get_table(self, severity, date):
        """Return the table in force on a day, ``None`` where there is none."""
        domain = Domain("date_from", "<=", date) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", date)
        )
        table = self.sudo().search(domain & Domain("severity", "=", severity), limit=1)
        return table._make_table() if table else None
