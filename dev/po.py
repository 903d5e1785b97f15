"""Keeps translation files in step with the product; runs in the virtual environment (polib).

python -m dev.po merge TERMS.po zh_CN.po      brings the file up to date, keeping translations
python -m dev.po check TERMS.po zh_CN.po SAME prints what is missing; SAME lists the terms
                                              that are rightly the same in both languages
"""

import re
import sys
from pathlib import Path

import polib

HEADER = {
    "Project-Id-Version": "Union Assist",
    "Language": "zh_CN",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sdifgr]|%[sdifgr]|\{\w*\}")


def merge(terms, translated, memory=None):
    """Return the file of `terms` (as Odoo exports them) with the translations of `translated`.

    The order and the references are those of the export; terms that are gone are dropped.
    The header has no dates, so that only changes of the product or a translation show.
    `memory` has Odoo's own translations, used for blanks among the names of fields.
    """
    memory = memory or {}
    known = {entry.msgid: entry for entry in translated if not entry.obsolete}
    merged = polib.POFile(wrapwidth=100)
    merged.metadata = HEADER
    for term in terms:
        entry = polib.POEntry(
            msgid=term.msgid, comment=term.comment, tcomment="", occurrences=term.occurrences
        )
        if term.msgid in known:
            entry.msgstr = known[term.msgid].msgstr
            entry.flags = known[term.msgid].flags
        if not entry.msgstr and _of_fields(term):
            entry.msgstr = memory.get(term.msgid, "")
        merged.append(entry)
    return merged


def _of_fields(entry):
    return all(where.startswith("model:ir.model.fields,") for where, _line in entry.occurrences)


def odoo_memory(language="zh_CN"):
    """Return how Odoo translates the names of the fields that every model and thread has."""
    import odoo.addons  # loads Odoo, which the check does without

    memory = {}
    for module in ("portal", "mail", "base"):
        for folder in odoo.addons.__path__:
            for entry in read(Path(folder, module, "i18n", f"{language}.po")):
                if any(
                    where.startswith("model:ir.model.fields,") for where, _ in entry.occurrences
                ):
                    memory[entry.msgid] = entry.msgstr
    return memory


def check(terms, translated, same=()):
    """Return one line for each term that a Chinese reader would not see in Chinese."""
    found = []
    known = {entry.msgid: entry for entry in translated if not entry.obsolete}
    wanted = {term.msgid: term for term in terms}
    for msgid, term in wanted.items():
        entry = known.get(msgid)
        trouble = _trouble(msgid, entry, same)
        if trouble:
            where = term.occurrences[0][0] if term.occurrences else "?"
            found.append(f"{msgid!r} ({where}): {trouble}")
    found += [
        f"{msgid!r}: the product no longer has this term: run make i18n"
        for msgid in known
        if msgid not in wanted
    ]
    return found


def _trouble(msgid, entry, same):
    if CHINESE.search(msgid) or not any(map(str.isalpha, PLACEHOLDER.sub("", msgid))):
        return None  # Chinese already, or nothing to translate
    if entry is None:
        return "not in the file: run make i18n"
    if not entry.msgstr.strip():
        return "not translated"
    if entry.fuzzy:
        return "marked fuzzy"
    if entry.msgstr == msgid and msgid not in same:
        return "the same as in English (if rightly so, add it to dev/same_in_chinese.txt)"
    if sorted(PLACEHOLDER.findall(msgid)) != sorted(PLACEHOLDER.findall(entry.msgstr)):
        return f"other placeholders in its translation {entry.msgstr!r}"
    return None


def read(path):
    """Read a translation file; a file that does not exist yet has no entries."""
    return polib.pofile(str(path), wrapwidth=100) if Path(path).exists() else polib.POFile()


def main(arguments):
    """Run the command line described above; return the exit status."""
    command, terms, path, *rest = arguments
    if command == "merge":
        merged = merge(read(terms), read(path), odoo_memory())
        if merged:
            Path(path).parent.mkdir(exist_ok=True)
            merged.save(path)
        print(f"{path}: {len(merged)} terms, {len(merged.untranslated_entries())} to translate")
        return 0
    same = {
        line.strip() for line in Path(rest[0]).read_text().splitlines() if line.strip()[:1] != "#"
    }
    found = check(read(terms), read(path), same)
    for line in found:
        print(f"{path}: {line}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
