from datetime import datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestLinkage(UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.household = cls.make_household("TEST-1", persons=4)

    def verified(self, household=None, supplier=None, **values):
        linkage = self.make_linkage(household or self.household, supplier, **values)
        linkage.action_submit()
        linkage.with_user(self.operator).action_verify()
        return linkage

    def test_verification_is_recorded(self):
        linkage = self.make_linkage(self.household)
        self.assertEqual(linkage.state, "draft")
        with self.assertRaisesRegex(UserError, "TEST-1 – Tea Maker is Draft"), self.cr.savepoint():
            linkage.action_verify()
        linkage.action_submit()
        with freeze_time("2021-04-01 08:00:00"):
            linkage.with_user(self.operator).action_verify()
        self.assertEqual(linkage.verified_by_id, self.operator)
        self.assertEqual(linkage.verified_on, datetime(2021, 4, 1, 8))
        linkage.action_revoke()
        self.assertFalse(linkage.verified_by_id)
        self.assertFalse(linkage.verified_on)

    def test_verification_is_recorded_for_a_plain_write(self):
        linkage = self.make_linkage(self.household, state="submitted")
        linkage.with_user(self.operator).write({"state": "verified"})
        self.assertEqual(linkage.verified_by_id, self.operator)
        imported = (
            self.env["union.assist.linkage"]
            .with_user(self.operator)
            .create(
                {
                    "household_id": self.make_household("TEST-2").id,
                    "supplier_id": self.tea_maker.id,
                    "mechanism_id": self.order_purchase.id,
                    "state": "verified",
                }
            )
        )
        self.assertEqual(imported.verified_by_id, self.operator)

    def test_evidence_cannot_be_entered(self):
        linkage = self.verified().with_user(self.operator)
        for name, value in (
            ("persons", 400),
            ("verified_by_id", self.manager.id),
            ("verified_on", "2020-01-01 00:00:00"),
        ):
            with self.assertRaisesRegex(UserError, "Nobody enters"), self.cr.savepoint():
                linkage.write({name: value})
        self.assertEqual(linkage.persons, 4)

    def test_change_of_what_was_verified_sends_back(self):
        for values in (
            {"share": 0.5},
            {"date_to": "2022-12-31"},
            {"supplier_id": self.orchard.id},
            {"mechanism_id": self.env.ref("union_assist_catalog.mechanism_wage_work").id},
        ):
            with self.subTest(values):
                linkage = self.verified(self.make_household(f"TEST-{values}"))
                linkage.write(values)
                self.assertEqual(linkage.state, "submitted")
                self.assertFalse(linkage.verified_by_id)
                bodies = "".join(linkage.message_ids.mapped("body"))
                self.assertIn("What had been verified was changed", bodies)

    def test_change_of_other_fields_keeps_the_verification(self):
        linkage = self.verified()
        linkage.write({"note": "Contract 12/2021", "promised_amount": 36000})
        self.assertEqual(linkage.state, "verified")

    def test_change_of_the_household_sends_back(self):
        for values in ({"persons": 5}, {"status": "left"}, {"active": False}):
            with self.subTest(values):
                household = self.make_household(f"TEST-{values}")
                linkage = self.verified(household)
                household.write(values)
                self.assertEqual(linkage.state, "submitted")

    def test_unchanged_household_keeps_the_verification(self):
        linkage = self.verified()
        self.household.write({"persons": 4, "status": "lifted", "head_name": "X"})
        self.assertEqual(linkage.state, "verified")

    def test_shares_of_a_household_add_up_to_one_at_most(self):
        self.verified()
        second = self.make_linkage(self.household, self.orchard, state="submitted")
        with (
            self.assertRaisesRegex(ValidationError, "TEST-1 would be counted 2 times"),
            self.cr.savepoint(),
        ):
            second.action_verify()
        self.assertEqual(second.state, "submitted")

    def test_a_part_is_verified_only_under_an_approved_split(self):
        first = self.make_linkage(self.household, share=0.6, state="submitted")
        second = self.make_linkage(self.household, self.orchard, state="submitted")
        with self.assertRaisesRegex(ValidationError, "no approved split"), self.cr.savepoint():
            first.action_verify()
        self.make_split({first: 0.6, second: 0.4})
        self.assertEqual(second.share, 0.4)
        (first | second).action_verify()
        self.assertEqual((first | second).mapped("state"), ["verified"] * 2)

    def test_shares_of_other_days_do_not_add_up(self):
        self.verified(date_to="2021-12-31")
        self.verified(supplier=self.orchard, date_from="2022-01-01")
        with self.assertRaisesRegex(ValidationError, "Tea Maker"), self.cr.savepoint():
            self.verified(supplier=self.orchard, date_from="2021-12-31", date_to="2021-12-31")

    def test_unverified_claims_do_not_block(self):
        self.make_linkage(self.household, state="submitted")
        self.make_linkage(self.household, self.orchard, state="submitted")
        self.verified()

    def test_impossible_values_are_refused(self):
        linkage = self.make_linkage(self.household)
        for values in ({"share": 0}, {"share": 1.01}, {"date_to": "2021-02-28"}):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
            ):
                linkage.write(values)
                linkage.flush_recordset()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.make_household("TEST-0", persons=0)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.make_household("TEST-1")

    def test_verified_linkage_cannot_be_deleted(self):
        linkage = self.verified()
        with self.assertRaisesRegex(UserError, "revoke it instead"), self.cr.savepoint():
            linkage.unlink()
        linkage.action_revoke()
        with self.assertRaisesRegex(UserError, "TEST-1"), self.cr.savepoint():
            linkage.unlink()
        self.make_linkage(self.make_household("TEST-2"), state="submitted").unlink()

    def test_steps_of_many_at_once(self):
        linkages = self.env["union.assist.linkage"].union(
            *(self.make_linkage(self.make_household(f"MANY-{i}")) for i in range(3))
        )
        linkages.action_submit()
        linkages.action_verify()
        self.assertEqual(linkages.mapped("state"), ["verified"] * 3)

    def test_verification_takes_the_same_queries_for_5_and_50(self):
        def queries(size):
            linkages = self.env["union.assist.linkage"].union(
                *(
                    self.make_linkage(self.make_household(f"N{size}-{i}"), state="submitted")
                    for i in range(size)
                )
            )

            def work():
                linkages.with_context(tracking_disable=True).action_verify()

            return self.record_queries(work)

        queries(1)
        self.assert_same_queries(queries(5), queries(50))
