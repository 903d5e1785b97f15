from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.recipe_rules import Rule

PACKING_CLASSES = [
    ("grain", "Grain and Its Products"),
    ("tea", "Tea"),
    ("mooncake", "Mooncakes"),
    ("zongzi", "Zongzi"),
    ("other", "Other Food"),
]


class UnionAssistPackingRule(models.Model):
    """A rule on how gift packs may be packed, with the days it holds and its document.

    Rules change: a recipe is checked by those in force on the day of its approval, an order
    by those of the day of its confirmation.
    """

    _name = "union.assist.packing.rule"
    _description = "Packing Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("layers", "Layers of Packaging, at Most"),
            ("cost_share", "Packaging Cost in % of the Sale Price, at Most"),
            ("interspace", "Empty Space in %, at Most"),
            ("coefficient", "Necessary Space, Multiple of the Goods' Volume"),
            ("alone", "Packed with No Other Goods"),
            ("no_dearer", "Not Packed with Dearer Goods"),
        ],
        required=True,
    )
    packing_class = fields.Selection(
        PACKING_CLASSES, "Goods", help="Empty: for gift packs of all kinds of goods."
    )
    limit = fields.Float(digits=(16, 2), help="What the kind of rule says: layers, % or factor.")
    price_over = fields.Float(
        "Sale Price above", help="The rule holds for gift packs sold at more than this."
    )
    price_up_to = fields.Float("Sale Price up to", help="0: at any price above.")
    action = fields.Selection(
        [("warn", "Warn"), ("block", "Refuse")],
        required=True,
        default="warn",
        help="Whether a recipe or an order that breaks the rule is refused or only warned of.",
    )
    date_from = fields.Date("In Force from", required=True)
    date_to = fields.Date("In Force until", help="Last day; empty while it is in force.")
    source = fields.Char(required=True, translate=True, help="The document that says so.")
    note = fields.Text(translate=True)

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a rule is not before its first day.",
    )
    _limit_positive = models.Constraint('CHECK ("limit" >= 0)', "A limit is not below zero.")
    _class_needed = models.Constraint(
        "CHECK (kind NOT IN ('coefficient', 'alone', 'no_dearer') OR packing_class IS NOT NULL)",
        "Such a rule speaks of one kind of goods: choose it.",
    )

    @api.model
    def _get_rules(self, day):
        """Return the rules in force on a day, each with its pure form.

        :return: list of pairs (record, :class:`~..tools.recipe_rules.Rule`)
        """
        records = self.sudo().search(
            Domain("date_from", "<=", day)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))
        )
        return [
            (
                record,
                Rule(
                    record.kind,
                    record.packing_class or "",
                    record.limit,
                    record.price_over,
                    record.price_up_to,
                ),
            )
            for record in records
        ]
