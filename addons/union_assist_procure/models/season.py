from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

SPAN_FIELDS = frozenset(("active", "company_id", "date_from", "date_to"))


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

    # --------------------------------------------------
    # Caps by season follow their seasons
    # --------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        seasons = super().create(vals_list)
        seasons._recount(seasons.company_id)
        return seasons

    def write(self, vals):
        companies = self.company_id
        result = super().write(vals)
        if SPAN_FIELDS & vals.keys():
            self._recount(companies | self.company_id)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self._recount(companies)
        return result

    @api.model
    def _recount(self, companies):
        """Move what confirmed orders take to the caps of the seasons that they are in now.

        :raise ValidationError: when orders that count by season would be in none
        """
        self.env.registry.clear_cache()
        policies = self.env["union.assist.cap.policy"]
        companies = companies.filtered(
            lambda company: any(
                rule.seasonal and rule.company_id == company.id for rule in policies._get_rules()
            )
        )
        if not companies:
            return
        policies._forget_caps()
        self.env["union.assist.cap"]._open_current()
        lost = self.env["purchase.order"]._assist_recount(
            [("company_id", "in", companies.ids)], reason="season"
        )
        if lost:
            raise ValidationError(
                self.env._(
                    "%(orders)s count by season and would be in none. Keep the days on which they"
                    " were confirmed in a season.",
                    orders=", ".join(lost[:5].mapped("name")) + (" …" if len(lost) > 5 else ""),
                )
            )

    @api.model
    @tools.ormcache()
    def _get_spans(self):
        """Return ``(company id, first day, last day)`` of every season, kept in memory."""
        return tuple(
            (season.company_id.id, season.date_from, season.date_to)
            for season in self.sudo().search(Domain.TRUE)
        )
