from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestVerification(UnionAssistCatalogCommon):
    """Figures of past days stay what they were, whatever happens later."""

    def setUp(self):
        super().setUp()
        self.household = self.make_household("HIST-1", persons=4)
        self.linkage = self.at(
            "2021-03-10", lambda: self.make_linkage(self.household, state="verified")
        )

    def at(self, day, work):
        # Noon in UTC is the same day in Shaanxi.
        with freeze_time(f"{day} 04:00:00"):
            return work()

    def persons(self, supplier=None):
        """Persons counted on some days around the changes that the tests make on 2021-06-01."""
        supplier = supplier or self.tea_maker
        days = (date(2021, 2, 28), date(2021, 3, 1), date(2021, 5, 31), date(2021, 6, 1))
        return [supplier._assist_counts(day).get(supplier.id, (0, 0))[1] for day in days]

    def rows(self):
        return [
            (str(row.date_from), str(row.date_to or ""), row.persons, row.void)
            for row in self.linkage.verification_ids.sorted("id")
        ]

    def test_verified(self):
        self.assertEqual(self.persons(), [0, 4, 4, 4])
        row = self.linkage.verification_ids
        self.assertEqual(row.household_persons, 4)
        self.assertEqual(row.region_id, self.county)
        self.assertEqual(row.method, "documents")
        self.assertEqual(row.verified_by_id, self.env.user)

    def test_revoked(self):
        self.at("2021-06-01", self.linkage.action_revoke)
        self.assertEqual(self.persons(), [0, 4, 4, 0])
        row = self.linkage.verification_ids
        self.assertEqual(row.date_to, date(2021, 5, 31))
        self.assertEqual(row.ended_by_id, self.env.user)
        self.assertTrue(row.end_reason)

    def test_revoked_because_it_was_false_from_the_start(self):
        self.at("2021-06-01", lambda: self.linkage._revoke("Never seen there", date.min))
        self.assertEqual(self.persons(), [0, 0, 0, 0])
        self.assertTrue(self.linkage.verification_ids.void)
        self.assertEqual(self.linkage.state_reason, "Never seen there")

    def test_revoked_because_it_was_false_from_a_day(self):
        self.at("2021-06-01", lambda: self.linkage._revoke("Left in April", date(2021, 4, 1)))
        self.assertEqual(self.persons(), [0, 4, 0, 0])
        self.assertEqual(self.rows(), [("2021-03-01", "2021-03-31", 4, False)])

    def test_persons_changed(self):
        self.at("2021-06-01", lambda: self.household.write({"persons": 6}))
        self.assertEqual(self.persons(), [0, 4, 4, 0])
        self.at("2021-06-03", self.linkage.action_verify)
        self.assertEqual(self.persons(), [0, 4, 4, 6])
        self.assertEqual(
            self.rows(),
            [("2021-03-01", "2021-05-31", 4, False), ("2021-06-01", "", 6, False)],
        )

    def test_share_changed(self):
        other = self.make_linkage(self.household, self.orchard, date_from="2021-06-01")
        self.at(
            "2021-06-01",
            lambda: self.make_split({self.linkage: 0.75, other: 0.25}, "2021-06-01"),
        )
        self.assertEqual(self.persons(), [0, 4, 4, 0])
        self.assertEqual(self.linkage.state, "submitted")
        other.action_submit()
        self.at("2021-06-02", (self.linkage | other).action_verify)
        self.assertEqual(self.persons(), [0, 4, 4, 3])
        self.assertEqual(self.persons(self.orchard), [0, 0, 0, 1])

    def test_supplier_changed(self):
        def hand_over():
            self.linkage.supplier_id = self.orchard
            self.linkage.action_verify()

        self.at("2021-06-01", hand_over)
        self.assertEqual(self.persons(), [0, 4, 4, 0])
        self.assertEqual(self.persons(self.orchard), [0, 0, 0, 4])

    def test_period_extended_backwards(self):
        def extend():
            self.linkage.date_from = "2021-01-01"
            self.linkage.action_verify()

        self.at("2021-06-01", extend)
        self.assertEqual(self.persons(), [4, 4, 4, 4])
        self.assertEqual(len(self.linkage.verification_ids), 3)

    def test_sent_back_on_the_day_it_was_verified(self):
        linkage = self.at(
            "2021-06-01",
            lambda: self.make_linkage(
                self.make_household("HIST-2"), self.orchard, date_from="2021-06-01"
            ),
        )
        linkage.state = "submitted"
        self.at("2021-06-01", linkage.action_verify)
        self.at("2021-06-01", linkage.action_revoke)
        self.assertTrue(linkage.verification_ids.void)
        self.assertEqual(self.persons(self.orchard), [0, 0, 0, 0])

    def test_verified_again_because_the_earlier_one_was_wrong(self):
        def again():
            self.household.persons = 2
            self.linkage.verification_ids._end(date.min, "Two are not theirs")
            self.linkage.action_verify()

        self.at("2021-06-01", again)
        self.assertEqual(self.persons(), [0, 2, 2, 2])

    def test_nothing_is_verified_twice(self):
        ended = self.make_linkage(
            self.make_household("HIST-3"), state="verified", date_to="2021-12-31"
        )
        ended.action_revoke()
        ended.action_submit()
        with self.assertRaisesRegex(ValidationError, "covers all of its days"):
            ended.action_verify()

    def test_past_claims_are_not_counted_again(self):
        self.at("2021-06-01", self.linkage.action_revoke)
        claim = self.make_linkage(self.household, self.orchard, state="submitted")
        with self.assertRaisesRegex(ValidationError, "counted 2 times"), self.cr.savepoint():
            claim.action_verify()
        claim.date_from = "2021-06-01"
        claim.action_verify()
        self.assertEqual(self.persons(self.orchard), [0, 0, 0, 4])

    def test_evidence_is_append_only(self):
        row = self.linkage.verification_ids
        for user in (self.viewer, self.official, self.operator, self.manager):
            for values in ({"void": True}, {"date_to": "2021-04-01"}):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    row.with_user(user).write(values)
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
            with self.assertRaises(AccessError):
                row.with_user(user).copy()
        for values in ({"share": 0.5}, {"household_persons": 9}, {"date_from": "2020-01-01"}):
            with self.assertRaisesRegex(UserError, "never changes"):
                row.write(values)
        with self.assertRaisesRegex(UserError, "never deleted"):
            row.unlink()

    def test_expiry_does_not_decide_what_counts(self):
        today = self.env.company._assist_today()
        linkage = self.make_linkage(
            self.make_household("HIST-4"), self.orchard, date_to=today, state="verified"
        )
        self.env["union.assist.linkage"]._expire()
        self.assertEqual(linkage.state, "verified")
        self.assertEqual(self.orchard.assist_person_count, 4)
        linkage.date_to = today - timedelta(days=1)
        self.assertEqual(linkage.state, "submitted")
        linkage.verification_ids._end(date.min, "Entered with a wrong day")
        linkage.action_verify()
        self.orchard.invalidate_recordset()
        self.assertEqual(self.orchard.assist_person_count, 0)
        self.env["union.assist.linkage"]._expire()
        self.assertEqual(linkage.state, "expired")
        self.assertEqual(self.orchard._assist_counts(date(2021, 3, 1))[self.orchard.id][1], 4)

    def test_the_day_ends_in_shaanxi(self):
        self.env.company.partner_id.tz = "Asia/Shanghai"
        linkage = self.make_linkage(
            self.make_household("HIST-5"), self.orchard, date_to="2021-05-31", state="verified"
        )
        for moment, persons in (("2021-05-31 15:59:00", 4), ("2021-05-31 16:01:00", 0)):
            with freeze_time(moment):
                self.orchard.invalidate_recordset()
                self.assertEqual(self.orchard.assist_person_count, persons, moment)
                self.env["union.assist.linkage"]._expire()
                self.assertEqual(linkage.state, "verified" if persons else "expired")

    def test_regions(self):
        village = self.env["union.assist.region"].create(
            {"name": "Village", "level": "village", "parent_id": self.county.id}
        )
        self.make_linkage(
            self.make_household("HIST-6", persons=3, region_id=village.id), state="verified"
        )
        self.at("2021-06-01", self.linkage.action_revoke)
        regions = village | self.county | self.county.parent_id
        other = self.env.ref("union_assist_catalog.region_610827")
        before = regions._assist_counts(date(2021, 2, 28))
        for day, persons in ((date(2021, 3, 1), 7), (date(2021, 6, 1), 3)):
            counts = (regions | other)._assist_counts(day)
            self.assertEqual(counts[village.id], (1, 3))
            grown = [
                counts[region.id][1] - before.get(region.id, (0, 0))[1]
                for region in (self.county, self.county.parent_id)
            ]
            demo = [
                self.demo_persons(region, day) - self.demo_persons(region, date(2021, 2, 28))
                for region in (self.county, self.county.parent_id)
            ]
            self.assertEqual(grown, [persons + extra for extra in demo])
        self.assertEqual(
            self.county.with_user(self.official).person_count, self.county.person_count
        )

    def demo_persons(self, region, day):
        """Persons of other suppliers' households: the demo data's."""
        rows = self.env["union.assist.verification"].search(
            self.env["union.assist.verification"]._get_counted_domain(day)
        )
        return sum(
            row.persons
            for row in rows
            if row.supplier_id != self.tea_maker
            and row.region_id.parent_path.startswith(region.parent_path)
        )

    def test_figures_take_one_query(self):
        suppliers = self.tea_maker | self.orchard
        regions = self.env["union.assist.region"].search([], limit=50)
        for records in (suppliers[:1], suppliers, regions[:5], regions):
            records._assist_counts(date(2021, 4, 1))
            with self.subTest(records), self.assertQueryCount(1):
                records._assist_counts(date(2021, 4, 1))

    def test_sending_back_takes_the_same_queries_for_5_and_50(self):
        def queries(size):
            linkages = self.env["union.assist.linkage"].concat(
                *(
                    self.make_linkage(self.make_household(f"B{size}-{i}"), state="verified")
                    for i in range(size)
                )
            )
            return self.record_queries(lambda: linkages._revoke("Gone"))

        queries(1)
        self.assert_same_queries(queries(5), queries(50))
