from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.barcode import get_barcode_check_digit

from .test_catalogue import CatalogueCommon


@tagged("post_install", "-at_install", "union_assist")
class TestAssistProduct(CatalogueCommon):
    def test_gtin_vectors(self):
        self.assertEqual(get_barcode_check_digit("6901234567890"), 2)
        for code in ("6901234567892", "96385074", "036000291452", "16901234567899"):
            with self.subTest(code=code):
                self.tea.barcode = code
                self.assertEqual(self.tea.barcode, code)
        for code in ("6901234567890", "96385075", "036000291453", "16901234567890"):
            with self.subTest(code=code), self.assertRaises(ValidationError) as caught:
                self.tea.barcode = code
            self.assertIn(code, str(caught.exception))
        with self.assertRefused("last digit should be 2"):
            self.tea.barcode = "6901234567893"

    def test_other_numbers_are_left_alone(self):
        self.tea.barcode = "INSIDE-12345"
        self.tea.barcode = "12345"
        screws = self.env["product.template"].create({"name": "Screws", "barcode": "6901234567890"})
        with self.assertRaises(ValidationError):
            screws.assist_supplier_id = self.tea_maker

    def test_supplier_is_one_of_the_programme(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        with self.assertRefused("no supplier of the programme"):
            self.tea.assist_supplier_id = stranger

    def test_season_is_whole(self):
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.tea.assist_season_from = "3"
            self.tea.flush_recordset()

    def test_counts_of_supplier(self):
        self.make_product("Unlisted", assist_specification=False)
        supplier = self.tea_maker
        self.assertEqual((supplier.assist_listed_count, supplier.assist_out_count), (1, 1))
        action = supplier.with_user(self.viewer).action_view_assist_entries()
        entries = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(len(entries), 2)
