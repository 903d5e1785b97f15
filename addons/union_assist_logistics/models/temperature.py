from odoo import fields, models
from odoo.exceptions import UserError


class Temperature(models.Model):
    """A temperature measured on goods of the cold chain, at loading or at handover.

    Kept as it was measured, with the limits of that moment; never changed.
    """

    _name = "union.assist.temperature"
    _description = "Cold-Chain Temperature"
    _order = "measured_at desc, id desc"
    _rec_name = "value"

    route_id = fields.Many2one(
        "stock.picking.batch", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="route_id.company_id", store=True, index=True)
    stage = fields.Selection(
        [("loading", "Loading"), ("handover", "Handover")], required=True, readonly=True
    )
    partner_id = fields.Many2one("res.partner", "Drop", readonly=True, index="btree_not_null")
    value = fields.Float("Temperature (°C)", digits=(16, 1), readonly=True, aggregator="avg")
    minimum = fields.Float("At Least (°C)", digits=(16, 1), readonly=True, aggregator=None)
    maximum = fields.Float("At Most (°C)", digits=(16, 1), readonly=True, aggregator=None)
    within = fields.Boolean("Within Limits", readonly=True)
    reason = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", "Measured By", required=True, readonly=True)
    measured_at = fields.Datetime(required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)

    _key_unique = models.UniqueIndex("(route_id, key)")
    _reason_given = models.Constraint(
        "CHECK (within IS TRUE OR length(reason) > 0)",
        "A temperature out of the limits needs a reason.",
    )

    def write(self, vals):
        if vals:
            raise UserError(self.env._("Temperatures are kept as they were measured."))
        return super().write(vals)
