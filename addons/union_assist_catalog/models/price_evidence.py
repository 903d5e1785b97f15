from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class UnionAssistPriceEvidence(models.Model):
    """What the same goods cost elsewhere: where, how much for how much, when, and the proof.

    Prices are compared per unit in which the product is sold; a quantity in a unit that does
    not convert into that one is refused. Evidence holds for a number of days (rule value
    ``price_evidence_days``). The cheapest valid one is what our price is measured against: more
    evidence then never makes our price look better.
    """

    _name = "union.assist.price.evidence"
    _description = "Price Evidence"
    _order = "date_seen desc, id desc"
    _rec_name = "shop"

    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, index=True, ondelete="cascade"
    )
    origin_id = fields.Many2one(related="product_tmpl_id.assist_origin_id")
    company_id = fields.Many2one(related="product_tmpl_id.company_id")
    shop = fields.Char(
        "Where Seen", required=True, help="Shop or platform, so that others find it again."
    )
    currency_id = fields.Many2one(related="product_tmpl_id.currency_id")
    price = fields.Monetary("Price Seen", required=True, help="Asked for the whole quantity.")
    quantity = fields.Float(
        required=True, default=1.0, digits="Product Unit", help="How much the price is for."
    )
    uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        required=True,
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    price_unit = fields.Float(
        "Price per Unit",
        compute="_compute_price_unit",
        store=True,
        digits=(16, 4),
        help="Price of one unit in which the product is sold.",
    )
    url = fields.Char("Link")
    photo = fields.Image(max_width=1920, max_height=1920)
    note = fields.Char("Remark")
    date_seen = fields.Date(
        "Seen on", required=True, default=lambda self: self.env.company._assist_today()
    )
    date_until = fields.Date("Holds until", compute="_compute_date_until", help="Last day.")
    valid = fields.Boolean(compute="_compute_date_until", search="_search_valid")
    user_id = fields.Many2one(
        "res.users", "Entered by", readonly=True, default=lambda self: self.env.user
    )
    active = fields.Boolean(default=True)

    _price_positive = models.Constraint("CHECK (price > 0)", "The price seen is above zero.")
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity that a price is for is above zero."
    )
    _product_idx = models.Index("(product_tmpl_id, date_seen, price_unit)")

    @api.depends("product_tmpl_id")
    def _compute_uom_id(self):
        for evidence in self:
            evidence.uom_id = evidence.uom_id or evidence.product_tmpl_id.uom_id

    @api.depends("price", "quantity", "uom_id", "product_tmpl_id.uom_id")
    def _compute_price_unit(self):
        for evidence in self:
            unit = evidence.product_tmpl_id.uom_id
            quantity = 0.0
            if unit and evidence.uom_id and evidence.uom_id._has_common_reference(unit):
                quantity = evidence.uom_id._compute_quantity(evidence.quantity, unit, round=False)
            evidence.price_unit = evidence.price / quantity if quantity > 0 else 0.0

    @api.depends("date_seen")
    def _compute_date_until(self):
        today = self.env.company._assist_today()
        days = timedelta(days=self._get_valid_days(today))
        for evidence in self:
            evidence.date_until = evidence.date_seen and evidence.date_seen + days
            evidence.valid = bool(evidence.date_seen) and (
                evidence.date_seen <= today <= evidence.date_until
            )

    def _search_valid(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_valid_domain(self.env.company._assist_today())
        return domain if True in value else ~domain

    @api.model
    def _get_valid_days(self, date):
        return int(self.env["union.assist.parameter"]._get_value("price_evidence_days", date))

    @api.model
    def _get_valid_domain(self, date):
        """Domain of the evidence that holds on ``date``."""
        first = date - timedelta(days=self._get_valid_days(date))
        return Domain("date_seen", ">=", first) & Domain("date_seen", "<=", date)

    @api.constrains("uom_id", "product_tmpl_id")
    def _check_unit(self):
        for evidence in self:
            unit = evidence.product_tmpl_id.uom_id
            if not evidence.uom_id._has_common_reference(unit):
                raise ValidationError(
                    self.env._(
                        "A price for %(seen)s cannot be compared: %(product)s is sold by"
                        " %(unit)s, and one does not convert into the other. Find a price for"
                        " the same pack, or enter how many %(unit)s it is for.",
                        seen=evidence.uom_id.display_name,
                        product=evidence.product_tmpl_id.display_name,
                        unit=unit.display_name,
                    )
                )

    @api.constrains("url", "photo", "date_seen")
    def _check_proof(self):
        today = self.env.company._assist_today()
        for evidence in self:
            if not evidence.url and not evidence.photo:
                raise ValidationError(
                    self.env._(
                        "The price seen at %s needs a proof: enter a link or a photo.",
                        evidence.shop,
                    )
                )
            if evidence.url and not evidence.url.lower().startswith(("http://", "https://")):
                raise ValidationError(
                    self.env._(
                        "“%s” is no link: it should begin with https:// or http://.", evidence.url
                    )
                )
            if evidence.date_seen > today:
                raise ValidationError(
                    self.env._(
                        "The price of %(shop)s cannot have been seen on %(date)s, a day to come.",
                        shop=evidence.shop,
                        date=evidence.date_seen,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env["union.assist.catalogue"]._refresh(records.product_tmpl_id)
        return records

    def write(self, vals):
        products = self.product_tmpl_id
        result = super().write(vals)
        self.env["union.assist.catalogue"]._refresh(products | self.product_tmpl_id)
        return result

    def unlink(self):
        products = self.product_tmpl_id
        result = super().unlink()
        self.env["union.assist.catalogue"]._refresh(products)
        return result
