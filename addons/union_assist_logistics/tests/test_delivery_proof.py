from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .proof_common import STROKES, ProofCommon


@tagged("post_install", "-at_install", "union_assist")
class TestDeliveryProof(ProofCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking, cls.other = cls._make_shipped(2)

    # -- steps -----------------------------------------------------------------------

    def test_steps_follow_one_another(self):
        """Printed, departed, delivered, signed, returned, closed: with time and person."""
        moment = fields.Datetime.now() - timedelta(hours=3)
        self.assertEqual(self.picking.assist_proof_state, "printed")
        self.picking._assist_mark_departed(moment)
        self.picking.with_user(self.keeper).action_assist_mark_delivered()
        self._sign(self.picking)
        self.picking.with_user(self.keeper)._assist_keep_scan("note.pdf", b"%PDF-1.4 paper")
        self.picking.with_user(self.operator).action_assist_close_proof()
        events = self.picking.assist_proof_event_ids.sorted("id")
        self.assertEqual(
            events.mapped("kind"),
            ["printed", "departed", "delivered", "signed", "returned", "closed"],
        )
        self.assertEqual(events[1].moment, moment)
        self.assertEqual(events[2].user_id, self.keeper)
        self.assertEqual(events[5].user_id, self.operator)
        self.assertEqual(self.picking.assist_proof_state, "closed")

    def test_steps_may_be_left_out_but_not_undone(self):
        self._sign(self.picking)
        self.assertEqual(self.picking.assist_proof_state, "signed")
        self.picking._assist_mark_departed(fields.Datetime.now())
        self.picking.action_assist_mark_delivered()
        self.assertEqual(self.picking.assist_proof_state, "signed")
        self.assertEqual(self.picking.assist_proof_event_ids.mapped("kind"), ["signed", "printed"])

    def test_nobody_sets_the_proof_by_hand(self):
        for user in (self.keeper, self.operator):
            for values in (
                {"assist_proof_state": "closed"},
                {"assist_proof_deadline": False},
                {"assist_receipt_pdf": b"x"},
                {"assist_proof_event_ids": [(0, 0, {"kind": "signed"})]},
            ):
                with self.subTest(user=user.login, values=values), self.assertRaises(AccessError):
                    self.picking.with_user(user).write(values)

    def test_evidence_never_changes(self):
        receipt = self._sign(self.picking, (1, "short", 2))
        self.picking._assist_keep_scan("note.pdf", b"%PDF-1.4 paper")
        for records in (
            receipt,
            receipt.line_ids,
            self.picking.assist_proof_event_ids,
            self.picking.assist_scan_ids,
        ):
            for table in records:
                with self.subTest(model=records._name), self.assertRaises(UserError):
                    table.write({"company_id": 1})
                with self.subTest(model=records._name), self.assertRaises(UserError):
                    table.unlink()
        self.env.flush_all()
        with (
            self.assertRaisesRegex(Exception, "Append-only"),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.cr.execute("UPDATE union_assist_delivery_receipt_line SET quantity = 0")

    def test_what_is_not_signed_for_is_not_closed(self):
        with self.assertRaisesRegex(UserError, self.picking.name.replace("/", ".")):
            self.picking.with_user(self.operator).action_assist_close_proof()
        self._sign(self.picking, (1, "short", 2))
        with self.assertRaisesRegex(UserError, "Discrepancies"):
            self.picking.with_user(self.operator).action_assist_close_proof()
        with self.assertRaises(AccessError):
            self.picking.with_user(self.keeper).action_assist_close_proof()

    # -- receipt ---------------------------------------------------------------------

    def test_receipt_says_what_was_received(self):
        receipt = self._sign(self.picking, (1, "short", 2), (1, "damaged", 1), (2, "refused", 4))
        self.assertEqual(
            [(line.row, line.kind, line.quantity, line.sent_qty) for line in receipt.line_ids],
            [
                (1, "received", 7, 10),
                (1, "short", 2, 10),
                (1, "damaged", 1, 10),
                (2, "received", 0, 4),
                (2, "refused", 4, 4),
            ],
        )
        self.assertEqual(receipt.line_ids[0].lot_id, self.lots[self.tea])
        self.assertEqual(receipt.partner_id, self.unit)
        self.assertTrue(receipt.has_differences)
        self.assertTrue(receipt.is_unchanged)
        self.assertEqual(
            self.picking.assist_case_ids.sorted("id").mapped("kind"),
            ["short", "damaged", "refused"],
        )

    def test_receipt_opens_as_a_form(self):
        """The web client reads forms with sizes in place of files."""
        [picking] = self._make_shipped()
        receipt = self._sign(picking)
        receipt.invalidate_recordset()
        [values] = receipt.with_context(bin_size=True).read(["is_unchanged", "signature"])
        self.assertTrue(values["is_unchanged"])

    def test_the_same_entry_is_taken_in_once(self):
        entry = self._entry(self.picking, (1, "short", 2))
        first, new = self.receipts._sign(self.picking, entry)
        self.assertTrue(new)
        again, new = self.receipts._sign(self.picking, entry)
        self.assertFalse(new)
        self.assertEqual(again, first)
        self.assertEqual(len(self.picking.assist_case_ids), 1)
        with self.assertRaisesRegex(UserError, "signed for already"):
            self._sign(self.picking)

    def test_what_cannot_be_taken_in(self):
        """Each fault is named, and nothing is kept."""
        entry = self._entry(self.picking)

        def line(**values):
            return [{"checked": True, "differences": [values]}, entry["lines"][1]]

        for values, message in (
            ({"strokes": []}, "signature is missing"),
            ({"strokes": [[0.5, 0.2, 0.5, 0.2]]}, "signature is missing"),
            ({"strokes": [[0, 0, 7, 7]]}, "cannot be read"),
            ({"strokes": "x"}, "signature is missing"),
            ({"key": "1"}, "cannot be read"),
            ({"goods": "other"}, "were changed"),
            ({"lines": entry["lines"][:1]}, "were changed"),
            ({"lines": [{"checked": False}, entry["lines"][1]]}, "Line 1: Say of each"),
            ({"lines": line(kind="lost", quantity=1)}, "Line 1: Choose"),
            ({"lines": line(kind="short", quantity=0)}, "more than 0"),
            ({"lines": line(kind="short", quantity=-1)}, "more than 0"),
            ({"lines": line(kind="short", quantity=float("nan"))}, "more than 0"),
            ({"lines": line(kind="short", quantity="2")}, "more than 0"),
            ({"lines": line(kind="short", quantity=10.5)}, "No more"),
            ({"lines": line(kind="short", quantity=0.0001)}, "decimals"),
            ({"lines": line(kind="short", quantity=1, photos=[entry["key"]])}, "not arrived"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, message):
                self.receipts._sign(self.picking, {**entry, **values})
        for data in (None, [], "x", 3, {}):
            with self.subTest(data=data), self.assertRaises(UserError):
                self.receipts._sign(self.picking, data)
        self.assertFalse(self.picking.assist_receipt_ids)
        self.assertEqual(self.picking.assist_proof_state, "printed")

    def test_only_what_has_left_and_is_open_can_be_signed(self):
        waiting = self._make_deliveries(1)
        self._print(waiting)
        with self.assertRaisesRegex(UserError, "cannot be signed"):
            self.receipts._sign(waiting, self._entry(waiting))
        self.other._assist_keep_scan("note.pdf", b"%PDF-1.4 paper")
        with self.assertRaisesRegex(UserError, "cannot be signed"):
            self.receipts._sign(self.other, self._entry(self.other))

    def test_personal_data_stay_with_operators(self):
        receipt = self._sign(self.picking)
        self.assertEqual(receipt.with_user(self.operator).signer_name, "王收货")
        for user in (self.viewer, self.keeper):
            seen = receipt.with_user(user)
            self.assertTrue(seen.signed_on)
            for name in ("signer_name", "signer_role", "signature", "key"):
                with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                    seen.read([name])
        with self.assertRaises(AccessError):
            self.picking.with_user(self.warehouse_user).read(["assist_receipt_pdf"])
        self.assertTrue(self.picking.with_user(self.keeper).assist_receipt_pdf)
        texts = " ".join(self.picking.message_ids.mapped("body"))
        self.assertNotIn("王收货", texts)

    def test_pdf(self):
        receipt = self._sign(self.picking, (1, "short", 2), remark="外箱受潮")
        text = self._read_pdf(self.picking)
        for part in (
            self.picking.assist_note_number,
            "某市教育工会",
            "紫阳毛尖",
            "TEA-01",
            "外箱受潮",
            "short!",
            receipt.digest,
        ):
            self.assertIn(part, text)
        for secret in ("王收货", "库管", "144.64", "雁塔路", "029-8888"):
            self.assertNotIn(secret, text)

    def test_pdf_of_many_lines_breaks(self):
        products = [self._make_product(f"很长的商品名称{n}" * 4, 3.0) for n in range(60)]
        for product in products:
            self._make_stock(product, f"L-{product.id}")
        order = self._make_order(dict.fromkeys(products, 3))
        picking = order.picking_ids
        self._print(picking)
        picking.button_validate()
        self._sign(picking, *((row, "damaged", 1) for row in range(1, 61)))
        pages = self._read_pages(picking)
        self.assertGreater(len(pages), 3)
        for page in pages:
            self.assertIn(picking.assist_note_number, page)

    def _read_pages(self, picking):
        import base64

        return self._read(base64.b64decode(picking.assist_receipt_pdf))

    def test_a_changed_pdf_is_noticed(self):
        receipt = self._sign(self.picking)
        self.assertTrue(receipt.is_unchanged)
        self.picking.assist_receipt_pdf = b"JVBERi0="
        receipt.invalidate_recordset()
        self.assertFalse(receipt.is_unchanged)

    # -- reminders -------------------------------------------------------------------

    def _run_cron(self):
        self.env.ref("union_assist_logistics.ir_cron_delivery_proof").with_user(
            self.env.ref("base.user_root")
        ).method_direct_trigger()

    def _reminders(self):
        return self.env["mail.activity"].search(
            [
                (
                    "activity_type_id",
                    "=",
                    self.env.ref("union_assist_logistics.activity_delivery_proof").id,
                ),
                ("res_id", "in", (self.picking | self.other).ids),
            ]
        )

    def test_missing_proofs_are_reminded_of_once(self):
        day = self.picking.assist_proof_deadline
        self.assertEqual(day, self.company._assist_today() + timedelta(days=3))
        self._sign(self.other)
        with freeze_time(fields.Datetime.to_datetime(day)), self.enter_registry_test_mode():
            self._run_cron()
            self.assertFalse(self._reminders(), "the last day is not over")
        late = fields.Datetime.to_datetime(day) + timedelta(days=2)
        with freeze_time(late), self.enter_registry_test_mode():
            self._run_cron()
            self._run_cron()
            self.assertEqual(self._reminders().mapped("res_id"), self.picking.ids)
            self.assertTrue(self.picking.assist_proof_missing)
            missing = self.env["stock.picking"].search([("assist_proof_missing", "=", True)])
            self.assertIn(self.picking, missing)
            self.assertNotIn(self.other, missing)
        self._sign(self.picking)
        self.assertFalse(self._reminders())

    def test_queries_of_reminders_do_not_grow(self):
        def queries(count):
            pickings = self._make_shipped(count)
            today = self.company._assist_today()
            return self.record_queries(lambda: pickings._assist_remind_proof(today))

        queries(2)
        self.assert_same_queries(queries(3), queries(12))

    # -- link ------------------------------------------------------------------------

    def test_link_ends_some_days_after_the_delivery(self):
        find = self.env["stock.picking"]._assist_find_by_token
        token = self.picking.assist_note_token
        self.assertEqual(find(token), self.picking)
        end = self.picking.assist_link_end
        self.assertEqual(end, self.company._assist_today() + timedelta(days=60))
        with freeze_time(fields.Datetime.to_datetime(end) + timedelta(days=2)):
            self.picking.invalidate_recordset()
            self.assertFalse(find(token))
            self.picking.with_user(self.keeper).action_assist_renew_link()
            self.assertFalse(find(token), "the old link leads nowhere")
            self.assertEqual(find(self.picking.assist_note_token), self.picking)

    def test_link_of_a_cancelled_delivery_is_revoked(self):
        picking = self._make_deliveries(1)
        self._print(picking)
        token = picking.assist_note_token
        self.assertTrue(self.env["stock.picking"]._assist_find_by_token(token))
        picking.action_cancel()
        self.assertFalse(self.env["stock.picking"]._assist_find_by_token(token))

    def test_strokes_are_the_signature(self):
        receipt = self._sign(self.picking)
        other = self._sign(self.other, strokes=STROKES[:2])
        self.assertNotEqual(receipt.signature, other.signature)
        self.assertTrue(receipt.signature)
