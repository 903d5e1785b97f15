from datetime import timedelta

from odoo import api, fields, models

from ..tools.caps import largest_quantity
from ..tools.tender_score import CRITERIA, Offer, rank


class UnionAssistTenderBidLine(models.Model):
    """An opened bid for one lot: price, quantity, the figures it is compared by, and its rank.

    There is none before the opening. Quality, cap left and people are those of that moment.
    """

    _name = "union.assist.tender.bid.line"
    _description = "Tender Bid Line"
    _order = "lot_id, rank, id"
    _rec_name = "bid_id"

    bid_id = fields.Many2one(
        "union.assist.tender.bid", required=True, readonly=True, index=True, ondelete="restrict"
    )
    tender_id = fields.Many2one(related="bid_id.tender_id", store=True, index=True)
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    supplier_id = fields.Many2one(related="bid_id.supplier_id", store=True, index=True)
    lot_id = fields.Many2one(
        "union.assist.tender.lot", required=True, readonly=True, index=True, ondelete="restrict"
    )
    product_id = fields.Many2one(related="lot_id.product_id", store=True)
    uom_id = fields.Many2one(related="lot_id.uom_id")
    price_unit = fields.Float(
        "Unit Price", required=True, readonly=True, digits="Product Price", aggregator="avg"
    )
    quantity = fields.Float("Offered", required=True, readonly=True, digits="Product Unit")
    amount = fields.Monetary(compute="_compute_amount", store=True)
    days = fields.Integer("Days to Deliver", readonly=True, aggregator=None)
    note = fields.Text(readonly=True)
    quality = fields.Float(
        "Quality Score", readonly=True, digits=(5, 1), aggregator="avg", help="0 to 100."
    )
    has_cap = fields.Boolean("Has a Cap", readonly=True)
    cap_left = fields.Monetary(readonly=True, aggregator=None)
    persons = fields.Float("People Lifted", readonly=True, digits=(12, 2), aggregator=None)
    price_points = fields.Float(readonly=True, digits=(5, 1), aggregator=None)
    quality_points = fields.Float(readonly=True, digits=(5, 1), aggregator=None)
    cap_points = fields.Float(readonly=True, digits=(5, 1), aggregator=None)
    persons_points = fields.Float("People Points", readonly=True, digits=(5, 1), aggregator=None)
    score = fields.Float(
        readonly=True,
        digits=(5, 2),
        aggregator=None,
        help="Mean of the points by the weights of the tender.",
    )
    rank = fields.Integer(readonly=True, aggregator=None)
    awarded = fields.Float("Awarded Quantity", readonly=True, digits="Product Unit")
    order_line_id = fields.Many2one(
        "purchase.order.line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="purchase.group_purchase_user",
    )

    _lot_unique = models.UniqueIndex("(bid_id, lot_id)", "A bid has one line for a lot.")

    @api.depends("price_unit", "quantity")
    def _compute_amount(self):
        for line in self:
            line.amount = line.currency_id.round(line.price_unit * line.quantity)

    @api.depends("supplier_id", "lot_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.supplier_id.display_name}: {line.lot_id.display_name}"

    def _take_figures(self):
        """Take quality, cap left and people of the bidders as they are now."""
        for tender, lines in self.grouped("tender_id").items():
            caps = tender._get_caps(lines)
            counts = lines.supplier_id._assist_counts(tender.company_id._assist_today())
            for line in lines:
                cap = caps[line]
                line.quality = line.supplier_id.assist_score
                line.has_cap = bool(cap)
                line.cap_left = cap.remaining if cap else 0.0
                line.persons = counts.get(line.supplier_id.id, (0.0, 0.0))[1]

    def _rank(self):
        """Give points, score and rank within each lot."""
        for lot, lines in self.grouped("lot_id").items():
            weights = {row.code: row.weight for row in lot.tender_id.weight_ids}
            results = rank(
                [
                    Offer(
                        key=line,
                        price=line.price_unit,
                        amount=line.amount,
                        quality=line.quality,
                        persons=line.persons,
                        cap_left=line.cap_left if line.has_cap else None,
                    )
                    for line in lines
                ],
                weights,
            )
            for result in results:
                result.key.write(
                    {
                        "score": result.score,
                        "rank": result.rank,
                        **{f"{name}_points": result.points[name] for name in CRITERIA},
                    }
                )

    def _prepare_order_line(self):
        """Return the values of the line of the request for quotation."""
        values = {
            "product_id": self.product_id.id,
            "product_qty": self.quantity,
            "product_uom_id": self.uom_id.id,
            "price_unit": self.price_unit,
        }
        if self.days:
            values["date_planned"] = fields.Datetime.now() + timedelta(days=self.days)
        elif self.lot_id.date_needed:
            values["date_planned"] = fields.Datetime.to_datetime(self.lot_id.date_needed)
        return values

    def _prepare_award_line(self):
        """Return what the award record keeps of the line."""
        return {
            "bid_line_id": self.id,
            "price_unit": self.price_unit,
            "offered": self.quantity,
            "score": self.score,
            "rank": self.rank,
        }

    def _get_cap_amount(self, cap, quantity):
        """Return what a quantity takes of a cap, in the company's currency."""
        taxes = self.sudo().order_line_id.tax_ids.compute_all(
            self.price_unit, self.currency_id, quantity, self.product_id
        )
        return taxes["total_included" if cap.policy_id.tax_included else "total_excluded"]

    def _get_largest_quantity(self, cap, left):
        """Return how much of the bid fits an amount that is left of its cap."""
        if not cap:
            return self.quantity
        return largest_quantity(
            lambda quantity: self._get_cap_amount(cap, quantity),
            self.quantity,
            left,
            self.uom_id.rounding,
        )
