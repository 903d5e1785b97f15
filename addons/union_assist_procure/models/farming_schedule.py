from odoo import api, fields, models
from odoo.tools import SQL


class UnionAssistFarmingSchedule(models.Model):
    """A window of a farming contract: when it is sown, when how much is harvested."""

    _name = "union.assist.farming.schedule"
    _description = "Farming Schedule"
    _order = "date_from, id"

    contract_id = fields.Many2one(
        "union.assist.farming.contract", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    supplier_id = fields.Many2one(related="contract_id.supplier_id", store=True, index=True)
    product_id = fields.Many2one(
        related="contract_id.product_id", store=True, index=True, string="Crop"
    )
    region_id = fields.Many2one(related="contract_id.region_id", store=True, index=True)
    season_id = fields.Many2one(related="contract_id.season_id", store=True)
    state = fields.Selection(related="contract_id.state", string="Contract Status")
    kind = fields.Selection(
        [("sowing", "Sowing"), ("care", "Field Care"), ("harvest", "Harvest")],
        required=True,
        default="harvest",
    )
    date_from = fields.Date("From", required=True, index=True)
    date_to = fields.Date("Until", required=True, help="Last day.")
    expected_quantity = fields.Float(
        "Expected (jin)", digits=(16, 2), help="What is to come in these days; harvests only."
    )
    delivered_quantity = fields.Float(
        "Delivered (jin)",
        compute="_compute_delivered_quantity",
        digits=(16, 2),
        help="Payable weight of the contract's weigh tickets of these days.",
    )
    note = fields.Char()

    _period_order = models.Constraint(
        "CHECK (date_to >= date_from)", "The last day of a window is not before its first day."
    )
    _quantity_harvest = models.Constraint(
        "CHECK (expected_quantity >= 0 AND (kind = 'harvest' OR expected_quantity = 0))",
        "Quantities are expected of harvests, and not below 0.",
    )
    # A ticket belongs to one harvest at most.
    _harvest_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(contract_id, contract_id, '[]') WITH &&,"
        " daterange(date_from, date_to, '[]') WITH &&) WHERE (kind = 'harvest')",
        "Two harvests of a contract overlap: end the one before the other begins.",
    )

    @api.depends("kind", "contract_id.display_name", "expected_quantity")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for line in self:
            parts = [labels.get(line.kind), line.contract_id.display_name]
            if line.expected_quantity:
                parts.append(self.env._("%(quantity)s jin", quantity=f"{line.expected_quantity:g}"))
            line.display_name = " · ".join(part for part in parts if part)

    @api.depends("contract_id.delivered_quantity", "date_from", "date_to", "kind")
    def _compute_delivered_quantity(self):
        self.env["union.assist.weigh.ticket"].flush_model()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT schedule.id, SUM(ticket.quantity)
                  FROM union_assist_farming_schedule AS schedule
                  JOIN union_assist_weigh_ticket AS ticket
                    ON ticket.contract_id = schedule.contract_id
                   AND ticket.state IN ('confirmed', 'paid')
                   AND ticket.day BETWEEN schedule.date_from AND schedule.date_to
                 WHERE schedule.id = ANY(%s) AND schedule.kind = 'harvest'
              GROUP BY schedule.id
                """,
                list(self._origin.ids),
            )
        )
        delivered = dict(self.env.cr.fetchall())
        for line in self:
            line.delivered_quantity = delivered.get(line._origin.id, 0.0)

    def action_view_contract(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "union.assist.farming.contract",
            "res_id": self.contract_id.id,
            "view_mode": "form",
        }
