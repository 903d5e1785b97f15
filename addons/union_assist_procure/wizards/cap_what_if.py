from odoo import api, fields, models


class UnionAssistCapWhatIf(models.TransientModel):
    """What a supplier's caps would be if more heads were verified."""

    _name = "union.assist.cap.what.if"
    _description = "What If of a Purchase Cap"

    supplier_id = fields.Many2one("res.partner", required=True, readonly=True, ondelete="cascade")
    persons = fields.Integer(
        "More Persons", default=10, help="Negative for fewer. Counts where a policy counts persons."
    )
    households = fields.Integer(
        "More Households", default=3, help="Counts where a policy counts households."
    )
    line_ids = fields.One2many(
        "union.assist.cap.what.if.line", "what_if_id", "Caps", compute="_compute_line_ids"
    )

    @api.depends("supplier_id", "persons", "households")
    def _compute_line_ids(self):
        line_model = self.env["union.assist.cap.what.if.line"]
        for what_if in self:
            lines = line_model
            # The caps that the user may see, and no others.
            caps = what_if.supplier_id._get_assist_current_caps().sudo(False)
            for cap in caps._filtered_access("read").filtered("policy_id"):
                figures = cap.get_what_if(what_if.persons, what_if.households)
                lines |= line_model.new(
                    {
                        "what_if_id": what_if,
                        "cap_id": cap.id,
                        "amount": cap.amount,
                        "new_amount": figures["amount"],
                        "more": figures["more"],
                        "new_remaining": figures["remaining"],
                        "reason": figures["reason"],
                    }
                )
            what_if.line_ids = lines


class UnionAssistCapWhatIfLine(models.TransientModel):
    """What one cap would be."""

    _name = "union.assist.cap.what.if.line"
    _description = "What If of One Purchase Cap"

    what_if_id = fields.Many2one(
        "union.assist.cap.what.if", required=True, index=True, ondelete="cascade"
    )
    cap_id = fields.Many2one("union.assist.cap", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="cap_id.currency_id")
    amount = fields.Monetary("Cap Now", readonly=True)
    new_amount = fields.Monetary("Cap Then", readonly=True)
    more = fields.Monetary("Difference", readonly=True)
    new_remaining = fields.Monetary("Remaining Then", readonly=True)
    reason = fields.Char("How It Comes About", readonly=True)
