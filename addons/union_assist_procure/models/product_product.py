from typing import NamedTuple

from odoo import models


class Offer(NamedTuple):
    """What a supplier of the programme asks for goods on a day.

    Quantities are in the product's own unit; prices are per that unit, in the company's
    currency, not rounded.
    """

    supplier: models.BaseModel  #: ``res.partner``: the commercial partner, in the programme
    product: models.BaseModel  #: ``product.product``
    price: float  #: without tax
    cap_price: float  #: what a unit takes of the cap: with tax where the policy counts it
    min_qty: float  #: least quantity of an order line at this price; 0 for none
    lot_size: float  #: quantities are multiples of this; 0 for any
    delay: int  #: days from the confirmation to the receipt
    cap: models.BaseModel  #: ``union.assist.cap``; empty where no policy applies
    seller: models.BaseModel  #: ``product.supplierinfo`` that says so


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _assist_get_offers(self, company, day, price_breaks=False):
        """Return which suppliers of the programme offer these goods on a day, cheapest first.

        Offers come from the vendor pricelists that are valid on the day for the company and
        that Odoo would itself price an order line by; lines without a price and those of a
        blanket order are none. Left out is who may not be ordered from that day: suppliers not
        admitted, or without a document that the goods need. A used-up cap does not leave out:
        see the offer's ``cap``.

        The number of queries does not grow with products or offers. Read with the system's
        rights: whoever calls decides what a user may see of it.

        :param company: ``res.company``
        :param date day: the day of the order
        :param bool price_breaks: return every quantity price of a supplier; by default only
            the one with the smallest minimum, the cheapest of these
        :return: ``{product: list of Offer}``, every product of ``self`` a key
        """
        products = self.sudo().with_company(company)
        # Agreements price the orders that call them off and no others: an order without one.
        params = {"order_id": self.env["purchase.order"].new({"company_id": company.id})}
        products.product_tmpl_id.mapped("uom_id")  # once for all, instead of one by one below
        rows = [
            (product.id, seller.id)
            for product in products
            for seller in product._get_filtered_sellers(quantity=None, date=day, params=params)
        ]
        products = {product.id: product for product in products}
        lines = self.env["product.supplierinfo"].sudo().with_company(company)
        lines = {line.id: line for line in lines.browse({line_id for _, line_id in rows})}
        sellers = []
        for product_id, line_id in rows:
            seller = lines[line_id]
            supplier = seller.partner_id.commercial_partner_id
            if supplier.assist_supplier_kind and seller.price_discounted > 0.0:
                sellers.append((supplier, products[product_id], seller))
        pairs = list(dict.fromkeys((supplier, product) for supplier, product, _ in sellers))
        obstacles = self.env["res.partner"]._assist_get_order_obstacles(pairs, day)
        pairs = [pair for pair, reasons in zip(pairs, obstacles, strict=True) if not reasons]
        caps = self.env["union.assist.cap"]._get_for_products(pairs, company, day)
        sellers = [row for row in sellers if row[:2] in caps]
        prices = self._assist_get_seller_prices(sellers, company, day)
        found = {product: [] for product in self}
        for supplier, product, seller in sellers:
            cap = caps[supplier, product]
            untaxed, taxed = prices[product, seller]
            unit = seller.product_uom_id
            found[product].append(
                Offer(
                    supplier.with_env(self.env),
                    product.with_env(self.env),
                    untaxed,
                    taxed if cap.policy_id.tax_included else untaxed,
                    unit._compute_quantity(seller.min_qty, product.uom_id, round=False),
                    unit._compute_quantity(seller.assist_lot_size, product.uom_id, round=False),
                    seller.delay,
                    cap,
                    seller,
                )
            )
        if not price_breaks:
            for product, offers in found.items():
                offers.sort(key=lambda offer: (offer.min_qty, offer.price))
                first = {offer.supplier: offer for offer in reversed(offers)}
                found[product] = list(first.values())
        for offers in found.values():
            offers.sort(key=lambda offer: (offer.price, offer.seller.sequence, offer.seller.id))
        return found

    def _assist_get_seller_prices(self, rows, company, day):
        """Return prices per product unit, not rounded, as an order line would have them.

        :param rows: ``(supplier, product, vendor pricelist line)``, in the company's environment
        :return: ``{(product, line): (price without tax, price with tax)}`` in the currency of
            the company
        """
        AccountTax = self.env["account.tax"].sudo().with_company(company)
        FiscalPosition = self.env["account.fiscal.position"].sudo().with_company(company)
        # One search for all partners, where core makes one for each.
        automatic = FiscalPosition.search(
            [*FiscalPosition._check_company_domain(company), ("auto_apply", "=", True)]
        )
        base_lines = {}
        for _supplier, product, seller in rows:
            partner = seller.partner_id
            position = partner.property_account_position_id or (
                automatic._get_first_matching_fpos(partner)
                if partner.country_id
                else FiscalPosition
            )
            own_taxes = product.supplier_taxes_id._filter_taxes_by_company(company)
            taxes = position.map_tax(own_taxes)
            price = AccountTax._fix_tax_included_price_company(
                seller.price_discounted, own_taxes, taxes, company
            )
            base_lines[product, seller] = AccountTax._prepare_base_line_for_taxes_computation(
                None,
                product_id=product,
                partner_id=partner,
                tax_ids=taxes,
                quantity=1.0,
                price_unit=seller.currency_id._convert(
                    price, company.currency_id, company, day, round=False
                ),
                currency_id=company.currency_id,
            )
        AccountTax._add_tax_details_in_base_lines(base_lines.values(), company)
        return {
            key: (
                line["tax_details"]["raw_total_excluded_currency"],
                line["tax_details"]["raw_total_included_currency"],
            )
            for key, line in base_lines.items()
        }
