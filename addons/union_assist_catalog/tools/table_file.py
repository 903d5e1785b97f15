"""Read the rows of a table that somebody uploads: CSV or XLSX, as spreadsheets write them.

CSV may be UTF-8 (with or without byte order mark), UTF-16 with one, or GB18030 (and so GBK and
GB2312), and separated by comma, semicolon or tab. Of an XLSX file the first sheet is read, row by
row, so that memory does not grow with its length.
"""

import csv
import datetime
import io
import re
import unicodedata
import zipfile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

#: An XLSX file that unpacks to more than this is no list of households.
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024

#: A sheet may carry formats below its last row; reading stops after that many empty rows.
MAX_EMPTY_ROWS = 1000

_DELIMITERS = ",;\t"


class TableFileError(ValueError):
    """The file cannot be read as a table.

    ``reason`` is empty, old_excel (.xls), broken, encoding, too_large or quotes; ``row`` is the
    row concerned, else 0.
    """

    def __init__(self, reason, row=0):
        super().__init__(f"{reason}:{row}")
        self.reason = reason
        self.row = row


def read_rows(content):
    """Yield ``(row number, cells)`` of the file's rows that are not empty.

    Rows are numbered as a spreadsheet shows them, from 1. Cells of CSV are texts; those of XLSX
    are what Excel keeps (text, number, date, truth value). An empty cell is ``None``.

    :param content: the file's bytes
    :raise TableFileError: when it cannot be read
    """
    if not content.strip():
        raise TableFileError("empty")
    if content.startswith(b"PK\x03\x04"):
        yield from _read_xlsx(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableFileError("old_excel")
    else:
        yield from _read_csv(_decode(content))


def estimate_rows(content):
    """Return about how many rows the file has, for the progress; 0 when that cannot be told."""
    if not content.startswith(b"PK\x03\x04"):
        return content.count(b"\n")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            with archive.open("xl/worksheets/sheet1.xml") as sheet:
                found = re.search(rb'<dimension ref="[A-Z0-9]+:[A-Z]+([0-9]+)"', sheet.read(4096))
    except (zipfile.BadZipFile, KeyError, OSError):
        return 0
    return int(found[1]) if found else 0


def _read_xlsx(content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise TableFileError("too_large")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # Some programs write a wrong extent.
        sheet.reset_dimensions()
        empty = 0
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_blank_to_none(cell) for cell in cells]
            if any(cell is not None for cell in cells):
                empty = 0
                yield number, cells
            else:
                empty += 1
                if empty >= MAX_EMPTY_ROWS:
                    break
    except TableFileError:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        SyntaxError,  # what XML parsers raise
        EOFError,
        OSError,
    ) as error:
        raise TableFileError("broken") from error


def _read_csv(text):
    first = next((line for line in text.splitlines() if line.strip()), "")
    unquoted = re.sub(r'"[^"]*"', "", first)
    delimiter = max(_DELIMITERS, key=unquoted.count)
    number = 0
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for number, cells in enumerate(reader, start=1):  # noqa: B007 (named in the error)
            cells = [_blank_to_none(cell) for cell in cells]
            if any(cell is not None for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise TableFileError("quotes", number + 1) from error


def _decode(content):
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TableFileError("encoding")


def _blank_to_none(cell):
    return None if isinstance(cell, str) and not cell.strip() else cell


def plain_header(cell):
    """Return a header as it is compared: half-width, without spaces, marks and brackets."""
    text = unicodedata.normalize("NFKC", str(cell or "")).casefold()
    return re.sub(r"\([^)]*\)|[\s*:_-]", "", text)


def cell_text(cell):
    """Return a cell as a person reads it in the spreadsheet, for a copy of the row."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime.datetime):
        return (cell.date() if cell.time() == datetime.time() else cell).isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
