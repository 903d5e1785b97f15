import base64
import io
from datetime import date

from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .settlement_common import SettlementCommon

APRIL = date(2026, 4, 1)
# The smallest file that is a PNG.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class DisputeCommon(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_supplier("Oil Company")
        cls.portal = cls._create_portal_user("statement_tea", cls.supplier)
        cls.portal_other = cls._create_portal_user("statement_oil", cls.other)

    @classmethod
    def _create_portal_user(cls, login, supplier):
        contact = cls.env["res.partner"].create(
            {"name": login, "parent_id": supplier.id, "email": f"{login}@example.com"}
        )
        return new_test_user(
            cls.env, login, "base.group_portal", password=login, partner_id=contact.id
        )

    def _sent(self, quantity=100, supplier=None):
        self.order = self._order(quantity, supplier=supplier)
        self._receive_on(self.order, date(2026, 3, 5))
        statement = self._generate(supplier=supplier)
        statement.with_user(self.operator).action_send()
        return statement


@tagged("post_install", "-at_install", "union_assist")
class TestDispute(DisputeCommon):
    def test_a_claim_accepted(self):
        statement = self._sent()
        line = statement.line_ids
        dispute = line.with_user(self.portal)._dispute("Five more came", quantity=105, price=11)
        self.assertEqual((statement.state, line.dispute_state), ("disputed", "open"))
        self.assertEqual(dispute.sudo().claimed_by_id, self.portal)
        line.with_user(self.operator)._answer("accepted", "")
        self.assertEqual((statement.state, line.dispute_state), ("settled", "accepted"))
        self.assert_line(line, accepted=105, price_unit=11, amount=1155, open=1155)
        self.assert_line(statement, amount=1155, closing=1155)
        self.assert_adds_up(statement)
        self.assertEqual((dispute.quantity_before, dispute.quantity_after), (100, 105))
        self.assertEqual((dispute.price_before, dispute.price_after), (10, 11))
        log = " ".join(statement.message_ids.mapped("body"))
        for part in ("Five more came", "105", "100 → 105"):
            self.assertIn(part, log)
        # The next month takes it as it was agreed, and says nothing more of it.
        april = self._generate(APRIL)
        self.assert_line(april, opening=1155, amount=0, closing=1155)
        self.assertEqual(april.line_ids.kind, "carried")
        # Stock still says 100: the bill is for them, at the agreed price.
        statement.with_user(self.operator).action_propose_bills()
        self.assertEqual(statement.bill_ids.invoice_line_ids.quantity, 100)
        self.assertEqual(statement.bill_ids.invoice_line_ids.price_unit, 11)

    def test_a_corrected_receipt_is_not_counted_twice(self):
        statement = self._sent()
        line = statement.line_ids
        line.with_user(self.portal)._dispute("Five less", quantity=95)
        line.with_user(self.operator)._answer("accepted", "")
        line.move_id.sudo().quantity = 95
        april = self._generate(APRIL)
        self.assert_line(april, opening=950, closing=950)
        self.assertFalse(sum(april.line_ids.mapped("accepted")))

    def test_a_claim_corrected(self):
        statement = self._sent()
        line = statement.line_ids
        line.with_user(self.portal)._dispute("Five more came", quantity=105)
        operator_line = line.with_user(self.operator)
        with self.assertRaisesRegex(UserError, "Say why"):
            operator_line._answer("corrected", " ", quantity=102)
        with self.assertRaisesRegex(UserError, "corrected quantity"):
            operator_line._answer("corrected", "Counted again")
        answer = (
            self.env["union.assist.statement.answer"]
            .with_user(self.operator)
            .create({"line_id": line.id, "kind": "corrected", "answer": "Counted again"})
        )
        self.assertEqual((answer.quantity, answer.price), (100, 10))
        answer.quantity = 102
        answer.action_confirm()
        self.assert_line(line, accepted=102, amount=1020, price_unit=10)
        self.assertFalse(line.is_price_agreed)
        self.assertEqual(statement.state, "settled")

    def test_a_claim_rejected(self):
        statement = self._sent()
        line = statement.line_ids
        line.with_user(self.portal)._dispute("Five more came", quantity=105)
        line.with_user(self.operator)._answer("rejected", "The weigh note says 100")
        self.assert_line(line, accepted=100, amount=1000)
        self.assertEqual((statement.state, line.dispute_state), ("settled", "rejected"))
        with self.assertRaises(UserError):
            line.with_user(self.operator)._answer("accepted", "")
        mails = self.env["mail.mail"].search([("subject", "ilike", statement.name)])
        self.assertEqual(len(mails), 2)
        self.assertEqual(mails.recipient_ids, self.supplier)

    def test_a_price_agreed_after_the_bill(self):
        self.order = self._order(100)
        self._receive_on(self.order, date(2026, 3, 5))
        self._bill(self.order, date(2026, 3, 10), 60, price=11)
        statement = self._generate()
        statement.with_user(self.operator).action_send()
        self.assert_line(statement, amount=1000, price_difference=60, closing=1060)
        statement.line_ids.with_user(self.portal)._dispute("Eleven was agreed", price=11)
        statement.line_ids.with_user(self.operator)._answer("accepted", "")
        self.assert_line(statement, amount=1100, price_difference=0, closing=1100)
        self.assert_adds_up(statement)
        april = self._generate(APRIL)
        self.assert_line(april, opening=1100, amount=0, price_difference=0, closing=1100)

    def test_all_claims_are_answered_before_it_is_settled(self):
        first, second = self._order(10), self._order(20)
        for order in (first, second):
            self._receive_on(order, date(2026, 3, 5))
        statement = self._generate()
        statement.with_user(self.operator).action_send()
        one, two = statement.line_ids
        statement.with_user(self.portal)._dispute_lines(
            [
                (one, "Wrong", None, None, self.env["ir.attachment"]),
                (two, "Wrong too", 21, None, self.env["ir.attachment"]),
            ]
        )
        activity = statement.activity_ids
        self.assertEqual(activity.user_id, self.operator)
        one.with_user(self.operator)._answer("rejected", "No")
        self.assertEqual((statement.state, statement.dispute_count), ("disputed", 1))
        with self.assertRaisesRegex(UserError, "does not apply"):
            statement.with_user(self.operator).action_propose_bills()
        two.with_user(self.operator)._answer("accepted", "")
        self.assertEqual(statement.state, "settled")
        self.assertFalse(statement.activity_ids)

    def test_what_is_confirmed_is_not_disputed(self):
        statement = self._sent()
        statement.with_user(self.portal)._confirm()
        self.assertEqual(statement.state, "confirmed")
        self.assertEqual(statement.confirmed_by_id, self.portal)
        with self.assertRaisesRegex(UserError, "does not apply"):
            statement.line_ids.with_user(self.portal)._dispute("Late")
        with self.assertRaisesRegex(UserError, "does not apply"):
            statement.with_user(self.portal)._confirm()

    def test_who_may_do_what(self):
        statement = self._sent()
        theirs = self._sent(supplier=self.other)
        draft = self._generate(APRIL)
        groups = {
            "viewer": "union_assist_catalog.group_user",
            "federation": "union_assist_catalog.group_federation",
            "manager": "union_assist_catalog.group_manager",
            "county": "union_assist_catalog.group_county",
            "buyer": "purchase.group_purchase_user",
            "employee": "base.group_user",
            "public": "base.group_public",
        }
        users = {
            role: new_test_user(self.env, f"statement_{role}", group)
            for role, group in groups.items()
        }
        company = self.env["res.company"].create({"name": "Second Company"})
        users |= {
            "operator": self.operator,
            "portal": self.portal,
            "second": new_test_user(
                self.env,
                "statement_second",
                "union_assist_catalog.group_manager",
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            ),
        }
        statement.line_ids.with_user(self.portal)._dispute("Wrong")
        self.env["union.assist.payment.days"]._refresh(self.company)
        days = self.env["union.assist.payment.days"].search(
            [("supplier_id", "=", self.supplier.id)]
        )
        self.assertTrue(days)
        all_records = (
            statement | theirs | draft,
            (statement | theirs).line_ids,
            statement.line_ids.dispute_ids,
        )
        everything = {"viewer", "federation", "manager", "operator"}
        for role, user in users.items():
            with self.subTest(role=role):
                for records in all_records:
                    model = records.with_user(user)
                    seen = (
                        model.search([("id", "in", records.ids)])
                        if model.browse().has_access("read")
                        else model.browse()
                    )
                    if role in everything:
                        self.assertEqual(seen.sudo(), records.sorted())
                    elif role == "portal":
                        self.assertEqual(
                            seen.sudo(),
                            records.filtered(
                                lambda r: r.supplier_id == self.supplier and r != draft
                            ),
                        )
                    else:
                        self.assertFalse(seen)
                    for operation in ("create", "write", "unlink"):
                        allowed = (
                            records._name == "union.assist.statement"
                            and (operation in ("write", "unlink"))
                            and role in ("operator", "manager", "second")
                        )
                        self.assertEqual(
                            records.browse().with_user(user).has_access(operation), allowed
                        )
                model = days.with_user(user)
                self.assertEqual(
                    model.browse().has_access("read")
                    and bool(model.search([("id", "in", days.ids)])),
                    role in everything,
                )
                if role not in ("operator", "manager"):
                    for step in (
                        lambda user=user: draft.with_user(user).action_send(),
                        lambda user=user: draft.with_user(user).action_refresh(),
                        lambda user=user: statement.with_user(user).action_propose_bills(),
                        lambda user=user: statement.line_ids.with_user(user).action_answer(),
                        lambda user=user: statement.line_ids.with_user(user)._answer(
                            "rejected", "x"
                        ),
                    ):
                        with (
                            self.assertRaises(AccessError),
                            mute_logger(
                                "odoo.addons.base.models.ir_rule",
                                "odoo.addons.base.models.ir_model",
                            ),
                        ):
                            step()


@tagged("post_install", "-at_install", "union_assist")
class TestStatementPortal(HttpCase, DisputeCommon):
    def _post(self, statement, step, files=None, csrf=True, **values):
        if csrf:
            values["csrf_token"] = self._get_token(statement)
        return self.url_open(
            f"/my/assist/statements/{statement.id}/{step}", data=values, files=files
        )

    def _last_mail(self, statement):
        domain = [("model", "=", statement._name), ("res_id", "=", statement.id)]
        return self.env["mail.mail"].search(domain, limit=1, order="id desc")

    def _get_token(self, statement):
        page = self.url_open(f"/my/assist/statements/{statement.id}").text
        return (
            page.split('name="csrf_token" value="')[1].split('"')[0] if "csrf_token" in page else ""
        )

    def test_pages(self):
        statement = self._sent()
        draft = self._generate(APRIL)
        theirs = self._sent(supplier=self.other)
        self.authenticate("statement_tea", "statement_tea")
        page = self.url_open("/my/assist/statements").text
        self.assertIn(statement.name, page)
        for hidden in (draft.name, theirs.name):
            self.assertNotIn(hidden, page)
        page = self.url_open(f"/my/assist/statements/{statement.id}").text
        for part in (
            statement.name,
            "1,000.00",
            "Tea",
            "o_assist_confirm",
        ):
            self.assertIn(part, page)
        for hidden in (draft, theirs):
            for path in ("", "/pdf"):
                response = self.url_open(f"/my/assist/statements/{hidden.id}{path}")
                self.assertEqual(response.status_code, 404)
        pdf = self.url_open(f"/my/assist/statements/{statement.id}/pdf")
        self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
        self.assertIn(statement.name, PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text())
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["assist_statement_count"]}
        )
        self.assertEqual(counters, {"assist_statement_count": 1})

    def test_staff_and_public_see_none(self):
        statement = self._sent()
        self.authenticate(None, None)
        response = self.url_open(f"/my/assist/statements/{statement.id}")
        self.assertIn("/web/login", response.url)
        self.operator.password = "statement_operator"
        self.authenticate("statement_operator", "statement_operator")
        self.assertEqual(self.url_open(f"/my/assist/statements/{statement.id}").status_code, 404)
        self.assertNotIn(statement.name, self.url_open("/my/assist/statements").text)

    def test_confirm(self):
        statement = self._sent()
        theirs = self._sent(supplier=self.other)
        self.authenticate("statement_tea", "statement_tea")
        token = self._get_token(statement)
        response = self.url_open(
            f"/my/assist/statements/{theirs.id}/confirm", data={"csrf_token": token}
        )
        self.assertEqual((response.status_code, theirs.state), (404, "sent"))
        with mute_logger("odoo.http"):
            response = self._post(statement, "confirm", csrf=False, confirm="1")
        self.assertEqual((response.status_code, statement.state), (400, "sent"))
        response = self.url_open(f"/my/assist/statements/{statement.id}/confirm")
        self.assertEqual(statement.state, "sent", "a link changes nothing")
        response = self._post(statement, "confirm")
        self.assertIn("alert-success", response.text)
        self.assertEqual((statement.state, statement.confirmed_by_id), ("confirmed", self.portal))
        page = self.url_open(f"/my/assist/statements/{statement.id}").text
        self.assertNotIn("o_assist_dispute_submit", page)
        mail = self._last_mail(statement)
        self.assertEqual(mail.recipient_ids, self.operator.partner_id)

    def test_dispute(self):
        statement = self._sent()
        line = statement.line_ids
        self.authenticate("statement_tea", "statement_tea")
        response = self._post(statement, "dispute")
        self.assertIn("o_assist_error", response.text)
        response = self._post(
            statement,
            "dispute",
            files={f"file_{line.id}": ("note.png", PNG)},
            **{
                f"dispute_{line.id}": "1",
                f"quantity_{line.id}": "many",
                f"price_{line.id}": "-3",
            },
        )
        self.assertEqual(statement.state, "sent")
        self.assertEqual(response.text.count("invalid-feedback"), 3)
        self.assertIn('value="many"', response.text)
        kept = response.text.split(f'name="kept_{line.id}" value="')[1].split('"')[0]
        response = self._post(
            statement,
            "dispute",
            **{
                f"dispute_{line.id}": "1",
                f"reason_{line.id}": "Five more came <b>",
                f"quantity_{line.id}": "105",
                f"kept_{line.id}": kept,
                "state": "settled",
                f"accepted_{line.id}": "9999",
            },
        )
        self.assertIn("alert-success", response.text)
        self.assertIn("Five more came &lt;b&gt;", response.text)
        dispute = line.dispute_ids
        self.assertEqual((statement.state, line.accepted), ("disputed", 100))
        self.assertEqual(dispute.claimed_quantity, 105)
        self.assertTrue(dispute.is_quantity_claimed)
        self.assertFalse(dispute.is_price_claimed)
        self.assertEqual(dispute.attachment_ids.name, "note.png")
        self.assertEqual(dispute.attachment_ids.with_user(self.operator).raw, PNG)
        mail = self._last_mail(statement)
        self.assertEqual(mail.recipient_ids, self.operator.partner_id)

    def test_a_line_of_another_statement_is_not_disputed(self):
        statement = self._sent()
        theirs = self._sent(supplier=self.other)
        line = theirs.line_ids
        self.authenticate("statement_tea", "statement_tea")
        response = self._post(
            statement,
            "dispute",
            **{f"dispute_{line.id}": "1", f"reason_{line.id}": "Mine?"},
        )
        self.assertIn("o_assist_error", response.text)
        self.assertEqual((statement.state, theirs.state), ("sent", "sent"))
        self.assertFalse(line.dispute_ids)

    def test_only_files_that_can_be_looked_at(self):
        statement = self._sent()
        line = statement.line_ids
        self.authenticate("statement_tea", "statement_tea")
        response = self._post(
            statement,
            "dispute",
            files={f"file_{line.id}": ("note.pdf", b"#!/bin/sh")},
            **{f"dispute_{line.id}": "1", f"reason_{line.id}": "See there"},
        )
        self.assertIn("form-control is-invalid", response.text)
        self.assertEqual(statement.state, "sent")
