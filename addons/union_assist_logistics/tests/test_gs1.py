from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged, users

from ..tools import gs1
from .common import UnionAssistQualityCommon


@tagged("post_install", "-at_install", "union_assist")
class TestGs1(UnionAssistQualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.assist_gs1_prefix = "6901234"

    def _make_picking(self, quantity=10.0):
        """A transfer of rice in stock, ready to be packed."""
        self.env["stock.quant"]._update_available_quantity(
            self.rice,
            self.stock,
            quantity,
            lot_id=self.env["stock.lot"].create({"name": "R1", "product_id": self.rice.id}),
        )
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.pack_type_id.id,
                "location_id": self.stock.id,
                "location_dest_id": self.warehouse.wh_output_stock_loc_id.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.rice.id,
                            "product_uom_qty": quantity,
                            "location_id": self.stock.id,
                            "location_dest_id": self.warehouse.wh_output_stock_loc_id.id,
                        },
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.action_assign()
        return picking

    def test_check_digits(self):
        self.assertEqual(gs1.check_digit("690123456789"), "2")
        self.assertEqual(gs1.check_digit("00614141123456789"), "0")
        # Examples of the GS1 General Specifications.
        self.assertTrue(gs1.is_sscc("006141411234567890"))
        self.assertFalse(gs1.is_sscc("006141411234567891"))
        self.assertFalse(gs1.is_sscc("00614141123456789"))
        self.assertFalse(gs1.is_sscc("００614141123456789０"))

    def test_every_wrong_digit_is_found(self):
        good = "006141411234567890"
        for index, digit in enumerate(good):
            for other in set("0123456789") - {digit}:
                with self.subTest(index=index, other=other):
                    self.assertFalse(gs1.is_sscc(good[:index] + other + good[index + 1 :]))

    def test_extension_digit_counts_on(self):
        self.assertEqual(gs1.build_sscc("0614141", 123456789)[:17], "00614141123456789")
        self.assertEqual(gs1.build_sscc("0614141", 1123456789)[:17], "10614141123456789")
        for prefix in ("0614141", "06141411", "061414112", "0614141123"):
            last = gs1.sscc_capacity(prefix) - 1
            code = gs1.build_sscc(prefix, last)
            self.assertTrue(gs1.is_sscc(code))
            self.assertEqual(code[0], "9")
            self.assertEqual(code[1 : 1 + len(prefix)], prefix)
            with self.assertRaises(ValueError):
                gs1.build_sscc(prefix, last + 1)

    def test_element_string(self):
        elements = [("10", "L/1"), ("37", "12"), ("02", "06901234567892"), ("15", "270331")]
        self.assertEqual(
            gs1.element_string(elements), "\xf10206901234567892" + "15270331" + "10L/1\xf13712"
        )
        self.assertEqual(gs1.readable(elements), "(02)06901234567892(15)270331(10)L/1(37)12")
        for wrong in (("00", "123"), ("10", "批号"), ("10", "x" * 21), ("15", "2703AB")):
            with self.assertRaises(ValueError):
                gs1.element_string([wrong])

    def test_gtin14(self):
        self.assertEqual(gs1.gtin14("6901234567892"), "06901234567892")
        self.assertEqual(gs1.gtin14("6901234567890"), "")
        self.assertEqual(gs1.gtin14("ABC"), "")

    def test_prefix_is_validated(self):
        for wrong in ("690123", "69012345678", "69O1234", "6901 234"):
            with self.subTest(prefix=wrong), self.assertRaises(ValidationError):
                self.company.assist_gs1_prefix = wrong
        with Form(self.company) as form:
            form.assist_gs1_prefix = "6901234567"
        self.assertEqual(self.company.assist_gs1_prefix, "6901234567")

    @users("quality_warehouse")
    def test_put_in_pack_gives_sscc(self):
        picking = self._make_picking().with_user(self.env.user)
        package = picking.action_put_in_pack()
        self.assertTrue(gs1.is_sscc(package.assist_sscc))
        self.assertEqual(package.assist_sscc[1:8], "6901234")
        self.assertEqual(package.assist_picking_id, picking)
        self.assertEqual(package.assist_carton_number, 1)
        self.assertEqual(package.assist_packed_by_id, self.env.user)
        self.assertTrue(package.assist_packed_on)
        with self.assertRaises(AccessError):
            package.assist_sscc = "006141411234567890"
        with self.assertRaises(AccessError):
            self.env["stock.package"].create({"assist_sscc": "006141411234567890"})

    def test_without_prefix_no_sscc(self):
        self.company.assist_gs1_prefix = False
        package = self._make_picking().action_put_in_pack()
        self.assertFalse(package.assist_sscc)
        self.assertEqual(package.assist_carton_number, 1)

    def test_vendors_code_is_kept(self):
        picking = self._make_picking()
        package = picking.move_line_ids._put_in_pack(package_name="006141411234567890")
        self.assertEqual(package.assist_sscc, "006141411234567890")

    def test_used_up(self):
        self.company.assist_gs1_prefix = "6901234567"
        self.env.ref("union_assist_logistics.sequence_sscc").number_next_actual = 10**7
        with self.assertRaisesRegex(UserError, "used up"):
            self._make_picking().action_put_in_pack()

    def test_many_at_once(self):
        packages = self.env["stock.package"].create([{} for _index in range(50)])
        packages._assist_give_sscc(self.company)
        self.assertEqual(len(set(packages.mapped("assist_sscc"))), 50)
        before = packages.mapped("assist_sscc")
        packages._assist_give_sscc(self.company)
        self.assertEqual(packages.mapped("assist_sscc"), before)
