from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import CapCommon

GROUP = "union_assist_catalog.group_"


@tagged("post_install", "-at_install", "union_assist")
class TestPurchaseShare(CapCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Orders of the demo data would count beside those of the tests.
        cls.company = cls.env["res.company"].create({"name": "Buying Company"})
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.counties = cls.env["union.assist.region"].search([("level", "=", "county")], limit=2)
        cls.township = cls.env["union.assist.region"].create(
            {
                "name": "Township",
                "code": cls.counties[0].code + "999",
                "level": "township",
                "parent_id": cls.counties[0].id,
            }
        )
        cls.supplier.assist_region_id = cls.township
        cls.other = cls._create_supplier(
            "Oil Mill", persons=10, assist_region_id=cls.counties[1].id
        )
        cls.idle = cls._create_supplier("Honey Farm", persons=10)
        cls.viewer = new_test_user(
            cls.env,
            "share viewer",
            groups=GROUP + "user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        self.policy = self._create_policy(company_id=self.company.id)
        self.share = self.env["union.assist.purchase.share"].with_user(self.viewer)

    def _buy(self, amount, supplier=None, **values):
        order = self._create_order(amount, supplier, company_id=self.company.id, **values)
        order.button_confirm()
        return order

    def _spread(self, **values):
        return self.env["union.assist.purchase.spread"].with_user(self.viewer).create(dict(values))

    def test_a_row_for_each_line_of_confirmed_orders(self):
        order = self._buy(60000.0)
        self._create_order(500.0, company_id=self.company.id)
        stranger = self.env["res.partner"].create({"name": "Wholesaler", "is_company": True})
        self._buy(700.0, stranger)
        self._buy(800.0, self.other).button_cancel()
        row = self.share.search([])
        self.assertEqual(row.order_id.sudo(), order)
        self.assertEqual((row.amount, row.currency_id), (60000, self.company.currency_id))
        self.assertEqual(row.date, self.company._assist_today())
        self.assertEqual((row.supplier_id, row.supplier_kind), (self.supplier, "sme"))
        self.assertEqual((row.persons, row.supplier_size), (150, "medium"))
        self.assertEqual(row.cap_use, "1_low")
        self.assertEqual(row.county_id, self.counties[0], "the county that the township is in")
        self.assertEqual(row.product_id, self.product)
        self._buy(200000.0)
        self.env.invalidate_all()
        self.assertEqual(set(self.share.search([]).mapped("cap_use")), {"4_most"})

    def test_without_cap_and_other_currency(self):
        self.policy.active = False
        currency = self.env["res.currency"].create(
            {
                "name": "TCU",
                "symbol": "T",
                "rate_ids": [
                    Command.create(
                        {"name": self.year_start, "rate": 0.5, "company_id": self.company.id}
                    )
                ],
            }
        )
        self._buy(100.0, currency_id=currency.id)
        row = self.share.search([])
        self.assertEqual(row.amount, 200)
        self.assertEqual((row.supplier_size, row.cap_use), ("unknown", "6_none"))

    def test_size_follows_rule_values(self):
        self._buy(10.0)
        self.env["union.assist.parameter"].search(
            [("code", "=", "supplier_size_large")]
        ).value = 150
        self.assertEqual(self.share.search([]).supplier_size, "large")

    def test_day_of_the_company(self):
        """Confirmed at 17:00 UTC, it is the next day in China already."""
        self.company.partner_id.tz = "Asia/Shanghai"
        order = self._buy(10.0)
        order.date_approve = datetime(self.today.year, 3, 31, 17)
        self.env.flush_all()
        self.assertEqual(str(self.share.search([]).date), f"{self.today.year}-04-01")

    def test_figures(self):
        self._buy(60000.0)
        self._buy(20000.0, self.other)
        spread = self._spread()
        self.assertEqual(spread.amount, 80000)
        self.assertEqual((spread.supplier_count, spread.county_count), (2, 2))
        self.assertEqual(spread.supplier_index, 75**2 + 25**2)
        self.assertEqual(spread.county_index, 75**2 + 25**2)
        self.assertEqual(spread.largest_five, 1.0)
        rows = self.share.search(spread.action_view_share()["domain"])
        self.assertEqual(sum(rows.mapped("amount")), 80000)
        nothing = self._spread(
            date_from=self.today - timedelta(days=900), date_to=self.today - timedelta(days=800)
        )
        self.assertEqual((nothing.amount, nothing.supplier_index), (0, 0))
        with self.assertRaises(ValidationError):
            self._spread(date_from=self.today, date_to=self.today - timedelta(days=1))
        with Form(self.env["union.assist.purchase.spread"].with_user(self.viewer)) as form:
            form.date_to = self.today
            self.assertEqual(form.supplier_index, 6250)

    def test_who_got_nothing(self):
        self._buy(10.0)
        suppliers = self.supplier | self.other | self.idle
        spread = self._spread()

        def unserved():
            spread.invalidate_recordset()
            found = self.env["res.partner"].search(spread.action_view_unserved()["domain"])
            self.assertEqual(spread.unserved_count, len(found))
            return found & suppliers

        self.assertEqual(unserved(), self.other | self.idle)
        order = self._buy(20000.0, self.idle)
        self.assertEqual(unserved(), self.other)
        order.button_cancel()
        self.assertEqual(unserved(), self.other | self.idle)
        self.other.assist_linkage_ids.state = "draft"
        self.env.invalidate_all()
        self.assertEqual(unserved(), self.idle, "without verified persons there is no cap")
        self.idle.assist_admission_ids._take_step(
            "suspend",
            cause=self.env["union.assist.removal.reason"].search([], limit=1),
            reason="Found wanting",
        )
        self.assertFalse(unserved())

    def test_who_may(self):
        self._buy(10.0)
        for groups in (
            GROUP + "county",
            "purchase.group_purchase_user",
            "base.group_user",
            "base.group_portal",
        ):
            user = new_test_user(self.env, f"share {groups}", groups=groups)
            with self.assertRaises(AccessError):
                self.share.with_user(user).search([])
            with self.assertRaises(AccessError):
                self.env["union.assist.purchase.spread"].with_user(user).create({})
        stranger = new_test_user(
            self.env,
            "other company viewer",
            groups=GROUP + "user",
            company_id=self.env.ref("base.main_company").id,
            company_ids=[Command.set(self.env.ref("base.main_company").ids)],
        )
        rows = self.share.with_user(stranger).with_context(allowed_company_ids=None)
        self.assertNotIn(self.company, rows.search([]).company_id)
        self.assertFalse(rows._get_unserved(self.company, self.year_start, self.today))

    def test_queries_do_not_grow(self):
        suppliers = self.supplier
        for number in range(12):
            suppliers |= self._create_supplier(f"Supplier {number}", persons=1)
        self._buy(1.0)
        spread = self._spread()
        few = self._count_queries(lambda record: record.mapped("unserved_count"), spread)
        for supplier in suppliers:
            self._buy(1.0, supplier)
        many = self._count_queries(lambda record: record.mapped("unserved_count"), spread)
        self.assert_same_queries(few, many)
