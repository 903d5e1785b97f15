from datetime import timedelta

from odoo import Command
from odoo.tests import Form, tagged

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestOffers(CapCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_supplier("Mountain Tea", persons=20)
        cls.company.currency_id.rounding = 0.01

    def _sell(self, supplier, price, product=None, **values):
        return self.env["product.supplierinfo"].create(
            {
                "partner_id": supplier.id,
                "product_tmpl_id": (product or self.product).product_tmpl_id.id,
                "price": price,
                **values,
            }
        )

    def _offers(self, product=None, day=None, **kwargs):
        product = product or self.product
        return product._assist_get_offers(self.company, day or self.today, **kwargs)[product]

    def test_cheapest_first_with_what_the_planner_needs(self):
        self._sell(self.supplier, 30, min_qty=10, assist_lot_size=5, delay=7)
        seller = self._sell(self.other, 28)
        cheap, dear = self._offers()
        self.assertEqual((cheap.supplier, cheap.price, cheap.seller), (self.other, 28, seller))
        self.assertEqual(
            (dear.supplier, dear.price, dear.min_qty, dear.lot_size, dear.delay),
            (self.supplier, 30, 10, 5, 7),
        )
        self.assertEqual(dear.cap, self.cap)
        self.assertEqual(dear.cap.remaining, 300000)

    def test_no_offer_without_supplier_of_the_programme_or_price(self):
        stranger = self.env["res.partner"].create({"name": "Wholesaler", "is_company": True})
        self._sell(stranger, 10)
        self._sell(self.other, 0)
        self.assertEqual(self._offers(), [])
        self.assertEqual(
            self.env["product.product"]._assist_get_offers(self.company, self.today), {}
        )

    def test_valid_on_the_day_for_company_and_variant(self):
        self._sell(self.supplier, 30, date_end=self.today - timedelta(days=1))
        self._sell(self.supplier, 31, date_start=self.today + timedelta(days=1))
        foreign = self.env["res.company"].create({"name": "Second Company"})
        self._sell(self.supplier, 29, company_id=foreign.id)
        self.assertEqual(self._offers(), [])
        self.assertEqual(self._offers(day=self.today - timedelta(days=1))[0].price, 30)
        self.assertEqual(self._offers(day=self.today + timedelta(days=1))[0].price, 31)
        offers = self.product._assist_get_offers(foreign, self.today)[self.product]
        self.assertEqual(offers[0].price, 29)
        self.assertFalse(offers[0].cap, "the policy is the first company's")

    def test_not_from_who_may_not_be_ordered(self):
        self._sell(self.supplier, 30)
        applicant = self.env["res.partner"].create(
            {"name": "Newcomer", "is_company": True, "assist_supplier_kind": "sme"}
        )
        self._sell(applicant, 10)
        self.assertEqual([offer.supplier for offer in self._offers()], [self.supplier])

    def test_price_breaks(self):
        """One offer a supplier, for the smallest quantity; all its prices on request."""
        self._sell(self.supplier, 28, min_qty=1000)
        self._sell(self.supplier, 30, min_qty=1)
        self.assertEqual([offer.price for offer in self._offers()], [30])
        self.assertEqual([offer.price for offer in self._offers(price_breaks=True)], [28, 30])

    def test_units_discount_and_currency(self):
        """Prices are per product unit in the company's currency, as an order has them."""
        currency = self.env["res.currency"].create(
            {
                "name": "TCU",
                "symbol": "T",
                "rate_ids": [Command.create({"name": self.year_start, "rate": 0.5})],
            }
        )
        dozen = self.env.ref("uom.product_uom_dozen")
        self._sell(
            self.supplier,
            60,
            product_uom_id=dozen.id,
            discount=10,
            currency_id=currency.id,
            min_qty=2,
            assist_lot_size=1,
        )
        offer = self._offers()[0]
        self.assertAlmostEqual(offer.price, 60 / 12 * 0.9 / 0.5)
        self.assertAlmostEqual(offer.min_qty, 24)
        self.assertAlmostEqual(offer.lot_size, 12)
        with Form(self.env["purchase.order"].with_context(lang=None)) as form:
            form.partner_id = self.supplier
            with form.order_line.new() as line:
                line.product_id = self.product
                line.product_qty = 2  # in the unit of the pricelist, the dozen
        self.assertAlmostEqual(form.record.amount_untaxed, 24 * offer.price, 2)

    def test_tax_as_the_policy_counts_it(self):
        included = self._create_tax(13)
        included.price_include_override = "tax_included"
        self.product.supplier_taxes_id = included
        self._sell(self.supplier, 113)
        offer = self._offers()[0]
        self.assertAlmostEqual(offer.price, 100)
        self.assertAlmostEqual(offer.cap_price, 113)
        self.policy.tax_included = False
        self.assertAlmostEqual(self._offers()[0].cap_price, 100)
        exempt = self.env["account.fiscal.position"].create({"name": "Farmers sell free of tax"})
        self._create_tax(0).write(
            {"fiscal_position_ids": exempt.ids, "original_tax_ids": included.ids}
        )
        self.supplier.property_account_position_id = exempt
        self.assertAlmostEqual(self._offers()[0].price, 100)

    def test_quoted_by_a_contact_of_the_supplier(self):
        contact = self.env["res.partner"].create({"name": "Sales", "parent_id": self.supplier.id})
        self._sell(contact, 30)
        self.assertEqual(self._offers()[0].supplier, self.supplier)

    def test_agreements_price_their_own_orders_alone(self):
        agreement = self.env["purchase.requisition"].create(
            {
                "vendor_id": self.supplier.id,
                "requisition_type": "blanket_order",
                "line_ids": [
                    Command.create(
                        {"product_id": self.product.id, "product_qty": 10, "price_unit": 20}
                    )
                ],
            }
        )
        agreement.action_confirm()
        self.assertTrue(self.product.seller_ids)
        self.assertEqual(self._offers(), [])

    def test_queries_do_not_grow(self):
        suppliers = self.supplier | self.other
        for number in range(8):
            suppliers |= self._create_supplier(f"Supplier {number}", persons=2)
        products = self.env["product.product"].create(
            [{"name": f"Tea {number}"} for number in range(50)]
        )
        for number, product in enumerate(products):
            for offset in range(2):
                self._sell(suppliers[(number + offset) % 10], 20 + number, product)

        def offers(records):
            found = records._assist_get_offers(self.company, self.today)
            self.assertTrue(all(len(rows) == 2 for rows in found.values()))

        few = self._count_queries(offers, products[:5])
        many = self._count_queries(offers, products)
        self.assert_same_queries(few, many)
