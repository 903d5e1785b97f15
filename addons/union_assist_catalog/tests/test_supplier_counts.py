from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestSupplierCounts(UnionAssistCatalogCommon):
    def test_only_verified_linkages_count(self):
        for code, state in (
            ("A", "draft"),
            ("B", "submitted"),
            ("C", "revoked"),
            ("D", "verified"),
        ):
            self.make_linkage(self.make_household(code, persons=3), state=state)
        self.assertEqual(self.tea_maker.assist_person_count, 3)
        self.assertEqual(self.tea_maker.assist_household_count, 1)
        self.assertEqual(self.orchard.assist_person_count, 0)

    def test_shared_household_counts_by_share(self):
        household = self.make_household("S", persons=5)
        shared = self.make_linkage(household) | self.make_linkage(household, self.orchard)
        self.make_split(dict(zip(shared, (0.6, 0.4), strict=True)))
        shared.write({"state": "verified"})
        counts = (self.tea_maker | self.orchard)._assist_counts(date(2021, 3, 1))
        self.assertAlmostEqual(counts[self.tea_maker.id][0], 0.6)
        self.assertAlmostEqual(counts[self.tea_maker.id][1], 3.0)
        self.assertAlmostEqual(counts[self.orchard.id][1], 2.0)

    def test_linkages_count_on_the_days_of_their_period(self):
        self.make_linkage(
            self.make_household("P", persons=2),
            state="verified",
            date_from="2021-03-01",
            date_to="2021-03-31",
        )
        for day, persons in (
            (date(2021, 2, 28), 0),
            (date(2021, 3, 1), 2),
            (date(2021, 3, 31), 2),
            (date(2021, 4, 1), 0),
        ):
            counts = self.tea_maker._assist_counts(day)
            self.assertEqual(counts.get(self.tea_maker.id, (0, 0))[1], persons, day)
        with freeze_time("2021-03-31 12:00:00"):
            self.tea_maker.invalidate_recordset()
            self.assertEqual(self.tea_maker.assist_person_count, 2)

    def test_persons_of_the_household_follow(self):
        household = self.make_household("F", persons=2)
        linkage = self.make_linkage(household, state="verified")
        household.persons = 3
        self.assertEqual(linkage.persons, 3)
        self.assertEqual(self.tea_maker.assist_person_count, 0, "to be verified again")
        linkage.action_verify()
        self.assertEqual(self.tea_maker.assist_person_count, 3)

    def test_same_queries_for_5_and_50(self):
        suppliers = self.env["res.partner"].create(
            [{"name": f"S{i}", "assist_supplier_kind": "sme"} for i in range(50)]
        )
        for i, supplier in enumerate(suppliers):
            self.make_linkage(self.make_household(f"Q{i}"), supplier, state="verified")

        def queries(partners):

            def work():
                self.assertEqual(set(partners.mapped("assist_person_count")), {4.0})

            return self.record_queries(work)

        queries(suppliers[:1])
        self.assert_same_queries(queries(suppliers[:5]), queries(suppliers))

    def test_suppliers_of_households(self):
        households = self.make_household("H1") | self.make_household("H2")
        households |= self.make_household("H3")
        shared = self.make_linkage(households[0]) | self.make_linkage(households[0], self.orchard)
        self.make_split(dict.fromkeys(shared, 0.5))
        shared.write({"state": "verified"})
        self.make_linkage(households[1], state="submitted")
        self.make_linkage(households[2], state="verified", date_to="2021-12-31")
        self.assertEqual(households[0].supplier_ids, self.tea_maker | self.orchard)
        self.assertFalse((households[1] | households[2]).supplier_ids)

    def test_button_opens_the_suppliers_linkages(self):
        linkage = self.make_linkage(self.make_household("O"))
        self.make_linkage(self.make_household("O2"), self.orchard)
        action = self.tea_maker.with_user(self.viewer).action_view_assist_linkages()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), linkage)
