import os
import tempfile
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..tools import sealing
from .tender_common import GROUP, TenderCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTender(TenderCommon):
    def test_from_call_to_order(self):
        tender = self._call()
        self.assertEqual(tender.state, "called")
        self.assertTrue(tender.name.startswith("JJ"))
        mails = (
            self.env["mail.mail"]
            .search([("model", "=", "union.assist.tender.invitation")])
            .filtered(lambda mail: mail.res_id in tender.invitation_ids.ids)
        )
        self.assertEqual(len(mails), 3)
        self._bid(tender, self.supplier, 26.5, 80)
        self._bid(tender, self.oil, 30, None)
        self._bid(tender, self.rice, 40, 70)
        self.assertEqual(tender.bid_count, 3)
        self.assertFalse(tender.bid_line_ids)
        self._open(tender)
        self.assertEqual(tender.state, "opened")
        self.assertEqual(tender.bid_ids.mapped("state"), ["opened"] * 3)
        first = tender.lot_ids[0].bid_line_ids.sorted("rank")
        self.assertEqual(first.mapped("supplier_id"), self.supplier | self.oil | self.rice)
        self.assertEqual(first.mapped("persons"), [150.0, 60.0, 30.0])
        self.assertEqual(first[0].price_points, 100.0)
        orders = tender.order_ids
        self.assertEqual(len(orders), 3)
        self.assertEqual(len(orders.purchase_group_id), 1)
        self.assertEqual(orders.mapped("state"), ["draft"] * 3)
        self.assertEqual(orders.mapped("origin"), [tender.name] * 3)

        award = self._award(tender, self._give_reasons)
        self.assertEqual(tender.state, "awarded")
        won = tender.bid_ids.filtered(lambda bid: bid.state == "won")
        # The supplier has a cap of 300,000: 26,500 and 40,000 fit.
        self.assertEqual(won.supplier_id, self.supplier)
        self.assertEqual(won.order_id.amount_untaxed, 1000 * 26.5 + 500 * 80)
        self.assertEqual(won.order_id.state, "draft")
        self.assertEqual((orders - won.order_id).mapped("state"), ["cancel"] * 2)
        self.assertEqual(award.amount_total, 66_500)
        self.assertEqual(len(award.line_ids), 5)
        tender.with_user(self.operator).action_confirm_orders()
        self.assertEqual(won.order_id.state, "purchase")
        self.assert_used(66_500)
        self.assertFalse(tender.has_orders_to_confirm)

    def _give_reasons(self, wizard):
        for lot in wizard.lot_ids:
            lot.reason = "Only two could deliver."

    def test_sequence_of_steps(self):
        tender = self._create_tender()
        for step in ("action_request_opening", "action_open", "action_award"):
            with self.assertRaisesRegex(UserError, "does not apply"):
                getattr(tender.with_user(self.operator), step)()
        tender.with_user(self.operator).action_call()
        with self.assertRaisesRegex(UserError, "does not apply"):
            tender.with_user(self.operator).action_call()
        with self.assertRaisesRegex(UserError, "steps alone"):
            tender.with_user(self.manager).write({"state": "opened"})
        with self.assertRaisesRegex(UserError, "stay as they were announced"):
            tender.with_user(self.operator).lot_ids[0].quantity = 5
        with self.assertRaisesRegex(UserError, "stay as they were announced"):
            tender.with_user(self.operator).weight_ids[0].weight = 5
        with self.assertRaisesRegex(UserError, "stay as they were announced"):
            tender.with_user(self.operator).write(
                {"lot_ids": [Command.create({"product_id": self.product.id})]}
            )
        with self.assertRaisesRegex(UserError, "never deleted"):
            tender.unlink()

    def test_a_call_says_what_is_missing(self):
        tender = self._create_tender(suppliers=self.suppliers.browse())
        tender.lot_ids.unlink()
        with self.assertRaisesRegex(UserError, "a lot, an invited supplier"):
            tender.with_user(self.operator).action_call()
        late = self._create_tender(deadline=fields.Datetime.now() - timedelta(minutes=1))
        with self.assertRaisesRegex(UserError, "in the future"):
            late.with_user(self.operator).action_call()

    def test_only_admitted_suppliers_without_obstacles(self):
        stranger = self.env["res.partner"].create(
            {"name": "Stranger", "is_company": True, "assist_supplier_kind": "sme"}
        )
        with self.assertRaisesRegex(ValidationError, "Stranger is not admitted"):
            self._create_tender(suppliers=stranger)
        tender = self._create_tender()
        self.oil.assist_admission_ids._take_step("suspend", reason="Spot check")
        with self.assertRaisesRegex(UserError, "Oil Company is suspended"):
            tender.with_user(self.operator).action_call()

    def test_late_invitations_until_the_deadline(self):
        tender = self._call(suppliers=self.supplier)
        tender.with_user(self.operator).write(
            {"invitation_ids": [Command.create({"supplier_id": self.oil.id})]}
        )
        late = self._get_invitation(tender, self.oil)
        self.assertTrue(late.is_late and late.invited_on)
        self.assertTrue(self._bid(tender, self.oil, 30))
        self._pass_deadline(tender)
        with self.assertRaisesRegex(UserError, "nobody is invited"):
            tender.with_user(self.operator).write(
                {"invitation_ids": [Command.create({"supplier_id": self.rice.id})]}
            )
        with self.assertRaisesRegex(UserError, "stays invited"):
            late.with_user(self.operator).unlink()

    # -- deadline ----------------------------------------------------------------------------------

    def test_the_deadline_to_the_second(self):
        tender = self._call()
        with freeze_time(tender.deadline - timedelta(seconds=1)):
            self.assertTrue(self._bid(tender, self.supplier, 26))
            with self.assertRaisesRegex(UserError, "until the deadline"):
                tender.with_user(self.operator).action_request_opening()
        with freeze_time(tender.deadline):
            self.assertFalse(self._bid(tender, self.oil, 25))
            self.assertFalse(self._bid(tender, self.supplier, 24))
            self.assertFalse(
                self._get_invitation(tender, self.supplier)
                .with_user(self.bidders[self.supplier])
                ._withdraw()
            )
            tender.invalidate_recordset(["is_due"])
            self.assertTrue(tender.is_due)
            tender.with_user(self.operator).action_request_opening()
            tender.with_user(self.federation).action_open()
        self.assertEqual(tender.bid_line_ids.mapped("price_unit"), [26.0])
        self.assertEqual(tender.event_ids.mapped("kind").count("late"), 3)

    def test_the_clock_counts_and_not_the_start_of_the_transaction(self):
        tender = self._call()
        # The transaction of this test began before the deadline; the act comes after it.
        self.assertLess(self.cr.now(), tender.deadline)
        with freeze_time(tender.deadline + timedelta(seconds=1)):
            self.assertFalse(self._bid(tender, self.supplier, 26))

    def test_a_deadline_moves_only_later_with_a_reason_and_not_when_it_passed(self):
        tender = self._call()
        self._bid(tender, self.supplier, 26)
        later = tender.deadline + timedelta(days=1)
        operator = tender.with_user(self.operator)
        with self.assertRaisesRegex(UserError, "by “Extend” alone"):
            operator.deadline = later
        with self.assertRaisesRegex(UserError, "only moves to a later time"):
            operator._extend(tender.deadline - timedelta(hours=1), "Sooner")
        with self.assertRaisesRegex(UserError, "only moves to a later time"):
            tender.sudo().write({"deadline": tender.deadline - timedelta(hours=1)})
        with self.assertRaisesRegex(UserError, "Say why"):
            operator._extend(later, "  ")
        action = operator.action_extend()
        before = self.env["mail.mail"].search_count([])
        self.env[action["res_model"]].with_user(self.operator).with_context(
            **action["context"]
        ).create({"deadline": later, "reason": "More time for samples"}).action_confirm()
        self.assertEqual(tender.deadline, later)
        self.assertEqual(self.env["mail.mail"].search_count([]), before + 3)
        extended = tender.event_ids.filtered(lambda event: event.kind == "extended")
        self.assertIn("More time for samples", extended.note)
        # A bid that was sealed for the earlier deadline is opened after the later one.
        with freeze_time(later - timedelta(seconds=1)), self.assertRaises(UserError):
            operator.action_request_opening()
        self._open(tender)
        self.assertEqual(tender.bid_line_ids.price_unit, 26.0)

    def test_a_passed_deadline_stays(self):
        tender = self._call()
        self._pass_deadline(tender)
        with self.assertRaisesRegex(UserError, "has passed: it stays"):
            tender.with_user(self.operator)._extend(
                fields.Datetime.now() + timedelta(days=1), "Too few"
            )

    # -- bids --------------------------------------------------------------------------------------

    def test_change_and_withdraw(self):
        tender = self._call()
        invitation = self._get_invitation(tender, self.supplier)
        self._bid(tender, self.supplier, 26)
        first = invitation.digest
        self._bid(tender, self.supplier, 24)
        self.assertNotEqual(invitation.digest, first)
        self._bid(tender, self.oil, 20)
        self._get_invitation(tender, self.oil).with_user(self.bidders[self.oil])._withdraw()
        self._bid(tender, self.rice, 21)
        rice = self._get_invitation(tender, self.rice).with_user(self.bidders[self.rice])
        rice._withdraw()
        self._bid(tender, self.rice, 29)
        self.assertEqual(tender.invitation_ids.mapped("state"), ["bid", "withdrawn", "bid"])
        self.assertFalse(tender.bid_ids.filtered(lambda bid: bid.state == "withdrawn").sealed)
        self._open(tender)
        self.assertEqual(sorted(tender.bid_line_ids.mapped("price_unit")), [24.0, 29.0])
        kinds = tender.event_ids.sorted("id").mapped("kind")
        self.assertEqual(
            [kind for kind in kinds if kind not in ("called", "invited")],
            ["submitted", "changed", "submitted", "withdrawn", "submitted", "withdrawn"]
            + ["submitted", "requested", "opened"],
        )

    def test_receipts_prove_what_was_opened(self):
        tender = self._call()
        self._bid(tender, self.supplier, 26)
        receipt = tender.bid_ids.digest
        self._open(tender)
        self.assertEqual(sealing.digest_of(tender.bid_ids.content), receipt)
        self.assertIn('"price":"26"', tender.bid_ids.content)

    def test_what_was_tampered_with_is_invalid_and_the_others_are_opened(self):
        tender = self._call()
        for supplier, price in zip(self.suppliers, (26, 27, 28), strict=True):
            self._bid(tender, supplier, price)
        changed, moved, whole = tender.bid_ids.sudo()
        changed.sealed = changed.sealed[:-12] + "AAAA" + changed.sealed[-8:]
        moved.sealed = whole.sealed
        self._open(tender)
        self.assertEqual(tender.bid_ids.mapped("state"), ["invalid", "invalid", "opened"])
        self.assertTrue(changed.invalid_reason)
        self.assertEqual(tender.bid_line_ids.mapped("price_unit"), [28.0])
        self.assertEqual(tender.event_ids.mapped("kind").count("invalid"), 2)

    def test_an_older_bid_put_back_is_invalid(self):
        tender = self._call()
        self._bid(tender, self.supplier, 26)
        bid = tender.bid_ids.sudo()
        sealed, digest = bid.sealed, bid.digest
        self._bid(tender, self.supplier, 24)
        bid.write({"sealed": sealed, "digest": digest})
        self._open(tender)
        self.assertEqual(bid.state, "invalid")

    def test_what_cannot_be_read_is_invalid(self):
        tender = self._call()
        for supplier, content in zip(
            self.suppliers,
            ({"lots": []}, {}, {"lots": {str(tender.lot_ids[0].id): {"price": "x"}}}),
            strict=True,
        ):
            invitation = self._get_invitation(tender, supplier)
            invitation.with_user(self.bidders[supplier])._submit(content)
        self._open(tender)
        self.assertEqual(tender.bid_ids.mapped("state"), ["invalid"] * 3)
        self.assertFalse(tender.bid_line_ids or tender.order_ids)

    # -- opening -----------------------------------------------------------------------------------

    def test_two_people_open(self):
        tender = self._call()
        self._bid(tender, self.supplier, 26)
        self._pass_deadline(tender)
        with self.assertRaisesRegex(UserError, "asks for the opening first"):
            tender.with_user(self.federation).action_open()
        with self.assertRaises(AccessError):
            tender.with_user(self.federation).action_request_opening()
        tender.with_user(self.operator).action_request_opening()
        with self.assertRaisesRegex(UserError, "Two people open bids"):
            tender.with_user(self.operator).action_open()
        viewer = new_test_user(self.env, "tender_viewer", f"{GROUP}user")
        with self.assertRaises(AccessError):
            tender.with_user(viewer).action_open()
        with self.assertRaises(AccessError):
            tender.with_user(self.bidders[self.supplier]).action_open()
        self.assertFalse(tender.bid_line_ids)
        tender.with_user(self.federation).action_open()
        record = tender.opening_ids
        self.assertEqual((record.opener_id, record.witness_id), (self.operator, self.federation))
        self.assertTrue(record.report_id.raw.startswith(b"%PDF"))
        with self.assertRaisesRegex(UserError, "never changed"):
            record.write({"witness_id": self.manager.id})
        with self.assertRaisesRegex(UserError, "never deleted"):
            record.unlink()

    def test_a_row_that_lies_about_the_deadline_opens_nothing(self):
        """Whoever moves the deadline in the database itself finds the seals closed."""
        tender = self._call()
        self._bid(tender, self.supplier, 26)
        tender.flush_recordset()
        self.cr.execute(
            "UPDATE union_assist_tender SET deadline = deadline - interval '9 days' WHERE id = %s",
            [tender.id],
        )
        tender.invalidate_recordset()
        self.assertTrue(tender.is_due)
        tender.with_user(self.operator).action_request_opening()
        with self.assertRaisesRegex(UserError, "was sealed until a later time"):
            tender.with_user(self.federation).action_open()
        self.assertFalse(tender.bid_line_ids)

    def test_without_the_key_nothing_is_lost(self):
        tender = self._call()
        self._bid(tender, self.supplier, 26)
        self._pass_deadline(tender)
        tender.with_user(self.operator).action_request_opening()
        with tempfile.NamedTemporaryFile("w") as file:
            os.chmod(file.name, 0o600)
            file.write("7a" * 32)
            file.flush()
            self.startPatcher(patch.dict(os.environ, {sealing.KEY_FILE_VARIABLE: file.name}))
            with self.assertRaisesRegex(UserError, "restore the file"):
                tender.with_user(self.federation).action_open()
        with self.assertRaisesRegex(UserError, "file of their keys"):  # it is gone now
            tender.with_user(self.federation).action_open()
        self.assertEqual(tender.bid_ids.state, "sealed")

    # -- award -------------------------------------------------------------------------------------

    def test_fewer_bids_than_needed_want_a_reason(self):
        tender = self._call(lots=[(self.product, 1000.0)])
        self._bid(tender, self.supplier, 26)
        self._bid(tender, self.oil, 27)
        self._open(tender)
        with self.assertRaisesRegex(UserError, "2 bids, 3 are needed"):
            self._award(tender)
        award = self._award(tender, self._give_reasons)
        self.assertEqual(award.lot_ids.reason, "Only two could deliver.")
        self.assertEqual(award.lot_ids.bid_count, 2)

    def test_the_number_of_bids_is_data(self):
        self.env["union.assist.parameter"].search([("code", "=", "tender_minimum_bids")]).value = 1
        tender = self._call(lots=[(self.product, 1000.0)])
        self._bid(tender, self.supplier, 26)
        self._open(tender)
        self.assertTrue(self._award(tender))

    def _call_for_three(self):
        tender = self._call(lots=[(self.product, 1000.0)])
        for supplier, row in zip(self.suppliers, ((26, 1000), (27, 1000), (28, 1000)), strict=True):
            self._bid(tender, supplier, row)
        self._open(tender)
        return tender

    def test_a_lower_rank_wants_a_reason(self):
        tender = self._call_for_three()

        def choose_second(wizard):
            first, second, _third = wizard.line_ids
            first.quantity = 0
            second.quantity = 1000

        with self.assertRaisesRegex(UserError, "it has rank 2. Say why"):
            self._award(tender, choose_second)

        def choose_and_say(wizard):
            choose_second(wizard)
            wizard.line_ids[1].reason = "Delivers sooner"

        award = self._award(tender, choose_and_say)
        self.assertEqual(award.line_ids.filtered("awarded").reason, "Delivers sooner")
        self.assertEqual(award.line_ids.filtered("awarded").supplier_id, self.oil)

    def test_above_the_cap_is_refused_with_the_largest_quantity(self):
        self._create_order(290_000).button_confirm()
        tender = self._call_for_three()

        def take_all(wizard):
            self.assertEqual(wizard.line_ids.mapped("fits")[0], 384.0 + 0.61)
            for line in wizard.line_ids:
                line.quantity = 1000 if line.supplier_id == self.supplier else 0
                line.reason = "All of it"

        with self.assertRaisesRegex(UserError, r"10,000\.00 left .* largest quantity is 384\.61"):
            self._award(tender, take_all)

    def test_the_proposal_spreads_over_ranks_within_caps(self):
        self._create_order(290_000).button_confirm()
        tender = self._call_for_three()
        award = self._award(tender)
        given = {line.supplier_id: line.awarded for line in award.line_ids}
        self.assertEqual(sum(given.values()), 1000)
        self.assertEqual(given[self.supplier], 384.61)
        self.assertIn(
            "cap of those before",
            award.line_ids.filtered(lambda line: line.supplier_id == self.oil).reason,
        )
        tender.with_user(self.operator).action_confirm_orders()
        self.assertLessEqual(self.cap.committed, 300_000)
        self.assertEqual(
            set(tender.order_ids.filtered(lambda order: order.state == "purchase").partner_id),
            {supplier for supplier, quantity in given.items() if quantity},
        )

    def test_two_lots_share_one_cap(self):
        self._create_order(290_000).button_confirm()
        tender = self._call(lots=[(self.product, 300.0), (self.gift, 300.0)])
        for supplier in self.suppliers:
            self._bid(tender, supplier, 30, 30)
        self._open(tender)

        def take_both(wizard):
            for line in wizard.line_ids:
                line.quantity = 300 if line.supplier_id == self.supplier else 0
                line.reason = "Known"

        with self.assertRaisesRegex(UserError, "Gift Box, Tea Company: .*1,000.00 left.*33.33"):
            self._award(tender, take_both)

    def test_more_than_offered_or_wanted(self):
        tender = self._call(lots=[(self.product, 1000.0)])
        for supplier in self.suppliers:
            self._bid(tender, supplier, (26, 600))
        self._open(tender)

        def take(*quantities):
            def change(wizard):
                for line, quantity in zip(wizard.line_ids, quantities, strict=True):
                    line.write({"quantity": quantity, "reason": "Because"})

            return change

        with self.assertRaisesRegex(UserError, "700 is more than the 600 offered"):
            self._award(tender, take(700, 0, 0))
        with self.assertRaisesRegex(UserError, "1200 is awarded, 1000 is wanted"):
            self._award(tender, take(600, 600, 0))
        with self.assertRaisesRegex(UserError, "Nothing is awarded"):
            self._award(tender, take(0, 0, 0))
        with self.assertRaisesRegex(UserError, "more than the 600 offered"):
            self._award(tender, take(-5, 600, 0))

    def test_a_lot_without_award_wants_a_reason(self):
        tender = self._call()
        for supplier in self.suppliers:
            self._bid(tender, supplier, 26, None)
        self._open(tender)
        with self.assertRaisesRegex(UserError, "Gift Box: nothing of it is awarded"):
            self._award(tender)

    def test_the_award_record_is_never_changed(self):
        tender = self._call_for_three()
        award = self._award(tender)
        for record in (award, award.line_ids, award.lot_ids, tender.event_ids):
            with self.assertRaises(UserError):
                record.sudo().write({record._rec_name: False})
            with self.assertRaises(UserError):
                record.sudo().unlink()
        self.assertTrue(award.report_id.raw.startswith(b"%PDF"))

    def test_the_losers_are_told_no_price_of_others(self):
        tender = self._call_for_three()
        before = self.env["mail.mail"].search([])
        self._award(tender)
        mails = self.env["mail.mail"].search([]) - before
        self.assertEqual(len(mails), 3)
        for mail in mails:
            self.assertIn("Tea Company", mail.body_html)
            self.assertIn("26,000.00", mail.body_html)  # the total is public
            # Links may name the server by numbers.
            text = mail.body_html.replace(tender.get_base_url(), "").replace("26,000.00", "")
            for price in ("26.0", "27.0", "28.0", "27,000", "28,000"):
                self.assertNotIn(price, text)

    def test_close_without_award(self):
        tender = self._call_for_three()
        orders = tender.order_ids
        with self.assertRaisesRegex(UserError, "Say why"):
            tender.with_user(self.operator)._close("failed", "")
        tender.with_user(self.operator)._close("failed", "All too dear")
        self.assertEqual(tender.state, "failed")
        self.assertEqual(orders.mapped("state"), ["cancel"] * 3)
        self.assertEqual(tender.bid_ids.mapped("state"), ["lost"] * 3)

    def test_what_is_cancelled_stays_sealed(self):
        tender = self._call()
        self._bid(tender, self.supplier, 26)
        tender.with_user(self.operator)._close("cancelled", "No demand any more")
        self.assertFalse(self._bid(tender, self.supplier, 25))
        self._pass_deadline(tender)
        with self.assertRaisesRegex(UserError, "does not apply"):
            tender.with_user(self.operator).action_request_opening()
        self.assertFalse(tender.bid_line_ids or tender.bid_ids.content)

    # -- orders ------------------------------------------------------------------------------------

    def test_an_order_of_a_tender_goes_no_other_way(self):
        tender = self._call_for_three()
        order = tender.bid_ids[0].order_id
        with self.assertRaisesRegex(UserError, "which is not awarded"):
            order.with_user(self.operator).button_confirm()
        with self.assertRaisesRegex(UserError, "which is not awarded"):
            order.with_user(self.manager).button_approve()
        self._award(tender)
        order.order_line.price_unit = 27
        with self.assertRaisesRegex(UserError, "above what the tender"):
            order.with_user(self.operator).button_confirm()
        order.order_line.price_unit = 26
        order.order_line.product_qty = 1001
        with self.assertRaisesRegex(UserError, "above what the tender"):
            order.with_user(self.operator).button_confirm()
        order.order_line.write({"product_qty": 1000, "price_unit": 26})
        self.assertIs(order.with_user(self.operator).button_confirm(), True)
        self.assertEqual(order.state, "purchase")
        self.assertEqual(order.action_view_assist_tender()["res_id"], tender.id)

    def test_the_cap_holds_at_the_confirmation_too(self):
        tender = self._call_for_three()
        self._award(tender)
        self._create_order(290_000).button_confirm()
        with self.assertRaises(UserError):
            tender.with_user(self.operator).action_confirm_orders()

    def test_an_order_copied_is_no_bid(self):
        tender = self._call_for_three()
        self.assertFalse(tender.order_ids[0].copy().assist_tender_id)

    def test_a_copy_begins_anew(self):
        tender = self._call_for_three()
        copy = tender.copy({"deadline": fields.Datetime.now() + timedelta(days=5)})
        self.assertEqual(copy.state, "draft")
        self.assertNotEqual(copy.name, tender.name)
        self.assertEqual(len(copy.lot_ids), 1)
        self.assertEqual(copy.weight_ids.mapped("weight"), tender.weight_ids.mapped("weight"))
        self.assertFalse(copy.bid_ids or copy.order_ids or copy.event_ids or copy.bid_line_ids)

    # -- companies, queries ------------------------------------------------------------------------

    def test_another_company_sees_nothing(self):
        tender = self._call_for_three()
        self._award(tender)
        company = self.env["res.company"].create({"name": "Other Group"})
        stranger = new_test_user(
            self.env,
            "tender_stranger",
            f"{GROUP}manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for records in (
            tender,
            tender.lot_ids,
            tender.weight_ids,
            tender.invitation_ids,
            tender.event_ids,
            tender.bid_ids,
            tender.bid_line_ids,
            tender.opening_ids,
            tender.award_ids,
            tender.award_ids.line_ids,
            tender.award_ids.lot_ids,
        ):
            with self.subTest(model=records._name), mute_logger("odoo.addons.base.models.ir_rule"):
                self.assertTrue(records)
                self.assertFalse(records.with_user(stranger).search([("id", "in", records.ids)]))
                with self.assertRaises(AccessError):
                    records.with_user(stranger).check_access("read")

    def test_the_due_ones_are_found(self):
        tender = self._call()
        other = self._call(deadline=fields.Datetime.now() + timedelta(days=30))
        self._pass_deadline(tender)
        both = tender | other
        tenders = self.env["union.assist.tender"]
        found = tenders.search([("is_due", "=", True), ("id", "in", both.ids)])
        self.assertEqual(found, tender)
        found = tenders.search([("is_due", "=", False), ("id", "in", both.ids)])
        self.assertEqual(found, other)

    def test_the_comparison_takes_as_many_queries_for_few_and_many_bids(self):
        counts = []
        for number in (5, 50):
            suppliers = self.env["res.partner"].browse()
            for place in range(number):
                suppliers |= self._create_supplier(f"Bidder {number}-{place}")
            tender = self._call(suppliers=suppliers, lots=[(self.product, 1000.0)])
            for place, row in enumerate(tender.invitation_ids):
                lots = {
                    str(tender.lot_ids.id): {
                        "price": str(20 + place),
                        "quantity": "10",
                        "days": "",
                        "note": "",
                    }
                }
                row._submit({"lots": lots, "note": ""})
            with freeze_time(tender.deadline + timedelta(minutes=1)):
                tender.with_user(self.operator).action_request_opening()
                tender.with_user(self.federation).action_open()
            lines = tender.bid_line_ids
            self.assertEqual(len(lines), number)
            counts.append(self._count_queries(lambda rows: self._rank_again(rows), lines))
        self.assert_same_queries(*counts)

    def _rank_again(self, lines):
        lines._take_figures()
        lines._rank()
        lines.flush_recordset()
