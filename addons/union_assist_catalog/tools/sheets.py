"""Tables as Excel files: plain data in, XLSX out."""

import datetime
import io
from dataclasses import dataclass

import xlsxwriter

#: How values of a column are written; numbers of goods are texts, or Excel rounds them.
KINDS = ("text", "integer", "money", "percent", "date")
_FORMATS = {
    "text": {},
    "integer": {"num_format": "0"},
    "money": {"num_format": "#,##0.00"},
    "percent": {"num_format": "+0.0%;-0.0%"},
    "date": {"num_format": "yyyy-mm-dd"},
}


@dataclass(frozen=True)
class Column:
    """A column: what heads it, how its values are written, its width in characters."""

    title: str
    kind: str = "text"
    width: int = 14


def render_sheet(name, columns, rows, created):
    """Write one table with a filter on each column and a heading that stays in sight.

    :param str name: name of the sheet
    :param columns: list of :class:`Column`
    :param rows: lists of values, one for each column; ``None``, false and empty texts are
        left blank
    :param datetime.datetime created: moment that the file bears
    :return: the XLSX file as bytes, the same for the same data
    """
    output = io.BytesIO()
    workbook = xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False})
    workbook.set_properties({"title": name, "created": created, "author": "Union Assist"})
    sheet = workbook.add_worksheet(_sheet_name(name))
    head = workbook.add_format(
        {"bold": True, "bg_color": "#A3191D", "font_color": "#FFFFFF", "text_wrap": True}
    )
    formats = {
        kind: workbook.add_format({"valign": "top", "text_wrap": kind == "text", **options})
        for kind, options in _FORMATS.items()
    }
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.title, head)
    count = 0
    for count, row in enumerate(rows, 1):
        for index, (column, value) in enumerate(zip(columns, row, strict=True)):
            if value is None or value is False or value == "":
                continue
            if column.kind == "text":
                sheet.write_string(count, index, str(value), formats["text"])
            elif column.kind == "date":
                moment = datetime.datetime.combine(value, datetime.time())
                sheet.write_datetime(count, index, moment, formats["date"])
            else:
                sheet.write_number(count, index, value, formats[column.kind])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, count, len(columns) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    workbook.close()
    return output.getvalue()


def _sheet_name(name):
    """Return a name as Excel takes it: of 31 characters, without those of its formulas."""
    return "".join(" " if char in "[]:*?/\\" else char for char in name)[:31].strip("' ") or "1"
