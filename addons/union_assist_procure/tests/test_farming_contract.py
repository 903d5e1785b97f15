from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .farming_common import FarmingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestFarmingContract(FarmingCommon):
    def test_the_chrysanthemum_case(self):
        """4 mu × 3,000 jin × 3 yuan = 36,000 yuan, expected, delivered and paid."""
        contract = self.contract
        self.assertEqual(contract.area, 4)
        self.assertEqual(contract.expected_quantity, 12_000)
        self.assertEqual(contract.expected_amount, 36_000)
        self.assertEqual(contract.open_quantity, 12_000)
        ticket = self._create_ticket(12_000)
        self.assertEqual(ticket.amount, 36_000)
        self.assertEqual(contract.delivered_amount, 0, "drafts do not count")
        ticket.action_confirm()
        self.assertEqual(contract.state, "delivering")
        self.assertEqual(contract.delivered_quantity, 12_000)
        self.assertEqual(contract.delivered_amount, 36_000)
        self.assertEqual((contract.open_quantity, contract.open_amount), (0, 36_000))
        self._pay(ticket)
        self.assertEqual(ticket.state, "paid")
        self.assertEqual((contract.paid_amount, contract.open_amount), (36_000, 0))
        contract.action_close()
        self.assertEqual(contract.state, "closed")

    def test_a_group_adds_up_its_households(self):
        contract = self._create_contract(self.household | self.neighbour, area=2.5)
        contract.line_ids[1].yield_per_mu = 2000
        self.assertEqual(contract.region_id, self.village)
        self.assertEqual(contract.household_count, 2)
        self.assertEqual(contract.area, 5)
        self.assertEqual(contract.expected_quantity, 2.5 * 3000 + 2.5 * 2000)
        self.assertEqual(contract.expected_amount, 37_500)

    def test_households_of_the_place_are_added(self):
        contract = self._create_contract(self.household.browse(), region_id=self.village.id)
        left = self._create_households(1)
        left.status = "left"
        contract.action_add_households()
        self.assertEqual(contract.line_ids.household_id, self.household | self.neighbour)
        with self.assertRaisesRegex(UserError, "No more registered household"):
            contract.action_add_households()

    def test_households_are_of_the_place(self):
        stranger = self._create_households(1, self.other_county)
        with self.assertRaisesRegex(ValidationError, "outside"):
            self._create_contract(stranger, region_id=self.village.id)
        contract = self._create_contract(self.household)
        with self.assertRaisesRegex(ValidationError, "outside"):
            contract.region_id = self.other_county
        with self.assertRaisesRegex(ValidationError, "a county at"):
            contract.region_id = self.county.parent_id
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            contract.line_ids = [Command.create({"household_id": self.household.id})]
            self.env.flush_all()

    def test_only_suppliers_of_the_programme(self):
        shop = self.env["res.partner"].create({"name": "Any Shop", "is_company": True})
        with self.assertRaisesRegex(ValidationError, "no supplier of the programme"):
            self._create_contract(self.household, supplier_id=shop.id)

    def test_what_is_missing_is_said_before_signing(self):
        contract = self._create_contract(self.household, area=0, floor_price=0)
        with self.assertRaisesRegex(UserError, "No floor price.*\n.*No area"), self.cr.savepoint():
            contract.action_sign()
        with self.assertRaisesRegex(UserError, "No household"):
            self._create_contract(self.household.browse(), region_id=self.village.id).action_sign()
        self.assertEqual(contract.state, "draft")

    def test_signed_terms_stand(self):
        line = self.contract.line_ids
        for change in (
            lambda: self.contract.write({"floor_price": 2}),
            lambda: self.contract.write({"supplier_id": self.other_supplier.id}),
            lambda: line.write({"area": 1}),
            lambda: line.unlink(),
            lambda: self.contract.write(
                {"line_ids": [Command.create({"household_id": self.neighbour.id, "area": 1})]}
            ),
            lambda: self.env["union.assist.farming.contract.line"].create(
                {"contract_id": self.contract.id, "household_id": self.neighbour.id}
            ),
            lambda: self.env["union.assist.farming.contract.floor"].create(
                {"contract_id": self.contract.id, "grade_id": self.third.id, "price": 1}
            ),
        ):
            with self.assertRaisesRegex(UserError, "its terms"), self.cr.savepoint():
                change()
        self.contract.action_draft()
        self.contract.floor_price = 3.2
        self.contract.action_sign()
        self.assertEqual(self.contract.expected_amount, 38_400)

    def test_steps_are_not_skipped(self):
        contract = self._create_contract(self.household)
        for state in ("delivering", "closed"):
            with self.assertRaisesRegex(UserError, "cannot become"), self.cr.savepoint():
                contract.write({"state": state})
        with self.assertRaisesRegex(UserError, "begins as a draft|is signed"), self.cr.savepoint():
            self._create_contract(self.household, state="signed")
        with self.assertRaisesRegex(UserError, "begins as a draft"), self.cr.savepoint():
            self.env["union.assist.farming.contract"].with_context(default_state="signed").create(
                {
                    "supplier_id": self.supplier.id,
                    "product_id": self.crop.id,
                    "season_id": self.season.id,
                    "region_id": self.village.id,
                }
            )
        self._create_ticket()
        for state in ("draft", "cancelled"):
            with self.assertRaisesRegex(UserError, "has weigh tickets"), self.cr.savepoint():
                self.contract.write({"state": state})
        with self.assertRaisesRegex(UserError, "wait to be confirmed"):
            self.contract.action_close()
        with self.assertRaisesRegex(UserError, "was signed"):
            self.contract.unlink()

    def test_figures_are_not_entered(self):
        for name in ("delivered_quantity", "paid_amount", "expected_amount", "advance_open"):
            with self.assertRaisesRegex(UserError, "Nobody enters"):
                self.contract.write({name: 1})
            with self.assertRaisesRegex(UserError, "Nobody enters"):
                self._create_contract(self.household, **{name: 1})

    def test_a_linkage_is_proposed_and_not_verified(self):
        document = self.env["ir.attachment"].create({"name": "contract.pdf", "raw": b"%PDF-1.4"})
        contract = self._create_contract(
            self.household | self.neighbour, document_ids=[Command.set(document.ids)]
        )
        with self.assertRaisesRegex(UserError, "not signed"):
            contract.action_propose_linkages()
        known = self.env["union.assist.linkage"].create(
            {
                "household_id": self.neighbour.id,
                "supplier_id": self.supplier.id,
                "mechanism_id": self.env.ref("union_assist_catalog.mechanism_order_purchase").id,
                "date_from": self.season.date_from,
            }
        )
        contract.action_sign()
        contract.action_propose_linkages()
        proposed, kept = contract.line_ids.mapped("linkage_id")
        self.assertEqual(kept, known)
        self.assertEqual(proposed.state, "submitted")
        self.assertFalse(proposed.verification_ids)
        self.assertEqual(proposed.supplier_id, self.supplier)
        self.assertEqual(proposed.promised_amount, 36_000)
        self.assertEqual(proposed.evidence_ids.mapped("name"), ["contract.pdf"])
        self.assertEqual(proposed.evidence_ids.res_id, proposed.id)
        self.assertEqual(document.res_id, contract.id)
        count = self.env["union.assist.linkage"].search_count([])
        contract.action_propose_linkages()
        self.assertEqual(self.env["union.assist.linkage"].search_count([]), count)
        stranger = known.copy(
            {"household_id": self.household.id, "supplier_id": self.other_supplier.id}
        )
        with self.assertRaisesRegex(ValidationError, "another household"):
            contract.line_ids[0].linkage_id = stranger

    def test_harvests_do_not_overlap_and_know_what_came(self):
        schedule = self.env["union.assist.farming.schedule"].create(
            [
                {
                    "contract_id": self.contract.id,
                    "date_from": self._days(-10),
                    "date_to": self._days(-1),
                    "expected_quantity": 4000,
                },
                {
                    "contract_id": self.contract.id,
                    "date_from": self.today,
                    "date_to": self._days(10),
                    "expected_quantity": 8000,
                },
                {
                    "contract_id": self.contract.id,
                    "kind": "sowing",
                    "date_from": self._days(-100),
                    "date_to": self._days(10),
                },
            ]
        )
        self._create_ticket(500).action_confirm()
        self.assertEqual(schedule.mapped("delivered_quantity"), [0, 500, 0])
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            schedule[1].date_from = self._days(-1)
            self.env.flush_all()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            schedule[2].expected_quantity = 1
            self.env.flush_all()

    def test_figures_take_the_same_number_of_queries_for_more(self):
        def contracts_of(count):
            households = self._create_households(count)
            contracts = self.env["union.assist.farming.contract"].concat(
                *(self._create_contract(household) for household in households)
            )
            contracts.action_sign()
            for contract in contracts:
                self._create_ticket(contract=contract).action_confirm()
            return contracts

        names = ["delivered_quantity", "open_amount", "advance_open", "ticket_count"]

        def show(contracts):
            contracts.read(names)
            contracts.line_ids.read(["delivered_amount", "advance_open"])
            contracts.modified(["expected_quantity"])

        self.assert_same_queries(
            self._count_queries(show, contracts_of(5)), self._count_queries(show, contracts_of(30))
        )
