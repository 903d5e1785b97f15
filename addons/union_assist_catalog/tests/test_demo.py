from unittest import SkipTest

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install", "union_assist")
class TestDemo(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref("union_assist_catalog.partner_supplier_sheddun", False):
            raise SkipTest("The catalogue was installed without its demo data.")

    def demo(self, name):
        return self.env.ref(f"union_assist_catalog.{name}")

    def test_persons_of_the_suppliers(self):
        for name, persons in (("sheddun", 150), ("shengtai", 171), ("qingchuang", 240)):
            supplier = self.demo(f"partner_supplier_{name}")
            self.assertEqual(supplier.assist_person_count, persons, supplier.name)
            self.assertGreater(persons, supplier.assist_household_count)
            self.assertGreater(supplier.assist_household_count, 0)

    def test_households_are_invented_and_in_their_county(self):
        ids = self.env["ir.model.data"].search(
            [
                ("module", "=", "union_assist_catalog"),
                ("model", "=", "union.assist.household"),
            ]
        )
        households = self.env["union.assist.household"].browse(ids.mapped("res_id"))
        self.assertGreater(len(households), 300)
        for household in households:
            self.assertEqual(household.code[:11], f"SYN-{household.region_id.code}-")
            self.assertIn("示例", household.head_name)
            for linkage in household.linkage_ids.filtered(
                lambda line: line.share == 1 and not line.in_conflict
            ):
                self.assertEqual(linkage.supplier_id.assist_region_id, household.region_id)

    def test_household_files_are_invented_and_without_identity(self):
        data = self.env["ir.model.data"].search([("module", "=", "union_assist_catalog")])
        by_model = data.grouped("model")

        def shipped(model):
            return self.env[model].browse(by_model[model].mapped("res_id"))

        members = shipped("union.assist.household.member")
        self.assertGreater(len(members), 50)
        self.assertTrue(all("示例" in member.name for member in members))
        households = shipped("union.assist.household")
        for people in (members, households):
            self.assertFalse(any(people.mapped("identity_hash")))
        self.assertGreater(len(shipped("union.assist.household.consent")), 100)
        for household in households:
            newest = household.status_ids.sorted("date_from")[-1]
            self.assertEqual(newest.status, household.status, household.code)
        self.assertGreater(len(households.status_ids), len(households))

    def test_every_state_has_something_to_show(self):
        states = self.env["union.assist.linkage"]._read_group([], ["state"], ["__count"])
        self.assertEqual(
            {state for state, count in states if count},
            {"draft", "submitted", "verified", "expired", "revoked"},
        )
        check = self.demo("spot_check_zhashui")
        self.assertEqual((check.state, check.failed_count), ("closed", 1))
        self.assertGreater(check.persons_deducted, 0)
        self.assertEqual(self.demo("spot_check_sheddun").state, "drawn")
        self.assertEqual(self.demo("household_split_007").state, "draft")
        self.assertEqual(self.demo("linkage_102").paid_amount, 4800)
        self.assertTrue(self.env["union.assist.linkage"].search([("share", "<", 1)]))
        for card in self.env["union.assist.overview.card"].search(
            [
                (
                    "id",
                    "in",
                    (
                        self.demo("card_linkage_to_verify").id,
                        self.demo("card_household_unlinked").id,
                        self.demo("card_linkage_conflict").id,
                        self.demo("card_household_split_to_approve").id,
                        self.demo("card_spot_check").id,
                    ),
                )
            ]
        ):
            card = card.with_user(self.demo("user_operator"))
            self.assertGreater(card.count, 0, card.name)

    def test_logins(self):
        operator = self.demo("user_operator")
        self.assertTrue(operator.has_group("union_assist_catalog.group_operator"))
        self.assertFalse(operator.has_group("union_assist_catalog.group_manager"))
        supplier = self.demo("user_supplier")
        self.assertTrue(supplier._is_portal())
        self.assertEqual(supplier.commercial_partner_id, self.demo("partner_supplier_sheddun"))
        for user in operator | supplier | self.env.ref("base.user_admin"):
            self.assertEqual((user.lang, user.tz), ("zh_CN", "Asia/Shanghai"))

    def test_every_product_is_described_and_most_are_recommended(self):
        products = self.env["product.template"].search(
            [("assist_supplier_id", "!=", False), ("default_code", "=like", "SYN-%")]
        )
        self.assertGreaterEqual(len(products), 11)
        for product in products:
            for name in (
                "barcode",
                "assist_origin_id",
                "assist_specification",
                "assist_shelf_life_days",
                "assist_storage",
                "assist_mechanism_id",
                "assist_origin_story",
                "assist_price_evidence_ids",
            ):
                self.assertTrue(product[name], f"{product.name}: {name}")
            self.assertIn(product.assist_supplier_id, product.seller_ids.partner_id)
            for evidence in product.assist_price_evidence_ids:
                self.assertIn("示例", f"{evidence.shop}{evidence.note}")
        entries = products.assist_entry_ids
        listed = entries.filtered("listed")
        self.assertGreater(len(listed), len(entries) / 2)
        self.assertEqual(len(entries.filtered("manual")), 1)
        out = (entries - listed).reason_ids.criterion_id.mapped("code")
        self.assertGreaterEqual(len(out), 4, "goods are out for differing reasons")

    def test_the_complaint_on_millet_is_evidence(self):
        millet = self.demo("product_millet")
        evidence = self.demo("price_evidence_millet_1")
        self.assertEqual((evidence.price, evidence.quantity), (19.8, 2.0))
        self.assertAlmostEqual(evidence.price_unit, 9.9)
        self.assertEqual(millet.assist_price_ratio, 1.0)
