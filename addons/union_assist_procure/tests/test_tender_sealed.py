"""No price of a sealed bid by any channel, for any role, before the opening."""

import contextlib
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.tender_bid import get_bid_keys
from ..tools import sealing
from .tender_common import GROUP, TenderCommon

#: Prices that occur nowhere else.
SECRETS = ("7316.4285", "7316.43", "7316.42", "8642.9713", "8642.97", "7316", "8642")


@tagged("post_install", "-at_install", "union_assist")
class TestTenderSealed(HttpCase, TenderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tender = cls._call()
        cls._seal_all()
        create = cls._create_role
        cls.roles = {
            "viewer": create("sealed_viewer", f"{GROUP}user"),
            "federation": cls.federation,
            "operator": cls.operator,
            "manager": cls.manager,
            "county": create("sealed_county", f"{GROUP}county"),
            "buyer": create("sealed_buyer", "purchase.group_purchase_user"),
            "employee": create("sealed_employee", "base.group_user"),
            "system": create("sealed_system", f"base.group_system,{GROUP}manager"),
            "other supplier": cls.bidders[cls.oil],
            "supplier itself": cls.bidders[cls.supplier],
            "public": cls.env.ref("base.public_user"),
            "superuser": cls.env.ref("base.user_root"),
        }
        cls.models = sorted(
            name for name in cls.env.registry if name.startswith("union.assist.tender")
        ) + ["purchase.order", "purchase.order.line", "mail.message", "mail.mail", "ir.attachment"]

    @classmethod
    def _create_role(cls, login, groups):
        return new_test_user(cls.env, login, groups, password=login)

    @classmethod
    def _seal_all(cls):
        for supplier, price in ((cls.supplier, "7316.4285"), (cls.oil, "8642.9713")):
            invitation = cls.tender.invitation_ids.filtered(
                lambda row, supplier=supplier: row.supplier_id == supplier
            )
            invitation.with_user(cls.bidders[supplier])._submit(
                {
                    "lots": {
                        str(lot.id): {"price": price, "quantity": "10", "days": "7", "note": ""}
                        for lot in cls.tender.lot_ids
                    },
                    "note": "",
                }
            )
        cls.env.flush_all()

    def _assert_silent(self, value, where):
        text = json.dumps(value, default=str)
        for secret in SECRETS[:5]:
            self.assertNotIn(secret, text, where)

    def _env(self, user):
        return self.env(user=user, su=user == self.env.ref("base.user_root"))

    def test_the_orm_tells_none_to_any_role(self):
        """read, search_read, read_group, export_data, web_read, onchange, name_search."""
        for role, user in self.roles.items():
            env = self._env(user)
            for name in self.models:
                with self.subTest(role=role, model=name):
                    model = env[name]
                    if model._abstract:
                        continue
                    if not model.has_access("read"):
                        with contextlib.suppress(AccessError):
                            self._assert_silent(model.search_read([]), "search_read")
                        continue
                    names = [
                        field
                        for field, description in model.fields_get().items()
                        # Files by other models, which not everybody may read.
                        if description["type"] not in ("binary", "one2many")
                        or name.startswith("union.assist")
                    ]
                    rows = model.search([], limit=200, order="id desc")
                    with mute_logger("odoo.models"):
                        self._assert_silent(rows.read(names), "read")
                        self._assert_silent(
                            rows.web_read({field: {} for field in names}), "web_read"
                        )
                        if user.has_group("base.group_allow_export") or env.su:
                            exportable = [
                                field for field in names if model._fields[field].exportable
                            ]
                            self._assert_silent(rows.export_data(exportable), "export_data")
                    self._assert_silent(model.name_search("7316"), "name_search")
                    self._assert_silent(
                        model.formatted_read_group([], [], ["__count"]), "read_group"
                    )

    def test_the_sealed_content_is_read_by_no_user(self):
        for role, user in self.roles.items():
            if role == "superuser":
                continue
            env = self._env(user)
            bids = env["union.assist.tender.bid"].browse(self.tender.bid_ids.ids)
            with self.subTest(role=role):
                for act in (
                    lambda bids=bids: bids.read(["sealed"]),
                    lambda bids=bids: bids.search_read([], ["sealed"]),
                    lambda bids=bids: bids.search([("sealed", "like", "7316")]),
                    lambda bids=bids: bids.search([], order="sealed"),
                    lambda bids=bids: bids.formatted_read_group([], ["sealed"], ["__count"]),
                    lambda bids=bids: bids.export_data(["sealed"]),
                    lambda bids=bids: bids.web_read({"sealed": {}}),
                    lambda bids=bids: bids.write({"sealed": False}),
                    lambda bids=bids: bids.unlink(),
                    lambda bids=bids: bids.copy(),
                ):
                    try:
                        result = act()
                    except (AccessError, UserError, ValueError):
                        continue
                    self.fail(f"{role} got {result}")

    def test_no_domain_order_or_group_is_an_oracle(self):
        """A search by price finds the same as without it: there are no prices to compare."""
        for role, user in self.roles.items():
            env = self._env(user)
            lines = env["union.assist.tender.bid.line"]
            bids = env["union.assist.tender.bid"]
            if not bids.has_access("read"):
                continue
            mine = [("tender_id", "=", self.tender.id)]
            with self.subTest(role=role):
                self.assertFalse(lines.search(mine))
                for low in (0, 7316, 8000, 9000):
                    self.assertFalse(lines.search([*mine, ("price_unit", ">", low)]))
                    self.assertFalse(bids.search([*mine, ("line_ids.price_unit", ">", low)]))
                    self.assertFalse(bids.search([*mine, ("amount_total", ">", low)]))
                self.assertEqual(set(bids.search(mine).mapped("amount_total")), {0.0})
                for order in ("amount_total", "amount_total desc"):
                    self.assertEqual(
                        bids.search(mine, order=f"{order}, id").ids, self.tender.bid_ids.ids
                    )
                groups = bids.formatted_read_group(
                    mine, ["supplier_id"], ["amount_total:sum", "__count"]
                )
                self.assertEqual({group["amount_total:sum"] for group in groups}, {0.0})
                self.assertFalse(
                    lines.formatted_read_group(mine, ["price_unit"], ["price_unit:sum"])
                )

    def test_nothing_in_any_table_is_a_price(self):
        """Not one column of the database holds a price, whatever rights one has."""
        self.env.flush_all()
        self.cr.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            "   AND table_type = 'BASE TABLE'"
        )
        for (table,) in self.cr.fetchall():
            self.cr.execute(
                f'SELECT count(*) FROM "{table}" record'  # noqa: S608 - names of the catalogue
                " WHERE record::text ~ '(7316|8642)[.](42|43|97)'"
            )
            self.assertEqual(self.cr.fetchone()[0], 0, table)

    def test_rpc_reaches_no_act_on_bids(self):
        for role, user in self.roles.items():
            if role in ("superuser", "public"):
                continue
            self.authenticate(user.login, user.login)
            for model, method, arguments in (
                ("union.assist.tender.invitation", "_submit", [self.tender.invitation_ids.ids, {}]),
                ("union.assist.tender.invitation", "_withdraw", [self.tender.invitation_ids.ids]),
                ("union.assist.tender.bid", "_open", [self.tender.bid_ids.ids, {}, ""]),
                ("union.assist.tender", "_open", [self.tender.ids]),
                ("union.assist.tender", "action_open", [self.tender.ids]),
                ("union.assist.tender", "action_request_opening", [self.tender.ids]),
                ("union.assist.tender.bid", "read", [self.tender.bid_ids.ids, ["sealed"]]),
                ("union.assist.tender.bid.line", "create", [[{"price_unit": 1}]]),
                ("union.assist.tender.event", "create", [[{"kind": "opened"}]]),
                ("union.assist.tender.opening", "create", [[{}]]),
                ("union.assist.tender.award", "create", [[{}]]),
            ):
                with (
                    self.subTest(role=role, method=method, model=model),
                    mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"),
                    self.assertRaises(Exception) as caught,
                ):
                    self.make_jsonrpc_request(
                        f"/web/dataset/call_kw/{model}/{method}",
                        {"model": model, "method": method, "args": arguments, "kwargs": {}},
                    )
                self._assert_silent(str(caught.exception), method)
        self.assertEqual(self.tender.bid_ids.mapped("state"), ["sealed", "sealed"])

    def test_the_code_of_an_administrator_finds_none(self):
        """An action of the server reaches records as superuser, and no way to open a bid."""
        tender_id = self.tender.id
        code = f"""
bids = env['union.assist.tender.bid'].sudo().search([('tender_id', '=', {tender_id})])
found = []
for bid in bids:
    found.append([bid.sealed, bid.content, bid.amount_total, bid.digest])
    try:
        bid.tender_id.write({{'deadline': '2020-01-01 00:00:00'}})
    except Exception as error:
        found.append(str(error))
env.cr.execute("UPDATE union_assist_tender SET deadline = '2020-01-01' WHERE id = {tender_id}")
env.invalidate_all()
try:
    bids.tender_id._open()
except Exception as error:
    found.append(str(error))
found.append(bids.mapped('line_ids.price_unit'))
raise UserError(str(found))
"""
        action = self.env["ir.actions.server"].create(
            {
                "name": "Curious",
                "model_id": self.env["ir.model"]._get_id("union.assist.tender"),
                "state": "code",
                "code": code,
            }
        )
        with (
            self.assertRaises(UserError) as caught,
            mute_logger("odoo.addons.base.models.ir_actions"),
        ):
            action.with_user(self.roles["system"]).run()
        self._assert_silent(str(caught.exception), "server action")
        self.assertIn("sealed until a later time", str(caught.exception))
        self.assertIn("[]]", str(caught.exception))

    def test_pages_and_reports(self):
        """Portal of others, forms of the web client and exports over HTTP."""
        for role in ("other supplier", "viewer", "operator", "manager", "system", "employee"):
            user = self.roles[role]
            self.authenticate(user.login, user.login)
            for path in (
                "/my/assist/tenders",
                f"/my/assist/tenders/{self.tender.id}",
                f"/odoo/assist-tenders/{self.tender.id}?debug=1",
                f"/my/assist/tenders/{self.tender.id}/withdraw",
                "/my/rfq",
            ):
                with self.subTest(role=role, path=path), mute_logger("odoo.http"):
                    page = self.url_open(path).text
                    self.assertNotIn("7316.4", page)
                    if role != "other supplier":
                        self.assertNotIn("8642.9", page)
        # The bids are made here without the portal, so not even their owners are shown them.
        self.authenticate("bidder0", "bidder0")
        self.assertNotIn("7316.4", self.url_open(f"/my/assist/tenders/{self.tender.id}").text)

    def test_messages_and_logs(self):
        with self.assertLogs("odoo", "DEBUG") as logs:
            self._get_invitation(self.tender, self.supplier).with_user(
                self.bidders[self.supplier]
            )._submit({"lots": {"1": {"price": "7316.4285"}}, "note": "8642.9713"})
            self.env.flush_all()
        self._assert_silent(logs.output, "server log")
        records = self.tender | self.tender.browse()
        messages = self.env["mail.message"].search(
            [("model", "like", "union.assist.tender"), ("res_id", "!=", False)]
        )
        self._assert_silent(messages.mapped("body"), "chatter")
        self._assert_silent(messages.sudo().tracking_value_ids.read(), "tracking")
        self._assert_silent(records.event_ids.read(["note", "kind", "digest"]), "log of the tender")

    def test_afterwards_everybody_concerned_sees_them(self):
        """The tests above would pass with no price at all: here is one."""
        self.assertIn("not_before", self._peek())
        self._open(self.tender)
        for role in ("viewer", "federation", "operator", "manager"):
            lines = self._env(self.roles[role])["union.assist.tender.bid.line"].search(
                [("tender_id", "=", self.tender.id)]
            )
            self.assertEqual(sorted(set(lines.mapped("price_unit"))), [7316.43, 8642.97], role)
        for role in ("county", "buyer", "employee", "other supplier", "supplier itself", "public"):
            with self.assertRaises(AccessError):
                self._env(self.roles[role])["union.assist.tender.bid.line"].search([])

    def _peek(self):

        bid = self.tender.bid_ids.sudo()[0]
        return sealing._decrypt(
            bid.sealed, get_bid_keys(self.env), bid.invitation_id._get_binding()
        )
