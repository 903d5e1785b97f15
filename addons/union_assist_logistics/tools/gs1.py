"""Numbers and bar codes of GS1: check digits, SSCC, element strings of GS1-128 (GB/T 15425)."""

#: FNC1 as ReportLab's Code 128 takes it: it opens a GS1-128 symbol and ends a text of
#: variable length that another element follows.
FNC1 = "\xf1"

#: Length of what follows an application identifier; ``None`` where it varies.
_FIXED_LENGTHS = {"00": 18, "01": 14, "02": 14, "11": 6, "15": 6, "17": 6}
_MAX_LENGTHS = {"10": 20, "21": 20, "37": 8}
#: What a text may hold beside letters and figures (character set 82).
_SIGNS = set("!\"%&'()*+,-./:;<=>?_")

#: Figures of an SSCC before its check digit.
SSCC_PAYLOAD = 17


def check_digit(payload):
    """Return the check digit of a GS1 number as a text.

    :param str payload: all digits before it; weighted 3, 1, 3 … from the right
    """
    total = sum(int(digit) * (3, 1)[index % 2] for index, digit in enumerate(reversed(payload)))
    return str(-total % 10)


def is_valid(number, length):
    """Whether a text is a number of this many digits with a right check digit."""
    return (
        len(number) == length
        and number.isascii()
        and number.isdigit()
        and check_digit(number[:-1]) == number[-1]
    )


def is_sscc(number):
    """Whether a text is a serial shipping container code: 18 digits, the last one a check."""
    return is_valid(number, 18)


def is_prefix(prefix):
    """Whether a text can be a GS1 company prefix: 7 to 10 digits."""
    return 7 <= len(prefix) <= 10 and prefix.isascii() and prefix.isdigit()


def sscc_capacity(prefix):
    """Return how many SSCCs a company prefix has room for, all extension digits together."""
    return 10 ** (SSCC_PAYLOAD - len(prefix))


def build_sscc(prefix, serial):
    """Make an SSCC: extension digit, company prefix, serial reference, check digit.

    The extension digit is the first figure of the running number: with it a prefix gives
    ten times as many codes.

    :param str prefix: GS1 company prefix, 7 to 10 digits
    :param int serial: running number, from 0 to below :func:`sscc_capacity`
    :raise ValueError: for what is no prefix, or a number that it has no room for
    """
    if not is_prefix(prefix):
        raise ValueError(f"no GS1 company prefix: {prefix!r}")
    if not 0 <= serial < sscc_capacity(prefix):
        raise ValueError(f"no room for serial {serial} under prefix {prefix}")
    figures = str(serial).zfill(SSCC_PAYLOAD - len(prefix))
    payload = f"{figures[0]}{prefix}{figures[1:]}"
    return payload + check_digit(payload)


def gtin14(barcode):
    """Return a product's bar code as a GTIN of 14 digits; empty when it is no GTIN."""
    if any(is_valid(barcode, length) for length in (8, 12, 13, 14)):
        return barcode.zfill(14)
    return ""


def is_text(value, limit=20):
    """Whether a lot's name can stand in a GS1-128 symbol."""
    return 0 < len(value) <= limit and all(
        char.isascii() and char.isalnum() or char in _SIGNS for char in value
    )


def six_digits(day):
    """Return a date as application identifiers carry it: YYMMDD."""
    return f"{day:%y%m%d}"


def element_string(elements):
    """Join elements to the content of one GS1-128 symbol.

    :param elements: pairs (application identifier, value); those of fixed length go first,
        so that fewer separators are needed
    :return: the text to encode, which begins with FNC1
    :raise ValueError: when a value does not fit its identifier
    """
    elements = sorted(elements, key=lambda element: element[0] not in _FIXED_LENGTHS)
    parts = [FNC1]
    for index, (identifier, value) in enumerate(elements):
        fixed = _FIXED_LENGTHS.get(identifier)
        if fixed:
            fits = len(value) == fixed and value.isdigit()
        else:
            fits = is_text(value, _MAX_LENGTHS[identifier])
        if not fits:
            raise ValueError(f"({identifier}) cannot hold {value!r}")
        parts.append(identifier + value)
        if not fixed and index < len(elements) - 1:
            parts.append(FNC1)
    return "".join(parts)


def readable(elements):
    """Return elements as they are printed below the bars: ``(00)…(10)…``, in symbol order."""
    elements = sorted(elements, key=lambda element: element[0] not in _FIXED_LENGTHS)
    return "".join(f"({identifier}){value}" for identifier, value in elements)
