from odoo import api, fields, models
from odoo.fields import Domain


class UnionAssistFigures(models.TransientModel):
    """What a supplier or a region had verified on any day, with the rows that say so."""

    _name = "union.assist.figures"
    _description = "Figures on a Day"

    supplier_id = fields.Many2one("res.partner", readonly=True)
    region_id = fields.Many2one("union.assist.region", "Place", readonly=True)
    date = fields.Date("Day", required=True, default=lambda self: self.env.company._assist_today())
    households = fields.Float("Verified Households", compute="_compute_figures", digits=(12, 2))
    persons = fields.Float("Verified Persons", compute="_compute_figures", digits=(12, 2))
    line_ids = fields.One2many(
        "union.assist.figures.line", "figures_id", "By Mechanism", compute="_compute_figures"
    )

    def _get_domain(self):
        """Domain of exactly the verifications that make up the figures."""
        domain = self.env["union.assist.verification"]._get_counted_domain(self.date)
        if self.supplier_id:
            domain &= Domain("supplier_id", "=", self.supplier_id.id)
        if self.region_id:
            domain &= Domain("region_id", "child_of", self.region_id.id)
        return domain

    @api.depends("date", "supplier_id", "region_id")
    def _compute_figures(self):
        line_model = self.env["union.assist.figures.line"]
        for figures in self:
            groups = (
                self.env["union.assist.verification"]._read_group(
                    figures._get_domain(), ["mechanism_id"], ["share:sum", "persons:sum"]
                )
                if figures.date
                else []
            )
            figures.households = sum(households for _mechanism, households, _persons in groups)
            figures.persons = sum(persons for _mechanism, _households, persons in groups)
            lines = line_model
            for mechanism, households, persons in groups:
                lines |= line_model.new(
                    {
                        "figures_id": figures,
                        "mechanism_id": mechanism.id,
                        "households": households,
                        "persons": persons,
                    }
                )
            figures.line_ids = lines

    def action_view_rows(self):
        """Open exactly the verifications that the figures are the sum of."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_catalog.action_verification"
        )
        return {
            **action,
            "display_name": self.env._("Counted on %(date)s", date=self.date),
            "domain": list(self._get_domain()),
            "context": {"search_default_group_mechanism": 1},
        }


class UnionAssistFiguresLine(models.TransientModel):
    """The figures of one mechanism."""

    _name = "union.assist.figures.line"
    _description = "Figures of a Mechanism"

    figures_id = fields.Many2one(
        "union.assist.figures", required=True, index=True, ondelete="cascade"
    )
    mechanism_id = fields.Many2one("union.assist.mechanism", readonly=True)
    households = fields.Float(readonly=True, digits=(12, 2))
    persons = fields.Float(readonly=True, digits=(12, 2))
