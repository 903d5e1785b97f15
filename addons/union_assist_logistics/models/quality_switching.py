from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.sampling import SwitchingRules


class UnionAssistQualitySwitching(models.Model):
    """When inspection of a supplier's product becomes tighter, normal again, or is skipped."""

    _name = "union.assist.quality.switching"
    _inherit = ["mail.thread"]
    _description = "Switching Rule"
    _order = "date_from desc, id desc"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean("In Use", default=True, tracking=True)
    company_id = fields.Many2one("res.company", help="Empty: in every company.")
    date_from = fields.Date("From", required=True, tracking=True)
    date_to = fields.Date("Until", tracking=True, help="Last day; empty while it goes on.")
    source = fields.Text(required=True, translate=True, help="The document that says so.")
    tighten_rejects = fields.Integer(
        "Rejected Lots", required=True, default=2, tracking=True, help="So many tighten."
    )
    tighten_window = fields.Integer(
        "Of the Last Lots", required=True, default=5, tracking=True, help="Of so many in a row."
    )
    relax_accepts = fields.Integer(
        "Accepted Lots",
        required=True,
        default=5,
        tracking=True,
        help="So many accepted in a row bring tightened inspection back to normal.",
    )
    stop_rejects = fields.Integer(
        "Rejected while Tightened",
        required=True,
        default=5,
        tracking=True,
        help="So many in all: every unit is inspected and purchasing is told. 0: never.",
    )
    tighten_method = fields.Selection(
        [
            ("aql", "Next Stricter AQL (House Rule)"),
            ("table", "Table of Tightened Inspection"),
        ],
        "Tightened by",
        required=True,
        default="aql",
        tracking=True,
        help="The house rule takes the next stricter AQL, at the strictest one the next higher"
        " level. The table has to be entered from a controlled copy of the standard first.",
    )
    table_missing = fields.Boolean(
        compute="_compute_table_missing",
        help="The table of tightened inspection is chosen, and none is entered for today: the house"
        " rule stands in for it.",
    )
    skip_after = fields.Integer(
        "Skip after",
        required=True,
        default=0,
        tracking=True,
        help="So many lots accepted in a row let later ones be skipped. 0: never.",
    )
    skip_every = fields.Integer(
        "Inspect one of",
        required=True,
        default=4,
        tracking=True,
        help="While lots are skipped, one of so many is inspected all the same, by lot.",
    )

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a rule is not before its first day.",
    )
    _figures = models.Constraint(
        "CHECK (tighten_rejects > 0 AND tighten_window >= tighten_rejects AND relax_accepts > 0"
        " AND stop_rejects >= 0 AND skip_after >= 0 AND skip_every > 1)",
        "Figures of a switching rule: at least one rejected lot of as many or more in a row, at"
        " least one accepted lot, and one of two or more lots inspected while lots are skipped.",
    )

    @api.depends("tighten_method")
    def _compute_table_missing(self):
        tables = self.env["union.assist.sampling.table"]
        for rule in self:
            today = (rule.company_id or self.env.company)._assist_today()
            rule.table_missing = rule.tighten_method == "table" and not tables._get_table(
                "tightened", today
            )

    @api.model
    def _get_rule(self, company, date):
        """Return the rule in force for a company on a day; its own one goes first."""
        domain = Domain("date_from", "<=", date) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", date)
        )
        rules = self.sudo().search(domain & Domain("company_id", "in", [False, company.id]))
        return (rules.filtered("company_id") or rules)[:1]

    def _get_figures(self):
        self.ensure_one()
        return SwitchingRules(
            self.tighten_rejects,
            self.tighten_window,
            self.relax_accepts,
            self.stop_rejects,
            self.skip_after,
        )
