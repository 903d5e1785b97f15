from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .farming_common import FarmingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestWeighTicket(FarmingCommon):
    def test_net_weight_and_deductions(self):
        ticket = self._create_ticket(110, tare=10, moisture=5, impurity=3)
        self.assertEqual(ticket.quantity, 92)
        self.assertEqual(ticket.household_id, self.household)
        self.assertEqual(ticket.amount, 276)
        self.assertEqual(ticket.day, self.today)
        self.assertRegex(ticket.name, r"^WT/\d{4}/\d{5}$")

    def test_units_are_converted_or_refused(self):
        self.assertEqual(self._create_ticket(50, uom_id=self.kg.id).quantity, 100)
        tonne = self.env.ref("uom.product_uom_ton")
        self.assertEqual(self._create_ticket(6, uom_id=tonne.id).amount, 36_000)
        for unit in (
            "uom.product_uom_unit",
            "uom.product_uom_litre",
            "union_assist_catalog.uom_mu",
        ):
            with self.assertRaisesRegex(ValidationError, "no unit of weight"):
                self._create_ticket(50, uom_id=self.env.ref(unit).id)

    def test_below_the_floor_is_refused_by_every_door(self):
        with self.assertRaisesRegex(ValidationError, "below the floor price"):
            self._create_ticket(unit_price=2.99)
        ticket = self._create_ticket(unit_price=3.01)
        with self.assertRaisesRegex(ValidationError, "below the floor price"), self.cr.savepoint():
            ticket.unit_price = 2.9999
        with self.assertRaisesRegex(ValidationError, "below the floor price"), self.cr.savepoint():
            ticket.write({"unit_price": 0})
        with self.assertRaisesRegex(ValidationError, "below the floor price"), self.cr.savepoint():
            self.env["union.assist.weigh.ticket"].with_context(
                default_unit_price=1, default_floor_price=0.5, default_market_price=0.5
            ).create({"contract_id": self.contract.id, "gross": 10})
        with self.assertRaisesRegex(ValidationError, "below the floor price"), self.cr.savepoint():
            form = Form(ticket)
            form.unit_price = 1
            form.save()
        with self.assertRaisesRegex(UserError, "Nobody enters"):
            ticket.write({"floor_price": 1, "unit_price": 1})
        result = self.env["union.assist.weigh.ticket"].load(
            ["contract_id/.id", "gross", "unit_price"],
            [[str(self.contract.id), "10", "2"]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("below the floor price", result["messages"][0]["message"])
        with self.assertRaisesRegex(ValidationError, "below the floor price"), self.cr.savepoint():
            self.contract.write({"ticket_ids": [Command.create({"gross": 1, "unit_price": 2})]})
        copied = ticket.copy({"unit_price": 3})
        self.assertEqual(copied.unit_price, 3)
        with self.assertRaisesRegex(ValidationError, "below the floor price"):
            ticket.copy({"unit_price": 2})

    def test_a_higher_market_applies(self):
        self._record_price(3.4)
        ticket = self._create_ticket()
        self.assertEqual((ticket.floor_price, ticket.market_price), (3, 3.4))
        self.assertEqual(ticket.unit_price, 3.4)
        with self.assertRaisesRegex(ValidationError, "below the market price of 3.4"):
            ticket.unit_price = 3.2
        ticket.unit_price = 3.6
        self.assertEqual(ticket.amount, 360)

    def test_a_lower_market_leaves_the_floor(self):
        self._record_price(2.1)
        self.assertEqual(self._create_ticket().unit_price, 3)

    def test_market_prices_hold_for_some_days(self):
        self._record_price(3.5, date=self._days(-8))
        self.assertEqual(self._create_ticket().market_price, 0)
        self._record_price(3.4, date=self._days(-7))
        self.assertEqual(self._create_ticket().market_price, 3.4)
        self._record_price(3.3, date=self._days(-1))
        self._record_price(9, date=self._days(1))
        self.assertEqual(self._create_ticket().market_price, 3.3)

    def test_grades(self):
        """A grade's own market price, or the ordinary one times its factor; floors stand."""
        self.third.price_factor = 0.5
        self.first.price_factor = 1.2
        self._record_price(4)
        self.assertEqual(self._create_ticket(grade_id=self.first.id).unit_price, 4.8)
        third = self._create_ticket(grade_id=self.third.id)
        self.assertEqual((third.market_price, third.unit_price), (2, 3))
        self._record_price(4.5, grade_id=self.first.id, date=self._days(-1))
        self.assertEqual(self._create_ticket(grade_id=self.first.id).unit_price, 4.5)

    def test_a_grade_with_a_floor_of_its_own(self):
        contract = self._create_contract(
            self.household, floor_ids=[Command.create({"grade_id": self.third.id, "price": 2})]
        )
        contract.action_sign()
        self.assertEqual(
            self._create_ticket(contract=contract, grade_id=self.third.id).unit_price, 2
        )
        self.assertEqual(
            self._create_ticket(contract=contract, grade_id=self.first.id).unit_price, 3
        )
        with self.assertRaisesRegex(ValidationError, "floor price of 2"):
            self._create_ticket(contract=contract, grade_id=self.third.id, unit_price=1.9)

    def test_a_market_price_recorded_before_confirming_applies(self):
        ticket = self._create_ticket()
        self.assertEqual(ticket.unit_price, 3)
        self._record_price(3.5)
        ticket.action_confirm()
        self.assertEqual((ticket.unit_price, ticket.amount), (3.5, 350))
        self._record_price(5, date=self._days(-1))
        self.assertEqual(ticket.unit_price, 3.5)

    def test_confirmed_tickets_are_not_edited(self):
        ticket = self._create_ticket()
        ticket.action_confirm()
        for vals in ({"gross": 5}, {"unit_price": 9}, {"deduction": 1}, {"date": "2020-01-01"}):
            with self.assertRaisesRegex(UserError, "not edited"):
                ticket.write(vals)
        for vals in ({"amount": 5}, {"paid_amount": 5}, {"quantity": 1}, {"name": "X"}):
            with self.assertRaisesRegex(UserError, "Nobody enters"):
                ticket.write(vals)
        for state in ("draft", "paid"):
            with self.assertRaisesRegex(UserError, "cannot become"), self.cr.savepoint():
                ticket.write({"state": state})
        with self.assertRaisesRegex(UserError, "void them instead"):
            ticket.unlink()
        with self.assertRaisesRegex(UserError, "Say why"), self.cr.savepoint():
            ticket.write({"state": "void"})
        self.env["union.assist.weigh.void"].create(
            {"ticket_ids": [Command.set(ticket.ids)], "reason": "Weighed twice"}
        ).action_apply()
        self.assertEqual((ticket.state, ticket.void_reason), ("void", "Weighed twice"))
        self.assertEqual(self.contract.delivered_quantity, 0)
        with self.assertRaisesRegex(UserError, "cannot become"):
            ticket.action_confirm()

    def test_what_a_client_put_into_figures_is_computed_anew(self):
        ticket = (
            self.env["union.assist.weigh.ticket"]
            .with_context(default_amount=9e6, default_quantity=9e6, default_paid_amount=5)
            .create({"contract_id": self.contract.id, "gross": 10})
        )
        ticket.action_confirm()
        self.assertEqual((ticket.quantity, ticket.amount, ticket.paid_amount), (10, 30, 0))
        with self.assertRaisesRegex(UserError, "begins as a draft"):
            self._create_ticket(state="confirmed")

    def test_tickets_are_for_running_contracts_and_their_households(self):
        draft = self._create_contract(self.household)
        with self.assertRaisesRegex(UserError, "not signed, or it is over"):
            self._create_ticket(contract=draft)
        with self.assertRaisesRegex(ValidationError, "is not in"):
            self._create_ticket(household_id=self.neighbour.id)

    def test_impossible_weights(self):
        for vals in (
            {"gross": 10, "tare": 10},
            {"gross": 10, "tare": -1},
            {"gross": -1},
            {"gross": 10, "moisture": 60, "impurity": 40},
        ):
            with self.subTest(**vals), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError), self.cr.savepoint():
                    self._create_ticket(**vals)
                    self.env.flush_all()

    def test_advances_are_deducted(self):
        advance = self.env["union.assist.farming.advance"].create(
            {"contract_id": self.contract.id, "kind": "seed", "amount": 6000}
        )
        self.assertEqual(advance.household_id, self.household)
        self.assertEqual(self.contract.advance_open, 6000)
        first = self._create_ticket(2000)  # 6,000 yuan: half of it repays
        self.assertEqual((first.amount, first.deduction, first.payable), (6000, 3000, 3000))
        second = self._create_ticket(10_000)
        self.assertEqual(second.deduction, 6000)
        (first | second).action_confirm()
        self.assertEqual((first.deduction, second.deduction), (3000, 3000))
        self.assertEqual(self.contract.advance_open, 0)
        self.assertEqual(self.contract.advance_deducted, 6000)
        self.assertEqual(self.contract.open_amount, 30_000)
        self.assertEqual(self._create_ticket(100).deduction, 0)
        with self.assertRaisesRegex(UserError, "repaid more"), self.cr.savepoint():
            advance.amount = 5999
        with self.assertRaisesRegex(UserError, "repaid more"), self.cr.savepoint():
            advance.unlink()
        with self.assertRaisesRegex(ValidationError, "is not in"):
            advance.copy({"household_id": self.neighbour.id})

    def test_a_ticket_that_all_repays_advances_is_paid(self):
        contract = self._create_contract(self.household, advance_rate=100)
        contract.action_sign()
        self.env["union.assist.farming.advance"].create(
            {"contract_id": contract.id, "amount": 500, "kind": "money"}
        )
        ticket = self._create_ticket(contract=contract)
        ticket.action_confirm()
        self.assertEqual((ticket.deduction, ticket.payable, ticket.state), (300, 0, "paid"))

    def test_confirming_takes_the_same_number_of_queries_for_more(self):
        def drafts(count):
            return self.env["union.assist.weigh.ticket"].create(
                [{"contract_id": self.contract.id, "gross": 10} for _number in range(count)]
            )

        counts = []
        for number in (5, 50):
            drafts(2).action_confirm()
            tickets = drafts(number)
            counts.append(self.record_queries(tickets.action_confirm))
        self.assert_same_queries(*counts)

    def test_the_day_is_the_company_s(self):
        self.company.partner_id.tz = "Asia/Shanghai"
        ticket = self._create_ticket(date=fields.Datetime.to_datetime("2026-03-01 17:00:00"))
        self.assertEqual(str(ticket.day), "2026-03-02")
