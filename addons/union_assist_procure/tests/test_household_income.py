from collections import defaultdict

from odoo import Command
from odoo.tests import tagged

from .farming_common import FarmingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestHouseholdIncome(FarmingCommon):
    def _link(self, mechanism, household):
        return self.env["union.assist.linkage"].create(
            {
                "household_id": household.id,
                "supplier_id": self.supplier.id,
                "mechanism_id": self.env.ref(f"union_assist_catalog.mechanism_{mechanism}").id,
                "date_from": "2020-01-01",
                "state": "submitted",
            }
        )

    def test_income_by_source_and_year(self):
        """The view against a plain loop over tickets and payments."""
        self._link("order_purchase", self.household)
        wages = self._link("wage_work", self.household)
        shares = self._link("shares", self.neighbour)
        sold = self._link("consignment", self.neighbour)
        contract = self._create_contract(self.household | self.neighbour)
        contract.action_sign()
        self.env["union.assist.farming.advance"].create(
            {"contract_id": contract.id, "household_id": self.household.id, "amount": 40}
        )
        tickets = self.env["union.assist.weigh.ticket"].create(
            [
                {"contract_id": contract.id, "household_id": one.id, "gross": weight, "date": date}
                for one, weight, date in (
                    (self.household, 100, "2025-06-01"),
                    (self.household, 50, "2026-06-01"),
                    (self.neighbour, 30, "2026-06-01"),
                    (self.neighbour, 70, "2026-07-01"),
                )
            ]
        )
        tickets.action_confirm()
        self._pay(tickets[:2])
        self._create_ticket(999, contract, household_id=self.household.id)  # a draft
        self.env["union.assist.linkage.payment"].create(
            [
                {"linkage_id": wages.id, "date": "2025-07-31", "amount": 2400},
                {"linkage_id": wages.id, "date": "2026-07-31", "amount": 2500},
                {"linkage_id": shares.id, "date": "2026-12-31", "amount": 800},
                {"linkage_id": sold.id, "date": "2026-12-31", "amount": 60},
            ]
        )
        naive = defaultdict(float)
        for ticket in tickets:
            naive[ticket.household_id, ticket.day.year, "sale"] += ticket.amount
        kinds = {"operating": "sale", "wage": "wage", "asset": "asset"}
        for payment in self.env["union.assist.linkage.payment"].search([]):
            if not payment.weigh_payment_ids:
                key = (
                    payment.linkage_id.household_id,
                    payment.date.year,
                    kinds[payment.mechanism_id.kind],
                )
                naive[key] += payment.amount
        mine = (self.household | self.neighbour).ids
        rows = self.env["union.assist.household.income"]._read_group(
            [("household_id", "in", mine)],
            ["household_id", "date:year", "source"],
            ["amount:sum"],
        )
        found = {(one, year.year, source): amount for one, year, source, amount in rows}
        expected = {key: amount for key, amount in naive.items() if key[0].id in mine}
        self.assertEqual(found, expected)
        self.assertEqual(found[self.household, 2025, "sale"], 300)
        self.assertEqual(found[self.household, 2025, "wage"], 2400)
        self.assertEqual(found[self.neighbour, 2026, "asset"], 800)
        self.assertEqual(found[self.neighbour, 2026, "sale"], 360)
        row = self.env["union.assist.household.income"].search([("ticket_id", "=", tickets[0].id)])
        self.assertEqual((row.deduction, row.paid_amount), (40, 260))


@tagged("post_install", "-at_install", "union_assist")
class TestFarmingBalance(FarmingCommon):
    def test_harvest_against_demand(self):
        self.env["union.assist.farming.schedule"].create(
            {
                "contract_id": self.contract.id,
                "date_from": self.today,
                "date_to": self.today,
                "expected_quantity": 12_000,
            }
        )
        self._create_ticket(500).action_confirm()
        tea = self.env["product.product"].create({"name": "Tea in Boxes"})
        tea.product_tmpl_id.write({"assist_crop_id": self.crop.id, "assist_crop_quantity": 2.5})
        other = self.env["product.product"].create({"name": "Not from a Contract"})
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "product_qty": quantity,
                            "product_uom_id": unit.id,
                            "price_unit": 1,
                        },
                    )
                    for product, quantity, unit in (
                        (tea, 100, tea.uom_id),
                        (self.crop, 50, self.kg),
                        (other, 7, other.uom_id),
                    )
                ],
            }
        )
        balance_model = self.env["union.assist.farming.balance"]
        domain = [("product_id", "in", (self.crop | tea | other).ids)]

        def totals():
            self.env.flush_all()
            ((product, *sums),) = balance_model._read_group(
                domain,
                ["product_id"],
                [
                    f"{name}:sum"
                    for name in ("expected", "delivered", "to_come", "demand", "balance")
                ],
            )
            self.assertEqual(product, self.crop)
            return sums

        self.assertEqual(totals(), [12_000, 500, 11_500, 0, 11_500])
        order.button_confirm()
        self.assertEqual(totals(), [12_000, 500, 11_500, 350, 11_150])
        months = balance_model._read_group(domain, ["product_id", "date:month"])
        self.assertTrue(months)
        agreement = self.env["purchase.requisition"].create(
            {
                "requisition_type": "blanket_order",
                "vendor_id": self.supplier.id,
                "assist_kind": "subscription",
                "date_start": self.today,
                "date_end": self.today,
                "line_ids": [
                    Command.create(
                        {
                            "product_id": self.crop.id,
                            "product_qty": 60,
                            "product_uom_id": self.kg.id,
                            "price_unit": 1,
                        }
                    )
                ],
            }
        )
        agreement.action_confirm()
        self.assertEqual(totals(), [12_000, 500, 11_500, 470, 11_030])
        agreement.action_cancel()
        self._pay(self.contract.ticket_ids)
        self.contract.action_close()
        self.assertEqual(totals(), [12_000, 500, 0, 350, -350])
