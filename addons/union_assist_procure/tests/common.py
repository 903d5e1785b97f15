from odoo import Command

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.union_assist_catalog.tests.common import admit_suppliers
from odoo.addons.union_assist_catalog.tests.query_common import QueryCountCase


class CapCommon(QueryCountCase, BaseCommon):
    """A supplier that lifts 150 verified persons and a policy of 2,000 per person: 300,000."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Rules of the demo data would apply beside those of the tests.
        cls.env["union.assist.cap.policy"].search([]).active = False
        cls.company = cls.env.company
        cls.region = cls.env["union.assist.region"].search([("code", "=like", "6109%")], limit=1)
        cls.mechanism = cls.env.ref("union_assist_catalog.mechanism_order_purchase")
        cls.today = cls.company._assist_today()
        cls.year_start = cls.today.replace(month=1, day=1)
        cls.product = cls.env["product.product"].create(
            {
                "name": "Tea",
                "is_storable": True,
                "standard_price": 100.0,
                "supplier_taxes_id": False,
                "purchase_method": "purchase",
            }
        )
        cls.supplier = cls._create_supplier("Tea Company", persons=150)
        cls.policy = cls._create_policy()
        cls.cap = cls._get_cap(cls.supplier)

    @classmethod
    def _create_supplier(cls, name, persons=0, kind="sme", **values):
        supplier = cls.env["res.partner"].create(
            {"name": name, "is_company": True, "assist_supplier_kind": kind, **values}
        )
        admit_suppliers(supplier)
        if persons:
            cls._lift(supplier, persons)
        return supplier

    @classmethod
    def _lift(cls, supplier, persons, date_from=None):
        """Have one household of so many persons verified for the supplier, this year."""
        household = cls.env["union.assist.household"].create(
            {
                "code": f"TEST-{cls.env['union.assist.household'].search_count([])}",
                "region_id": cls.region.id,
                "persons": persons,
            }
        )
        return cls.env["union.assist.linkage"].create(
            {
                "household_id": household.id,
                "supplier_id": supplier.id,
                "mechanism_id": cls.mechanism.id,
                "date_from": date_from or cls.year_start,
                "state": "verified",
            }
        )

    @classmethod
    def _create_policy(cls, amount=2000.0, **values):
        return cls.env["union.assist.cap.policy"].create(
            {
                "name": "Per person and year",
                "date_from": cls.year_start,
                "bracket_ids": [Command.create({"from_count": 0, "amount": amount})],
                **values,
            }
        )

    @classmethod
    def _create_tax(cls, percent):
        return cls.env["account.tax"].create(
            {
                "name": f"VAT {percent}%",
                "amount": percent,
                "type_tax_use": "purchase",
                "price_include_override": "tax_excluded",
            }
        )

    @classmethod
    def _get_cap(cls, supplier, company=None):
        return cls.env["union.assist.cap"].search(
            [
                ("supplier_id", "=", supplier.id),
                ("company_id", "=", (company or cls.company).id),
                ("date_from", "=", cls.year_start),
            ]
        )

    @classmethod
    def _create_order(cls, amount, supplier=None, quantity=1.0, **values):
        """Make a request for quotation of one line whose total is ``amount``."""
        return cls.env["purchase.order"].create(
            {
                "partner_id": (supplier or cls.supplier).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_qty": quantity,
                            "price_unit": amount / quantity,
                            "tax_ids": False,
                        }
                    )
                ],
                **values,
            }
        )

    def assert_used(self, amount, cap=None):
        """The counter is ``amount``, and so is the sum of the ledger's entries."""
        cap = cap or self.cap
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertAlmostEqual(cap.committed, amount, 2)
        self.assertAlmostEqual(sum(cap.entry_ids.mapped("amount")), amount, 2)

    def _count_queries(self, function, records):
        """Return the queries that ``function`` takes on ``records`` when it is done once more."""
        records = records.browse(records.ids)
        function(records)
        return self.record_queries(lambda: function(records))

    def _receive(self, order, quantity=None):
        """Validate the open receipt of an order, of ``quantity`` or of what is ordered."""
        picking = order.picking_ids.filtered(lambda picking: picking.state == "assigned")
        if quantity is not None:
            picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking._action_done()
        return picking

    def _return(self, picking, quantity, to_refund=True):
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.write({"quantity": quantity, "to_refund": to_refund})
        returned = wizard._create_return()
        returned.move_ids.picked = True
        returned._action_done()
        return returned
