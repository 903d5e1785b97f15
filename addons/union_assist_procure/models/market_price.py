from datetime import timedelta

from odoo import api, fields, models


class UnionAssistMarketPrice(models.Model):
    """What a crop fetched on the market on a day, and who says so.

    A price holds on its day and for some days after it (rule value ``market_price_days``), until
    a newer one is recorded.
    """

    _name = "union.assist.market.price"
    _description = "Market Price"
    _order = "date desc, id desc"
    _rec_name = "product_id"
    _check_company_auto = True

    product_id = fields.Many2one(
        "product.product",
        "Crop",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    grade_id = fields.Many2one(
        "union.assist.farming.grade",
        ondelete="restrict",
        help="Empty for ordinary goods: the price factors of the grades are applied to it.",
    )
    date = fields.Date(
        required=True, index=True, default=lambda self: self.env.company._assist_today()
    )
    price = fields.Float(
        "Price per jin", required=True, digits=(16, 4), aggregator="avg", help="Per 斤 (0.5 kg)."
    )
    source = fields.Char(
        "Price Source", required=True, help="Market, bulletin or buyer where the price was found."
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    _price_positive = models.Constraint("CHECK (price > 0)", "A market price is above 0.")
    _day_unique = models.UniqueIndex(
        "(product_id, COALESCE(grade_id, 0), date, company_id)",
        "The market price of this crop and grade on this day is recorded already.",
    )

    @api.depends("product_id", "grade_id", "date")
    def _compute_display_name(self):
        for price in self:
            parts = (price.product_id.display_name, price.grade_id.name, str(price.date or ""))
            price.display_name = " ".join(part for part in parts if part)

    @api.model
    def _get_for(self, keys):
        """Return the market prices that hold, in one query.

        :param keys: ``(product, grade, company, day)``; the grade may be empty
        :return: ``{key: price per jin}``; 0 where no price holds
        """
        keys = set(keys)
        if not keys:
            return {}
        days = int(self.env["union.assist.parameter"]._get_value("market_price_days"))
        validity = timedelta(days=days)
        prices = self.sudo().search_fetch(
            [
                ("product_id", "in", list({key[0].id for key in keys})),
                ("company_id", "in", list({key[2].id for key in keys})),
                ("date", ">=", min(key[3] for key in keys) - validity),
                ("date", "<=", max(key[3] for key in keys)),
            ],
            ["product_id", "grade_id", "company_id", "date", "price"],
        )
        recorded = prices.grouped(
            lambda record: (record.product_id.id, record.grade_id.id, record.company_id.id)
        )

        def newest(product, grade_id, company, day):
            """Return the newest price that holds on the day: they are sorted."""
            for record in recorded.get((product.id, grade_id, company.id), ()):
                if day - validity <= record.date <= day:
                    return record.price
            return 0.0

        return {
            key: newest(product, grade.id, company, day)
            or newest(product, False, company, day) * (grade.price_factor if grade else 1.0)
            for key in keys
            for product, grade, company, day in (key,)
        }
