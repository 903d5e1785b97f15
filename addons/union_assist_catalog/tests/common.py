from stdnum.cn import uscc

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon

from .query_common import QueryCountCase

GROUP = "union_assist_catalog.group_"


def make_credit_code(number):
    """Return a right unified social credit code, another one for every number."""
    code = f"91610924{number:09d}"
    return code + uscc.calc_check_digit(code)


def make_applications(suppliers):
    """Complete the files of suppliers and return their applications, not yet submitted."""
    county = suppliers.env.ref("union_assist_catalog.region_610924")
    for supplier in suppliers:
        defaults = {
            "company_registry": make_credit_code(supplier.id),
            "assist_region_id": county.id,
            "assist_legal_representative": "Legal Representative",
            "street": "1 Street",
            "phone": "0915-1",
        }
        supplier.write({name: value for name, value in defaults.items() if not supplier[name]})
    return suppliers.env["union.assist.admission"].create(
        [
            {
                "supplier_id": supplier.id,
                "contact_id": supplier.id,
                "goods": "Tea",
                "mechanism_ids": [
                    (4, supplier.env.ref("union_assist_catalog.mechanism_order_purchase").id)
                ],
                "claimed_households": 20,
            }
            for supplier in suppliers
        ]
    )


def admit_suppliers(suppliers, date="2020-01-01"):
    """Take suppliers through the steps of admission, all on one day, as an administrator."""
    admissions = make_applications(suppliers)
    for step in ("apply", "recommend", "admit"):
        admissions._take_step(step, date=date)
    return admissions


class UnionAssistCatalogCommon(QueryCountCase, BaseCommon):
    """A county, two suppliers, and the roles of the programme."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.county = cls.env.ref("union_assist_catalog.region_610924")
        cls.order_purchase = cls.env.ref("union_assist_catalog.mechanism_order_purchase")
        cls.tea_maker, cls.orchard = cls.env["res.partner"].create(
            [
                {"name": name, "is_company": True, "assist_supplier_kind": kind}
                for name, kind in (("Tea Maker", "sme"), ("Orchard", "cooperative"))
            ]
        )
        cls.viewer = new_test_user(cls.env, "assist_viewer", f"{GROUP}user")
        cls.federation = new_test_user(cls.env, "assist_federation", f"{GROUP}federation")
        cls.official = new_test_user(
            cls.env, "assist_official", f"{GROUP}county", assist_region_ids=[(6, 0, cls.county.ids)]
        )
        cls.operator = new_test_user(cls.env, "assist_operator", f"{GROUP}operator")
        cls.manager = new_test_user(cls.env, "assist_manager", f"{GROUP}manager")

    @classmethod
    def make_household(cls, code, persons=4, **values):
        return cls.env["union.assist.household"].create(
            {"code": code, "region_id": cls.county.id, "persons": persons, **values}
        )

    @classmethod
    def make_linkage(cls, household, supplier=None, **values):
        return cls.env["union.assist.linkage"].create(
            {
                "household_id": household.id,
                "supplier_id": (supplier or cls.tea_maker).id,
                "mechanism_id": cls.order_purchase.id,
                "date_from": "2021-03-01",
                **values,
            }
        )

    @classmethod
    def make_split(cls, shares, date_from="2021-03-01", approve=True, **values):
        """Write a split of a household and have another person approve it.

        :param shares: ``{linkage: share}``
        """
        split = cls.env["union.assist.household.split"].create(
            {
                "household_id": next(iter(shares)).household_id.id,
                "date_from": date_from,
                "reason": "Both buy its harvest.",
                "line_ids": [
                    Command.create({"linkage_id": linkage.id, "share": share})
                    for linkage, share in shares.items()
                ],
                **values,
            }
        )
        if approve:
            split.with_user(cls.operator).action_approve()
        return split
