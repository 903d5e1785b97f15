from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .agreement_common import AgreementCommon


@tagged("post_install", "-at_install", "union_assist")
class TestAgreement(AgreementCommon):
    def test_the_two_kinds_are_never_added_up(self):
        event = self.env["union.assist.signing.event"].create({"name": "Signing"})
        self.subscription.assist_event_id = event
        intention = self._create_agreement("intention", 50, assist_event_id=event.id)
        cancelled = self._create_agreement("intention", 1, assist_event_id=event.id)
        cancelled.action_cancel()
        self._call(10)
        self._call(10, agreement=intention)
        self.assertEqual((event.subscription_count, event.subscribed), (1, 100_000))
        self.assertEqual((event.intention_count, event.intended), (1, 5_000))
        both = self.subscription | intention
        monetary = [
            name
            for name, field in both._fields.items()
            if name.startswith("assist_") and field.type == "monetary" and name != "assist_cap_left"
        ]
        self.assertGreater(len(monetary), 5)
        # Each money figure belongs to one kind alone, so no sum or group can mix them.
        for name in monetary:
            with self.subTest(field=name):
                self.assertFalse(self.subscription[name] and intention[name])
        groups = self.env["purchase.requisition"]._read_group(
            [("id", "in", both.ids)],
            [],
            [
                f"{name}:sum"
                for name in (
                    "assist_subscribed",
                    "assist_intended",
                    "assist_called",
                    "assist_ordered",
                )
            ],
        )
        self.assertEqual(groups, [(100_000, 5_000, 1_000, 1_000)])
        for name, field in event._fields.items():
            if field.type == "monetary":
                self.assertNotEqual(event[name], 105_000)

    def test_a_form_of_each_kind(self):
        for kind in ("subscription", "intention"):
            form = Form(
                self.env["purchase.requisition"]
                .with_user(self.buyer)
                .with_context(default_assist_kind=kind, default_requisition_type="blanket_order")
            )
            form.vendor_id = self.supplier
            with form.line_ids.new() as line:
                line.product_id = self.product
                line.product_qty = 10
                line.price_unit = 5
            agreement = form.save()
            agreement.action_confirm()
            self.assertEqual(agreement.assist_kind, kind)
            self.assertEqual(agreement.assist_subscribed, 50 if kind == "subscription" else 0)
            self.assertEqual(agreement.assist_intended, 50 if kind == "intention" else 0)

    def test_what_a_kind_needs(self):
        with self.assertRaisesRegex(ValidationError, "blanket orders"):
            self.env["purchase.requisition"].create(
                {"requisition_type": "purchase_template", "assist_kind": "subscription"}
            )
        with self.assertRaisesRegex(ValidationError, "twice"):
            self._create_agreement(
                line_ids=[
                    Command.create(
                        {"product_id": self.product.id, "product_qty": 1, "price_unit": 1}
                    )
                    for _line in range(2)
                ]
            )
        with self.assertRaisesRegex(ValidationError, "no supplier"):
            self._create_agreement(vendor_id=False)

    def test_vendor_prices_hold_while_the_subscription_does(self):
        info = self.subscription.line_ids.supplier_info_ids
        self.assertEqual(
            (info.date_start, info.date_end, info.price),
            (self.subscription.date_start, self.subscription.date_end, 100),
        )
        later = fields.Date.add(self.today, days=60)
        self.subscription.date_end = later
        self.assertEqual(info.date_end, later)

    def test_what_binds_is_amended_by_administrators_alone(self):
        agreement = self.subscription.with_user(self.buyer)
        other = self.env["product.product"].create({"name": "Oil"})
        self._call(600)
        with self.assertRaisesRegex(UserError, "binds both sides"), self.cr.savepoint():
            agreement.line_ids.product_qty = 2000
        with self.assertRaisesRegex(UserError, "binds both sides"), self.cr.savepoint():
            agreement.write(
                {"line_ids": [Command.update(agreement.line_ids.id, {"price_unit": 9})]}
            )
        with self.assertRaisesRegex(UserError, "binds both sides"), self.cr.savepoint():
            agreement.date_end = fields.Date.add(self.today, days=60)
        with self.assertRaisesRegex(UserError, "binds both sides"), self.cr.savepoint():
            agreement.line_ids = [
                Command.create({"product_id": other.id, "product_qty": 1, "price_unit": 1})
            ]
        agreement.reference = "A reference may change"
        agreement = self.subscription.with_user(self.manager)
        agreement.line_ids.product_qty = 700
        self.assertIn("1000 at 100 → 700 at 100", agreement.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "cannot be lowered"):
            agreement.line_ids.product_qty = 599
        with self.assertRaisesRegex(UserError, "product and unit stay"):
            agreement.line_ids.product_id = other
        with self.assertRaisesRegex(UserError, "the line stays"):
            agreement.line_ids.unlink()
        with self.assertRaisesRegex(UserError, "agreed and stay"):
            agreement.vendor_id = self._create_supplier("Other")
        with self.assertRaisesRegex(UserError, "no draft any more"):
            agreement.assist_kind = "intention"

    def test_the_steps_of_an_agreement(self):
        self._call(10)
        agreement = self.subscription.with_user(self.buyer)
        for function, *arguments in (
            (agreement.action_cancel,),
            (agreement.action_draft,),
            (agreement.write, {"state": "draft"}),
        ):
            with self.assertRaisesRegex(UserError, "called off.*cancel P"), self.cr.savepoint():
                function(*arguments)
        self.assertEqual(agreement.purchase_ids.state, "purchase")
        agreement.action_done()
        self.assertIn("not called off", agreement.message_ids.mapped("body")[0])
        with self.assertRaisesRegex(UserError, "Only an administrator"), self.cr.savepoint():
            agreement.write({"state": "confirmed"})
        agreement.with_user(self.manager).write({"state": "confirmed"})

    def test_orders_that_were_there_before_are_counted_when_it_is_confirmed(self):
        agreement = self._create_agreement(kind=False, quantity=10)
        order = self._call(8, agreement=agreement)
        agreement.write({"state": "draft"})
        agreement.assist_kind = "subscription"
        self.assertFalse(order.sudo().assist_call_ids)
        agreement.action_confirm()
        self.assert_called(8, agreement=agreement)

    def test_fulfilment(self):
        order = self._call(400).sudo()
        self.assertEqual(self.subscription.assist_open, 60_000)
        self._receive(order, 250)
        line = self.subscription.line_ids
        self.assertEqual(
            (line.assist_called_qty, line.assist_received_qty, line.assist_invoiced_qty),
            (400, 250, 0),
        )
        self.assertEqual((line.assist_open_qty, line.assist_fulfilment), (600, 25))
        bill = self.env["account.move"].browse(order.action_create_invoice()["res_id"])
        self.assertTrue(bill)
        self.assertEqual(line.assist_invoiced_qty, 400)
        self.assertEqual(
            (
                self.subscription.assist_called,
                self.subscription.assist_received,
                self.subscription.assist_invoiced,
                self.subscription.assist_open,
            ),
            (40_000, 25_000, 40_000, 60_000),
        )
        self.assertEqual(self.subscription.assist_called_rate, 40)
        self.assertEqual(self.subscription.assist_fulfilment, 25)

    def test_searches(self):
        agreements = self.env["purchase.requisition"]
        ours = [("vendor_id", "=", self.supplier.id)]

        def found(name, value=True):
            return agreements.search([*ours, (name, "=", value)])

        small = self._create_agreement(quantity=2)
        self._receive(self._call(1, agreement=small).sudo())
        self._receive(self._call(1, agreement=small).sudo())
        dozen = self._create_agreement(quantity=24)
        order = self._call(2, 1200, dozen, confirm=False)
        order.order_line.write(
            {
                "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
                "product_qty": 2,
                "price_unit": 1200,
            }
        )
        order.button_confirm()
        self._receive(order.sudo())
        plain = self._create_agreement(kind=False)
        self.assertEqual(found("assist_fulfilled"), small | dozen)
        self.assertEqual(found("assist_fulfilled", False), self.subscription | plain)
        for agreement in agreements.search(ours):
            self.assertEqual(agreement.assist_fulfilled, agreement in small | dozen)
        self.assertFalse(found("assist_ending"))
        self.subscription.date_end = fields.Date.add(self.today, days=14)
        self.assertEqual(found("assist_ending"), self.subscription)
        self.assertTrue(self.subscription.assist_ending)
        self.subscription.date_end = fields.Date.subtract(self.today, days=1)
        self.assertFalse(found("assist_ending"))
        self.assertEqual(found("assist_overdue"), self.subscription)
        self.assertTrue(self.subscription.assist_overdue)

    def test_the_buyer_is_reminded_once(self):
        def remind():
            self.env["purchase.requisition"]._assist_end()
            return self.subscription.activity_ids

        self.assertFalse(remind())
        self.env.ref("union_assist_procure.parameter_agreement_reminder_days").value = 30
        activity = remind()
        self.assertEqual(activity.user_id, self.buyer)
        self.assertEqual(activity.date_deadline, self.subscription.date_end)
        self.assertIn("ends in 30 days", activity.summary)
        self.assertIn("100,000.00", activity.note)
        self.assertEqual(remind(), activity)
        activity.action_feedback()
        self.assertFalse(remind())
        # A new end is another one.
        self.subscription.date_end = fields.Date.add(self.today, days=20)
        self.assertTrue(remind())
        self.subscription.action_done()
        self.assertFalse(self.subscription.activity_ids)

    def test_what_is_fulfilled_is_not_reminded_of(self):
        small = self._create_agreement(quantity=1, date_end=fields.Date.add(self.today, days=3))
        self._receive(self._call(1, agreement=small).sudo())
        self.env["purchase.requisition"]._assist_end()
        self.assertFalse(small.activity_ids)

    def test_queries_of_the_nightly_job_do_not_grow(self):
        def queries(count):
            agreements = self.env["purchase.requisition"].union(
                *(
                    self._create_agreement(date_end=fields.Date.add(self.today, days=3))
                    for _agreement in range(count)
                )
            )
            for agreement in agreements:
                self._call(1, 1, agreement)
            return self._count_queries(
                lambda records: records.mapped("assist_fulfilment"), agreements
            )

        self.assert_same_queries(queries(5), queries(50))

    def test_an_intention_lapses_and_a_subscription_stays(self):
        end = fields.Date.add(self.today, days=1)
        intention = self._create_agreement("intention", date_end=end)
        ordered = self._create_agreement("intention", quantity=5, date_end=end)
        self._call(5, agreement=ordered)
        pending = self._create_agreement("intention", date_end=end)
        request = self._call(5, agreement=pending, confirm=False)
        (intention | ordered | pending | self.subscription).write(
            {"date_end": fields.Date.subtract(self.today, days=1)}
        )
        self.env["purchase.requisition"]._assist_end()
        self.assertEqual((intention.state, intention.assist_lapsed), ("done", True))
        self.assertEqual((ordered.state, ordered.assist_lapsed), ("done", False))
        self.assertEqual((pending.state, pending.assist_lapsed), ("done", True))
        self.assertEqual(self.subscription.state, "confirmed")
        self.assertTrue(self.subscription.assist_overdue)
        with self.assertRaisesRegex(UserError, "not open"):
            request.button_confirm()
        request.requisition_id = False
        request.button_confirm()

    def test_an_intention_becomes_a_subscription(self):
        intention = self._create_agreement("intention", quantity=100)
        self._call(30, agreement=intention)
        action = intention.with_user(self.buyer).action_assist_convert()
        subscription = self.env["purchase.requisition"].browse(action["res_id"])
        self.assertEqual(subscription.assist_intention_id, intention)
        self.assertEqual(intention.assist_subscription_id, subscription)
        self.assertEqual(subscription.assist_kind, "subscription")
        self.assertEqual(subscription.line_ids.product_qty, 70)
        self.assertEqual(subscription.date_end, intention.date_end)
        self.assertEqual((subscription.state, intention.state), ("draft", "confirmed"))
        # The same one is opened again.
        self.assertEqual(intention.action_assist_convert()["res_id"], subscription.id)
        subscription.line_ids.product_qty = 71
        with self.assertRaisesRegex(UserError, "70 .* are left"), self.cr.savepoint():
            subscription.action_confirm()
        subscription.line_ids.product_qty = 40
        subscription.with_user(self.buyer).action_confirm()
        self.assertEqual(intention.state, "done")
        self.assertFalse(intention.assist_lapsed)
        self.assertIn(subscription.name, intention.message_ids[0].body)
        self.assertEqual((intention.assist_intended, intention.assist_ordered), (10_000, 3_000))
        self.assertEqual(subscription.assist_subscribed, 4_000)
        with self.assertRaisesRegex(UserError, "no open intention"):
            self._create_agreement().action_assist_convert()

    def test_an_intention_becomes_one_subscription(self):
        intention = self._create_agreement("intention", quantity=100)
        first = self.env["purchase.requisition"].browse(intention.action_assist_convert()["res_id"])
        with self.assertRaisesRegex(ValidationError, "becomes one subscription"):
            self._create_agreement(assist_intention_id=intention.id)
        with self.assertRaisesRegex(ValidationError, "becomes one subscription"):
            self._create_agreement(assist_intention_id=self.subscription.id)
        first.action_cancel()
        second = intention.action_assist_convert()["res_id"]
        self.assertNotEqual(second, first.id)

    def test_an_intention_becomes_an_order(self):
        intention = self._create_agreement("intention", quantity=100)
        action = intention.with_user(self.buyer).action_assist_call_off()
        order = Form(
            self.env["purchase.order"].with_user(self.buyer).with_context(**action["context"])
        ).save()
        self.assertEqual(order.order_line.product_qty, 100)
        order.button_confirm()
        self.assert_called(100, agreement=intention)
        self.assertEqual(intention.assist_called_rate, 100)

    def test_a_subscription_takes_nothing_of_the_cap_and_warns(self):
        self.assert_used(0)
        self.assertFalse(self.subscription.assist_cap_short)
        self.assertEqual(self.subscription.assist_cap_left, 300_000)
        large = self._create_agreement(quantity=3001)
        self.assert_used(0)
        self.assertTrue(large.assist_cap_short)
        self.assertIn("300,000.00", large.message_ids[0].body)
        self._call(1000, agreement=large)
        self.assert_used(100_000)
        self.assertEqual(large.assist_cap_left, 200_000)
        self.policy.active = False
        self.env.invalidate_all()
        self.assertFalse(large.assist_has_cap)

    def test_an_event_is_not_deleted_with_its_agreements(self):
        event = self.env["union.assist.signing.event"].create({"name": "Signing"})
        self.subscription.assist_event_id = event
        action = event.action_view_subscriptions()
        self.assertEqual(
            self.env["purchase.requisition"].search(action["domain"]), self.subscription
        )
        self.assertFalse(
            self.env["purchase.requisition"].search(event.action_view_intentions()["domain"])
        )
