"""The address of a page of the public catalogue: read from a visitor, written for a link.

Whatever a visitor types, a question comes out: what has no meaning is left out, what is too
long is cut, so that no address costs more than another and none fails.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from urllib.parse import urlencode

#: Goods on one page; visitors cannot ask for more.
PAGE_SIZE = 24
#: Orders that a visitor can choose, the first by default.
SORTS = ("newest", "price", "price_desc", "name")

_LONGEST_TEXT = 60
_MOST_WORDS = 5
_LAST_PAGE = 10_000
_LARGEST_ID = 2**31 - 1
_FORMS = {
    "county": re.compile(r"[0-9]{6}"),
    "certificate": re.compile(r"[A-Za-z0-9_.-]{1,40}"),
    "kind": re.compile(r"[a-z_]{1,40}"),
    "lang": re.compile(r"[A-Za-z]{2,3}(?:[_@][A-Za-z]{2,8})*"),
}


@dataclass(frozen=True)
class CatalogueQuery:
    """What a visitor asks of the catalogue.

    ``county`` is an official code (of a county or a prefecture), ``category`` the id of a
    product category, ``certificate`` the code of a certificate type, ``kind`` a kind of
    supplier; empty when the visitor does not mind. ``lang`` is set when the address names one.
    """

    text: str = ""
    category: int = 0
    county: str = ""
    certificate: str = ""
    kind: str = ""
    sort: str = SORTS[0]
    page: int = 1
    lang: str = ""

    @property
    def words(self):
        """Words that must all be found, at most five."""
        return self.text.split()[:_MOST_WORDS]

    @property
    def is_filtered(self):
        """Whether the visitor asked for a part of the catalogue only."""
        return bool(self.text or self.category or self.county or self.certificate or self.kind)

    def url(self, path, **changes):
        """Return the address that asks the same but for ``changes``.

        A change of what is looked for leads to the first page. Defaults are not written and
        the order is always the same: one question has one address.
        """
        if changes and "page" not in changes and changes.keys() != {"lang"}:
            changes["page"] = 1
        asked = replace(self, **changes)
        parameters = [
            ("q", asked.text),
            ("category", asked.category),
            ("county", asked.county),
            ("certificate", asked.certificate),
            ("kind", asked.kind),
            ("sort", asked.sort if asked.sort != SORTS[0] else ""),
            ("page", asked.page if asked.page > 1 else ""),
            ("lang", asked.lang),
        ]
        query = urlencode([(name, value) for name, value in parameters if value])
        return f"{path}?{query}" if query else path


def read_query(parameters):
    """Make a question of the parameters of an address.

    :param parameters: mapping of strings as the visitor sent them
    """
    values = {}
    text = parameters.get("q")
    if isinstance(text, str):
        # Full-width letters and digits of Chinese keyboards become the plain ones.
        text = unicodedata.normalize("NFKC", text[: 4 * _LONGEST_TEXT])
        text = "".join(char if char.isprintable() else " " for char in text)
        values["text"] = " ".join(text[:_LONGEST_TEXT].split())
    for name, form in _FORMS.items():
        value = parameters.get(name)
        if isinstance(value, str) and form.fullmatch(value):
            values[name] = value
    values["category"] = _read_number(parameters.get("category"), _LARGEST_ID) or 0
    values["page"] = _read_number(parameters.get("page"), _LAST_PAGE) or 1
    if parameters.get("sort") in SORTS:
        values["sort"] = parameters["sort"]
    return CatalogueQuery(**values)


def page_numbers(page, pages):
    """Return the pages to link from ``page``; ``None`` stands for those left out.

    The first, the last and the neighbours are always there: seven entries at most.
    """
    if pages <= 7:
        return list(range(1, pages + 1))
    near = {1, pages, page - 1, page, page + 1}
    if page <= 3:
        near |= {2, 3, 4}
    if page >= pages - 2:
        near |= {pages - 3, pages - 2, pages - 1}
    numbers, previous = [], 0
    for number in sorted(number for number in near if 1 <= number <= pages):
        if number - previous > 1:
            numbers.append(None)
        numbers.append(number)
        previous = number
    return numbers


def _read_number(value, largest):
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,10}", value):
        return 0
    number = int(value)
    return number if number <= largest else 0
