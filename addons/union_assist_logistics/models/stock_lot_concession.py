from collections import defaultdict

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.concession import Flow, Grant, share_out

# Where goods are that left: a lot that comes back from there may leave again.
OUTSIDE = ("customer", "production")


class StockLot(models.Model):
    """What was conceded of a lot: until when, for whom, and what is left of it."""

    _inherit = "stock.lot"

    assist_concession_until = fields.Date(
        "Conceded until",
        compute="_compute_assist_concession",
        compute_sudo=True,
        help="Last day of the concession that ends first, of those with goods left.",
    )
    assist_blocked_qty = fields.Float(
        "Blocked again",
        compute="_compute_assist_concession",
        compute_sudo=True,
        digits="Product Unit",
        help="What lies in stock of concessions that have ended: it is inspected and decided"
        " again before it goes anywhere.",
    )

    @api.depends("assist_inspection_ids.conceded_qty", "quant_ids.quantity")
    def _compute_assist_concession(self):
        lots = self._origin
        blocked = lots._assist_get_blocked()
        left = lots._assist_get_concession_left()
        decisions = self.env["union.assist.quality.decision"].browse(
            key for key, quantity in left.items() if quantity > 0
        )
        days = {
            lot: min(of_lot.mapped("date_until"))
            for lot, of_lot in decisions.grouped("lot_id").items()
        }
        for lot in self:
            lot.assist_concession_until = days.get(lot._origin)
            lot.assist_blocked_qty = blocked[lot._origin]

    def _assist_get_concession_flows(self, now=()):
        """What may leave of these lots, and what left, where a part of them was conceded.

        :param now: move lines that are judged by today, whatever date they carry
        :return: ``{lot: ([Grant], [(move line, Flow)])}``; lots without a concession are missing
        """
        decisions = (
            self.env["union.assist.quality.decision"]
            .sudo()
            .search([("lot_id", "in", self.ids), ("kind", "!=", "rejected")])
        )
        lots = decisions.filtered(lambda decision: decision.kind == "conceded").lot_id
        if not lots:
            return {}
        lots = lots.with_env(self.env)
        result = {lot: ([], []) for lot in lots}
        for decision in decisions:
            lot = decision.lot_id.with_env(self.env)
            if lot in result:
                receivers = frozenset(decision.partner_ids.ids) or None
                result[lot][0].append(
                    Grant(decision.id, decision.quantity, decision.date_until or None, receivers)
                )
        lines = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                Domain("lot_id", "in", lots.ids)
                & Domain("state", "=", "done")
                & (
                    self._assist_get_outside_domain("location_id")
                    | self._assist_get_outside_domain("location_dest_id")
                ),
                order="date, id",
            )
        )
        now = set(now)
        for line in lines:
            comes, goes = (
                location._assist_get_outside()
                for location in (line.location_id, line.location_dest_id)
            )
            # Rejected goods that are downgraded do not leave by a concession.
            if comes == goes or (goes and line.location_id._assist_is_before_decision()):
                continue
            zone = line.company_id._assist_get_zone()
            day = (
                line.company_id._assist_today()
                if line in now
                else pytz.utc.localize(line.date).astimezone(zone).date()
            )
            partner = line.move_id.partner_id or line.picking_id.partner_id
            receivers = set()
            while partner:
                receivers.add(partner.id)
                partner = partner.parent_id
            # From the way between two companies on to a customer it leaves once, but anew.
            signs = ([-1] if comes else []) + ([1] if goes else [])
            result[line.lot_id.with_env(self.env)][1].extend(
                (line, Flow(sign * line.quantity_product_uom, day, frozenset(receivers)))
                for sign in signs
            )
        return result

    @api.model
    def _assist_get_outside_domain(self, name):
        """The domain of what lies outside: with customers, used up, or with no company.

        From a place of no company (the way between two) the next one takes the goods on, which
        may have no plan for them.

        :param name: of the field of the location
        """
        return Domain(f"{name}.usage", "in", OUTSIDE) | (
            Domain(f"{name}.usage", "in", ("internal", "transit"))
            & Domain(f"{name}.company_id", "=", False)
        )

    def _assist_get_concession_left(self):
        """Return what is left in stock of each concession on these lots.

        :return: ``{id of the decision: quantity}``
        """
        flows = self._assist_get_concession_flows()
        if not flows:
            return {}
        lot_ids = [lot.id for lot in flows]
        on_hand = defaultdict(float)
        for lot, location, quantity in (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                Domain("lot_id", "in", lot_ids)
                & Domain("location_id.usage", "in", ("internal", "transit"))
                & ~self._assist_get_outside_domain("location_id"),
                ["lot_id", "location_id"],
                ["quantity:sum"],
            )
        ):
            if not location.assist_is_reject:
                on_hand[lot.id] += quantity
        renewed = {
            lot.id: quantity
            for lot, quantity in self.env["union.assist.quality.inspection"]
            .sudo()
            ._read_group(
                [
                    ("lot_id", "in", lot_ids),
                    ("renews_concession", "=", True),
                    ("state", "=", "decided"),
                ],
                ["lot_id"],
                ["quantity:sum"],
            )
        }
        result = {}
        for lot, (grants, lot_flows) in flows.items():
            left, _short = share_out(grants, [flow for _line, flow in lot_flows])
            there, decided_again = on_hand[lot.id], renewed.get(lot.id, 0.0)
            for grant in sorted(grants, key=lambda grant: grant.rank):
                if grant.until is None:
                    continue
                again = min(left[grant.key], decided_again)
                decided_again -= again
                result[grant.key] = max(min(left[grant.key] - again, there), 0.0)
                there -= result[grant.key]
        return result

    def _assist_get_blocked(self):
        """Return how much of each lot in stock its ended concessions block.

        :return: ``{lot: quantity in the product's unit}``
        """
        blocked = defaultdict(float)
        left = self._assist_get_concession_left()
        for decision in self.env["union.assist.quality.decision"].sudo().browse(left):
            if decision.has_ended:
                blocked[decision.lot_id.with_env(self.env)] += left[decision.id]
        return blocked
