from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.purchase_plan import Weights


class UnionAssistPlanWeights(models.Model):
    """How much price, quality and spread count when a demand is planned: a rule with a source."""

    _name = "union.assist.plan.weights"
    _description = "Plan Weights"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for all companies.")
    price = fields.Float(
        required=True,
        default=40.0,
        help="Only the relation of the four weights matters. Price and spread are compared"
        " between the cheapest and the fairest plan: with equal weights, all that the fairest"
        " plan costs more is worth all that it is fairer.",
    )
    quality = fields.Float(
        required=True, default=20.0, help="Weight of the suppliers' quality score."
    )
    use = fields.Float(
        "Use of Caps",
        required=True,
        default=20.0,
        help="Weight of even use: suppliers who have used less of their cap come first.",
    )
    counties = fields.Float(
        required=True, default=20.0, help="Weight of an even spread over counties."
    )
    max_share = fields.Float(
        "Largest Part of One Supplier",
        required=True,
        default=1.0,
        digits=(5, 4),
        help="No supplier gets more than this part of a demand.",
    )
    time_limit = fields.Float(
        "Longest Time (s)",
        required=True,
        default=20.0,
        digits=(6, 1),
        help="When it runs out, the best plan found so far is taken, and the gap says so.",
    )
    source = fields.Char(
        translate=True, help="Who decided on these weights: document, number, date."
    )

    _weights = models.Constraint(
        "CHECK (price >= 0 AND quality >= 0 AND use >= 0 AND counties >= 0"
        " AND price + quality + use + counties > 0)",
        "Weights are not negative, and at least one of them is above 0.",
    )
    _max_share_range = models.Constraint(
        "CHECK (max_share > 0 AND max_share <= 1)",
        "The largest part of one supplier is above 0 % and at most 100 %.",
    )

    _time_limit_range = models.Constraint(
        "CHECK (time_limit >= 1 AND time_limit <= 600)", "A plan takes 1 to 600 seconds."
    )

    @api.constrains("company_id")
    def _check_company_of_plans(self):
        for weights in self.filtered("company_id"):
            if self.env["union.assist.purchase.plan"].search_count(
                [("weights_id", "=", weights.id), ("company_id", "!=", weights.company_id.id)],
                limit=1,
            ):
                raise ValidationError(
                    self.env._(
                        "Plans of another company use %(weights)s: leave the company empty, or"
                        " make weights of its own.",
                        weights=weights.name,
                    )
                )

    def _get_weights(self):
        self.ensure_one()
        return Weights(self.price, self.quality, self.use, self.counties)
