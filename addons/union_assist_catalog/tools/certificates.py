"""Rules of documents that need no database: their files, their numbers, their reminders."""

from stdnum.iso7064 import mod_11_10

from . import credit_code

# What a document's file may be, known by how its content starts.
FILE_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}


def file_mimetype(content):
    """Return the MIME type of a PDF, JPEG or PNG by its content, else None.

    The name of a file proves nothing: a page renamed to .pdf would run in the browser of
    whoever opens it.
    """
    for signature, mimetype in FILE_SIGNATURES.items():
        if content.startswith(signature):
            return mimetype
    return None


def is_food_licence_number(number):
    """Whether ``number`` is SC and 14 digits whose last is right by GB/T 17710 (MOD 11,10)."""
    return number[:2] == "SC" and len(number) == 16 and mod_11_10.is_valid(number[2:])


def is_credit_code(number):
    """Whether ``number`` is a unified social credit code with its GB 32100 check character."""
    return credit_code.compact(number) == number and credit_code.find_fault(number) is None


# The check of a number beyond its form, by the key that a document type names.
NUMBER_CHECKS = {"food_licence": is_food_licence_number, "credit_code": is_credit_code}


def parse_days(text):
    """Return the days of reminders written as “90, 30, 7”, the earliest reminder first.

    :raise ValueError: when a part is no whole number of days from 1 on
    """
    days = {int(part) for part in (text or "").replace("，", ",").split(",") if part.strip()}
    if any(day < 1 for day in days):
        raise ValueError("days of reminders are counted from 1")
    return sorted(days, reverse=True)


def due_reminder(days_left, days, last):
    """Return which reminder is due, in days before the last one, or None.

    Of several that were missed only the latest is due, and none is ever due twice.

    :param days_left: 0 on the last day, negative afterwards
    :param days: the days of the reminders
    :param last: the last reminder given; 0 when there was none
    """
    if days_left < 0:
        return None
    reached = min((day for day in days if days_left <= day), default=None)
    if reached is None or (last and reached >= last):
        return None
    return reached
