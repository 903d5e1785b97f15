from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.scanned import read_number


class StockPickingBatch(models.Model):
    """Temperatures of the cold chain on a route."""

    _inherit = "stock.picking.batch"

    def _check_assist_temperature(self):
        """Refuse to leave with goods of the cold chain whose temperature nobody measured."""
        if self.assist_cold_chain and not any(
            reading.stage == "loading" for reading in self.assist_temperature_ids
        ):
            raise UserError(
                self.env._(
                    "%(route)s carries goods that must be kept cool: measure and record their"
                    " temperature at loading first.",
                    route=self.name,
                )
            )

    def _assist_get_reading(self, stage, partner=None):
        reading = self.assist_temperature_ids.filtered(
            lambda reading: (
                reading.stage == stage and (partner is None or reading.partner_id == partner)
            )
        )[:1]
        return (
            {"value": reading.value, "within": reading.within, "reason": reading.reason or ""}
            if reading
            else False
        )

    def assist_record_temperature(self, key, stage, value, partner_id=None, reason=None):
        """Record a temperature of goods that must be kept cool.

        :param stage: ``loading`` (of the whole load) or ``handover`` (of one drop)
        :param value: in °C
        :param partner_id: receiving address, for a handover
        :param reason: why goods out of their limits go on all the same
        :return: ``{"result": "recorded" or "refused", "message": …}``; refused without reason
        """
        self._assist_begin_loading()
        if self.assist_temperature_ids.filtered(lambda reading: reading.key == key):
            return self._assist_answer("recorded", self.env._("The temperature is recorded."))
        expected = {"loading": "loading", "departed": "handover"}.get(self.assist_route_state)
        if stage != expected:
            return self._assist_answer(
                "closed",
                self.env._(
                    "Temperatures are recorded at loading, and after departure at handover."
                ),
            )
        lines = self._assist_get_lines()
        partner = self.env["res.partner"]
        if stage == "handover":
            lines = lines.filtered(lambda line: line.picking_id.partner_id.id == partner_id)
            partner = lines.picking_id.partner_id[:1]
        limits = lines.product_id._assist_get_temperature_limits()
        if not limits:
            return self._assist_answer("closed", self.env._("None of these goods must be cooled."))
        value, (low, high) = read_number(value), limits
        if value is None:
            return self._assist_answer("refused", self.env._("Enter the temperature in figures."))
        within = low <= value <= high
        reason = (reason or "").strip()
        if not within and not reason:
            return self._assist_answer(
                "refused",
                self.env._(
                    "%(value).1f °C is outside %(low).1f to %(high).1f °C. Do not go on, or say"
                    " why.",
                    value=value,
                    low=low,
                    high=high,
                ),
            )
        self.env["union.assist.temperature"].sudo().create(
            {
                "route_id": self.id,
                "stage": stage,
                "partner_id": partner.id,
                "value": value,
                "minimum": low,
                "maximum": high,
                "within": within,
                "reason": reason or False,
                "user_id": self.env.uid,
                "measured_at": fields.Datetime.now(),
                "key": key,
            }
        )
        return self._assist_answer("recorded", self.env._("The temperature is recorded."))
