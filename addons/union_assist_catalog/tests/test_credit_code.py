from psycopg2.errors import UniqueViolation

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools.credit_code import compact, find_fault
from .common import UnionAssistCatalogCommon

# The first is python-stdnum's own example; the check digit of the second was worked out apart.
RIGHT = ("91110000600037341L", "N2610924MF00000017")


@tagged("post_install", "-at_install", "union_assist")
class TestCreditCode(UnionAssistCatalogCommon):
    def test_vectors(self):
        for code in RIGHT:
            self.assertIsNone(find_fault(code), code)
        for code, fault in (
            ("", "length"),
            ("9111000060003734L", "length"),
            ("91110000600037341L0", "length"),
            ("9111000O600037341L", "form"),
            ("I1110000600037341L", "form"),
            ("91110000600037341I", "form"),
            ("9111000060003734統L", "form"),
            ("91110000600037341K", "check"),
            ("91110000600037314L", "check"),  # two digits exchanged
            ("92110000600037341L", "check"),
        ):
            self.assertEqual(find_fault(code), fault, code)
        self.assertEqual(compact(" 9111 0000-6000 37341l "), RIGHT[0])

    def test_each_wrong_digit_is_found(self):
        for place in range(18):
            for digit in "0123456789":
                if digit != RIGHT[0][place]:
                    wrong = RIGHT[0][:place] + digit + RIGHT[0][place + 1 :]
                    self.assertTrue(find_fault(wrong), wrong)

    def test_errors_say_what_to_do(self):
        for code, words in (
            ("911100006000", "has 12 characters"),
            ("9111000O600037341L", "places 3 to 8"),
            ("91110000600037341K", "typing error"),
        ):
            with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
                self.tea_maker.company_registry = code

    def test_a_code_is_kept_compact(self):
        self.tea_maker.company_registry = "9111 0000 6000 37341l"
        self.assertEqual(self.tea_maker.company_registry, RIGHT[0])
        other = self.env["res.partner"].create(
            {
                "name": "Oil Mill",
                "is_company": True,
                "assist_supplier_kind": "sme",
                "company_registry": "n2610924-mf0000001-7",
            }
        )
        self.assertEqual(other.company_registry, RIGHT[1])

    def test_other_partners_are_left_alone(self):
        partner = self.env["res.partner"].create(
            {"name": "Abroad", "is_company": True, "company_registry": "ab 12-3"}
        )
        partner.copy()
        self.assertEqual(partner.company_registry, "ab 12-3")
        partner.company_registry = "also not a code"
        with self.assertRaisesRegex(ValidationError, "characters"), self.cr.savepoint():
            partner.assist_supplier_kind = "sme"
        label = self.tea_maker.company_registry_label
        self.assertEqual(label, "Unified Social Credit Code")
        self.assertNotEqual(partner.company_registry_label, label)

    def test_unique_among_suppliers(self):
        self.tea_maker.company_registry = RIGHT[0]
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.tea_maker.id})
        self.assertEqual(contact.company_registry, RIGHT[0])
        self.env["res.partner"].create(
            {"name": "Customer", "is_company": True, "company_registry": RIGHT[0]}
        )
        self.assert_taken()
        self.tea_maker.action_archive()
        self.assert_taken()

    def assert_taken(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation) as caught,
            self.cr.savepoint(),
        ):
            self.orchard.company_registry = RIGHT[0]
            self.env.flush_all()
        self.env.invalidate_all()
        # What the client is told of it.
        message = self.env["res.partner"]._sql_error_to_message(caught.exception)
        self.assertIn("Another supplier", message)

    def test_unique_in_each_company(self):
        first, second = self.env["res.company"].create([{"name": "A"}, {"name": "B"}])
        self.tea_maker.write({"company_registry": RIGHT[0], "company_id": first.id})
        self.orchard.write({"company_registry": RIGHT[0], "company_id": second.id})
        with self.assertRaisesRegex(ValidationError, "Another supplier"), self.cr.savepoint():
            self.orchard.company_id = False

    def test_form_of_a_supplier(self):
        with Form(
            self.env["res.partner"].with_user(self.operator).with_context(default_is_company=True)
        ) as form:
            form.name = "Honey Makers"
            form.assist_supplier_kind = "cooperative"
            form.company_registry = RIGHT[0]
            form.assist_legal_representative = "Somebody"
            form.assist_registered_capital = 50
        supplier = form.record
        self.assertEqual(supplier.company_registry, RIGHT[0])
        self.assertNotIn("Somebody", str(supplier.message_ids.mapped("body")))
