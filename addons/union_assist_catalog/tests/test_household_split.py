from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestHouseholdSplit(UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.household = cls.make_household("SPLIT-1", persons=4)
        cls.tea = cls.make_linkage(cls.household, state="submitted")
        cls.fruit = cls.make_linkage(cls.household, cls.orchard, state="submitted")

    def conflicts(self):
        return self.env["union.assist.linkage"].search(
            [("in_conflict", "=", True), ("household_id.code", "=like", "SPLIT-%")]
        )

    def test_conflict(self):
        self.assertEqual(self.conflicts(), self.tea | self.fruit)
        self.assertTrue(self.household.in_conflict)
        self.assertIn("Orchard", self.tea.conflict_reason)
        self.assertIn("2021-03-01", self.tea.conflict_reason)
        found = self.env["union.assist.household"].search([("in_conflict", "=", True)])
        self.assertIn(self.household, found)
        self.assertNotIn(
            self.household,
            self.env["union.assist.household"].search([("in_conflict", "=", False)]),
        )
        self.fruit._refuse("Not theirs")
        self.assertFalse(self.conflicts())
        self.assertFalse(self.household.in_conflict)

    def test_no_conflict_on_other_days_or_of_one_supplier(self):
        self.fruit.write({"date_from": "2022-01-01"})
        self.tea.write({"date_to": "2021-12-31"})
        self.assertFalse(self.conflicts())
        self.make_linkage(self.household, state="submitted", date_to="2021-12-31")
        self.assertFalse(self.conflicts())

    def test_an_approved_split_settles_the_days_that_it_covers(self):
        split = self.make_split({self.tea: 0.5, self.fruit: 0.5}, approve=False)
        self.assertTrue(self.conflicts())
        split.with_user(self.operator).action_approve()
        self.assertFalse(self.conflicts())
        (self.tea | self.fruit).action_verify()
        self.assertFalse(self.conflicts())
        with freeze_time("2021-07-01 04:00:00"):
            split.action_end()
        self.assertEqual((split.state, split.date_to), ("ended", date(2021, 6, 30)))
        self.assertEqual(self.conflicts(), self.tea | self.fruit)
        self.assertIn("2021-07-01", self.tea.conflict_reason)
        for day, persons in ((date(2021, 6, 30), 2), (date(2021, 7, 1), 0)):
            counts = self.tea_maker._assist_counts(day)
            self.assertEqual(counts.get(self.tea_maker.id, (0, 0))[1], persons)

    def test_another_person_approves(self):
        split = self.make_split({self.tea: 0.5, self.fruit: 0.5}, approve=False)
        split = split.with_user(self.operator)
        split.reason = "Written anew"
        self.assertEqual(split.author_id, self.operator)
        with self.assertRaisesRegex(UserError, "another person"):
            split.action_approve()
        split.with_user(self.official).action_approve()
        self.assertEqual((split.state, split.approved_by_id), ("approved", self.official))
        self.assertTrue(split.approved_on)

    def test_who_writes_shares_is_the_author(self):
        split = self.make_split({self.tea: 0.5, self.fruit: 0.5}, approve=False)
        split.line_ids[0].with_user(self.operator).share = 0.5
        self.assertEqual(split.author_id, self.operator)
        for values in ({"author_id": self.manager.id}, {"state": "approved"}):
            with self.assertRaisesRegex(UserError, "buttons"):
                split.with_user(self.operator).write(values)
        forged = split.with_user(self.operator).copy({"author_id": self.manager.id})
        self.assertEqual(forged.author_id, self.operator)

    def test_shares_add_up_to_one(self):
        for shares in ((0.5, 0.4), (0.5, 0.5001), (1,)):
            with self.subTest(shares), self.assertRaisesRegex(ValidationError, "add up"):
                self.make_split(dict(zip(self.tea | self.fruit, shares, strict=False)))
        third = self.make_linkage(self.household, self.orchard, state="submitted")
        thirds = dict(zip(self.tea | self.fruit | third, (0.3333, 0.3333, 0.3334), strict=True))
        self.make_split(thirds)
        self.assertEqual(third.share, 0.3334)

    def test_of_one_household_and_not_twice(self):
        other = self.make_linkage(self.make_household("SPLIT-2"))
        with self.assertRaisesRegex(ValidationError, "another household"):
            self.make_split({self.tea: 0.5, other: 0.5})
        self.make_split({self.tea: 0.5, self.fruit: 0.5}, date_to="2021-12-31")
        with self.assertRaisesRegex(ValidationError, "already"), self.cr.savepoint():
            self.make_split({self.tea: 0.4, self.fruit: 0.6}, date_from="2021-12-31")
        self.make_split({self.tea: 0.4, self.fruit: 0.6}, date_from="2022-01-01")

    def test_what_was_approved_stays(self):
        split = self.make_split({self.tea: 0.5, self.fruit: 0.5})
        for values in (
            {"date_from": "2020-01-01"},
            {"reason": "Else"},
            {"line_ids": [Command.clear()]},
        ):
            with self.assertRaisesRegex(UserError, "stays as it is"), self.cr.savepoint():
                split.with_user(self.operator).write(values)
        with self.assertRaisesRegex(UserError, "stays as it is"), self.cr.savepoint():
            split.line_ids[0].share = 0.4
        with self.assertRaisesRegex(UserError, "stays as it is"), self.cr.savepoint():
            split.unlink()

    def test_days_outside_the_split_do_not_count(self):
        self.make_split({self.tea: 0.5, self.fruit: 0.5}, date_to="2021-12-31")
        (self.tea | self.fruit).action_verify()
        row = self.tea.verification_ids
        self.assertEqual((row.date_from, row.date_to), (date(2021, 3, 1), date(2021, 12, 31)))
        self.make_split({self.tea: 0.25, self.fruit: 0.75}, date_from="2022-01-01")
        (self.tea | self.fruit).action_verify()
        for day, persons in ((date(2021, 12, 31), 2), (date(2022, 1, 1), 1)):
            counts = self.tea_maker._assist_counts(day)
            self.assertEqual(counts[self.tea_maker.id][1], persons)
        self.assertFalse(self.conflicts())

    def test_a_split_over_asks_for_a_new_one(self):
        today = self.env.company._assist_today()
        split = self.make_split({self.tea: 0.5, self.fruit: 0.5}, date_to=today - timedelta(days=1))
        (self.tea | self.fruit).action_verify()
        self.env["union.assist.linkage"]._expire()
        self.assertEqual(split.state, "ended")
        self.assertEqual(self.tea.state, "submitted")
        self.assertIn("split", self.tea.state_reason)

    def test_the_form_proposes_equal_shares(self):
        action = self.household.with_user(self.operator).action_view_splits()
        form = Form(
            self.env["union.assist.household.split"]
            .with_user(self.operator)
            .with_context(**action["context"])
        )
        form.reason = "Both buy its harvest"
        split = form.save()
        self.assertEqual(split.line_ids.mapped("share"), [0.5, 0.5])
        self.assertEqual(split.line_ids.linkage_id, self.tea | self.fruit)

    def test_officials_of_other_counties_see_nothing(self):
        split = self.make_split({self.tea: 0.5, self.fruit: 0.5}, approve=False)
        self.official.assist_region_ids = self.env.ref("union_assist_catalog.region_610827")
        for record in (split, split.line_ids, self.tea):
            record = record.with_user(self.official)
            self.assertFalse(record.search([("id", "in", record.ids)]))
            with self.assertRaises(AccessError):
                record.read(["display_name"])
        with self.assertRaises(AccessError):
            split.with_user(self.official).action_approve()

    def test_conflicts_take_the_same_queries_for_5_and_50(self):
        def queries(size):
            linkages = self.env["union.assist.linkage"]
            for i in range(size):
                household = self.make_household(f"SPLIT-Q{size}-{i}")
                linkages |= self.make_linkage(household, state="submitted")
                linkages |= self.make_linkage(household, self.orchard, state="submitted")

            def work():
                found = self.env["union.assist.linkage"].search(
                    [("in_conflict", "=", True), ("id", "in", linkages.ids)]
                )
                self.assertTrue(all(found.mapped("in_conflict")))
                self.assertEqual(found, linkages)

            return self.record_queries(work)

        queries(1)
        self.assert_same_queries(queries(5), queries(50))
