from odoo import api, fields, models
from odoo.exceptions import ValidationError


class UnionAssistSeason(models.Model):
    """A season of buying: from a harvest to the next one, or any span that rules name.

    Caps may be reckoned by season instead of by calendar year, and farming contracts are made
    for one. Seasons of a company never overlap, so that every day is in one at most.
    """

    _name = "union.assist.season"
    _description = "Season"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("Until", required=True, help="Last day.")
    note = fields.Text()

    _period_order = models.Constraint(
        "CHECK (date_to >= date_from)", "The last day of a season is not before its first day."
    )

    @api.constrains("active", "company_id", "date_from", "date_to")
    def _check_overlap(self):
        seasons = self.search([("company_id", "in", self.company_id.ids)])
        for season in self.filtered("active"):
            others = seasons.filtered(
                lambda other, season=season: (
                    other != season
                    and other.company_id == season.company_id
                    and other.date_from <= season.date_to
                    and season.date_from <= other.date_to
                )
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(season)s and %(other)s overlap, so that a day would be in two"
                        " seasons. Change the first or the last day of one of them.",
                        season=season.name,
                        other=others[0].name,
                    )
                )
