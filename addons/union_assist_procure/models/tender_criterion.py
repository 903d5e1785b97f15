from odoo import fields, models


class UnionAssistTenderCriterion(models.Model):
    """What bids are compared by, with the weight that new tenders begin with."""

    _name = "union.assist.tender.criterion"
    _description = "Tender Criterion"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Selection(
        [
            ("price", "Price"),
            ("quality", "Quality Score"),
            ("cap", "Cap Left"),
            ("persons", "People Lifted"),
        ],
        "Measured by",
        required=True,
    )
    weight = fields.Float(required=True, digits=(5, 1), help="New tenders begin with this weight.")
    normalisation = fields.Text(
        "How Points Are Given", translate=True, help="Told to the invited with the weights."
    )
    source = fields.Char(required=True, translate=True, help="The document that says so.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "The weight of a criterion is not negative."
    )
    _code_unique = models.UniqueIndex("(code) WHERE active", "This criterion exists already.")
