from io import BytesIO

from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .recall_common import RecallCommon


@tagged("post_install", "-at_install", "union_assist")
class TestRecall(RecallCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea_lot = cls.stock_lot("T-1", 100, produced="2026-03-01")
        cls.rice_lot = cls.stock_lot("R-1", 100, cls.rice)
        # 10 packs with 2 teas each; boxes of 2 packs
        cls.pack_lot = cls.produce("P-1", 10, {cls.tea_lot: 20, cls.rice_lot: 10})
        cls.box_lot = cls.produce("B-1", 2, {cls.pack_lot: 4}, cls.box)
        cls.address = cls.env["res.partner"].create(
            {"name": "Gate 3", "type": "delivery", "parent_id": cls.union.id}
        )
        cls.loose = cls.deliver({cls.tea_lot: 30}, cls.address)
        cls.packed = cls.deliver({cls.pack_lot: 5}, cls.shop)
        cls.boxed = cls.deliver({cls.box_lot: 1}, cls.shop)
        cls.clean = cls.deliver({cls.rice_lot: 3})

    def recall(self, start=True, **values):
        recall = (
            self.env["union.assist.recall"]
            .with_user(self.operator)
            .create(
                {
                    "lot_ids": [Command.set(self.tea_lot.ids)],
                    "reason": "Lead above the limit",
                    "level": "2",
                    **values,
                }
            )
        )
        if start:
            recall.action_start()
        return recall

    def text(self, report, record):
        content, kind = self.env["ir.actions.report"]._render(
            f"union_assist_logistics.{report}", record.ids
        )
        self.assertEqual(kind, "pdf")
        return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)

    # ------------------------------------------------------------------
    # Who received it
    # ------------------------------------------------------------------
    def test_recipients(self):
        recall = self.recall()
        found = {
            (line.partner_id, line.recipient_id.contact_id, line.picking_id, line.lot_id): (
                line.quantity,
                line.content,
            )
            for line in recall.line_ids
        }
        self.assertEqual(
            found,
            {
                (self.union, self.address, self.loose, self.tea_lot): (30, 30),
                (self.shop, self.shop, self.packed, self.pack_lot): (5, 10),
                (self.shop, self.shop, self.boxed, self.box_lot): (1, 4),
            },
        )
        self.assertEqual(recall.recipient_count, 2)
        self.assertEqual(recall.delivery_count, 3)
        self.assertGreater(recall.search_seconds, 0)
        self.assertEqual(
            set(recall.line_ids.mapped("number")),
            {self.loose.name, self.packed.name, self.boxed.name},
        )

    def test_goods_on_the_way_are_listed(self):
        under_way = self.deliver({self.pack_lot: 1}, self.shop, done=False)
        recall = self.recall(is_mock=True)
        line = recall.line_ids.filtered("on_way")
        self.assertEqual((line.picking_id, line.quantity), (under_way, 1))

    def test_a_circle_ends(self):
        """A pack taken apart and packed again into itself does not go round for ever."""
        line = self.env["stock.move.line"].search([("lot_id", "=", self.pack_lot.id)])
        used = line.filtered(lambda record: record.location_dest_id.usage == "production")
        made = line.filtered(lambda record: record.location_id.usage == "production")
        made.consume_line_ids |= used
        levels = self.env["union.assist.trace"]._get_levels(self.tea_lot.ids, self.env.company)
        self.assertEqual(levels, {self.tea_lot.id: 0, self.pack_lot.id: 1, self.box_lot.id: 2})
        self.recall(is_mock=True)

    def test_taken_apart(self):
        """Parts of an opened pack are their own lots again: rice is not recalled with tea."""
        production = self.env["mrp.production"].search(
            [("lot_producing_ids", "=", self.pack_lot.id)]
        )
        unbuild = self.env["mrp.unbuild"].create(
            {
                "product_id": self.pack.id,
                "mo_id": production.id,
                "lot_id": self.pack_lot.id,
                "product_qty": 1,
                "location_id": self.stock.id,
                "location_dest_id": self.stock.id,
            }
        )
        unbuild.action_unbuild()
        levels = self.env["union.assist.trace"]._get_levels(self.tea_lot.ids, self.env.company)
        self.assertNotIn(self.rice_lot.id, levels)

    def test_balance(self):
        self.transfer(
            {self.tea_lot: 4},
            self.customer_location,
            self.stock,
            self.warehouse.in_type_id,
            self.union,
        )
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.tea.id,
                "lot_id": self.tea_lot.id,
                "scrap_qty": 6,
                "location_id": self.stock.id,
            }
        )
        scrap.action_validate()
        recall = self.recall(is_mock=True)
        balance = {line.lot_id: line for line in recall.balance_ids}
        self.assertEqual(set(balance), {self.tea_lot, self.pack_lot, self.box_lot})
        tea = balance[self.tea_lot]
        self.assertEqual(
            (tea.received, tea.returned, tea.consumed, tea.delivered, tea.lost, tea.in_stock),
            (100, 4, 20, 30, 6, 48),
        )
        pack = balance[self.pack_lot]
        self.assertEqual(
            (pack.produced, pack.consumed, pack.delivered, pack.in_stock), (10, 4, 5, 1)
        )
        self.assertTrue(recall.is_balanced)
        # What left without a move is seen.
        self.env.cr.execute(
            "UPDATE stock_quant SET quantity = quantity - 2 WHERE lot_id = %s AND location_id = %s",
            (self.tea_lot.id, self.stock.id),
        )
        self.env.invalidate_all()
        again = self.recall(is_mock=True)
        self.assertFalse(again.is_balanced)
        self.assertEqual(
            again.balance_ids.filtered(lambda line: line.lot_id == self.tea_lot).difference, 2
        )

    # ------------------------------------------------------------------
    # A recall from beginning to end
    # ------------------------------------------------------------------
    def test_whole_recall(self):
        recall = self.recall()
        self.assertTrue(self.tea_lot.assist_is_held and self.box_lot.assist_is_held)
        self.assertEqual(recall.hold_id.state, "held")
        self.assertEqual((recall.notify_by - recall.started_on).total_seconds(), 48 * 3600)

        # Notices
        recall.action_notify()
        shop, union = (
            recall.recipient_ids.filtered(lambda record, unit=unit: record.partner_id == unit)
            for unit in (self.shop, self.union)
        )
        self.assertEqual((shop.state, shop.notice_kind), ("notified", "mail"))
        self.assertEqual(union.state, "to_notify", "it has no mail address")
        mail = self.env["mail.mail"].search([("model", "=", shop._name), ("res_id", "=", shop.id)])
        self.assertEqual(mail.recipient_ids, self.shop)
        self.assertIn("P-1", mail.body_html)
        self.assertEqual(mail.attachment_ids.mimetype, "application/pdf")
        action = recall.action_letters()
        self.assertEqual(action["type"], "ir.actions.report")
        self.assertEqual((union.state, union.notice_kind), ("notified", "letter"))
        letter = self.text("report_recall_notice", shop)
        for expected in ("Hospital Union", "P-1", "B-1", "Lead above the limit"):
            self.assertIn(expected, letter)
        self.assertNotIn("Workshop Union", letter, "no other recipient is named")
        self.assertNotIn("50.00", letter, "no prices")

        # Answers and returns
        line = shop.line_ids.filtered(lambda record: record.lot_id == self.pack_lot)
        line.write({"answered_qty": 3, "destroyed_qty": 2})
        self.assertEqual(shop.state, "answered")
        with self.assertRaises(UserError):
            line.answered_qty = 6
        shop.action_return()
        back = shop.return_ids
        self.assertEqual(len(back), 2, "one for each delivery")
        of_pack = back.filtered(lambda picking: picking.return_id == self.packed)
        self.assertEqual(of_pack.move_line_ids.lot_id, self.pack_lot)
        self.assertEqual(of_pack.move_line_ids.quantity, 3)
        self.assertEqual(of_pack.location_dest_id, self.reject_location)
        self.assertTrue(self.pack_lot.assist_is_held)
        self.assertFalse(of_pack.assist_held_lots, "goods on hold may come back to Reject")
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            shop.action_return()
        of_pack.with_user(self.keeper).button_validate()
        self.assertEqual(of_pack.state, "done")
        self.env.invalidate_all()
        self.assertEqual((line.returned_qty, line.open_qty), (3, 0))
        self.assertEqual(self.on_hand(self.reject_location, "P-1"), 3)
        # 10 of 44 teas
        self.assertAlmostEqual(recall.recovery_rate, 100 * 10 / 44, 1)

        # Closing
        with self.assertRaises(UserError):
            recall.action_close()
        recall.conclusion = "The supplier's oven leaked."
        recall.action_close()
        self.assertEqual((recall.state, recall.closed_by_id), ("closed", self.operator))
        report = self.text("report_recall", recall)
        for expected in (recall.name, "Hospital Union", "Workshop Union", "oven leaked"):
            self.assertIn(expected, report)
        with self.assertRaises(UserError):
            line.with_user(self.operator).answered_qty = 1
        with self.assertRaises(UserError):
            recall.conclusion = "Nothing happened"
        with self.assertRaises(UserError):
            recall.unlink()

    def test_mock_recall(self):
        recall = self.recall(is_mock=True)
        self.assertFalse(self.tea_lot.assist_is_held)
        self.assertFalse(recall.hold_id)
        for method in ("action_notify", "action_letters"):
            with self.assertRaisesRegex(UserError, "mock"):
                getattr(recall, method)()
        with self.assertRaisesRegex(UserError, "mock"):
            recall.recipient_ids.action_return()
        recall.conclusion = "Found in time."
        recall.action_close()
        report = self.text("report_recall", recall)
        self.assertIn("Mock Recall", report)
        self.assertIn(f"{recall.search_seconds:.3f}", report)
        recipients = recall.recipient_ids
        self.assertFalse(
            self.env["mail.mail"].search(
                [("model", "=", recipients._name), ("res_id", "in", recipients.ids)]
            )
        )

    def test_from_a_hold(self):
        hold = self.hold(self.tea_lot)
        action = hold.with_user(self.operator).action_recall()
        recall = (
            self.env["union.assist.recall"]
            .with_user(self.operator)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(recall.lot_ids, self.tea_lot)
        recall.action_start()
        self.assertEqual(recall.hold_id, hold)
        self.assertEqual(len(self.tea_lot.assist_hold_line_ids), 1, "no second hold")

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------
    def test_who_runs_it(self):
        draft = self.recall(start=False)
        running = self.recall()
        line = running.line_ids[0]
        users = [
            self.inspector,
            self.keeper,
            new_test_user(self.env, "recall_viewer", "union_assist_catalog.group_user"),
            new_test_user(self.env, "recall_county", "union_assist_catalog.group_county"),
            new_test_user(self.env, "recall_portal", "base.group_portal"),
            self.env.ref("base.public_user"),
        ]
        steps = [
            (draft, "action_start"),
            (draft, "action_cancel"),
            (running, "action_notify"),
            (running, "action_letters"),
            (running, "action_close"),
            (running.recipient_ids, "action_return"),
        ]
        with mute_logger("odoo.addons.base.models.ir_model"):
            for user in users:
                for records, method in steps:
                    with self.subTest(user=user.login, method=method):
                        with self.assertRaises(AccessError):
                            getattr(records.with_user(user), method)()
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    line.with_user(user).answered_qty = 1
            for user in users[2:]:
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    running.with_user(user).read(["reason"])
        for record, vals in (
            (running, {"state": "closed"}),
            (running, {"search_seconds": 0}),
            (line, {"quantity": 1}),
            (line.recipient_id, {"notified_on": False}),
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                record.with_user(self.operator).write(vals)
        with self.assertRaises(UserError):
            running.with_user(self.operator).write({"reason": "Other"})

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Other Depot"})
        other = new_test_user(
            self.env,
            "recall_other",
            "union_assist_catalog.group_operator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        recall = self.recall()
        for records in (recall, recall.recipient_ids, recall.line_ids, recall.balance_ids):
            self.assertFalse(records.with_user(other).search([]))
            with self.assertRaises(AccessError):
                records.with_user(other).read(["display_name"])
        # Lots may be shared; where they went is each company's own.
        elsewhere = (
            self.env["union.assist.recall"]
            .with_user(other)
            .create({"lot_ids": [Command.set(self.tea_lot.ids)], "reason": "?", "is_mock": True})
        )
        elsewhere.action_start()
        self.assertFalse(elsewhere.recipient_ids)

    def test_queries_do_not_grow(self):
        def count(number):
            for index in range(number):
                unit = self.env["res.partner"].create({"name": f"Q{index}", "is_company": True})
                self.deliver({self.tea_lot: 1}, unit)
            recall = self.recall(start=False, is_mock=True)
            trace = self.env["union.assist.trace"]

            def search():
                trace._get_recipients(recall.lot_ids.ids, recall.company_id)
                trace._get_contents(recall.lot_ids.ids, recall.company_id)
                trace._get_balance(recall.lot_ids.ids, recall.company_id)

            def follow():
                recall.recipient_ids.mapped("recovery_rate")
                recall.line_ids.mapped("open_qty")

            searched = self.record_queries(search)
            started = self.record_queries(recall.action_start)
            return searched, started, self.record_queries(follow)

        count(1)
        for few, many in zip(count(3), count(12), strict=True):
            self.assert_same_queries(few, many)
