from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestLinkageReview(UnionAssistCatalogCommon):
    def make_linkages(self, count, prefix="REV", **values):
        households = self.env["union.assist.household"].create(
            [
                {"code": f"{prefix}-{i}", "region_id": self.county.id, "persons": 3}
                for i in range(count)
            ]
        )
        return self.env["union.assist.linkage"].create(
            [
                {
                    "household_id": household.id,
                    "supplier_id": self.tea_maker.id,
                    "mechanism_id": self.order_purchase.id,
                    "date_from": "2021-03-01",
                    "state": "submitted",
                    **values,
                }
                for household in households
            ]
        )

    def review(self, linkages, operation, user=None, **values):
        linkages = linkages.with_user(user or self.operator)
        action = getattr(linkages, f"action_review_{operation}")()
        review = self.env[action["res_model"]].with_user(user or self.operator)
        review = review.browse(action["res_id"])
        review.write(values)
        return review

    def test_verify(self):
        linkages = self.make_linkages(3)
        review = self.review(linkages, "verify", method="phone", note="Called on Monday")
        self.assertEqual((review.ready_count, review.ready_persons), (3, 9))
        self.assertEqual(review.blocked_count, 0)
        review.action_apply()
        self.assertEqual(self.tea_maker.assist_person_count, 9)
        rows = linkages.verification_ids
        self.assertEqual(set(rows.mapped("method")), {"phone"})
        self.assertEqual(rows.verified_by_id, self.operator)
        self.assertEqual(set(linkages.mapped("verified_note")), {"Called on Monday"})
        self.assertIn("Called on Monday", str(linkages[0].message_ids.mapped("body")))

    def test_what_cannot_be_verified_is_named_and_the_rest_goes_on(self):
        linkages = self.make_linkages(5)
        linkages[0].state = "draft"
        linkages[1].household_id.status = "left"
        linkages[2].share = 0.5
        rival = self.make_linkage(linkages[3].household_id, self.orchard, state="submitted")
        review = self.review(linkages | rival, "verify")
        self.assertEqual((review.ready_count, review.blocked_count), (1, 5))
        summary = str(review.blocked_summary)
        for part in ("Draft", "left the register", "no approved split", "counted 2 times"):
            self.assertIn(part, summary)
        self.assertIn("REV-3", summary)
        self.assertNotIn("REV-4", summary)
        result = review.action_apply()
        self.assertIn("5", result["params"]["message"])
        self.assertEqual(
            (linkages | rival).mapped("state"),
            ["draft", "submitted", "submitted", "submitted", "verified", "submitted"],
        )
        with self.assertRaises(UserError):
            self.review(linkages[:3], "verify").action_apply()
        self.assertEqual(self.review(linkages[3], "verify").conflict_count, 1)

    def test_refuse(self):
        linkages = self.make_linkages(2)
        review = self.review(linkages, "refuse")
        with self.assertRaisesRegex(UserError, "reason"):
            review.action_apply()
        review.reason = "The contract is missing"
        review.action_apply()
        self.assertEqual(linkages.mapped("state"), ["draft"] * 2)
        self.assertEqual(set(linkages.mapped("state_reason")), {"The contract is missing"})
        self.assertIn("The contract is missing", str(linkages[0].message_ids.mapped("body")))
        linkages.action_submit()
        self.assertFalse(any(linkages.mapped("state_reason")))

    def test_revoke_from_a_day(self):
        linkages = self.make_linkages(2, state="verified")
        with self.assertRaisesRegex(UserError, "from which day"):
            self.review(linkages, "revoke", reason="Gone", wrong="day").action_apply()
        self.review(
            linkages, "revoke", reason="Gone", wrong="day", wrong_from="2021-05-01"
        ).action_apply()
        self.assertEqual(linkages.mapped("state"), ["revoked"] * 2)
        counted = [
            self.tea_maker._assist_counts(day).get(self.tea_maker.id, (0, 0))[1]
            for day in (date(2021, 4, 30), date(2021, 5, 1))
        ]
        self.assertEqual(counted, [6, 0])

    def test_verify_again_as_the_earlier_one_was_wrong(self):
        linkages = self.make_linkages(2)
        with freeze_time("2021-04-01"):
            linkages.action_verify()
        with freeze_time("2021-05-10"):
            for household in linkages.household_id:
                household.persons = 5
            self.review(linkages[0], "verify", wrong="start").action_apply()
            self.review(linkages[1], "verify", wrong="day", wrong_from="2021-04-15").action_apply()
        counted = [
            self.tea_maker._assist_counts(day)[self.tea_maker.id][1]
            for day in (date(2021, 4, 14), date(2021, 4, 15), date(2021, 5, 10))
        ]
        self.assertEqual(counted, [5 + 3, 5 + 5, 10])

    def test_for_operators_and_the_countys_official(self):
        linkages = self.make_linkages(1)
        for user in (self.viewer, self.federation):
            for operation in ("verify", "refuse", "revoke"):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    self.review(linkages, operation, user)
        self.review(linkages, "verify", self.official).action_apply()
        self.assertEqual(linkages.verified_by_id, self.official)
        self.official.assist_region_ids = self.env.ref("union_assist_catalog.region_610827")
        with self.assertRaises(AccessError):
            self.review(linkages, "revoke", self.official)

    def test_select_all_means_all(self):
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "2")
        linkages = self.make_linkages(5)
        chosen = linkages[:2].with_context(active_domain=[("id", "in", linkages.ids)])
        review = self.env["union.assist.linkage.review"].browse(
            chosen.action_review_verify()["res_id"]
        )
        self.assertEqual(review.linkage_ids, linkages)
        review = self.env["union.assist.linkage.review"].browse(
            chosen[0].action_review_verify()["res_id"]
        )
        self.assertEqual(review.linkage_ids, linkages[0])

    def test_same_queries_for_5_and_50(self):
        def queries(size):
            linkages = self.make_linkages(size, f"Q{size}")
            rivals = self.make_linkages(size, f"R{size}")
            for rival in rivals:
                rival.copy({"supplier_id": self.orchard.id, "state": "submitted"})
            review = self.review(linkages | rivals, "verify")

            def work():
                self.assertEqual(review.blocked_count, 0)
                review.action_apply()

            return self.record_queries(work)

        queries(1)
        self.assert_same_queries(queries(5), queries(50))
