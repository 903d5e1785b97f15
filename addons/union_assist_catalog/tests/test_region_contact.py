from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestRegionContact(UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_county = cls.env.ref("union_assist_catalog.region_610827")
        cls.contacts = cls.env["union.assist.region.contact"]
        cls.internal = new_test_user(cls.env, "assist_inside", "base.group_user")

    def make(self, region, user=None, **values):
        contacts = self.contacts.with_user(user) if user else self.contacts
        values = {"name": "A", **values}
        if "partner_id" in values:
            values.pop("name")
        return contacts.create({"region_id": region.id, "role": "Office", **values})

    def test_officials_keep_the_contacts_of_their_counties(self):
        village = self.env["union.assist.region"].create(
            {"name": "V", "level": "village", "parent_id": self.county.id}
        )
        own = self.make(village, self.official, phone="1")
        far = self.make(self.other_county)
        own.phone = "2"
        for action in (
            lambda: self.make(self.other_county, self.official),
            lambda: far.with_user(self.official).write({"phone": "3"}),
            lambda: far.with_user(self.official).unlink(),
            lambda: own.write({"region_id": self.other_county.id}),
            lambda: self.make(self.county, self.internal),
            lambda: self.make(self.county, self.viewer),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                action()
        self.assertTrue(self.make(self.other_county, self.operator))
        for user in (self.internal, self.viewer, self.federation, self.official):
            self.assertEqual(far.with_user(user).display_name, "A (Office)")
        for user in (
            self.env.ref("base.public_user"),
            new_test_user(self.env, "x", "base.group_portal"),
        ):
            with self.assertRaises(AccessError):
                far.with_user(user).read()

    def test_the_address_book_fills_in(self):
        partner = self.env["res.partner"].create({"name": "Li", "phone": "1", "email": "a@b.c"})
        contact = self.make(self.county, partner_id=partner.id)
        self.assertEqual((contact.name, contact.phone, contact.email), ("Li", "1", "a@b.c"))
        partner.phone = "2"
        self.assertEqual(contact.phone, "2")
        alone = self.make(self.county, name="Wang", phone="3")
        self.assertEqual((alone.name, alone.phone), ("Wang", "3"))

    def test_officials_in_charge(self):
        self.official.assist_region_ids = self.county
        village = self.env["union.assist.region"].create(
            {"name": "V", "level": "village", "parent_id": self.county.id}
        )
        for user in (self.internal, self.manager):
            for region, found in (
                (self.county, True),
                (village, True),
                (self.other_county, False),
                (self.county.parent_id, False),
            ):
                self.assertEqual(self.official in region.with_user(user).official_ids, found)

    def test_counts_on_the_buttons(self):
        prefecture = self.county.parent_id
        before = {r: (r.registered_count, r.supplier_count) for r in prefecture | self.county}
        self.make_household("RC-1")
        self.make_household("RC-2", status="left")
        self.tea_maker.assist_region_id = self.county
        (prefecture | self.county).invalidate_recordset()
        for region, (households, suppliers) in before.items():
            self.assertEqual(region.registered_count, households + 1)
            self.assertEqual(region.supplier_count, suppliers + 1)
        self.make_household("RC-3", region_id=self.other_county.id)
        shaanxi = prefecture.parent_id
        self.assertLess(
            shaanxi.with_user(self.official).registered_count,
            shaanxi.with_user(self.viewer).registered_count,
        )
        self.assertNotIn("registered_count", shaanxi.with_user(self.internal).read()[0])
        action = self.county.with_user(self.official).action_view_households()
        self.assertEqual(
            self.env["union.assist.household"]
            .with_user(self.official)
            .search_count([*action["domain"], ("status", "!=", "left")]),
            self.county.with_user(self.official).registered_count,
        )
        for name in ("suppliers", "divisions", "contacts"):
            action = getattr(self.county.with_user(self.official), f"action_view_{name}")()
            self.env[action["res_model"]].with_user(self.official).search(action["domain"])

    def test_same_queries_for_5_and_50(self):
        regions = self.env["union.assist.region"].search([("level", "=", "county")], limit=60)
        self.official.assist_region_ids = [Command.set(regions.ids)]

        def queries(records):

            def work():
                for name in (
                    "official_ids",
                    "registered_count",
                    "supplier_count",
                    "division_count",
                ):
                    records.mapped(name)

            return self.record_queries(work)

        queries(regions[:2])
        self.assert_same_queries(queries(regions[2:7]), queries(regions[7:57]))
