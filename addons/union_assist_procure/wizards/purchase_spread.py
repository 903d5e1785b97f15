from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.concentration import herfindahl, largest_share


class UnionAssistPurchaseSpread(models.TransientModel):
    """How evenly the purchases of a period are spread, and who got nothing.

    Of confirmed orders with suppliers of the programme, amounts without tax; the figures are
    defined in ``tools/concentration.py``, their rows are ``union.assist.purchase.share``.
    """

    _name = "union.assist.purchase.spread"
    _description = "Spread of Purchases"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: self.env.company._assist_today().replace(month=1, day=1),
    )
    date_to = fields.Date(
        "Until", required=True, default=lambda self: self.env.company._assist_today()
    )
    amount = fields.Monetary("Ordered without Tax", compute="_compute_figures")
    supplier_count = fields.Integer("Suppliers with Orders", compute="_compute_figures")
    supplier_index = fields.Integer(
        "Concentration of Suppliers (HHI)",
        compute="_compute_figures",
        help="Sum of the squared parts in percent: 10,000 when one has all, 10,000 / n when n"
        " have the same.",
    )
    largest_five = fields.Float(
        "Part of the Five Largest", compute="_compute_figures", digits=(5, 4)
    )
    county_count = fields.Integer("Counties with Orders", compute="_compute_figures")
    county_index = fields.Integer("Concentration of Counties (HHI)", compute="_compute_figures")
    unserved_count = fields.Integer(
        "Got Nothing",
        compute="_compute_figures",
        help="Admitted suppliers with room under a cap of the period and no confirmed order.",
    )

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        if any(spread.date_from > spread.date_to for spread in self):
            raise ValidationError(self.env._("The last day of the period is before its first day."))

    @api.depends("company_id", "date_from", "date_to")
    def _compute_figures(self):
        share = self.env["union.assist.purchase.share"]
        for spread in self:
            period = (spread.company_id, spread.date_from, spread.date_to)
            known = all(period)
            suppliers = share._get_amounts("supplier_id", *period) if known else {}
            counties = share._get_amounts("county_id", *period) if known else {}
            spread.amount = sum(suppliers.values())
            spread.supplier_count = len(suppliers)
            spread.supplier_index = round(herfindahl(suppliers.values()))
            spread.largest_five = largest_share(suppliers.values(), 5)
            spread.county_count = sum(bool(county) for county in counties)
            spread.county_index = round(herfindahl(counties.values()))
            spread.unserved_count = len(share._get_unserved(*period)) if known else 0

    def action_view_share(self):
        """Open the order lines of the period."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_purchase_share"
        )
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date_from),
            ("date", "<=", self.date_to),
        ]
        action["context"] = {}
        return action

    def action_view_unserved(self):
        """Open the suppliers that got nothing in the period."""
        self.ensure_one()
        share = self.env["union.assist.purchase.share"]
        suppliers = share._get_unserved(self.company_id, self.date_from, self.date_to)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Suppliers That Got Nothing"),
            "res_model": "res.partner",
            "view_mode": "list,kanban,form",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("id", "in", suppliers.ids)],
            "context": {"create": False},
        }
