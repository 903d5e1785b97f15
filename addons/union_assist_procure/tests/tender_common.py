from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import new_test_user

from .common import CapCommon

GROUP = "union_assist_catalog.group_"


class TenderCommon(CapCommon):
    """Three admitted suppliers with portal users, an operator, and the federation as witness."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oil = cls._create_supplier("Oil Company", persons=60)
        cls.rice = cls._create_supplier("Rice Company", persons=30)
        cls.suppliers = cls.supplier | cls.oil | cls.rice
        cls.bidders = {
            supplier: cls._create_bidder(f"bidder{place}", supplier)
            for place, supplier in enumerate(cls.suppliers)
        }
        cls.operator = new_test_user(
            cls.env, "tender_operator", f"{GROUP}operator", password="tender_operator"
        )
        cls.manager = new_test_user(
            cls.env, "tender_manager", f"{GROUP}manager", password="tender_manager"
        )
        cls.federation = new_test_user(
            cls.env, "tender_federation", f"{GROUP}federation", password="tender_federation"
        )
        cls.gift = cls.env["product.product"].create(
            {
                "name": "Gift Box",
                "is_storable": True,
                "standard_price": 50.0,
                "supplier_taxes_id": False,
                "purchase_method": "purchase",
            }
        )

    @classmethod
    def _create_bidder(cls, login, supplier):
        contact = cls.env["res.partner"].create(
            {
                "name": login,
                "parent_id": supplier.id,
                "email": f"{login}@example.com",
                "lang": "en_US",
            }
        )
        return new_test_user(
            cls.env, login, "base.group_portal", password=login, partner_id=contact.id
        )

    @classmethod
    def _create_tender(cls, suppliers=None, lots=None, **values):
        lots = lots or [(cls.product, 1000.0), (cls.gift, 500.0)]
        return cls.env["union.assist.tender"].create(
            {
                "subject": "Festival goods",
                "deadline": fields.Datetime.now() + timedelta(days=3),
                "user_id": cls.operator.id,
                "lot_ids": [
                    Command.create({"product_id": product.id, "quantity": quantity})
                    for product, quantity in lots
                ],
                "invitation_ids": [
                    Command.create({"supplier_id": supplier.id})
                    for supplier in (cls.suppliers if suppliers is None else suppliers)
                ],
                **values,
            }
        )

    @classmethod
    def _call(cls, **values):
        tender = cls._create_tender(**values)
        tender.with_user(cls.operator).action_call()
        return tender

    def _get_invitation(self, tender, supplier):
        return tender.invitation_ids.filtered(lambda row: row.supplier_id == supplier)

    def _bid(self, tender, supplier, *rows, note=""):
        """Hand in prices for the lots in their order: ``(price, quantity)``, price or ``None``."""
        lots = {}
        for lot, row in zip(tender.lot_ids, rows, strict=False):
            if row is None:
                continue
            price, quantity = row if isinstance(row, tuple) else (row, lot.quantity)
            lots[str(lot.id)] = {
                "price": str(price),
                "quantity": str(quantity),
                "days": "7",
                "note": "",
            }
        invitation = self._get_invitation(tender, supplier)
        return invitation.with_user(self.bidders[supplier])._submit({"lots": lots, "note": note})

    def _pass_deadline(self, tender, **later):
        """Go to a moment after the deadline, a minute by default, for the rest of the test."""
        freezer = freeze_time(tender.deadline + timedelta(**(later or {"minutes": 1})), tick=True)
        freezer.start()
        self.addCleanup(freezer.stop)
        tender.invalidate_recordset(["is_due"])

    def _open(self, tender):
        if not tender.is_due:
            self._pass_deadline(tender)
        tender.with_user(self.operator).action_request_opening()
        tender.with_user(self.federation).action_open()

    def _award(self, tender, change=None):
        """Award as proposed, after ``change(wizard)``."""
        action = tender.with_user(self.operator).action_award()
        wizard = self.env[action["res_model"]].with_user(self.operator).browse(action["res_id"])
        if change:
            change(wizard)
        wizard.action_award()
        return tender.award_ids
