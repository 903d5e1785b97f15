import csv
import io

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import GROUP
from .import_common import HOUSEHOLD, NUMBERS, ImportCommon

PEOPLE = ("household", "linkage", "household_linkage")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@tagged("post_install", "-at_install", "union_assist")
class TestImportHttp(HttpCase, ImportCommon):
    """Who gets templates and error files over the web."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.env.ref("union_assist_catalog.region_610827")
        cls.neighbour = new_test_user(
            cls.env, "import_neighbour", f"{GROUP}county", assist_region_ids=[(6, 0, other.ids)]
        )
        # Of the same county, and yet not who uploads the file.
        cls.colleague = new_test_user(
            cls.env,
            "import_colleague",
            f"{GROUP}county",
            assist_region_ids=[(6, 0, cls.county.ids)],
        )
        contact = cls.env["res.partner"].create({"name": "Contact", "parent_id": cls.tea_maker.id})
        cls.portal = new_test_user(
            cls.env, "import_portal", "base.group_portal", partner_id=contact.id
        )
        cls.internal = new_test_user(cls.env, "import_internal", "base.group_user")
        cls.strangers = (cls.viewer, cls.federation, cls.portal, cls.internal)
        users = cls.neighbour | cls.colleague | cls.env["res.users"].union(*cls.strangers)
        users.lang = "en_US"

    def get(self, user, url):
        self.authenticate(user and user.login, user and user.login)
        return self.url_open(url, allow_redirects=False)

    def get_errors(self, user, job):
        return self.get(user, f"/assist/import/{job.id}/errors")

    def assert_login(self, answer):
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login", answer.headers["Location"])

    def assert_file(self, answer, content_type, name):
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], content_type)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertIn(name, answer.headers["Content-Disposition"])
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))

    def upload_faulty(self, user):
        """Upload a good row and one whose number of persons is none."""
        rows = [
            self.household(1, "张某某", NUMBERS[0]),
            self.household(2, "李某某", NUMBERS[1], persons="x"),
        ]
        return self.upload("household", HOUSEHOLD, rows, user, name="county.csv")

    def count_logged(self):
        return self.env["union.assist.export.log"].search_count([])

    # -- templates ---------------------------------------------------------------------------------

    @mute_logger("odoo.http")
    def test_templates_by_role(self):
        allowed = {
            self.operator: PEOPLE,
            self.official: PEOPLE,
            self.neighbour: PEOPLE,
            self.manager: (*PEOPLE, "region"),
            **dict.fromkeys(self.strangers, ()),
        }
        for user, kinds in allowed.items():
            for kind in (*PEOPLE, "region"):
                with self.subTest(user=user.login, kind=kind):
                    answer = self.get(user, f"/assist/import/template/{kind}.csv")
                    if kind in kinds:
                        self.assert_file(answer, "text/csv; charset=utf-8", ".csv")
                    else:
                        self.assertEqual(answer.status_code, 403)
                        self.assertNotIn("Content-Disposition", answer.headers)
        for kind in (*PEOPLE, "region"):
            with self.subTest(user="public", kind=kind):
                self.assert_login(self.get(None, f"/assist/import/template/{kind}.csv"))

    def test_templates_hold_the_columns_and_examples_only(self):
        self.make_household("T-0009", head_name="SECRET")
        url = "/assist/import/template/household"
        answer = self.get(self.official, f"{url}.csv")
        header, *examples = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        self.assertEqual(header[:2], ["Household Code", "Head of Household"])
        self.assertTrue(examples)
        for row in examples:
            self.assertTrue(row[0].startswith("Example: "), row)
        answer = self.get(self.official, f"{url}.xlsx")
        self.assert_file(answer, XLSX, ".xlsx")
        rows = self.read_xlsx(answer.content)
        self.assertEqual(rows[0], header)
        self.assertNotIn("SECRET", str(rows) + str(examples))

    def test_templates_speak_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.operator.lang = "zh_CN"
        answer = self.get(self.operator, "/assist/import/template/household.xlsx")
        self.assertEqual(self.read_xlsx(answer.content)[0][:2], ["户编号", "户主姓名"])

    def test_templates_that_do_not_exist(self):
        for name in ("partner.csv", "household.xls", "household.pdf"):
            with self.subTest(name):
                answer = self.get(self.operator, f"/assist/import/template/{name}")
                self.assertEqual(answer.status_code, 404)

    # -- error files -------------------------------------------------------------------------------

    def test_error_file_of_an_operator(self):
        job = self.upload_faulty(self.operator)
        for user in (self.operator, self.manager):
            with self.subTest(user=user.login):
                before = self.count_logged()
                answer = self.get_errors(user, job)
                self.assert_file(answer, XLSX, "errors.xlsx")
                header, *rows = self.read_xlsx(answer.content)
                self.assertEqual(header, ["Row", "Column", "Reason", *HOUSEHOLD])
                self.assertEqual(len(rows), 1, "the row in order is not in it")
                self.assertEqual(rows[0][:2], ["3", "Persons"])
                self.assertIn("no whole number", rows[0][2])
                self.assertEqual(rows[0][3:5], ["T-0002", "李某某"])
                self.assertEqual(self.count_logged(), before + 1)
                log = self.env["union.assist.export.log"].search([], limit=1)
                self.assertEqual((log.user_id, log.record_count), (user, 1))
        self.assert_nobody_else_gets(job, self.official, self.neighbour, *self.strangers)

    def test_error_file_of_an_official(self):
        job = self.upload_faulty(self.official)
        for user in (self.official, self.operator, self.manager):
            with self.subTest(user=user.login):
                self.assert_file(self.get_errors(user, job), XLSX, "county")
        self.assert_nobody_else_gets(job, self.colleague, self.neighbour, *self.strangers)

    def assert_nobody_else_gets(self, job, *users):
        before = self.count_logged()
        for user in users:
            with self.subTest(user=user.login):
                answer = self.get_errors(user, job)
                # As if there were no such import
                self.assertEqual(answer.status_code, 404)
                self.assertNotIn("李某某", answer.text)
        with self.subTest(user="public"):
            self.assert_login(self.get_errors(None, job))
        self.assertEqual(self.count_logged(), before, "what nobody got is not noted")

    def test_error_file_of_divisions(self):
        job = self.upload("region", ("区划代码", "名称"), [("99x", "甲")], self.manager)
        self.assertEqual(job.state, "errors")
        before = self.count_logged()
        self.assert_file(self.get_errors(self.manager, job), XLSX, "errors.xlsx")
        self.assertEqual(self.count_logged(), before, "nothing personal is in it")
        for user in (self.operator, self.official):
            with self.subTest(user=user.login):
                self.assertEqual(self.get_errors(user, job).status_code, 404)

    def test_error_file_of_who_lost_the_role(self):
        job = self.upload_faulty(self.official)
        self.official.group_ids -= self.env.ref(f"{GROUP}county")
        self.assertEqual(self.get_errors(self.official, job).status_code, 404)

    def test_error_file_when_the_upload_is_gone(self):
        job = self.upload_faulty(self.operator)
        job.action_drop()
        answer = self.get_errors(self.operator, job)
        self.assert_file(answer, XLSX, "errors.xlsx")
        rows = self.read_xlsx(answer.content)
        self.assertEqual(rows[1][:2], ["3", "Persons"])
        self.assertNotIn("T-0002", str(rows))

    def test_error_file_of_nothing(self):
        for number in (0, 999999999):
            with self.subTest(number):
                answer = self.get(self.operator, f"/assist/import/{number}/errors")
                self.assertEqual(answer.status_code, 404)
