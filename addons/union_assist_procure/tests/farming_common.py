from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.union_assist_catalog.tests.common import admit_suppliers
from odoo.addons.union_assist_catalog.tests.query_common import QueryCountCase

CATALOG = "union_assist_catalog."


class FarmingCommon(QueryCountCase, BaseCommon):
    """A supplier, two households of a county and the chrysanthemum contract of 4 mu."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Rules of the demo data would apply beside those of the tests.
        cls.env["union.assist.cap.policy"].search([]).active = False
        cls.company = cls.env.company
        cls.today = cls.company._assist_today()
        cls.county = cls.env.ref("union_assist_catalog.region_610924")
        cls.other_county = cls.env.ref("union_assist_catalog.region_610523")
        cls.village = cls.env["union.assist.region"].create(
            {"name": "Farming Village", "level": "village", "parent_id": cls.county.id}
        )
        cls.jin = cls.env.ref("union_assist_catalog.uom_jin")
        cls.kg = cls.env.ref("uom.product_uom_kgm")
        cls.season = cls._find_season(cls.company)
        cls.crop = cls.env["product.product"].create(
            {
                "name": "Fresh Chrysanthemum",
                "is_storable": True,
                "tracking": "lot",
                "uom_id": cls.jin.id,
            }
        )
        cls.first, cls.second, cls.third = (
            cls.env.ref(f"union_assist_procure.farming_grade_{name}")
            for name in ("first", "second", "third")
        )
        cls.supplier = cls._create_supplier("Flower Company")
        cls.other_supplier = cls._create_supplier("Oil Company")
        cls.household, cls.neighbour = cls._create_households(2)
        cls.contract = cls._create_contract(cls.household)
        cls.contract.action_sign()

    @classmethod
    def _find_season(cls, company):
        season_model = cls.env["union.assist.season"]
        return season_model.search(
            [
                ("company_id", "=", company.id),
                ("date_from", "<=", cls.today),
                ("date_to", ">=", cls.today),
            ]
        ) or season_model.create(
            {
                "name": "This Season",
                "company_id": company.id,
                "date_from": cls.today.replace(month=1, day=1),
                "date_to": cls.today.replace(month=12, day=31),
            }
        )

    @classmethod
    def _create_supplier(cls, name):
        supplier = cls.env["res.partner"].create(
            {"name": name, "is_company": True, "assist_supplier_kind": "sme"}
        )
        admit_suppliers(supplier)
        return supplier

    @classmethod
    def _create_households(cls, count, region=None):
        before = cls.env["union.assist.household"].search_count([])
        return cls.env["union.assist.household"].create(
            [
                {
                    "code": f"FARM-{before + number}",
                    "head_name": f"Secret Name {before + number}",
                    "region_id": (region or cls.village).id,
                    "persons": 3,
                }
                for number in range(count)
            ]
        )

    @classmethod
    def _create_contract(cls, households, area=4.0, **values):
        """Make a draft contract: 4 mu a household, 3,000 jin a mu, at least 3 yuan a jin."""
        return cls.env["union.assist.farming.contract"].create(
            {
                "supplier_id": cls.supplier.id,
                "product_id": cls.crop.id,
                "season_id": cls.season.id,
                "floor_price": 3.0,
                "yield_per_mu": 3000.0,
                "line_ids": [
                    Command.create({"household_id": household.id, "area": area})
                    for household in households
                ],
                **values,
            }
        )

    @classmethod
    def _create_ticket(cls, gross=100.0, contract=None, **values):
        return cls.env["union.assist.weigh.ticket"].create(
            {"contract_id": (contract or cls.contract).id, "gross": gross, **values}
        )

    @classmethod
    def _record_price(cls, price, **values):
        return cls.env["union.assist.market.price"].create(
            {
                "product_id": cls.crop.id,
                "date": cls.today,
                "price": price,
                "source": "County market bulletin",
                **values,
            }
        )

    @classmethod
    def _pay(cls, tickets, **values):
        wizard = cls.env["union.assist.weigh.pay"].create(
            {"ticket_ids": [Command.set(tickets.ids)], "voucher_number": "PZ-1", **values}
        )
        wizard.action_pay()
        return wizard

    @classmethod
    def _create_users(cls):
        """Return a user for each role: county of here and elsewhere, suppliers, companies."""
        groups = {
            "viewer": CATALOG + "group_user",
            "federation": CATALOG + "group_federation",
            "operator": CATALOG + "group_operator",
            "manager": CATALOG + "group_manager",
            "buyer": "purchase.group_purchase_user",
            "employee": "base.group_user",
            "public": "base.group_public",
        }
        users = {
            role: new_test_user(cls.env, f"farm_{role}", group) for role, group in groups.items()
        }
        for role, region in (("county", cls.county), ("elsewhere", cls.other_county)):
            users[role] = new_test_user(
                cls.env,
                f"farm_{role}",
                CATALOG + "group_county",
                assist_region_ids=[Command.set(region.ids)],
            )
        for role, supplier in (("portal", cls.supplier), ("rival", cls.other_supplier)):
            contact = cls.env["res.partner"].create(
                {
                    "name": f"Contact {role}",
                    "parent_id": supplier.id,
                    "email": f"{role}@example.com",
                }
            )
            users[role] = new_test_user(
                cls.env, f"farm_{role}", "base.group_portal", partner_id=contact.id
            )
        second = cls.env["res.company"].create({"name": "Second Company"})
        users["second"] = new_test_user(
            cls.env,
            "farm_second",
            CATALOG + "group_manager",
            company_id=second.id,
            company_ids=[Command.set(second.ids)],
        )
        return users

    def _count_queries(self, function, records):
        """Return the queries that ``function`` takes on ``records`` when it is done once more."""
        records = records.browse(records.ids)
        function(records)
        return self.record_queries(lambda: function(records))

    @classmethod
    def _days(cls, count):
        return fields.Date.add(cls.today, days=count)
