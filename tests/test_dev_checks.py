"""The checks read right what test runs and translators leave."""

import json

import polib
import pytest

from dev import addons, core_suites, po, results
from dev.results import FAILED, PASSED, SKIPPED, Result

STAMP = "2026-01-02 03:04:05,678 99"


def test_problems_are_warnings_and_errors_with_their_lines():
    log = (
        f"{STAMP} INFO db odoo.modules: fine\n"
        f"{STAMP} WARNING db odoo.fields: two\nlines\n"
        f"{STAMP} INFO db odoo.modules: fine\nTraceback of something else\n"
        f"{STAMP} ERROR ? odoo.sql_db: bad query\n"
    )
    assert results.problems(log) == ["odoo.fields: two\nlines", "odoo.sql_db: bad query"]


def test_failed_tests_are_not_problems_too():
    log = (
        f"{STAMP} ERROR db odoo.addons.stock.tests.test_x: FAIL: TestX.test_y\nTraceback\n"
        f"{STAMP} ERROR db odoo.tests.result: 1 failed, 0 error(s) of 2 tests\n"
        f"{STAMP} ERROR db odoo.addons.stock.tests.test_x: a message of the test's own\n"
    )
    assert results.problems(log) == ["odoo.addons.stock.tests.test_x: a message of the test's own"]


def test_allowed_problems_need_a_reason(tmp_path):
    path = tmp_path / "allowed.txt"
    path.write_text("# title\n\nodoo.x: one #2$  # why\n")
    allowed = results.explained(path)
    log = f"{STAMP} WARNING db odoo.x: one #2\n{STAMP} WARNING db odoo.x: one #3\n"
    assert results.problems(log, allowed) == ["odoo.x: one #3"]
    path.write_text("odoo.x: one\n")
    with pytest.raises(ValueError, match="allowed.txt:1"):
        results.explained(path)


def test_a_test_with_one_failed_subtest_has_failed(tmp_path):
    path = tmp_path / "r.jsonl"
    lines = [
        {"name": "m:C.test_a", "outcome": "failed", "detail": "boom", "seconds": 1},
        {"name": "m:C.test_a", "outcome": "passed"},
        {"name": "m:C.test_b", "outcome": "skipped", "detail": "why"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = results.read_lines(path)
    assert results.count(found) == (0, 1, 1)
    assert found[0].detail == "boom"
    assert results.read_lines(tmp_path / "missing") == []


def test_half_a_line_at_the_end_is_still_being_written(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text('{"name": "m:C.test_a", "outcome": "passed"}\n{"name": "m:C.te')
    assert [result.name for result in results.read_lines(path)] == ["m:C.test_a"]


def test_junit_names_are_those_of_odoo(tmp_path):
    path = tmp_path / "r.xml"
    path.write_text(
        "<testsuites><testsuite>"
        '<testcase classname="addons.m.tests.test_x.TestX" name="test_a" time="1.5"/>'
        '<testcase classname="addons.m.tests.test_x.TestX" name="test_b" time="0">'
        '<failure message="short">long</failure></testcase>'
        '<testcase classname="tests.test_y" name="test_c" time="0">'
        '<skipped message="why"/></testcase>'
        '<testcase classname="" name="addons.m.tests.test_z" time="0">'
        '<error message="collection failure">ImportError</error></testcase>'
        "</testsuite></testsuites>"
    )
    assert results.read_junit(path) == [
        Result("m:TestX.test_a", PASSED, "", 1.5),
        Result("m:TestX.test_b", FAILED, "long"),
        Result("tests.test_y.test_c", SKIPPED, "why"),
        Result("addons.m.tests.test_z", FAILED, "ImportError"),
    ]


def test_only():
    only = addons.Only.parse("m:C.test_a")
    assert (only.module, only.cls, only.method) == ("m", "C", "test_a")
    wanted = addons.TestClass("m", addons.FOLDER, "C", ("test_a",))
    assert only.wants(wanted)
    assert addons.Only.parse("").wants(wanted)
    assert not addons.Only.parse("other").wants(wanted)
    assert not addons.Only.parse("m:C.test_b").wants(wanted)
    with pytest.raises(ValueError, match="ONLY=m;rm"):
        addons.Only.parse("m;rm")


def test_unimported_test_files_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(addons, "FOLDER", tmp_path)
    tests = tmp_path / "m" / "tests"
    tests.mkdir(parents=True)
    (tests / "__init__.py").write_text("from . import test_a\nfrom .test_b import TestB\n")
    for name in ("test_a", "test_b", "test_c"):
        (tests / f"{name}.py").write_text("class TestX:\n    def test_1(self):\n        pass\n")
    assert [path.name for path in addons.unimported_tests("m")] == ["test_c.py"]
    assert len(addons.test_classes("m")) == 3


def failing(name, detail="Traceback\nAssertionError: 1 != 2"):
    return Result(name, FAILED, detail)


def test_core_failures_are_judged_against_plain_odoo():
    known = [(results.re.compile(r"test_moody$"), "moody")]
    passed = Result("a:A.test_fine", PASSED)
    ours = failing("a:A.test_ours")
    theirs = failing("a:A.test_theirs")
    changed = failing("a:A.test_changed")
    moody = failing("a:A.test_moody")
    without = [
        Result("a:A.test_ours", PASSED),
        failing("a:A.test_theirs", "Traceback\nAssertionError: 7 != 8"),
        failing("a:A.test_changed", "KeyError: 'x'"),
    ]
    judged = core_suites.judge([passed, ours, theirs, changed, moody], [], without, known)
    assert [r.outcome for r in judged] == [PASSED, FAILED, SKIPPED, FAILED, SKIPPED]
    assert "KeyError" in judged[3].detail
    assert judged[4].detail.startswith("moody")


def test_a_failed_tour_counts_by_its_second_run(capsys):
    tour = failing("a:A.test_tour", "self.start_tour('/odoo')\nTimeoutError: step 3")
    other = failing("a:A.test_other")
    again = [Result(tour.name, PASSED), Result(other.name, PASSED)]
    judged = core_suites.judge([tour, other], again, [], [])
    assert [r.outcome for r in judged] == [PASSED, FAILED]
    assert "step 3" in capsys.readouterr().out


def test_the_error_of_a_traceback_is_found_above_its_explanation():
    detail = "Traceback\n  File x\nAssertionError: 'a' != 'b'\n- a\n+ b\n"
    assert results.error_line(detail) == "AssertionError: 'a' != 'b'"
    assert results.error_line("because") == "because"
    assert results.error_line("") == ""


def test_tags_of_failed_tests_and_classes():
    found = [
        failing("stock:TestA.test_x"),
        failing("setUpClass (odoo.addons.stock.tests.test_b.TestB)"),
        failing("core suites 1 of 2"),
    ]
    assert core_suites.tags_of(found) == ["/stock:TestA.test_x", "/stock:TestB"]


def po_file(**entries):
    file = polib.POFile()
    for msgid, msgstr in entries.items():
        file.append(polib.POEntry(msgid=msgid, msgstr=msgstr, occurrences=[("model:x", "0")]))
    return file


def test_merge_keeps_translations_and_drops_what_is_gone():
    merged = po.merge(po_file(Cap="", Used=""), po_file(Cap="额度", Old="旧"), {"Used": "已用"})
    assert [(e.msgid, e.msgstr) for e in merged] == [("Cap", "额度"), ("Used", "")]
    terms = po_file(Used="")
    terms[0].occurrences = [("model:ir.model.fields,field_description:m.field_x", "0")]
    assert po.merge(terms, po_file(), {"Used": "已用"})[0].msgstr == "已用"


def test_check_names_what_a_chinese_reader_would_see_in_english():
    terms = po_file(
        **dict.fromkeys(("Cap", "Used", "QR", "SKU", "舍顿", "%s", "Of %(a)s", "Gone"), "")
    )
    translated = po_file(Cap="额度", QR="QR", SKU="SKU", Extra="x", **{"Of %(a)s": "共 %(b)s"})
    translated.append(polib.POEntry(msgid="Gone", msgstr="去", flags=["fuzzy"]))
    found = po.check(terms, translated, same={"SKU"})
    starts = [line.split(":")[0].split(" (")[0] for line in found]
    assert starts == ["'Used'", "'QR'", "'Of %(a)s'", "'Gone'", "'Extra'"]
