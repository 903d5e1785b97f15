from datetime import datetime, timedelta

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapDoorsHttp(HttpCase, CapCommon):
    """The doors as clients meet them: over HTTP, with a session or with an API key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = new_test_user(
            cls.env, "cap_http_buyer", "purchase.group_purchase_user", lang="en_US"
        )
        contact = cls.env["res.partner"].create(
            {"name": "Contact", "parent_id": cls.supplier.id, "email": "http@example.com"}
        )
        cls.portal = new_test_user(
            cls.env, "cap_http_portal", "base.group_portal", partner_id=contact.id, lang="en_US"
        )
        cls.order = cls._create_order(260_000, quantity=100)
        cls.order.button_confirm()
        cls.line = cls.order.order_line

    def _key(self, user):
        return (
            self.env["res.users.apikeys"]
            .with_user(user)
            ._generate(
                scope="rpc", name="test", expiration_date=datetime.now() + timedelta(days=0.5)
            )
        )

    def _json2(self, user, model, method, **arguments):
        return self.url_open(
            f"/json/2/{model}/{method}",
            json=arguments,
            headers={"Authorization": f"Bearer {self._key(user)}"},
        )

    def _call_kw(self, model, method, *arguments, **keywords):
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={
                "params": {
                    "model": model,
                    "method": method,
                    "args": arguments,
                    "kwargs": keywords,
                }
            },
        )
        return answer.json()

    def _calls(self, draft):
        """Calls that would commit 1 more than there is room for: model, method, arguments."""
        line = {
            "order_id": self.order.id,
            "product_id": self.product.id,
            "product_qty": 1,
            "price_unit": 40_001,
            "tax_ids": False,
        }
        return [
            ("purchase.order", "button_confirm", draft.ids, {}),
            ("purchase.order", "button_approve", draft.ids, {}),
            ("purchase.order", "write", draft.ids, {"vals": {"state": "purchase"}}),
            ("purchase.order.line", "write", self.line.ids, {"vals": {"product_qty": 116}}),
            ("purchase.order.line", "write", self.line.ids, {"vals": {"price_unit": 3001}}),
            ("purchase.order.line", "create", None, {"vals_list": [line]}),
            (
                "purchase.order",
                "web_save",
                self.order.ids,
                {
                    "vals": {"order_line": [(1, self.line.id, {"product_qty": 116})]},
                    "specification": {},
                },
            ),
        ]

    @mute_logger("odoo.http")
    def test_a_buyer_with_an_api_key(self):
        draft = self._create_order(40_001)
        for model, method, ids, arguments in self._calls(draft):
            with self.subTest(model=model, method=method):
                answer = self._json2(
                    self.buyer, model, method, **arguments, **({"ids": ids} if ids else {})
                )
                self.assertEqual(answer.status_code, 422, answer.text)
                self.assertIn("exceeds the purchase cap", answer.json()["message"])
                self.assert_used(260_000)
        draft.order_line.price_unit = 40_000
        answer = self._json2(self.buyer, "purchase.order", "button_confirm", ids=draft.ids)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assert_used(300_000)

    @mute_logger("odoo.http")
    def test_a_buyer_with_a_session(self):
        draft = self._create_order(40_001)
        self.authenticate(self.buyer.login, self.buyer.login)
        for model, method, ids, arguments in self._calls(draft):
            with self.subTest(model=model, method=method):
                answer = self._call_kw(model, method, *([ids] if ids else []), **arguments)
                self.assertIn("exceeds the purchase cap", answer["error"]["data"]["message"])
                self.assert_used(260_000)

    @mute_logger("odoo.http")
    def test_the_ledger_is_out_of_reach(self):
        entry = self.order.assist_entry_ids
        for model, method, arguments in (
            ("union.assist.cap", "write", {"ids": self.cap.ids, "vals": {"committed": 0}}),
            ("union.assist.cap", "unlink", {"ids": self.cap.ids}),
            ("union.assist.cap.entry", "write", {"ids": entry.ids, "vals": {"amount": 1}}),
            ("union.assist.cap.entry", "unlink", {"ids": entry.ids}),
            (
                "union.assist.cap.entry",
                "create",
                {
                    "vals_list": [
                        {
                            "cap_id": self.cap.id,
                            "order_id": self.order.id,
                            "kind": "release",
                            "amount": -1,
                        }
                    ]
                },
            ),
            ("purchase.order", "_assist_sync_commitment", {"ids": self.order.ids}),
            ("purchase.order", "_assist_recount", {"domain": []}),
        ):
            with self.subTest(model=model, method=method):
                answer = self._json2(self.buyer, model, method, **arguments)
                self.assertIn(answer.status_code, (403, 422), answer.text)
                self.assert_used(260_000)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_a_supplier_in_the_portal(self):
        """It may put off its delivery dates, and whatever else it sends changes nothing."""
        self.authenticate(self.portal.login, self.portal.login)
        answer = self.url_open(
            f"/my/purchase/{self.order.id}/update",
            json={
                "params": {
                    str(self.line.id): f"{self.today.year + 1}-01-15",
                    "product_qty": 200,
                    "price_unit": 9000,
                    "state": "purchase",
                }
            },
        )
        self.assertLess(answer.status_code, 500)
        self.assertEqual((self.line.product_qty, self.line.price_unit), (100, 2600))
        draft = self._create_order(30_000)
        for query in ("confirm=reception", "confirm=reminder", "update=True", "state=purchase"):
            self.url_open(f"/my/purchase/{draft.id}?{query}")
        self.assertEqual(draft.state, "draft")
        for model, method, ids, arguments in self._calls(draft):
            with self.subTest(model=model, method=method):
                answer = self._call_kw(model, method, *([ids] if ids else []), **arguments)
                self.assertIn("error", answer)
        self.assert_used(260_000)
