from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .farming_common import FarmingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestFarmingPortal(HttpCase, FarmingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls._create_users()
        for role in ("portal", "rival", "operator"):
            cls.users[role].password = f"farm_{role}"
            cls.users[role].lang = "en_US"
        cls.other = cls._create_contract(cls.neighbour, supplier_id=cls.other_supplier.id)
        cls.other.action_sign()
        cls.draft = cls._create_contract(cls.neighbour)
        cls.url = f"/my/assist/farming/{cls.contract.id}"

    def _login(self, role):
        self.authenticate(f"farm_{role}", f"farm_{role}")

    def _weigh(self, url=None, token=True, **values):
        page = self.url_open(self.url + "/ticket")
        found = page.text.split('name="csrf_token" value="')
        data = {
            "household_id": self.household.id,
            "uom_id": self.jin.id,
            "gross": "128.5",
            "tare": "3.5",
            "date": f"{self.today}T00:01",
            **values,
        }
        if token and len(found) > 1:
            data["csrf_token"] = found[1].split('"')[0]
        return self.url_open(url or self.url + "/ticket", data=data, allow_redirects=False)

    def test_a_supplier_sees_its_own_contracts(self):
        self._login("portal")
        page = self.url_open("/my/assist/farming").text
        self.assertIn(self.contract.name, page)
        self.assertNotIn(self.other.name, page)
        self.assertNotIn(self.draft.name, page)
        page = self.url_open(self.url).text
        self.assertIn(self.household.code, page)
        self.assertNotIn("Secret Name", page)
        for contract in (self.other, self.draft):
            for end in ("", "/ticket"):
                response = self.url_open(f"/my/assist/farming/{contract.id}{end}")
                self.assertEqual(response.status_code, 404)
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["assist_farming_count"]})
        self.assertEqual(counters, {"assist_farming_count": 1})

    def test_weighing_in(self):
        self._login("portal")
        response = self._weigh(moisture="4", state="paid", amount="1", contract_id=self.other.id)
        self.assertEqual(response.status_code, 303)
        ticket = self.contract.ticket_ids
        self.assertEqual((ticket.state, ticket.quantity, ticket.unit_price), ("draft", 120, 3))
        self.assertEqual((ticket.amount, ticket.day), (360, self.today))
        self.assertEqual(ticket.create_uid, self.users["portal"])
        self.assertFalse(self.other.ticket_ids)
        self.assertIn(ticket.name, self.url_open(self.url).text)

    def test_what_is_wrong_is_said_and_nothing_is_lost(self):
        self._login("portal")
        for values, message in (
            ({"gross": "many"}, "Enter a number"),
            ({"gross": "1e300"}, "Enter a number"),
            ({"gross": ""}, "What did it weigh?"),
            ({"gross": "3"}, "The gross weight is above the tare"),
            ({"household_id": self.neighbour.id}, "Choose the household"),
            ({"uom_id": self.env.ref("uom.product_uom_unit").id}, "Choose the unit"),
            ({"date": "yesterday"}, "Enter day and time"),
            ({"date": f"{self._days(3)}T00:00"}, "still to come"),
            ({"unit_price": "2.9"}, "below the floor price of 3"),
            ({"moisture": "60", "impurity": "50"}, "below 100 %"),
        ):
            with self.subTest(**values):
                response = self._weigh(note="Second picking", **values)
                self.assertEqual(response.status_code, 200)
                self.assertIn(message, response.text)
                self.assertIn("Second picking", response.text)
        self.assertFalse(self.contract.ticket_ids)

    def test_others_do_not_reach_it(self):
        self._login("rival")
        self.assertEqual(self.url_open(self.url).status_code, 404)
        token = (
            self.url_open(f"/my/assist/farming/{self.other.id}/ticket")
            .text.split('name="csrf_token" value="')[1]
            .split('"')[0]
        )
        response = self._weigh(csrf_token=token)
        self.assertEqual(response.status_code, 404)
        ticket = self._create_ticket()
        response = self.url_open(
            f"/my/assist/farming/ticket/{ticket.id}/withdraw", data={"csrf_token": token}
        )
        self.assertEqual(response.status_code, 404)
        self.assertTrue(ticket.exists())
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(self.url).url)

    def test_without_a_token_nothing_happens(self):
        self._login("portal")
        with mute_logger("odoo.http"):
            self.assertEqual(self._weigh(token=False).status_code, 400)
        self.assertFalse(self.contract.ticket_ids)

    def test_withdrawing_a_draft_of_one_s_own(self):
        self._login("portal")
        self._weigh()
        ticket = self.contract.ticket_ids
        foreign = self._create_ticket()
        token = self.url_open(self.url).text.split('name="csrf_token" value="')[1].split('"')[0]
        url = "/my/assist/farming/ticket/%d/withdraw"
        self.assertEqual(
            self.url_open(url % foreign.id, data={"csrf_token": token}).status_code, 404
        )
        self.assertEqual(self.url_open(url % ticket.id).status_code, 405)
        self.url_open(url % ticket.id, data={"csrf_token": token})
        self.assertEqual(self.contract.ticket_ids, foreign)

    def test_an_operator_finds_no_supplier_s_page(self):
        self._login("operator")
        self.assertIn("no signed farming contract", self.url_open("/my/assist/farming").text)
        self.assertEqual(self.url_open(self.url).status_code, 404)
