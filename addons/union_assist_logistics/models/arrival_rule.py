from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

KINDS = [
    ("label", "Label"),
    ("packaging", "Packaging"),
    ("temperature", "Temperature"),
    ("document", "Document"),
    ("shelf_life", "Remaining Shelf Life"),
]
ACTIONS = [
    ("block", "Blocks the Receipt"),
    ("concession", "Needs a Concession"),
    ("warn", "Warns"),
]


class Scope(NamedTuple):
    """Which goods a rule in use concerns, and when."""

    id: int
    kind: str
    company_id: int
    date_from: object
    date_to: object
    class_ids: frozenset
    product_ids: frozenset


class UnionAssistArrivalRule(models.Model):
    """One thing that is checked when assistance goods arrive, since when, by which document."""

    _name = "union.assist.arrival.rule"
    _inherit = ["mail.thread"]
    _description = "Arrival Check Rule"
    _order = "sequence, date_from, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean("In Use", default=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Empty: in every company.")
    kind = fields.Selection(
        KINDS,
        required=True,
        default="label",
        help="Temperature: of goods of the cold chain, against their limits. Document: every"
        " document that the goods class needs by the document rules, of the batch or in force."
        " Remaining Shelf Life: computed from the dates of the lot.",
    )
    action = fields.Selection(
        ACTIONS,
        "A Failure",
        required=True,
        default="warn",
        tracking=True,
        help="Blocks the Receipt: the lot is not received. Needs a Concession: somebody who"
        " decides on lots allows it, not the one who checked. Warns: it is only shown.",
    )
    goods_class_ids = fields.Many2many(
        "union.assist.goods.class",
        "union_assist_arrival_rule_class_rel",
        string="Goods Classes",
        help="Empty: all assistance goods.",
    )
    product_tmpl_ids = fields.Many2many(
        "product.template",
        "union_assist_arrival_rule_product_rel",
        string="Only These Products",
        domain="[('assist_supplier_id', '!=', False)]",
    )
    optional_days = fields.Integer(
        "May Be Missing from (Days)",
        help="On goods with a shelf life of so many days or more the item may be missing. 0: on"
        " none.",
    )
    share = fields.Float(
        "Required Share (%)",
        digits=(5, 2),
        tracking=True,
        help="Of the shelf life that has to be left.",
    )
    share_day = fields.Selection(
        [("receipt", "On Receipt"), ("delivery", "At Expected Delivery")],
        default="delivery",
        required=True,
        help="At Expected Delivery: on the day that the order or receipt names, for example of a"
        " festival; on the day of receipt where none is named.",
    )
    edition = fields.Char("Standard and Edition")
    date_from = fields.Date(
        "From",
        required=True,
        tracking=True,
        help="Label items go by the production date of the lot, where it is known.",
    )
    date_to = fields.Date("Until", tracking=True, help="Last day; empty while it goes on.")
    source = fields.Text(required=True, translate=True, help="The document that says so.")

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a rule is not before its first day.",
    )
    _optional_not_negative = models.Constraint(
        "CHECK (optional_days >= 0)", "A shelf life has 0 days or more."
    )

    @api.constrains("kind", "share")
    def _check_share(self):
        for rule in self.filtered(lambda record: record.kind == "shelf_life"):
            if not 0 < rule.share <= 100:
                raise ValidationError(
                    self.env._(
                        "“%(rule)s”: the share of the shelf life to be left is more than 0 and at"
                        " most 100 percent.",
                        rule=rule.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @tools.ormcache()
    def _get_index(self):
        """Return the scopes of the rules in use: receipts cost no query where there is none."""
        return tuple(
            Scope(
                rule.id,
                rule.kind,
                rule.company_id.id,
                rule.date_from,
                rule.date_to,
                frozenset(rule.goods_class_ids.ids),
                frozenset(rule.product_tmpl_ids.ids),
            )
            for rule in self.sudo().search(Domain.TRUE)
        )

    @api.model
    def _find(self, company, product, produced, today):
        """Return the rules that concern a product on arrival.

        :param product: ``product.template`` of the programme
        :param produced: production date or ``None``: labels go by it
        """
        return self.browse(
            scope.id
            for scope in self._get_index()
            if (not scope.company_id or scope.company_id == company.id)
            and (not scope.class_ids or product.assist_goods_class_id.id in scope.class_ids)
            and (not scope.product_ids or product.id in scope.product_ids)
            and (scope.kind != "temperature" or product._assist_get_temperatures())
            and scope.date_from <= (scope.kind == "label" and produced or today)
            and (
                not scope.date_to or (scope.kind == "label" and produced or today) <= scope.date_to
            )
        )
