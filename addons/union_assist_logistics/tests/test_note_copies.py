"""What a layout chooses: paper, copies, columns, prices; read back from the files."""

import io

import pypdfium2
import zxingcpp
from pypdf import PdfReader
from reportlab.lib.units import mm

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.union_assist_catalog.tools.fonts import load_fonts
from odoo.addons.union_assist_catalog.tools.typesetting import Pen

from ..models.res_company import NOTE_SEQUENCE
from ..tools.delivery_note import OPTIONAL, PAPERS, Line, render_notes
from .delivery_note_common import DeliveryNoteCommon
from .test_note_layout import make_note, read_pages

COPIES = ("白联：存根", "红联：客户", "黄联：回单")


def read_codes(pdf, dpi=200):
    """Return the texts of the bar and QR codes of each page, as a scanner reads them."""
    document = pypdfium2.PdfDocument(pdf)
    pages = []
    for page in document:
        codes = zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil())
        pages.append({str(code.format).replace(" ", ""): code.text for code in codes})
    document.close()
    return pages


@tagged("post_install", "-at_install", "union_assist")
class TestNoteCopies(DeliveryNoteCommon):
    def _make_layout(self, **values):
        return self.env["union.assist.note.layout"].create({"name": "Test", **values})

    # -- the layout alone ----------------------------------------------------------------

    def test_every_copy_has_its_legend(self):
        """Single sheets: all pages of a copy, then the next; each with its own legend."""
        for paper in ("a4", "a5"):
            with self.subTest(paper=paper):
                pdf = render_notes([make_note(40, paper=paper, copies=COPIES)], load_fonts())
                pages = read_pages(pdf)
                count = len(pages) // 3
                self.assertEqual(len(pages), 3 * count)
                self.assertGreater(count, 1)
                for index, text in enumerate(pages):
                    copy, number = divmod(index, count)
                    self.assertIn(f"第{number + 1}页共{count}页", text)
                    self.assertEqual(
                        [legend in text for legend in COPIES], [n == copy for n in range(3)]
                    )
                    self.assertIn("送货单", text)
                    self.assertEqual("合计金额（大写）" in text, number + 1 == count)
                for page in PdfReader(io.BytesIO(pdf)).pages:
                    self.assertAlmostEqual(float(page.mediabox.width), PAPERS[paper].width * mm, 2)
                    self.assertAlmostEqual(
                        float(page.mediabox.height), PAPERS[paper].height * mm, 2
                    )

    def test_multipart_paper_names_all_copies_once(self):
        pages = read_pages(
            render_notes([make_note(paper="continuous", copies=COPIES)], load_fonts())
        )
        self.assertEqual(len(pages), 1)
        for legend in COPIES:
            self.assertIn(legend, pages[0])

    def test_copies_cost_little(self):
        """Three copies share what they show: the file hardly grows."""
        notes = [make_note(10, number=f"SH2026-{n:05}") for n in range(20)]
        copied = [make_note(10, number=f"SH2026-{n:05}", copies=COPIES) for n in range(20)]
        one, three = (len(render_notes(part, load_fonts())) for part in (notes, copied))
        self.assertLess(three, 1.6 * one)

    def test_codes_are_read_by_a_scanner(self):
        """The number as bar code and the address as QR code, on every paper and copy."""
        for paper in PAPERS:
            with self.subTest(paper=paper):
                url = "https://erp.example.com/assist/delivery/abcdefghijklmnopqrstuv"
                note = make_note(paper=paper, copies=COPIES, url=url, number="SH2026-01234")
                pages = read_codes(render_notes([note], load_fonts()))
                self.assertEqual(len(pages), 1 if PAPERS[paper].multipart else 3)
                for codes in pages:
                    self.assertEqual(codes, {"Code128": "SH2026-01234", "QRCode": url})

    def test_long_numbers_stay_in_their_corner(self):
        """A company's own prefix may be long and of any letters: the code narrows, and reads."""
        note = make_note(number="Sn-Xian/2026-0000123")
        codes = read_codes(render_notes([note], load_fonts()), dpi=400)[0]
        self.assertEqual(codes["Code128"], "Sn-Xian/2026-0000123")

    def test_columns_and_prices(self):
        labels = {"received": "实收", "ordered": "订货", "carton_price": "箱价", "barcode": "条码"}
        lines = [
            Line(
                index="1",
                barcode="6901234567892",
                product="紫阳绿茶",
                ordered="20",
                quantity="12",
                carton_price="768.00",
                price="64.00",
                amount="9,216.00",
                shelf_life="540天",
            )
        ]
        note = make_note(lines=lines, columns=OPTIONAL)
        note.labels.update(labels)
        (text,) = read_pages(render_notes([note], load_fonts()))
        for part in (*labels.values(), "6901234567892", "768.00", "64.00", "9,216.00", "540天"):
            self.assertIn(part, text)
        hidden = make_note(lines=lines, columns=OPTIONAL, priced=False)
        (text,) = read_pages(render_notes([hidden], load_fonts()))
        for part in ("箱价", "768.00", "64.00", "9,216.00", "4,608.00", "肆仟", "大写"):
            self.assertNotIn(part, text)
        few = make_note(lines=lines, columns=())
        (text,) = read_pages(render_notes([few], load_fonts()))
        for part in ("实收", "订货", "箱价", "条码", "6901234567892", "540天"):
            self.assertNotIn(part, text)

    def test_columns_fill_the_sheet_exactly(self):
        """Whatever is chosen: columns join, and names keep a readable width."""
        from ..tools import delivery_note

        pen = Pen(None, load_fonts())
        for paper in PAPERS:
            for count in range(len(OPTIONAL) + 1):
                for priced in (True, False):
                    line = Line(product="茶", barcode="1", carton_price="1")
                    note = make_note(
                        lines=[line], paper=paper, columns=OPTIONAL[:count], priced=priced
                    )
                    form = delivery_note._Form(note, pen)
                    edges = list(form.columns.values())
                    self.assertAlmostEqual(edges[0][0], form.left)
                    self.assertAlmostEqual(edges[-1][1], form.right)
                    for before, after in zip(edges, edges[1:], strict=False):
                        self.assertAlmostEqual(before[1], after[0])
                    left, right = form.columns["product"]
                    self.assertGreaterEqual(right - left, 30 * mm - 0.01)

    # -- who gets which layout -------------------------------------------------------------

    def _text(self, picking):
        return "".join(self._read(self._print(picking)))

    def test_customer_overrules_operation_type(self):
        self.layout.copies = "仓库联"
        picking = self._make_deliveries(1)
        self.assertIn("仓库联", self._text(picking))
        self.unit.assist_note_layout_id = self._make_layout(
            paper="continuous", copies="白联\n\n  红联 ", show_prices=False
        )
        pdf = self._print(picking)
        page = PdfReader(io.BytesIO(pdf)).pages[0]
        self.assertAlmostEqual(float(page.mediabox.width), 241 * mm, 2)
        (text,) = self._read(pdf)
        self.assertIn("白联", text)
        self.assertIn("红联", text)
        self.assertNotIn("仓库联", text)
        self.assertNotIn("￥", text)
        # An address of the customer follows it; one with a layout of its own does not.
        address = self.env["res.partner"].create(
            {"name": "收货点", "parent_id": self.unit.id, "type": "delivery", "lang": "zh_CN"}
        )
        delivery = self._make_deliveries(1, partner_shipping_id=address.id)
        self.assertIn("红联", self._text(delivery))
        address.assist_note_layout_id = self.layout
        self.assertIn("仓库联", self._text(delivery))

    def test_each_note_on_its_paper_in_one_file(self):
        other = self.unit.copy({"name": "另一单位"})
        other.assist_note_layout_id = self._make_layout(paper="a5", copies="一\n二")
        pickings = self._make_deliveries(1) + self._make_deliveries(1, partner=other)
        pages = PdfReader(io.BytesIO(self._print(pickings))).pages
        heights = [round(float(page.mediabox.height) / mm) for page in pages]
        self.assertEqual(heights, [297, 148, 148])

    def test_layouts_that_cannot_be_used(self):
        """Another company's layout is passed over; without any left the user is told."""
        other = self.env["res.company"].create({"name": "另一公司"})
        self.unit.assist_note_layout_id = self._make_layout(company_id=other.id, copies="别家")
        picking = self._make_deliveries(1)
        self.assertNotIn("别家", self._text(picking))
        self.unit.assist_note_layout_id = False
        self.warehouse.out_type_id.assist_note_layout_id = False
        self.env["union.assist.note.layout"].search([]).active = False
        self.unit.lang = "en_US"
        with self.assertRaisesRegex(UserError, "Delivery Note Layouts"):
            self._print(picking)

    def test_shipped_layouts(self):
        layout = self.env.ref("union_assist_logistics.note_layout_a4").with_context(lang="zh_CN")
        self.assertEqual(layout._get_copies(), COPIES)
        self.assertEqual(layout.sheet_count, 3)
        continuous = self.env.ref("union_assist_logistics.note_layout_continuous")
        self.assertEqual(continuous.sheet_count, 1)
        self.assertEqual(len(continuous._get_copies()), 3)

    # -- samples -----------------------------------------------------------------------------

    def test_sample_shows_the_layout_and_uses_no_number(self):
        """Paper, columns and copies are the layout's; nothing is counted or numbered."""
        layouts = self._make_layout(
            paper="a5", copies="白联：存根\n红联：客户", show_prices=False, show_lot=False
        ) + self._make_layout(paper="continuous", copies="白联：存根", show_ordered=True)
        sequence = self.env["ir.sequence"].search(
            [("code", "=", NOTE_SEQUENCE), ("company_id", "=", self.company.id)]
        )
        pickings = self.env["stock.picking"].search([("picking_type_code", "=", "outgoing")])
        before = self._count_notes(sequence, pickings)
        report = self.env.ref("union_assist_logistics.action_report_note_sample")
        action = layouts.with_user(self.warehouse_user).action_print_sample()
        self.assertEqual(action["report_name"], report.report_name)
        pdf, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.warehouse_user)
            .with_context(lang="zh_CN")
            ._render(report.report_name, layouts.ids)
        )
        self.assertEqual(self._count_notes(sequence, pickings), before)
        pages = PdfReader(io.BytesIO(pdf)).pages
        self.assertEqual(len(pages), 3)
        papers = (PAPERS["a5"], PAPERS["a5"], PAPERS["continuous"])
        for page, paper in zip(pages, papers, strict=True):
            self.assertAlmostEqual(float(page.mediabox.width), paper.width * mm, 2)
            self.assertAlmostEqual(float(page.mediabox.height), paper.height * mm, 2)
        texts = read_pages(pdf)
        for text in texts:
            self.assertIn("样张", text)
            self.assertIn(self.company.name.replace(" ", ""), text)
        self.assertIn("红联：客户", texts[1])
        self.assertEqual(["批号" in text for text in texts], [False, False, True])
        self.assertEqual(["订货" in text for text in texts], [False, False, True])
        self.assertEqual(["￥" in text for text in texts], [False, False, True])

    def test_dates_and_figures_are_not_broken(self):
        """With many columns on a narrow sheet the remarks and lots give way, not the figures."""
        line = Line(
            index="1",
            barcode="6901234567892",
            product="紫阳毛尖",
            lot="261123",
            produced="2026-11-23",
            shelf_life="365天",
            quantity="60",
            unit="件",
            carton_price="1,536.00",
            price="128.00",
            amount="7,680.00",
            remark="PACK0000003",
        )
        columns = tuple(set(OPTIONAL) - {"expires", "ordered"})
        for paper in ("a4", "a5"):
            with self.subTest(paper=paper):
                note = make_note(paper=paper, columns=columns, lines=[line])
                pdf = render_notes([note], load_fonts())
                text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
                for whole in ("2026-11-23", "1,536.00", "7,680.00", "6901234567892"):
                    self.assertIn(whole, text)

    def _count_notes(self, sequence, pickings):
        pickings.invalidate_recordset()
        return (
            [sequence.number_next_actual, sequence.date_range_ids.mapped("number_next_actual")],
            pickings.mapped(lambda picking: (picking.state, picking.assist_note_number)),
            pickings.mapped("assist_note_prints"),
        )

    def test_sample_is_for_those_who_read_layouts(self):
        portal = new_test_user(self.env, "sample_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.layout.with_user(portal).action_print_sample()
        with self.assertRaises(AccessError):
            self.env["report.union_assist_logistics.report_note_sample"].with_user(
                portal
            )._render_pdf(self.layout.ids)

    # -- what the columns say ----------------------------------------------------------------

    def _lines(self, picking):
        picking._assist_register_prints()
        report = self.env["report.union_assist_logistics.report_delivery_note"]
        report = report.with_context(lang="zh_CN")
        return report._get_notes(picking.with_context(lang="zh_CN"))[picking.id].lines

    def test_private_persons_see_no_price(self):
        """Whatever the layout says, and however the person is entered."""
        person = self.env["res.partner"].create({"name": "张三", "lang": "zh_CN"})
        picking = self._make_deliveries(1, partner=person)
        self.assertTrue(self.layout.show_prices)
        text = self._text(picking)
        self.assertNotIn("￥", text)
        self.assertNotIn("128", text)
        self.assertEqual({line.amount for line in self._lines(picking)}, {""})

    def test_sold_by_carton(self):
        """Goods ordered in one of their packagings have the price of both."""
        carton = self.env["uom.uom"].create(
            {
                "name": "箱12",
                "relative_factor": 12,
                "relative_uom_id": self.tea.uom_id.id,
            }
        )
        self.tea.write({"uom_ids": [Command.link(carton.id)], "barcode": "6901234567892"})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.unit.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "product_uom_qty": 5,
                            "product_uom_id": carton.id,
                            "price_unit": 1200,
                        }
                    ),
                    Command.create({"product_id": self.rice.id, "product_uom_qty": 3}),
                ],
            }
        )
        order.action_confirm()
        order.picking_ids.action_assign()
        tea, rice = self._lines(order.picking_ids)
        self.assertEqual(
            (tea.quantity, tea.unit, tea.carton_price, tea.price, tea.amount, tea.barcode),
            ("5", "箱12", "1,356.00", "113.00", "6,780.00", "6901234567892"),
        )
        self.assertEqual((rice.carton_price, rice.amount), ("", "123.74"))

    def test_ordered_delivered_received(self):
        """What was ordered stands once, beside what leaves now; received stays blank."""
        product = self._make_product("两批", 10, taxes_id=False)
        for name in ("A", "B"):
            self._make_stock(product, name, quantity=4)
        lines = self._lines(self._make_order({product: 10}).picking_ids)
        self.assertEqual(
            [(line.ordered, line.quantity, line.received) for line in lines],
            [("10", "4", ""), ("", "4", "")],
        )

    def test_shelf_life(self):
        self.tea.write({"use_expiration_date": True, "expiration_time": 540})
        self.rice.product_tmpl_id.assist_shelf_life_days = 300
        lines = self._lines(self._make_deliveries(1))
        self.assertEqual([line.shelf_life for line in lines], ["540天", "300天"])

    def test_reprints_say_so(self):
        picking = self._make_deliveries(1)
        self.assertNotIn("补打", self._text(picking))
        self.assertIn("补打", self._text(picking))

    # -- access --------------------------------------------------------------------------------

    def test_layouts_are_set_by_the_administrator(self):
        manager = new_test_user(self.env, "note_manager", "union_assist_catalog.group_manager")
        self.layout.with_user(manager).show_lot = False
        self.layout.with_user(manager).copy()
        for groups in ("union_assist_logistics.group_warehouse", "stock.group_stock_user"):
            user = new_test_user(self.env, groups, groups)
            self.assertTrue(self.layout.with_user(user).name)
            with self.assertRaises(AccessError):
                self.layout.with_user(user).show_prices = False
        portal = new_test_user(self.env, "layout_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.layout.with_user(portal).read(["name"])
