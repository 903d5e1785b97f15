from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapPolicy(CapCommon):
    def test_the_cap_opens_with_the_policy(self):
        self.assertRecordValues(
            self.cap,
            [
                {
                    "amount": 300_000,
                    "committed": 0,
                    "remaining": 300_000,
                    "persons": 150,
                    "households": 1,
                    "use_rate": 0,
                    "level": "open",
                    "policy_id": self.policy.id,
                    "date_from": self.year_start,
                    "date_to": date(self.today.year, 12, 31),
                }
            ],
        )
        newcomer = self._create_supplier("Newcomer")
        self.assertEqual(len(self._get_cap(newcomer)), 1)
        self.env["union.assist.cap"]._open_current()
        self.assertEqual(len(self._get_cap(newcomer)), 1)

    def test_households_and_brackets(self):
        self._lift(self.supplier, 20)
        self.policy.write({"basis": "households"})
        self.assertEqual(self.cap.amount, 4000)
        self.policy.write(
            {
                "basis": "persons",
                "method": "marginal",
                "bracket_ids": [Command.create({"from_count": 100, "amount": 1000})],
            }
        )
        self.assertEqual(self.cap.amount, 100 * 2000 + 70 * 1000)
        self.policy.method = "flat"
        self.assertEqual(self.cap.amount, 170_000)
        self.policy.max_amount = 160_000
        self.assertEqual(self.cap.amount, 160_000)

    def test_the_policy_of_the_kind_comes_first(self):
        special = self._create_policy(amount=3000, supplier_kind="sme")
        self.assertEqual(self.cap.policy_id, special)
        self.assertEqual(self.cap.amount, 450_000)
        special.active = False
        self.assertEqual(self.cap.policy_id, self.policy)

    def test_no_two_policies_for_the_same_suppliers(self):
        with (
            self.assertRaisesRegex(ValidationError, "same suppliers on the same days"),
            self.cr.savepoint(),
        ):
            self._create_policy()
        self.policy.date_to = self.today
        later = self._create_policy(date_from=self.today + timedelta(days=1))
        with self.assertRaises(ValidationError):
            later.date_from = self.today
        self._create_policy(supplier_kind="sme")
        with self.assertRaises(ValidationError):
            self._create_policy(supplier_kind="sme")

    def test_a_new_policy_within_the_year_takes_over_what_is_used(self):
        self._create_order(250_000).button_confirm()
        self.policy.date_to = self.today - timedelta(days=1)
        self._create_policy(amount=3000, date_from=self.today)
        self.assertEqual(self.cap.amount, 450_000)
        self.assert_used(250_000)
        self.assertEqual(self.cap.remaining, 200_000)

    def test_a_policy_has_brackets(self):
        with self.assertRaises(ValidationError):
            self._create_policy(supplier_kind="agent", bracket_ids=False)
        with self.assertRaises(ValidationError):
            self.policy.bracket_ids.unlink()

    def test_changed_amounts_are_logged(self):
        self.policy.bracket_ids.amount = 2500
        self.assertIn("2,500.00", self.policy.message_ids[0].body)
        self.assertEqual(self.cap.amount, 375_000)

    def test_level_and_search(self):
        self._create_order(270_000).button_confirm()
        self.assertEqual(self.cap.level, "near")
        near = self.env["union.assist.cap"].search([("level", "in", ("near", "full", "over"))])
        self.assertIn(self.cap, near)
        self.assertNotIn(self.cap, self.env["union.assist.cap"].search([("level", "=", "open")]))
        self.assertNotIn(self.cap, self.env["union.assist.cap"].search([("level", "!=", "near")]))

    def test_figures_on_the_supplier(self):
        self._create_order(120_000).button_confirm()
        self.assertRecordValues(
            self.supplier,
            [
                {
                    "assist_cap_amount": 300_000,
                    "assist_cap_used": 120_000,
                    "assist_cap_left": 180_000,
                    "assist_cap_rate": 40,
                }
            ],
        )
        outsider = self.env["res.partner"].create({"name": "Outsider"})
        self.assertEqual(outsider.assist_cap_amount, 0)

    def test_same_number_of_queries_for_5_and_50_caps(self):
        suppliers = self.env["res.partner"].create(
            [
                {"name": f"S{index}", "is_company": True, "assist_supplier_kind": "sme"}
                for index in range(50)
            ]
        )

        caps = self.env["union.assist.cap"].search([("supplier_id", "in", suppliers.ids)])
        self.assertEqual(len(caps), 50)
        for records, field in ((caps, "use_rate"), (suppliers, "assist_cap_left")):
            with self.subTest(field=field):
                self.assert_same_queries(
                    self._count_queries(lambda some, field=field: some.mapped(field), records[:5]),
                    self._count_queries(lambda some, field=field: some.mapped(field), records),
                )
