from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError


class StockLot(models.Model):
    """Lots of gift packs (礼包), and the lots in them."""

    _inherit = "stock.lot"

    assist_is_gift_pack = fields.Boolean(related="product_id.assist_is_gift_pack")
    assist_component_lot_ids = fields.Many2many(
        "stock.lot",
        string="Packed From",
        compute="_compute_assist_component_lot_ids",
        compute_sudo=True,
        help="Lots of the goods that this lot of gift packs was packed from.",
    )

    def _compute_assist_component_lot_ids(self):
        lines = self._assist_get_packed_lines().grouped("lot_id")
        for lot in self:
            packed = lines.get(lot, self.env["stock.move.line"])
            lot.assist_component_lot_ids = packed.consume_line_ids.lot_id

    def _assist_get_packed_lines(self):
        """The finished lines of packing orders that these lots of gift packs come from."""
        packs = self.filtered("assist_is_gift_pack")
        if not packs:
            return self.env["stock.move.line"]
        return self.env["stock.move.line"].search(
            [
                ("lot_id", "in", packs.ids),
                ("state", "=", "done"),
                ("move_id.production_id", "!=", False),
            ]
        )

    def _assist_get_pack_limits(self):
        """Say until when gift packs can be good: the first of their parts decides.

        :return: ``{lot: moment}`` for those lots whose parts have an expiry
        """
        limits = {}
        for line in self.sudo()._assist_get_packed_lines():
            for part in line.consume_line_ids.lot_id.filtered("expiration_date"):
                lot = line.lot_id.with_env(self.env)
                limits[lot] = min(limits.get(lot, part.expiration_date), part.expiration_date)
        return limits

    def _assist_set_pack_expiry(self):
        """Let these lots of gift packs expire with the first of the lots packed into them."""
        lots_by_limit = defaultdict(self.browse)
        for lot, limit in self._assist_get_pack_limits().items():
            lots_by_limit[limit] |= lot
        for limit, lots in lots_by_limit.items():
            lots.sudo().with_context(mail_notrack=True).expiration_date = limit

    def _assist_check_packed_date(self, vals):
        """The production date of gift packs is the day on which they were packed."""
        if "assist_production_date" not in vals or self.env.su:
            return
        packed = self.sudo()._assist_get_packed_lines().lot_id
        if packed:
            raise UserError(
                self.env._(
                    "Lot %(lot)s is of gift packs: its production date is the day on which"
                    " they were packed.",
                    lot=packed[0].name,
                )
            )

    def _assist_check_pack_expiry(self):
        """No gift pack outlives its parts: not by an edit of its lot, nor of theirs."""
        for lot, limit in self._assist_get_pack_limits().items():
            if not lot.expiration_date or lot.expiration_date > limit:
                raise UserError(
                    self.env._(
                        "Lot %(lot)s of %(product)s cannot expire later than the first of the"
                        " lots packed into it, on %(date)s.",
                        lot=lot.name,
                        product=lot.product_id.display_name,
                        date=fields.Date.to_string(limit),
                    )
                )
        packs = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("consume_line_ids.lot_id", "in", self.ids),
                    ("state", "=", "done"),
                    ("product_id.assist_is_gift_pack", "=", True),
                ]
            )
            .lot_id
        )
        later = packs._assist_get_pack_limits()
        for lot, limit in later.items():
            if not lot.expiration_date or lot.expiration_date > limit:
                lot.expiration_date = limit
