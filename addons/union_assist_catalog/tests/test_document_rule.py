from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .test_certificate import CertificateCommon

DAY = date(2026, 3, 1)


@tagged("post_install", "-at_install", "union_assist")
class TestDocumentRule(CertificateCommon):
    def obstacles(self, supplier, products, day=DAY):
        return supplier._assist_document_obstacles(products.product_variant_ids, day)

    def test_the_goods_class_follows_from_the_category(self):
        parent = self.env["product.category"].create(
            {"name": "Food", "assist_goods_class_id": self.goods_class("packaged_food").id}
        )
        child = parent.create({"name": "Snacks", "parent_id": parent.id})
        own = parent.create(
            {
                "name": "Oil",
                "parent_id": parent.id,
                "assist_goods_class_id": self.goods_class("edible_oil").id,
            }
        )
        snack, oil = self.env["product.template"].create(
            [{"name": "Snack", "categ_id": child.id}, {"name": "Oil", "categ_id": own.id}]
        )
        self.assertEqual(snack.assist_goods_class_id, self.goods_class("packaged_food"))
        self.assertEqual(oil.assist_goods_class_id, self.goods_class("edible_oil"))
        parent.assist_goods_class_id = self.goods_class("dried_goods")
        self.assertEqual(snack.assist_goods_class_id, self.goods_class("dried_goods"))
        self.assertEqual(oil.assist_goods_class_id, self.goods_class("edible_oil"))
        with Form(snack) as form:
            form.assist_goods_class_id = self.goods_class("fresh_fruit")
        self.assertEqual(snack.assist_own_goods_class_id, self.goods_class("fresh_fruit"))
        parent.assist_goods_class_id = self.goods_class("honey")
        self.assertEqual(snack.assist_goods_class_id, self.goods_class("fresh_fruit"))
        snack.assist_goods_class_id = False
        self.assertEqual(snack.assist_goods_class_id, self.goods_class("honey"))
        self.assertFalse(snack.assist_own_goods_class_id)
        snack.categ_id = own
        self.assertEqual(snack.assist_goods_class_id, self.goods_class("edible_oil"))

    def test_missing_documents_of_products(self):
        products = self.tea | self.apple
        licence, business = self.kind("food_licence"), self.kind("business_licence")
        missing = products._assist_missing_documents(DAY)
        self.assertEqual(missing[self.tea.id], licence | business)
        self.assertEqual(missing[self.apple.id], business, "no licence for fresh fruit")
        self.make()
        self.make("business_licence", date_to=False)
        missing = products._assist_missing_documents(DAY)
        self.assertFalse(missing[self.tea.id])
        self.assertEqual(missing[self.apple.id], business, "that of another supplier is none")
        self.assertEqual(self.tea._assist_missing_documents(date(2026, 7, 1))[self.tea.id], licence)
        self.assertFalse(self.tea._assist_missing_documents(date(2026, 6, 30))[self.tea.id])
        self.assertEqual(
            self.tea._assist_missing_documents(date(2021, 6, 30))[self.tea.id],
            licence | business,
            "before their first day",
        )

    def test_documents_of_a_batch_do_not_block(self):
        conformity, report = self.kind("conformity"), self.kind("lab_report")
        needed = (self.tea | self.apple)._assist_batch_documents(DAY)
        self.assertEqual(needed, {self.tea.id: report, self.apple.id: conformity})
        self.assertFalse(
            self.apple._assist_batch_documents(date(2026, 1, 31))[self.apple.id],
            "asked for since 1 February 2026",
        )
        self.assertNotIn(conformity, self.apple._assist_missing_documents(DAY)[self.apple.id])

    def test_missing_documents_of_suppliers(self):
        suppliers = self.tea_maker | self.orchard
        licence, business = self.kind("food_licence"), self.kind("business_licence")
        self.assertEqual(
            suppliers._assist_missing_documents(DAY),
            {self.tea_maker.id: licence | business, self.orchard.id: business},
        )
        self.make()
        self.make("business_licence", date_to=False)
        union = self.env["res.partner"].create({"name": "Union"})
        missing = (suppliers | union)._assist_missing_documents(DAY)
        self.assertFalse(missing[self.tea_maker.id] | missing[union.id])

    def test_only_verified_documents_are_in_place(self):
        for state in ("draft", "submitted", "revoked"):
            self.make(state=state)
        self.assertIn(
            self.kind("food_licence"), self.tea._assist_missing_documents(DAY)[self.tea.id]
        )

    def test_one_of_several_types_is_enough(self):
        rule = self.env["union.assist.document.rule"].create(
            {
                "goods_class_id": self.goods_class("tea").id,
                "type_ids": [(6, 0, (self.kind("organic") | self.kind("green_food")).ids)],
                "date_from": "2026-01-01",
                "source": "Test",
            }
        )
        self.assertEqual(rule.scope, "product")
        self.assertFalse(rule.is_per_batch)
        both = self.kind("organic") | self.kind("green_food")
        self.assertEqual(self.tea._assist_missing_documents(DAY)[self.tea.id] & both, both)
        other = self.tea.copy({"name": "Other Tea"})
        self.make("organic", products=other, number="1")
        self.assertTrue(self.tea._assist_missing_documents(DAY)[self.tea.id] & both)
        self.make("green_food", products=self.tea, number="2", review_due="2026-05-01")
        self.assertFalse(self.tea._assist_missing_documents(DAY)[self.tea.id] & both)
        with self.assertRaises(ValidationError):
            rule.type_ids = self.kind("organic") | self.kind("food_licence")
        with self.assertRaises(ValidationError):
            rule.type_ids = False

    def test_orders_name_what_is_in_the_way(self):
        found = self.obstacles(self.tea_maker, self.tea)
        self.assertEqual(len(found), 2)
        self.make("business_licence", date_to=False)
        [missing] = self.obstacles(self.tea_maker, self.tea)
        for words in ("Tea", "Food Production Licence (SC)", "Tea Maker", "missing", "upload"):
            self.assertIn(words, missing)
        document = self.make(state="submitted")
        [waiting] = self.obstacles(self.tea_maker, self.tea)
        self.assertIn("waits for verification", waiting)
        document.action_verify()
        self.assertEqual(self.obstacles(self.tea_maker, self.tea), [])
        self.assertEqual(self.obstacles(self.tea_maker, self.tea, date(2026, 6, 30)), [])
        [expired] = self.obstacles(self.tea_maker, self.tea, date(2026, 7, 1))
        self.assertIn("expired on 06/30/2026", expired)
        self.make(date_from="2026-08-01", date_to="2031-07-31")
        [not_yet] = self.obstacles(self.tea_maker, self.tea, date(2026, 7, 2))
        self.assertIn("holds only from 08/01/2026", not_yet)

    def test_one_sentence_for_each_document_not_for_each_product(self):
        second = self.tea.copy({"name": "Second Tea"})
        found = self.obstacles(self.tea_maker, self.tea | second)
        self.assertEqual(len(found), 2)
        self.assertIn("Tea, Second Tea", found[0])

    def test_other_suppliers_and_goods_are_left_alone(self):
        plain = self.env["product.template"].create({"name": "Pallet"})
        self.assertFalse(plain.assist_goods_class_id)
        self.assertEqual(self.obstacles(self.tea_maker, plain), [])
        union = self.env["res.partner"].create({"name": "Shop", "is_company": True})
        self.assertEqual(self.obstacles(union, self.tea), [])
        self.assertEqual(plain._assist_missing_documents(DAY)[plain.id].ids, [])

    def test_contacts_order_for_their_company(self):
        contact = self.env["res.partner"].create({"name": "C", "parent_id": self.tea_maker.id})
        self.assertEqual(len(self.obstacles(contact, self.tea)), 2)

    def test_who_may_not_read_documents_is_told_the_same(self):
        self.make()
        [missing] = self.tea_maker.with_user(self.roles_internal())._assist_document_obstacles(
            self.tea.product_variant_ids, DAY
        )
        self.assertIn("Business Licence", missing)

    def roles_internal(self):
        return self.env["res.users"].create(
            {
                "name": "Buyer",
                "login": "assist_buyer",
                "group_ids": [(6, 0, self.env.ref("base.group_user").ids)],
            }
        )

    def test_forms_show_what_is_needed(self):
        self.make()
        shown = self.tea.with_user(self.viewer).assist_needs_html
        self.assertIn("Business Licence", shown)
        self.assertIn("Missing", shown)
        self.assertIn("With each batch", shown)
        self.assertIn("Lab Report", self.tea_maker.with_user(self.viewer).assist_needs_html)
        self.assertEqual(self.tea_maker.with_user(self.viewer).assist_certificate_count, 1)
        action = self.tea_maker.with_user(self.viewer).action_view_assist_certificates()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]).number[:2], "SC")
        organic = self.make("organic", products=self.tea, number="1")
        action = self.tea.with_user(self.viewer).action_view_assist_certificates()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), organic)
        self.assertEqual(self.tea.with_user(self.viewer).assist_certificate_count, 1)

    def test_same_queries_for_5_and_50(self):
        suppliers = self.env["res.partner"].create(
            [{"name": f"S{i}", "assist_supplier_kind": "sme"} for i in range(50)]
        )
        products = self.env["product.template"].create(
            [
                {
                    "name": f"P{i}",
                    "assist_supplier_id": supplier.id,
                    "assist_goods_class_id": self.goods_class(code).id,
                }
                for i, supplier in enumerate(suppliers)
                for code in [("tea", "fresh_fruit", "egg")[i % 3]]
            ]
        )
        for supplier in suppliers:
            self.make(supplier=supplier, number="SC11464010500015")
        for product in products:
            self.make("organic", product.assist_supplier_id, product, number="1")

        for records, method in (
            (products, "_assist_missing_documents"),
            (products, "_assist_batch_documents"),
            (suppliers, "_assist_missing_documents"),
        ):

            def ask(subset, method=method):
                return lambda: getattr(subset, method)(DAY)

            ask(records[:1])()
            with self.subTest(model=records._name, method=method):
                few = self.count_queries(ask(records[:5]))
                self.assert_same_queries(few, self.count_queries(ask(records)))
                self.assertLess(len(few), 15)

        # One order of 5 and of 50 products of one supplier.
        products.assist_supplier_id = suppliers[0]
        few = self.count_queries(lambda: self.obstacles(suppliers[0], products[:5]))
        self.assert_same_queries(
            few, self.count_queries(lambda: self.obstacles(suppliers[0], products))
        )
