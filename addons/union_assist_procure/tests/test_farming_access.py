from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .farming_common import FarmingCommon

ALL = "rwcu"
# Who has which of read, write, create and unlink on the whole model; nobody else has any.
MATRIX = {
    **dict.fromkeys(
        (
            "union.assist.farming.contract.line",
            "union.assist.farming.contract.floor",
            "union.assist.farming.advance",
            "union.assist.lot.source",
            "union.assist.market.price",
        ),
        {"viewer": "r", "federation": "r", "county": "r", "operator": ALL, "manager": ALL},
    ),
    **dict.fromkeys(
        (
            "union.assist.farming.contract",
            "union.assist.farming.schedule",
            "union.assist.weigh.ticket",
        ),
        {
            "viewer": "r",
            "federation": "r",
            "county": "r",
            "operator": ALL,
            "manager": ALL,
            "portal": "r",
        },
    ),
    "union.assist.weigh.payment": {
        "viewer": "r",
        "federation": "r",
        "county": "r",
        "operator": "rwc",
        "manager": "rwc",
        "portal": "r",
    },
    "union.assist.farming.grade": {
        "viewer": "r",
        "federation": "r",
        "county": "r",
        "operator": "r",
        "manager": ALL,
        "portal": "r",
    },
    "union.assist.household.income": dict.fromkeys(
        ("viewer", "federation", "county", "operator", "manager"), "r"
    ),
    "union.assist.farming.balance": dict.fromkeys(
        ("viewer", "federation", "operator", "manager"), "r"
    ),
    **dict.fromkeys(
        ("union.assist.weigh.pay", "union.assist.weigh.void", "union.assist.lot.feed"),
        {"operator": "rwc", "manager": "rwc"},
    ),
}


@tagged("post_install", "-at_install", "union_assist")
class TestFarmingAccess(FarmingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls._create_users()
        cls.advance = cls.env["union.assist.farming.advance"].create(
            {"contract_id": cls.contract.id, "amount": 10}
        )
        cls.schedule = cls.env["union.assist.farming.schedule"].create(
            {"contract_id": cls.contract.id, "date_from": cls.today, "date_to": cls.today}
        )
        cls.ticket = cls._create_ticket()
        cls.ticket.action_confirm()
        cls._pay(cls.ticket)
        cls.lot = cls.env["stock.lot"].create({"name": "L1", "product_id": cls.crop.id})
        cls.source = cls.env["union.assist.lot.source"].create(
            {"lot_id": cls.lot.id, "ticket_id": cls.ticket.id, "quantity": 10}
        )
        cls.income = cls.env["union.assist.household.income"].search(
            [("ticket_id", "=", cls.ticket.id)]
        )

    def test_who_may_do_what(self):
        letters = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
        for model, rights in MATRIX.items():
            for role, user in self.users.items():
                role = {"elsewhere": "county", "rival": "portal", "second": "manager"}.get(
                    role, role
                )
                found = "".join(
                    letter
                    for letter, operation in letters.items()
                    if self.env[model].with_user(user).has_access(operation)
                )
                with self.subTest(model=model, role=role):
                    self.assertEqual(found, rights.get(role, ""))

    def test_whose_records_one_sees(self):
        everyone = {"viewer", "federation", "operator", "manager", "county"}
        for record, roles in (
            (self.contract, everyone | {"portal"}),
            (self.contract.line_ids, everyone),
            (self.advance, everyone),
            (self.schedule, everyone | {"portal"}),
            (self.ticket, everyone | {"portal"}),
            (self.ticket.payment_ids, everyone | {"portal"}),
            (self.source, everyone),
            (self.income, everyone),
        ):
            for role, user in self.users.items():
                model = record.with_user(user)
                sees = model.has_access("read") and bool(model.search([("id", "in", record.ids)]))
                with self.subTest(model=record._name, role=role):
                    self.assertEqual(sees, role in roles)
                if not sees:
                    with mute_logger("odoo.addons.base.models.ir_rule"):
                        with self.assertRaises(AccessError):
                            model.read(["display_name"])

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_buttons_are_no_way_around(self):
        draft = self._create_ticket()
        contract = self._create_contract(self.household)
        for role in ("viewer", "federation", "county", "buyer", "employee", "portal", "public"):
            user = self.users[role]
            for call in (
                lambda user=user: contract.with_user(user).action_sign(),
                lambda user=user: contract.with_user(user).action_add_households(),
                lambda user=user: self.contract.with_user(user).action_propose_linkages(),
                lambda user=user: self.contract.with_user(user).action_close(),
                lambda user=user: draft.with_user(user).action_confirm(),
                lambda user=user: draft.with_user(user).write(
                    {"state": "void", "void_reason": "x"}
                ),
                lambda user=user: (
                    self.env["union.assist.weigh.payment"]
                    .with_user(user)
                    .create({"ticket_id": draft.id, "amount": 1})
                ),
                lambda user=user: (
                    self.env["union.assist.weigh.ticket"]
                    .with_user(user)
                    .create({"contract_id": self.contract.id, "gross": 1})
                ),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    call()
        self.assertEqual((draft.state, contract.state), ("draft", "draft"))

    def test_an_operator_does_all_of_it(self):
        operator = self.users["operator"]
        contract = self._create_contract(self.neighbour).with_user(operator)
        contract.action_sign()
        ticket = (
            self.env["union.assist.weigh.ticket"]
            .with_user(operator)
            .create({"contract_id": contract.id, "gross": 10})
        )
        ticket.action_confirm()
        self.env["union.assist.weigh.pay"].with_user(operator).create(
            {"ticket_ids": [Command.set(ticket.ids)]}
        ).action_pay()
        self.assertEqual(ticket.state, "paid")
        contract.action_propose_linkages()
        self.assertEqual(contract.line_ids.linkage_id.state, "submitted")

    def test_suppliers_read_no_household(self):
        portal = self.users["portal"]
        contract = self.contract.with_user(portal)
        self.assertEqual(contract.read(["delivered_amount"])[0]["delivered_amount"], 300)
        for call in (
            lambda: contract.read(["note"]),
            lambda: self.env["union.assist.household"].with_user(portal).search([]),
            lambda: contract.line_ids.read(["household_id"]),
            lambda: self.env["union.assist.household.income"].with_user(portal).search([]),
        ):
            with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
                call()

    def test_nothing_personal_is_logged_or_shown(self):
        contract = self._create_contract(self.household | self.neighbour)
        contract.action_sign()
        ticket = self._create_ticket(contract=contract, household_id=self.household.id)
        ticket.action_confirm()
        self._pay(ticket)
        contract.action_propose_linkages()
        self.env.flush_all()
        messages = self.env["mail.message"].search(
            [("model", "in", ("union.assist.farming.contract", "union.assist.linkage"))]
        )
        self.assertTrue(messages)
        texts = messages.mapped("body") + messages.tracking_value_ids.mapped("new_value_char")
        for record in (contract, contract.line_ids, ticket, ticket.payment_ids, self.income):
            texts += record.mapped("display_name")
        self.assertNotIn("Secret Name", " ".join(str(text) for text in texts))
        viewer = self.users["viewer"]
        for model in ("contract", "contract.line", "advance"):
            values = self.env[f"union.assist.farming.{model}"].with_user(viewer).search_read([])
            self.assertTrue(values)
            self.assertNotIn("Secret Name", str(values))
        tickets = self.env["union.assist.weigh.ticket"].with_user(viewer).search_read([])
        self.assertNotIn("Secret Name", str(tickets))

    def test_remarks_are_read_by_those_who_keep_the_contract(self):
        self.contract.message_post(body="Spoke with the household", subtype_xmlid="mail.mt_comment")
        for role, reads in (("operator", True), ("viewer", False), ("portal", False)):
            found = (
                self.env["mail.message"]
                .with_user(self.users[role])
                .search(
                    [
                        ("model", "=", "union.assist.farming.contract"),
                        ("res_id", "=", self.contract.id),
                        ("body", "ilike", "Spoke"),
                    ]
                )
            )
            with self.subTest(role=role):
                self.assertEqual(bool(found), reads)

    def test_lots_show_counts_to_whoever_sees_lots(self):
        keeper = self.users["employee"]
        keeper.group_ids += self.env.ref("stock.group_stock_user")
        lot = self.lot.with_user(keeper)
        self.assertEqual((lot.assist_household_count, lot.assist_county_ids), (1, self.county))
        for name in ("assist_source_ids", "assist_ticket_ids"):
            with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
                lot.read([name])
        views = lot.get_views([(False, "form")])["views"]["form"]["arch"]
        self.assertNotIn("assist_source_ids", views)
