import functools
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_catalogue import CatalogueCommon


@tagged("post_install", "-at_install", "union_assist")
class TestPriceEvidence(CatalogueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jin = cls.env.ref("union_assist_catalog.uom_jin")
        cls.gram = cls.env.ref("uom.product_uom_gram")
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.millet = cls.make_product("Millet", uom_id=cls.jin.id, list_price=17.5)

    def test_prices_are_compared_per_unit(self):
        two_jin = self.make_evidence(
            self.millet, 19.8, quantity=2, uom_id=self.jin.id, note="A complaint on record"
        )
        self.assertAlmostEqual(two_jin.price_unit, 9.9)
        grams = self.make_evidence(self.millet, 9.0, quantity=500, uom_id=self.gram.id)
        self.assertAlmostEqual(grams.price_unit, 9.0)
        self.assertEqual(self.millet.assist_reference_evidence_id, grams)
        self.assertAlmostEqual(self.millet.assist_price_ratio, 1.94)
        self.assertTrue(self.millet.assist_overpriced)
        self.assertIn(self.millet, self.millet.search([("assist_overpriced", "=", True)]))
        self.assertNotIn(self.millet, self.millet.search([("assist_overpriced", "=", False)]))
        self.millet.list_price = 9.0
        self.assertFalse(self.millet.assist_overpriced)

    def test_units_that_do_not_convert_are_refused(self):
        for product, unit in ((self.millet, self.unit), (self.tea, self.gram)):
            with self.assertRefused("does not convert"):
                self.make_evidence(product, 9.0, uom_id=unit.id)
        evidence = self.make_evidence(self.millet, 9.0)
        self.assertEqual(evidence.uom_id, self.jin)
        with self.assertRefused("does not convert"):
            self.millet.uom_id = self.unit
        self.millet.invalidate_recordset()
        self.millet.uom_id = self.env.ref("uom.product_uom_kgm")
        self.assertAlmostEqual(evidence.price_unit, 18.0)

    def test_more_evidence_never_makes_us_look_better(self):
        self.make_evidence(self.millet, 15.0)
        before = self.millet.assist_price_ratio
        self.make_evidence(self.millet, 99.0)
        self.millet.invalidate_recordset()
        self.assertEqual(self.millet.assist_price_ratio, before)

    def test_evidence_ends(self):
        today = self.env.company._assist_today()
        last = self.make_evidence(self.millet, 10.0, date_seen=today - timedelta(days=180))
        over = self.make_evidence(self.millet, 5.0, date_seen=today - timedelta(days=181))
        self.assertEqual(last.date_until, today)
        self.assertTrue(last.valid)
        self.assertFalse(over.valid)
        self.assertEqual(self.millet.assist_reference_evidence_id, last)
        found = last.search([("valid", "=", True), ("product_tmpl_id", "=", self.millet.id)])
        self.assertEqual(found, last)
        found = last.search([("valid", "=", False), ("product_tmpl_id", "=", self.millet.id)])
        self.assertEqual(found, over)

    def test_limit_is_a_dated_rule(self):
        self.make_evidence(self.millet, 20.0)
        self.assertFalse(self.millet.assist_overpriced)
        parameter = self.env.ref("union_assist_catalog.parameter_price_ratio_limit")
        parameter.value = 0.85
        self.millet.invalidate_recordset()
        self.assertTrue(self.millet.assist_overpriced)

    def test_proof(self):
        with self.assertRefused("proof"):
            self.make_evidence(self.millet, 9.0, url=False)
        with self.assertRefused("no link"):
            self.make_evidence(self.millet, 9.0, url="javascript:alert(1)")
        today = self.env.company._assist_today()
        with self.assertRefused("a day to come"):
            self.make_evidence(self.millet, 9.0, date_seen=today + timedelta(days=1))
        for values in ({"price": 0.0}, {"price": 9.0, "quantity": 0.0}):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.make_evidence(self.millet, **values)

    def test_entered_on_the_product(self):
        with Form(self.millet.with_user(self.operator)) as form:
            with form.assist_price_evidence_ids.new() as line:
                line.shop = "Market hall"
                line.price = 16.0
                line.url = "https://example.com/millet"
                self.assertEqual(line.uom_id, self.jin)
        self.assertEqual(self.millet.assist_price_evidence_ids.user_id, self.operator)

    def test_queries_do_not_grow(self):
        products = self.env["product.template"].create(
            [
                {
                    "name": f"Goods {number}",
                    "assist_supplier_id": self.tea_maker.id,
                    "assist_price_evidence_ids": [
                        Command.create({"shop": "Shop", "price": 1, "url": "https://example.com"})
                    ],
                }
                for number in range(50)
            ]
        )
        counts = []
        for size in (5, 50):
            some = products[:size]
            counts.append(self.record_queries(functools.partial(some.mapped, "assist_price_ratio")))
        self.assert_same_queries(*counts)
