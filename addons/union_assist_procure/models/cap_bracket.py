from odoo import api, fields, models
from odoo.tools import format_amount


class UnionAssistCapBracket(models.Model):
    """From how many heads on which amount per head holds."""

    _name = "union.assist.cap.bracket"
    _description = "Cap Bracket"
    _order = "policy_id, from_count, id"

    policy_id = fields.Many2one(
        "union.assist.cap.policy", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="policy_id.currency_id")
    from_count = fields.Integer("From Heads", required=True, default=0)
    amount = fields.Monetary("Amount per Head", required=True)

    _from_count_unique = models.UniqueIndex(
        "(policy_id, from_count)", "Two brackets of a policy begin at the same number of heads."
    )
    _not_negative = models.Constraint(
        "CHECK (from_count >= 0 AND amount >= 0)",
        "Heads and amounts of a bracket are not negative.",
    )

    @api.depends("from_count", "amount", "currency_id")
    def _compute_display_name(self):
        for bracket in self:
            amount = format_amount(self.env, bracket.amount, bracket.currency_id)
            if bracket.from_count:
                bracket.display_name = self.env._(
                    "from %(count)s heads: %(amount)s per head",
                    count=bracket.from_count,
                    amount=amount,
                )
            else:
                bracket.display_name = self.env._("%s per head", amount)

    @api.model_create_multi
    def create(self, vals_list):
        brackets = super().create(vals_list)
        brackets.policy_id._log_brackets()
        return brackets

    def write(self, vals):
        policies = self.policy_id
        result = super().write(vals)
        (policies | self.policy_id)._log_brackets()
        return result

    def unlink(self):
        policies = self.policy_id
        result = super().unlink()
        policies._log_brackets()
        policies._check_brackets()
        return result
