import base64
import csv
import io
import os
import secrets
import tempfile
from pathlib import Path
from unittest import mock

from openpyxl import Workbook, load_workbook

from ..tools import identity
from .common import UnionAssistCatalogCommon

HOUSEHOLD = ("户编号", "户主姓名", "户主身份证号", "所在地区划代码", "人数", "农户状态")
LINKAGE = (
    "户编号",
    "供应商",
    "带贫机制",
    "起始日",
    "结束日",
    "份额",
    "每年承诺金额",
    "带贫关系备注",
)
BOTH = (*HOUSEHOLD, *LINKAGE[1:])

# Invented; the check characters fit.
NUMBERS = ("11010119900307213X", "110101199003072172", "110101199003072199")


class ImportCommon(UnionAssistCatalogCommon):
    """Files made of rows, uploaded and imported as people do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["union.assist.import"].search([]).unlink()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        key_file = Path(folder.name) / "keys"
        key_file.write_text(secrets.token_hex(32))
        key_file.chmod(0o600)
        cls.startClassPatcher(
            mock.patch.dict(os.environ, {identity.KEY_FILE_VARIABLE: str(key_file)})
        )
        cls.env["ir.config_parameter"].set_param("union_assist.identity_key_marks", False)
        cls.env["union.assist.household"]._forget_identities()
        users = cls.official | cls.operator | cls.manager | cls.env.user
        users.lang = "en_US"
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.home = cls.county.code

    @staticmethod
    def csv(header, rows, encoding="utf-8", delimiter=","):
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=delimiter).writerows([header, *rows])
        return stream.getvalue().encode(encoding)

    @staticmethod
    def xlsx(header, rows):
        book = Workbook()
        for row in (header, *rows):
            book.active.append(list(row))
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    def household(
        self, number, name="张某某", identity_number="", place=None, persons=4, status=""
    ):
        return (f"T-{number:04}", name, identity_number, place or self.home, persons, status)

    def linkage(
        self, number, supplier="Tea Maker", mechanism="order_purchase", first="2021-03-01", *rest
    ):
        rest = (*rest, *("",) * (4 - len(rest)))
        return (f"T-{number:04}", supplier, mechanism, first, *rest)

    def both(self, number, *args, **values):
        return (*self.household(number, **values), *self.linkage(number, *args)[1:])

    def upload(self, kind, header, rows, user=None, name="test.csv"):
        """Upload and check a file; return the import, as its user."""
        content = rows if isinstance(rows, bytes) else self.csv(header, rows)
        job = (
            self.env["union.assist.import"]
            .with_user(user or self.operator)
            .create({"kind": kind, "file_name": name, "file": base64.b64encode(content)})
        )
        job.action_check()
        return job

    def load(self, kind, header, rows, user=None):
        """Import a file in which nothing is wrong; return the import."""
        job = self.upload(kind, header, rows, user)
        self.assertEqual(self.errors(job), [])
        if job.state == "ready":
            job.action_write()
        self.assertEqual(job.state, "done", job.problem)
        return job

    def errors(self, job):
        """Return the errors as ``[(row, column, reason)]``."""
        return [
            (error.number, error.column_name, error.reason)
            for error in job.error_ids.sorted(lambda error: (error.number, error.id))
        ]

    def assert_errors(self, job, *expected):
        """Check rows, columns and a part of each reason; nothing must have been written."""
        found = self.errors(job)
        self.assertEqual([error[:2] for error in found], [error[:2] for error in expected], found)
        for (_row, _column, reason), (*_place, part) in zip(found, expected, strict=True):
            self.assertIn(part, reason)
            self.assertNotRegex(reason, r"\{\w+\}|%\(")
        self.assertEqual(job.state, "errors")

    def find(self, number):
        return self.env["union.assist.household"].search([("code", "=", f"T-{number:04}")])

    @staticmethod
    def read_xlsx(content, sheet=0):
        book = load_workbook(io.BytesIO(content))
        return [list(row) for row in book.worksheets[sheet].iter_rows(values_only=True)]
