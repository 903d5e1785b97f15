import datetime
import io

from openpyxl import Workbook

from odoo.tests import BaseCase, tagged

from ..tools import import_values as values
from ..tools.import_values import CellError
from ..tools.table_file import TableFileError, cell_text, estimate_rows, plain_header, read_rows


@tagged("post_install", "-at_install", "union_assist")
class TestImportValues(BaseCase):
    """What spreadsheets make of what people type, without a database."""

    def assert_refused(self, function, reason, *cells):
        for cell in cells:
            with self.subTest(cell=cell), self.assertRaises(CellError) as caught:
                function(cell)
            self.assertEqual(caught.exception.reason, reason)

    def test_codes(self):
        for cell, code in (
            ("610924-0001", "610924-0001"),
            (6109240001.0, "6109240001"),
            (6109240001, "6109240001"),
            ("6109240001.0", "6109240001"),
            ("６１０９２４", "610924"),
            ("'610924", "610924"),
            (" A-1\u3000", "A-1"),
        ):
            self.assertEqual(values.code(cell), code)
        self.assert_refused(values.code, "excel_scientific", "6.1E+11", 1e16, 1.5, "6E11")
        self.assert_refused(values.code, "code", True, datetime.datetime(2021, 3, 1))

    def test_region_codes(self):
        for cell, code, level, parent in (
            ("61", "610000", "province", None),
            ("6109", "610900", "prefecture", "610000"),
            (610924, "610924", "county", "610900"),
            ("610924000000", "610924", "county", "610900"),
            ("610924109", "610924109", "township", "610924"),
            ("610924109000", "610924109", "township", "610924"),
            ("610924109201", "610924109201", "village", "610924109"),
            ("610000000000", "610000", "province", None),
            ("429004", "429004", "county", "420000"),
            ("441900003000", "441900003", "township", "441900"),
        ):
            with self.subTest(cell):
                self.assertEqual(values.region_code(cell), code)
                self.assertEqual(values.region_level(code), level)
                self.assertEqual(values.region_parent(code), parent)
        self.assert_refused(
            values.region_code, "region_code", "6", "610", "61092", "6109241", "061092", "abc"
        )

    def test_identity_numbers(self):
        self.assertEqual(values.identity_number(" 11010119900307213x "), "11010119900307213x")
        self.assert_refused(
            values.identity_number,
            "excel_identity",
            4.1e17,
            110101199003072130,
            "1.10101E+17",
            "110101199003072000.0",
        )

    def test_numbers(self):
        for cell, number in (("4", 4), (4.0, 4), ("1,200", 1200), ("４", 4), ("3.0", 3)):
            self.assertEqual(values.whole_number(cell), number)
        self.assert_refused(values.whole_number, "whole_number", "0", -1, 1.5, "4人", True, "")
        for cell, number in (("¥3,600.005", 3600.0), (10, 10.0), ("3600元", 3600.0), (".5", 0.5)):
            self.assertAlmostEqual(values.amount(cell), number, 1)
        self.assert_refused(values.amount, "amount", "-1", "1e5", "abc", -0.5, float("inf"))
        for cell, number in (("50%", 0.5), ("１", 1.0), (0.33333, 0.3333), ("33.3%", 0.333)):
            self.assertEqual(values.share(cell), number)
        self.assert_refused(values.share, "share", 0, "0%", 1.2, "120%", "half", "1.2.3%")

    def test_dates(self):
        for cell in (
            "2021-03-01",
            "2021/3/1",
            "2021.3.1",
            "20210301",
            20210301,
            "2021年3月1日",
            "2021-03-01 00:00:00",
            datetime.datetime(2021, 3, 1),
            datetime.date(2021, 3, 1),
            44256,
            44256.0,
        ):
            with self.subTest(cell=cell):
                self.assertEqual(values.date(cell), "2021-03-01")
        self.assert_refused(
            values.date,
            "date",
            "2021-02-30",
            "2021-03",
            "01/03/2021",
            "3月1日",
            "1-1-1",
            1e12,
            True,
            "0001-01-01",
        )

    def test_files(self):
        rows = [["a", "b"], ["1", "x,y"], ["2", "line\nbreak"]]
        text = 'a;b\n1;"x,y"\n\n2;"line\nbreak"\n'
        expected = [(1, rows[0]), (2, rows[1]), (4, rows[2])]
        self.assertEqual(list(read_rows(text.encode())), expected)
        self.assertEqual(list(read_rows(text.replace("\n", "\r\n").encode()))[1], expected[1])
        self.assertEqual(estimate_rows(text.encode()), 5)
        for content, reason in (
            (b"", "empty"),
            (b"\xd0\xcf\x11\xe0", "old_excel"),
            (b"PK\x03\x04", "broken"),
            (b"a,b\n\x00,1\n", "encoding"),
            (b'a,b\n"1"x,2\n', "quotes"),
        ):
            with self.subTest(reason), self.assertRaises(TableFileError) as caught:
                list(read_rows(content))
            self.assertEqual(caught.exception.reason, reason)

    def test_workbook(self):
        book = Workbook()
        book.active.append(["a", "b"])
        book.active.append([None, None])
        book.active.append([1.0, datetime.datetime(2021, 3, 1)])
        book.create_sheet("second").append(["not this"])
        stream = io.BytesIO()
        book.save(stream)
        found = list(read_rows(stream.getvalue()))
        self.assertEqual([number for number, _cells in found], [1, 3])
        self.assertEqual(list(map(cell_text, found[1][1])), ["1", "2021-03-01"])
        self.assertEqual(estimate_rows(stream.getvalue()), 3)

    def test_headers(self):
        for header in ("户编号", " 户编号* ", "户编号（必填）", "户 编号:"):
            self.assertEqual(plain_header(header), "户编号")
