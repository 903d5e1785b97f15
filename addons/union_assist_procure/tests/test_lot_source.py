from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .farming_common import FarmingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestLotSource(FarmingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls._create_contract(cls.household | cls.neighbour)
        cls.group.action_sign()
        cls.tickets = cls.env["union.assist.weigh.ticket"].create(
            [
                {"contract_id": cls.group.id, "household_id": household.id, "gross": 100}
                for household in (cls.household, cls.household, cls.neighbour)
            ]
        )
        cls.tickets.action_confirm()
        cls.lot, cls.other_lot = cls.env["stock.lot"].create(
            [{"name": name, "product_id": cls.crop.id} for name in ("L1", "L2")]
        )

    def _feed(self, lot, tickets, quantity=None):
        form = Form(self.env["union.assist.lot.feed"].with_context(default_ticket_ids=tickets.ids))
        form.lot_id = lot
        for index in range(len(tickets) if quantity else 0):
            with form.line_ids.edit(index) as line:
                line.quantity = quantity
        form.save().action_feed()

    def test_which_households_are_in_a_lot(self):
        self._feed(self.lot, self.tickets)
        self.assertEqual(self.lot.assist_household_count, 2)
        self.assertEqual(self.lot.assist_county_ids, self.county)
        self.assertEqual(self.lot.assist_ticket_ids, self.tickets)
        counts = (self.lot | self.other_lot)._assist_get_household_counts()
        self.assertEqual(counts, {self.lot: {self.county: 2}})
        found = self.env["stock.lot"].search([("assist_ticket_ids", "in", self.tickets[0].ids)])
        self.assertEqual(found, self.lot)

    def test_households_of_two_counties(self):
        stranger = self._create_households(1, self.other_county)
        contract = self._create_contract(stranger)
        contract.action_sign()
        ticket = self._create_ticket(contract=contract)
        ticket.action_confirm()
        self._feed(self.lot, self.tickets | ticket)
        self.assertEqual(
            self.lot._assist_get_household_counts(),
            {self.lot: {self.county: 2, self.other_county: 1}},
        )
        self.assertEqual(self.lot.assist_household_count, 3)

    def test_no_more_than_was_weighed(self):
        self._feed(self.lot, self.tickets[0], 60)
        self.assertEqual(self.tickets[0].lot_quantity, 60)
        with self.assertRaisesRegex(ValidationError, "At most 40 jin"), self.cr.savepoint():
            self._feed(self.other_lot, self.tickets[0], 40.01)
        self._feed(self.other_lot, self.tickets[0])  # proposes what is left
        self.assertEqual(self.other_lot.assist_source_ids.quantity, 40)
        with self.assertRaisesRegex(ValidationError, "At most 60 jin"), self.cr.savepoint():
            self.lot.assist_source_ids.quantity = 61
        self._feed(self.lot, self.tickets[1], 10)
        self._feed(self.lot, self.tickets[1], 20)
        self.assertEqual(self.lot.assist_source_ids.mapped("quantity"), [60, 30])

    def test_only_the_crop_and_what_is_made_from_it(self):
        tea = self.env["product.product"].create(
            {"name": "Tea", "is_storable": True, "tracking": "lot"}
        )
        lot = self.env["stock.lot"].create({"name": "T1", "product_id": tea.id})
        vals = {"lot_id": lot.id, "ticket_id": self.tickets[0].id, "quantity": 5}
        with self.assertRaisesRegex(ValidationError, "is not made"), self.cr.savepoint():
            self.env["union.assist.lot.source"].create(vals)
        tea.product_tmpl_id.assist_crop_id = self.crop
        self.env["union.assist.lot.source"].create(vals)
        draft = self._create_ticket(contract=self.contract)
        with self.assertRaisesRegex(ValidationError, "not confirmed"):
            self.env["union.assist.lot.source"].create({**vals, "ticket_id": draft.id})

    def test_a_ticket_in_a_lot_is_not_voided(self):
        self._feed(self.lot, self.tickets[0])
        with self.assertRaisesRegex(UserError, "is in lots"), self.cr.savepoint():
            self.tickets[0].write({"state": "void", "void_reason": "Wrong"})
        self.lot.assist_source_ids = [Command.clear()]
        self.tickets[0].write({"state": "void", "void_reason": "Wrong"})

    def test_from_the_lot(self):
        form = Form(self.env["union.assist.lot.feed"].with_context(default_lot_id=self.lot.id))
        for ticket in self.tickets:
            form.ticket_ids.add(ticket)
        form.save().action_feed()
        self.assertEqual(sum(self.lot.assist_source_ids.mapped("quantity")), 300)

    def test_counting_takes_the_same_number_of_queries_for_more(self):
        def lots(count):
            lots = self.env["stock.lot"].create(
                [{"name": f"Q{count}-{n}", "product_id": self.crop.id} for n in range(count)]
            )
            self.env["union.assist.lot.source"].create(
                [
                    {"lot_id": lot.id, "ticket_id": self.tickets[0].id, "quantity": 0.5}
                    for lot in lots
                ]
            )
            return lots

        few, many = lots(5), lots(50)
        for function in (
            lambda lots: lots._assist_get_household_counts(),
            lambda lots: lots.mapped("assist_household_count"),
        ):
            self.assert_same_queries(
                self._count_queries(function, few), self._count_queries(function, many)
            )
