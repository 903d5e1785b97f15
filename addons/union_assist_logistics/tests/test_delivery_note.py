from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from odoo.addons.union_assist_catalog.models import ir_actions_report as reports
from odoo.addons.union_assist_catalog.tools.fonts import FontNotFoundError

from ..report import delivery_note as report_module
from .delivery_note_common import REPORT, DeliveryNoteCommon


@tagged("post_install", "-at_install", "union_assist")
class TestDeliveryNote(DeliveryNoteCommon):
    def _notes(self, pickings):
        """Return the plain data of the notes, as the report gathers it when printing."""
        pickings._assist_register_prints()
        report = self.env["report.union_assist_logistics.report_delivery_note"]
        report = report.with_context(lang="zh_CN")
        notes = report._get_notes(pickings.with_context(lang="zh_CN"))
        return [notes[picking.id] for picking in pickings]

    def _note(self, picking):
        return self._notes(picking)[0]

    # -- content ---------------------------------------------------------------------

    def test_printed_note(self):
        order = self._make_order({self.tea: 10, self.rice: 4}, client_order_ref="GH-7")
        picking = order.picking_ids
        picking.write({"assist_vehicle": "陕A12345", "assist_driver": "王师傅"})
        (text,) = self._read(self._print(picking))
        total = order.amount_total
        for part in (
            "某市教育工会",
            "西安市雁塔路1号",
            "029-8888",
            "陕A12345",
            "王师傅",
            order.name,
            "GH-7",
            picking.assist_note_number,
            "紫阳毛尖",
            "TEA-01",
            "RICE-01",
            "2026-03-01",
            f"￥{total:,.2f}",
        ):
            self.assertIn(part, text)
        self.assertIn("送货单", text)
        self.assertIn("第1页共1页", text)
        # 10 × 128 × 1.13 + 4 × 36.5 × 1.13
        self.assertEqual(f"{total:.2f}", "1611.38")
        self.assertIn("壹仟陆佰壹拾壹元叁角捌分", text)

    def test_printed_when_delivered_and_before(self):
        picking = self._make_deliveries(1)
        before = self._note(picking)
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        after = self._note(picking)
        self.assertEqual(before.lines, after.lines)
        self.assertEqual(before.totals, after.totals)
        self.assertEqual(before.number, after.number)

    def test_language_of_the_recipient(self):
        english = self.unit.copy({"name": "Guests", "lang": "en_US"})
        pickings = self._make_deliveries(1) + self._make_deliveries(1, partner=english)
        chinese_text, english_text = self._read(self._print(pickings))
        self.assertIn("送货单", chinese_text)
        self.assertNotIn("DeliveryNote", chinese_text)
        self.assertIn("DeliveryNote", english_text)
        self.assertNotIn("送货单", english_text)

    def test_delivery_without_sale_order(self):
        """No price is known: the columns stay blank instead of showing zero."""
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": self.unit.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.ref("stock.stock_location_customers"),
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "product_uom_qty": 3,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": self.ref("stock.stock_location_customers"),
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.action_assign()
        note = self._note(picking)
        self.assertEqual([(line.price, line.amount) for line in note.lines], [("", "")])
        self.assertEqual(note.lines[0].quantity, "3")
        self.assertEqual(note.totals, [])
        (text,) = self._read(self._print(picking))
        self.assertNotIn("0.00", text)

    def test_free_goods_cost_zero(self):
        order = self._make_order({self.tea: 1})
        order.order_line.price_unit = 0
        self.assertEqual(self._note(order.picking_ids).lines[0].amount, "0.00")

    def test_discount_and_taxes(self):
        order = self._make_order({self.tea: 3})
        order.order_line.discount = 12.5
        note = self._note(order.picking_ids)
        self.assertEqual(note.totals[0][0], f"￥{order.amount_total:,.2f}")

    def test_amounts_by_lot_add_up(self):
        """A line of three lots: the cents of the rows add up to the order line's total."""
        product = self._make_product("零头", 9.99)
        for index in range(3):
            self._make_stock(product, f"LOT-{index}", quantity=1)
        order = self._make_order({product: 3})
        order.order_line.discount = 0.5
        note = self._note(order.picking_ids)
        self.assertEqual([line.lot for line in note.lines], ["LOT-0", "LOT-1", "LOT-2"])
        amounts = [float(line.amount) for line in note.lines]
        self.assertAlmostEqual(sum(amounts), order.amount_total, places=2)
        self.assertGreater(len(set(amounts)), 1, "33.70 cannot be shared out evenly")

    def test_partial_delivery_and_backorder(self):
        order = self._make_order({self.tea: 10})
        first = order.picking_ids
        first.move_ids.quantity = 4
        first.move_ids.picked = True
        Form.from_action(self.env, first.button_validate()).save().process()
        second = order.picking_ids - first
        second.action_assign()
        notes = self._notes(first + second)
        self.assertEqual([note.lines[0].quantity for note in notes], ["4", "6"])
        figures = [float(note.totals[0][0].strip("￥").replace(",", "")) for note in notes]
        self.assertAlmostEqual(sum(figures), order.amount_total, places=2)
        self.assertNotEqual(notes[0].number, notes[1].number)

    def test_only_picked_goods(self):
        """Once goods are picked, what stays behind is not on the note."""
        order = self._make_order({self.tea: 10, self.rice: 4})
        picking = order.picking_ids
        picking.move_ids.filtered(lambda move: move.product_id == self.rice).picked = True
        self.assertEqual([line.lot for line in self._note(picking).lines], ["RICE-01"])

    def test_order_in_another_unit(self):
        """Ordered in dozens: printed in dozens where it comes out even, else in pieces."""
        dozen = self.env.ref("uom.product_uom_dozen")
        self.tea.write({"uom_id": self.env.ref("uom.product_uom_unit").id})
        order = self._make_order({self.tea: 2})
        line = (
            self.env["sale.order"]
            .create(
                {
                    "partner_id": self.unit.id,
                    "warehouse_id": self.warehouse.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.tea.id,
                                "product_uom_qty": 2,
                                "product_uom_id": dozen.id,
                                "price_unit": 1200,
                            }
                        )
                    ],
                }
            )
            .order_line
        )
        order = line.order_id
        order.action_confirm()
        picking = order.picking_ids
        picking.action_assign()
        note = self._note(picking)
        self.assertEqual(note.lines[0].quantity, "2")
        self.assertEqual(note.lines[0].unit, dozen.with_context(lang="zh_CN").name)
        self.assertEqual(note.lines[0].price, "1,356.00")
        picking.move_ids.quantity = 1 if picking.move_ids.product_uom != dozen else 1 / 12
        picking.move_line_ids.quantity = 7
        picking.move_line_ids.product_uom_id = self.tea.uom_id
        note = self._note(picking)
        self.assertEqual(note.lines[0].quantity, "7")
        self.assertEqual(note.lines[0].amount, "791.00")

    def test_packages(self):
        picking = self._make_deliveries(1)
        picking.action_put_in_pack()
        note = self._note(picking)
        package = picking.move_line_ids.result_package_id
        self.assertEqual(len(package), 1)
        self.assertEqual({line.remark for line in note.lines}, {package.name})
        self.assertEqual(note.packages, "1")

    def test_kit(self):
        """A kit has one priced row; its parts follow with their lots and no price."""
        kit = self._make_product("中秋礼盒", 300.0, is_storable=False, tracking="none")
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "product_qty": 2,
                "bom_line_ids": [
                    Command.create({"product_id": self.tea.id, "product_qty": 4}),
                    Command.create({"product_id": self.rice.id, "product_qty": 2}),
                ],
            }
        )
        order = self._make_order({kit: 5, self.tea: 7})
        note = self._note(order.picking_ids)
        rows = [(line.index, line.product, line.quantity, line.amount) for line in note.lines]
        self.assertEqual(
            rows,
            [
                ("1", "中秋礼盒", "5", "1,695.00"),
                ("", "· 紫阳毛尖", "10", ""),
                ("", "· 洋县黑米", "5", ""),
                ("2", "紫阳毛尖", "7", "1,012.48"),
            ],
        )
        self.assertEqual(note.totals[0][0], f"￥{order.amount_total:,.2f}")
        self.assertTrue(note.quantity_total.startswith("12 "))
        # Parts for three and a half sets make three sets.
        order.picking_ids.move_ids.filtered(
            lambda move: move.bom_line_id and move.product_id == self.tea
        ).quantity = 7
        self.assertEqual(self._note(order.picking_ids).lines[0].quantity, "3")

    def test_pick_pack_ship(self):
        """The note of the last of three steps knows lots, prices and packages."""
        warehouse = self._make_warehouse(self.company, "NOT3")
        warehouse.delivery_steps = "pick_pack_ship"
        self._make_stock(self.tea, "TEA-3", warehouse=warehouse)
        order = self._make_order({self.tea: 6}, warehouse=warehouse)
        for _step in ("pick", "pack"):
            picking = order.picking_ids.filtered(lambda picking: picking.state == "assigned")
            if _step == "pack":
                picking.action_put_in_pack()
            picking.button_validate()
        ship = order.picking_ids.filtered(lambda picking: picking.state == "assigned")
        self.assertEqual(ship.picking_type_id, warehouse.out_type_id)
        note = self._note(ship)
        (line,) = note.lines
        self.assertEqual((line.lot, line.quantity), ("TEA-3", "6"))
        self.assertEqual(note.totals[0][0], f"￥{order.amount_total:,.2f}")
        self.assertEqual(note.packages, "1")
        with self.assertRaisesRegex(UserError, "other transfers.*NOT3"):
            self._print(order.picking_ids)

    def test_return_to_supplier(self):
        """A return to a supplier is a delivery as well, and says what it is."""
        supplier = self.env["res.partner"].create(
            {"name": "某茶厂", "is_company": True, "lang": "zh_CN"}
        )
        location = self.ref("stock.stock_location_suppliers")
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": supplier.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": location,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "product_uom_qty": 3,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": location,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.action_assign()
        self.assertEqual(self._note(picking).title, "退货单")

    def test_private_person(self):
        """Of a person who is nobody's contact only name and address are printed."""
        person = self.env["res.partner"].create(
            {"name": "张三", "phone": "13800000000", "street": "某路2号", "lang": "zh_CN"}
        )
        note = self._note(self._make_deliveries(1, partner=person))
        self.assertEqual((note.recipient, note.contact, note.phone), ("张三", "", ""))
        contact = self.env["res.partner"].create(
            {"name": "李四", "parent_id": self.unit.id, "lang": "zh_CN"}
        )
        note = self._note(self._make_deliveries(1, partner=contact))
        self.assertEqual(
            (note.recipient, note.contact, note.phone), ("某市教育工会", "李四", "029-8888")
        )

    def test_other_currency_has_no_capitals(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": self.env.ref("base.USD").id}
        )
        self.env.ref("base.USD").active = True
        note = self._note(self._make_deliveries(1, pricelist_id=pricelist.id))
        ((figures, capitals),) = note.totals
        self.assertIn("$", figures)
        self.assertEqual(capitals, "")

    def test_dates_in_the_zone_of_the_company(self):
        """An expiry at midnight in China is the day before in UTC: China's day is printed."""
        self.company.partner_id.write({"tz": False, "country_id": self.ref("base.cn")})
        self.env.user.tz = "America/New_York"
        self.lots[self.tea].expiration_date = "2027-09-30 16:00:00"
        note = self._note(self._make_deliveries(1))
        self.assertEqual(note.lines[0].expires, "2027-10-01")
        self.assertEqual(note.lines[0].produced, "2026-03-01")

    # -- what can be printed -----------------------------------------------------------

    def test_other_transfers_are_refused(self):
        delivery = self._make_deliveries(1)
        internal = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.int_type_id.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
            }
        )
        with self.assertRaises(UserError) as failure:
            self._print(delivery + internal)
        self.assertIn(internal.name, str(failure.exception))
        self.assertNotIn(delivery.name, str(failure.exception))
        self.assertFalse(delivery.assist_note_number, "a refused print draws no number")

    def test_deliveries_that_are_not_ready_are_refused(self):
        product = self._make_product("缺货", 5)
        order = self._make_order({product: 1})
        with self.assertRaisesRegex(UserError, "availability"):
            self._print(order.picking_ids)
        cancelled = self._make_deliveries(1)
        cancelled.action_cancel()
        with self.assertRaisesRegex(UserError, cancelled.name):
            self._print(cancelled)
        with self.assertRaisesRegex(UserError, "Choose the deliveries"):
            self._print(self.env["stock.picking"])

    def test_missing_font(self):
        picking = self._make_deliveries(1)
        error = FontNotFoundError(["/nowhere"])
        with (
            patch.object(reports, "load_fonts", side_effect=error),
            self.assertRaises(UserError) as failure,
        ):
            self._print(picking)
        self.assertIn("fonts-wqy-microhei", str(failure.exception))
        self.assertIn("/nowhere", str(failure.exception))

    # -- numbers -----------------------------------------------------------------------

    def test_number_is_kept_and_prints_are_counted(self):
        picking = self._make_deliveries(1)
        self.assertFalse(picking.assist_note_number)
        first = self._read(self._print(picking))
        number = picking.assist_note_number
        token = picking.assist_note_token
        self.assertGreaterEqual(len(token), 20)
        again = self._read(self._print(picking))
        self.assertEqual((picking.assist_note_number, picking.assist_note_prints), (number, 2))
        self.assertEqual(picking.assist_note_token, token)
        self.assertIn(number, first[0])
        self.assertIn(number, again[0])
        self.assertIn("第2次打印", again[0])
        self.assertNotIn("次打印", first[0])
        logged = picking.message_ids.filtered(lambda message: number in (message.body or ""))
        self.assertEqual(len(logged), 2)

    def test_numbers_have_no_gaps(self):
        """A print that fails gives its numbers back."""
        first, second, third = self._make_deliveries(3)
        self._print(first)
        with (
            patch.object(report_module, "render_notes", side_effect=ValueError),
            self.assertRaises(ValueError),
            self.env.cr.savepoint(),
        ):
            self._print(second)
        self.env.invalidate_all()
        self.assertFalse(second.assist_note_number)
        self._print(third + second)
        start = int(first.assist_note_number[-5:])
        numbers = [int(picking.assist_note_number[-5:]) for picking in (third, second)]
        self.assertEqual(numbers, [start + 1, start + 2])

    def test_numbered_deliveries_are_not_deleted(self):
        """A deleted delivery would leave a gap: it is cancelled instead."""
        picking = self._make_deliveries(1)
        self._print(picking)
        for state in ("assigned", "cancel"):
            if state == "cancel":
                picking.action_cancel()
            with self.assertRaisesRegex(UserError, "numbers have no gaps"), self.cr.savepoint():
                picking.unlink()
        self.assertTrue(picking.exists().assist_note_number)
        unprinted = self._make_deliveries(1)
        unprinted.unlink()
        self.assertFalse(unprinted.exists())

    def test_numbers_begin_anew_each_year(self):
        pickings = self._make_deliveries(3)
        year = self.company._assist_today().year
        self._print(pickings[0])
        with freeze_time(date(year + 1, 1, 2)):
            self._print(pickings[1])
            self._print(pickings[2])
        self.assertTrue(pickings[0].assist_note_number.startswith(f"SH{year}-"))
        self.assertEqual(pickings[1].assist_note_number, f"SH{year + 1}-00001")
        self.assertEqual(pickings[2].assist_note_number, f"SH{year + 1}-00002")

    def test_year_is_that_of_the_company(self):
        """Who prints in another time zone, or says so, numbers no delivery in another year."""
        picking = self._make_deliveries(1)
        picking.company_id.partner_id.tz = "Asia/Shanghai"
        self.env.registry.clear_cache()
        with freeze_time("2031-12-31 12:00:00"):
            self.report.with_context(tz="Pacific/Kiritimati")._render(REPORT, picking.ids)
        self.assertIn("2031", picking.assist_note_number)

    def test_sequence_changed_by_the_user(self):
        """Another prefix, step and implementation are the user's choice."""
        sequence = self.env["ir.sequence"].search(
            [("code", "=", "union.assist.delivery.note"), ("company_id", "=", self.company.id)]
        )
        sequence.write({"prefix": "D", "use_date_range": False, "number_increment": 5})
        sequence.number_next = 11
        pickings = self._make_deliveries(4)
        self._print(pickings[:2])
        sequence.implementation = "standard"
        self._print(pickings[2:])
        self.assertEqual(
            pickings.mapped("assist_note_number"), ["D00011", "D00016", "D00021", "D00026"]
        )
        sequence.unlink()
        with self.assertRaisesRegex(UserError, "union.assist.delivery.note"):
            self._print(self._make_deliveries(1))

    def test_companies_number_by_themselves(self):
        other = self.env["res.company"].create(
            {"name": "另一公司", "currency_id": self.currency.id}
        )
        self.env.user.company_ids += other
        warehouse = self._make_warehouse(other, "OTHR")
        product = self._make_product("共用", 10, taxes_id=False)
        self._make_stock(product, "A")
        self._make_stock(product, "B", warehouse=warehouse)
        mine = self._make_order({product: 1}).picking_ids
        theirs = self._make_order({product: 1}, warehouse=warehouse).picking_ids
        first, second = self._read(self._print(theirs + mine))
        self.assertEqual(theirs.assist_note_number[-5:], "00001")
        self.assertIn("另一公司", first)
        self.assertNotIn("另一公司", second)
        # Who may not see the other company prints nothing, and nothing is numbered.
        new = self._make_order({product: 1}, warehouse=warehouse).picking_ids
        with self.assertRaises(AccessError):
            self._print(new, self.warehouse_user)
        self.assertFalse(new.assist_note_number)

    # -- access ------------------------------------------------------------------------

    def test_warehouse_and_operator_print(self):
        picking = self._make_deliveries(1)
        self.assertTrue(self._print(picking, self.warehouse_user))
        operator = new_test_user(
            self.env,
            "note_operator",
            "union_assist_catalog.group_operator,stock.group_stock_user,"
            "sales_team.group_sale_salesman_all_leads",
        )
        self.assertTrue(self._print(picking, operator))
        self.assertEqual(picking.assist_note_prints, 2)

    def test_others_do_not_print(self):
        picking = self._make_deliveries(1)
        viewer = new_test_user(self.env, "note_viewer", "union_assist_catalog.group_user")
        portal = new_test_user(self.env, "note_portal", "base.group_portal")
        picking.message_subscribe(portal.partner_id.ids)
        salesman = new_test_user(self.env, "note_sales", "sales_team.group_sale_salesman")
        for user in (viewer, portal, salesman, self.env.ref("base.public_user")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._print(picking, user)
        self.env.invalidate_all()
        self.assertFalse(picking.assist_note_number)

    def test_note_fields_are_not_written_by_hand(self):
        picking = self._make_deliveries(1)
        as_user = picking.with_user(self.warehouse_user)
        for values in (
            {"assist_note_number": "SH2026-77777"},
            {"assist_note_prints": 0},
            {"assist_note_token": "guess"},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                as_user.write(values)
            with self.subTest(values=values), self.assertRaises(AccessError):
                as_user.copy(values)
        as_user.assist_vehicle = "陕A1"
        self._print(picking)
        with self.assertRaises(AccessError):
            as_user.read(["assist_note_token"])
        copied = as_user.copy()
        self.assertFalse(copied.assist_note_number)
        self.assertFalse(copied.assist_note_prints)
        self.assertFalse(copied.sudo().assist_note_token)

    # -- who calls it ------------------------------------------------------------------

    def test_qweb_callers(self):
        """The portal and signatures ask for a PDF by the name of the QWeb method."""
        picking = self._make_deliveries(1)
        portal = new_test_user(self.env, "note_portal", "base.group_portal")
        for ids in ([picking.id], picking.id):
            pdf, extension = self.report.with_user(portal).sudo()._render_qweb_pdf(REPORT, ids)
            self.assertEqual(extension, "pdf")
            self.assertIn(picking.assist_note_number, self._read(pdf)[0])
            self.assertNotIn("note_portal", self._read(pdf)[0])
        pdf, extension = self.report._render_qweb_pdf("stock.action_report_delivery", picking.ids)
        self.assertIn(extension, ("pdf", "html"), "other reports are rendered as before")

    def test_mail_template(self):
        picking = self._make_deliveries(1)
        template = self.env["mail.template"].create(
            {
                "name": "Note",
                "model_id": self.env.ref("stock.model_stock_picking").id,
                "report_template_ids": [Command.set(self.env.ref(REPORT).ids)],
            }
        )
        values = template._generate_template(picking.ids, ["report_template_ids"])
        ((name, _content),) = values[picking.id]["attachments"]
        self.assertTrue(name.endswith(".pdf"))
        self.assertIn(picking.assist_note_number, name)

    def test_autoprint(self):
        picking, other = self._make_deliveries(2)
        other.button_validate()
        report_name = "union_assist_logistics.report_delivery_note"
        names = [action["report_name"] for action in other._get_autoprint_report_actions()]
        self.assertNotIn(report_name, names)
        self.warehouse.out_type_id.assist_auto_print_note = True
        action = picking.button_validate()
        self.assertEqual(action["tag"], "do_multi_print")
        (report,) = (
            report for report in action["params"]["reports"] if report["report_name"] == report_name
        )
        self.assertEqual(report["report_type"], "reportlab")
        self.assertEqual(report["context"]["active_ids"], picking.ids)

    def test_report_without_its_model(self):
        report = self.env.ref(REPORT).copy({"report_name": "union_assist_logistics.nothing"})
        with self.assertRaisesRegex(UserError, "union_assist_logistics.nothing"):
            self.report._render(report, self._make_deliveries(1).ids)

    # -- cost --------------------------------------------------------------------------

    def test_queries_do_not_grow_with_the_notes(self):
        """5 and 50 first prints take the same number of queries; so do 5 and 50 reprints."""

        def count(pickings):
            return self.record_queries(lambda: self._print(pickings, self.warehouse_user))

        partners = self.unit + self.env["res.partner"].create(
            [{"name": f"工会{index}", "is_company": True, "lang": "zh_CN"} for index in range(56)]
        )
        orders = [self._make_order({self.tea: 1, self.rice: 2}, partner=p) for p in partners]
        pickings = self.env["stock.picking"].concat(*(order.picking_ids for order in orders))
        count(pickings[:2])
        few, many = pickings[2:7], pickings[7:57]
        self.assertEqual((len(few), len(many)), (5, 50))
        self.assert_same_queries(count(few), count(many), "first prints")
        self.assert_same_queries(count(few), count(many), "reprints")
