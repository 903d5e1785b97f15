import re

from odoo import http
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .tender_common import TenderCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTenderPortal(HttpCase, TenderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tender = cls._call(subject="Goods for the festival")
        cls.lot, cls.second = cls.tender.lot_ids
        cls.path = f"/my/assist/tenders/{cls.tender.id}"

    def _post(self, path=None, **values):
        return self.url_open(
            path or self.path, data={"csrf_token": http.Request.csrf_token(self), **values}
        )

    def _row(self, lot, **values):
        return {f"{name}-{lot.id}": value for name, value in values.items()}

    def _input(self, page, name):
        found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)[0]
        value = re.search(r'value="([^"]*)"', found)
        return value and value[1]

    def test_bid_change_withdraw(self):
        self.authenticate("bidder0", "bidder0")
        page = self.url_open("/my/assist/tenders").text
        self.assertIn("Goods for the festival", page)
        response = self._post(**self._row(self.lot, price="2,613.75", days="7"), note="Thanks")
        self.assertIn("done=bid", response.url)
        self.assertIn("o_assist_receipt", response.text)
        bid = self.tender.bid_ids
        self.assertEqual((bid.state, bid.supplier_id), ("sealed", self.supplier))
        self.assertIn(bid.digest, response.text)
        # The bidder alone sees what it handed in.
        page = self.url_open(self.path)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertEqual(self._input(page.text, f"price-{self.lot.id}"), "2613.75")
        self.assertEqual(self._input(page.text, f"quantity-{self.lot.id}"), "1000")
        first = bid.digest
        self._post(**self._row(self.lot, price="2500"), **self._row(self.second, price="7"))
        self.env.invalidate_all()
        self.assertNotEqual(bid.digest, first)
        self.assertEqual(
            self.tender.event_ids.sorted("id").mapped("kind")[-5:-1],
            ["submitted", "shown", "shown", "changed"],
        )
        response = self._post(f"{self.path}/withdraw")
        self.assertIn("done=withdrawn", response.url)
        self.env.invalidate_all()
        self.assertEqual(bid.state, "withdrawn")
        self.assertFalse(bid.sudo().sealed)

    def test_what_is_wrong_is_named_and_nothing_typed_is_lost(self):
        self.authenticate("bidder0", "bidder0")
        response = self._post(
            **self._row(self.lot, price="26,5o", quantity="２０００", days="soon", note="<b>a</b>"),
            **self._row(self.second, price="9.5"),
            note="To the whole",
        )
        self.assertEqual(response.status_code, 200)
        page = response.text
        self.assertIn("Tea, Unit price: this is not a number.", page)
        self.assertIn("Tea, Quantity: more than the 1000 asked for.", page)
        self.assertIn("Tea, Days to deliver: this is not a number.", page)
        for name, value in (("price", "26,5o"), ("quantity", "２０００"), ("days", "soon")):
            self.assertEqual(self._input(page, f"{name}-{self.lot.id}"), value)
        self.assertEqual(self._input(page, f"note-{self.lot.id}"), "&lt;b&gt;a&lt;/b&gt;")
        self.assertEqual(self._input(page, f"price-{self.second.id}"), "9.5")
        self.assertIn("To the whole", page)
        self.assertFalse(self.tender.bid_ids)
        self.assertIn("Enter a unit price for one lot at least", self._post().text)

    def test_other_fields_are_ignored(self):
        self.authenticate("bidder0", "bidder0")
        self._post(
            **self._row(self.lot, price="26", state="won", awarded="5"),
            state="won",
            supplier_id=str(self.oil.id),
            **{"price-999999": "1"},
        )
        bid = self.tender.bid_ids
        self.assertEqual((bid.supplier_id, bid.state), (self.supplier, "sealed"))
        self._open(self.tender)
        self.assertEqual(len(bid.line_ids), 1)
        self.assertEqual(bid.line_ids.awarded, 0)

    def test_no_bid_without_the_token_or_by_a_link(self):
        self.authenticate("bidder0", "bidder0")
        with mute_logger("odoo.http"):
            response = self.url_open(self.path, data=self._row(self.lot, price="26"))
        self.assertEqual(response.status_code, 400)
        self.url_open(f"{self.path}?price-{self.lot.id}=26")
        self.assertEqual(self.url_open(f"{self.path}/withdraw").status_code, 405)
        self.assertFalse(self.tender.bid_ids)

    def test_others_find_no_such_page(self):
        alone = self._call(suppliers=self.supplier)
        draft = self._create_tender()
        for login in ("bidder1", "tender_operator", "tender_manager"):
            self.authenticate(login, login)
            for path in ("", "/withdraw", "/document/1"):
                response = (
                    self._post(f"/my/assist/tenders/{alone.id}{path}")
                    if path != "/document/1"
                    else self.url_open(f"/my/assist/tenders/{alone.id}{path}")
                )
                self.assertEqual(response.status_code, 404, (login, path))
            page = self.url_open(f"/my/assist/tenders/{draft.id}")
            self.assertEqual(page.status_code, 404)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(self.path).url)

    def test_a_colleague_may_replace_and_not_see_it(self):
        self.authenticate("bidder0", "bidder0")
        self._post(**self._row(self.lot, price="7316.42"))
        self._create_bidder("bidder0b", self.supplier)
        self.authenticate("bidder0b", "bidder0b")
        page = self.url_open(self.path).text
        self.assertNotIn("7316.42", page)
        self.assertIn("shown only to the user who handed it in", page)
        self._post(**self._row(self.lot, price="8642.97"))
        self.assertIn("8642.97", self.url_open(self.path).text)
        self.authenticate("bidder0", "bidder0")
        self.assertNotIn("8642.97", self.url_open(self.path).text)

    def test_who_sets_a_new_password_sees_nothing(self):
        """An administrator who logs in with a password of his own finds the prices gone."""
        self.authenticate("bidder0", "bidder0")
        self._post(**self._row(self.lot, price="7316.42"))
        self.assertIn("7316.42", self.url_open(self.path).text)
        self.bidders[self.supplier].password = "another one"
        self.env.flush_all()
        self.authenticate("bidder0", "another one")
        page = self.url_open(self.path).text
        self.assertNotIn("7316.42", page)
        self._open(self.tender)
        self.assertEqual(self.tender.bid_line_ids.price_unit, 7316.42)

    def test_too_late(self):
        self.authenticate("bidder0", "bidder0")
        self._post(**self._row(self.lot, price="26"))
        self.authenticate("bidder1", "bidder1")
        self._pass_deadline(self.tender)
        self.authenticate("bidder1", "bidder1")
        response = self._post(**self._row(self.lot, price="25"))
        self.assertIn("the deadline has passed", response.text)
        self.authenticate("bidder0", "bidder0")
        response = self._post(f"{self.path}/withdraw")
        self.assertIn("the deadline has passed", response.text)
        self.assertNotIn("o_assist_bid_form", response.text)
        self.env.invalidate_all()
        self.assertEqual(self.tender.invitation_ids.mapped("state"), ["bid", "invited", "invited"])
        self.assertIn("late", self.tender.event_ids.mapped("kind"))

    def test_after_the_award_each_sees_its_own(self):
        for supplier, price in zip(self.suppliers, (26.25, 27.35, 28.45), strict=True):
            self._bid(self.tender, supplier, price, price)
        self._open(self.tender)
        self.authenticate("bidder1", "bidder1")
        page = self.url_open(self.path).text
        self.assertIn("27.35", page)
        for price in ("26.25", "28.45"):
            self.assertNotIn(price, page)
        self._award(self.tender)
        self.env.flush_all()
        page = self.url_open(self.path).text
        self.assertIn("o_assist_result", page)
        self.assertIn("Tea Company", page)
        self.assertIn("39,375.00", page)  # 1,500 at 26.25: the total is public
        for price in ("26.25", "28.45"):
            self.assertNotIn(price, page)
        self.authenticate("bidder0", "bidder0")
        self.assertIn("You are awarded", self.url_open(self.path).text)

    def test_documents(self):
        attachments = self.env["ir.attachment"].with_user(self.operator)
        file = attachments.create({"name": "spec.pdf", "raw": b"%PDF spec"})
        other = attachments.create({"name": "other.pdf", "raw": b"%PDF other"})
        self.tender.with_user(self.operator).document_ids = file
        self.authenticate("bidder0", "bidder0")
        response = self.url_open(f"{self.path}/document/{file.id}")
        self.assertEqual(response.content, b"%PDF spec")
        response = self.url_open(f"{self.path}/document/{other.id}")
        self.assertEqual(response.status_code, 404)
        response = self.url_open(f"/web/content/{file.id}")
        self.assertNotEqual(response.content, b"%PDF spec")

    def test_the_card_of_the_home_page(self):
        self.authenticate("bidder0", "bidder0")
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["assist_tender_count"]})
        self.assertEqual(counters, {"assist_tender_count": 1})
        new_test_user(
            self.env,
            "portal_customer",
            "base.group_portal",
            password="portal_customer",
            lang="en_US",
        )
        self.authenticate("portal_customer", "portal_customer")
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["assist_tender_count"]})
        self.assertEqual(counters, {"assist_tender_count": 0})
        self.assertIn("not invited to a tender yet", self.url_open("/my/assist/tenders").text)

    def test_over_rpc_a_supplier_reads_its_own_invitation_alone(self):
        user = self.bidders[self.supplier]
        found = self.env["union.assist.tender.invitation"].with_user(user).search([])
        self.assertEqual(found.supplier_id, self.supplier)

    def test_the_printed_record_is_for_employees(self):
        self._bid(self.tender, self.supplier, 26, 27)
        self._open(self.tender)
        record = self.tender.opening_ids
        path = f"/report/pdf/union_assist_procure.report_tender_opening/{record.id}"
        self.authenticate("tender_operator", "tender_operator")
        content, kind = (
            self.env["ir.actions.report"]
            .with_user(self.operator)
            ._render("union_assist_procure.report_tender_opening", record.ids)
        )
        self.assertEqual((kind, content[:4]), ("pdf", b"%PDF"))
        self.authenticate("bidder0", "bidder0")
        with mute_logger("odoo.http"):
            self.assertNotEqual(self.url_open(path).content[:4], b"%PDF")
