"""Write the tables that people fill in or correct: the template and the error file."""

import csv
import io
from typing import NamedTuple

import xlsxwriter

#: Rows of the template whose cells are prepared (kept as text, with a list to choose from).
PREPARED_ROWS = 5000


class Sheet(NamedTuple):
    """One sheet: a header, rows of texts, and how its cells look.

    ``required`` and ``text`` are places of columns; ``choices`` gives for a column the range of
    cells that its values are chosen from; ``marked`` are ``(row, column)`` places to stand out,
    both counted from 0 below the header.
    """

    name: str
    header: tuple
    rows: list
    widths: tuple = ()
    required: frozenset = frozenset()
    text: frozenset = frozenset()
    choices: tuple = ()
    marked: frozenset = frozenset()


def make_xlsx(sheets):
    """Return the bytes of a workbook. Nothing in a cell is taken for a formula.

    :param sheets: :class:`Sheet` tuples
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    plain = book.add_format({"num_format": "@", "valign": "top", "text_wrap": False})
    marked = book.add_format({"num_format": "@", "valign": "top", "bg_color": "#FFE699"})
    head = book.add_format({"bold": True, "bg_color": "#E7E6E6", "bottom": 1, "num_format": "@"})
    must = book.add_format({"bold": True, "bg_color": "#F8CBAD", "bottom": 1, "num_format": "@"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        page.freeze_panes(1, 0)
        for place, title in enumerate(sheet.header):
            width = sheet.widths[place] if place < len(sheet.widths) else 16
            # Whatever is typed below stays as it is typed: no code becomes a number.
            page.set_column(place, place, width, plain if place in sheet.text else None)
            page.write_string(0, place, title, must if place in sheet.required else head)
        for number, row in enumerate(sheet.rows):
            for place, value in enumerate(row):
                style = marked if (number, place) in sheet.marked else plain
                if value:
                    page.write_string(number + 1, place, value, style)
                elif style is marked:
                    page.write_blank(number + 1, place, None, style)
        for place, source in sheet.choices:
            page.data_validation(
                1,
                place,
                PREPARED_ROWS,
                place,
                {"validate": "list", "source": source, "error_type": "warning"},
            )
    book.close()
    return stream.getvalue()


def make_csv(header, rows):
    """Return the bytes of a CSV file that Excel opens with the right characters."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig")
