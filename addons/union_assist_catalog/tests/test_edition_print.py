import io
import re

from openpyxl import load_workbook
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .edition_common import EditionCommon

REPORT = "union_assist_catalog.report_catalogue_edition"


class PrintCommon(EditionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        households = [cls.make_household(f"SECRET-{n}", head_name="Zhang San") for n in range(6)]
        for household in households:
            cls.make_linkage(household, state="verified")
        cls.first = cls.publish(title="Spring 2026", note="Prices include tax.")
        cls.tea.list_price = 41.8
        cls.millet = cls.make_product("米脂小米", default_code="MIL")
        cls.entry(cls.apples).listed = False
        cls.second = cls.publish(title="Autumn 2026")
        contact = cls.env["res.partner"].create({"name": "Contact", "parent_id": cls.tea_maker.id})
        stranger = cls.env["res.partner"].create({"name": "Stranger"})
        cls.portal = new_test_user(
            cls.env, "edition_portal", "base.group_portal", partner_id=contact.id
        )
        cls.stranger = new_test_user(
            cls.env, "edition_stranger", "base.group_portal", partner_id=stranger.id
        )
        cls.internal = new_test_user(cls.env, "edition_internal", "base.group_user")
        cls.readers = (cls.viewer, cls.official, cls.federation, cls.operator, cls.manager)
        cls.others = (cls.portal, cls.stranger, cls.internal)

    def render(self, edition, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.viewer)
        return report._render_reportlab(REPORT, edition.ids)[0]

    def read_text(self, pdf):
        pages = PdfReader(io.BytesIO(pdf)).pages
        return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


@tagged("post_install", "-at_install", "union_assist")
class TestEditionPrint(PrintCommon):
    def test_there_is_no_page_of_a_drawn_report(self):
        reports = self.env["ir.actions.report"].with_user(self.viewer)
        for render in (reports._render_qweb_html, reports._render_qweb_text):
            with self.assertRaisesRegex(UserError, "as a PDF only"):
                render(REPORT, self.first.ids)
        self.assertTrue(reports._render_qweb_pdf(REPORT, self.first.ids)[0].startswith(b"%PDF"))

    def test_the_print_says_what_is_frozen(self):
        text = self.read_text(self.render(self.first))
        for part in (
            "Spring2026",
            self.first.number,
            "省总工会",
            "TestCatalogue",
            "Pricesincludetax.",
            "陕茶茗品",
            "紫阳富硒绿茶",
            "山地苹果",
            "610924",
            "38.00",
            "TeaMaker(CountySME)",
            "18months;阴凉干燥",
            "6householdslinked",
            "6901234567892",
            self.first.checksum[:4].upper(),
        ):
            self.assertIn(part, text)
        self.assertNotIn("Zhang", text)
        self.assertNotIn("SECRET", text)
        self.assertNotIn("米脂小米", text)

    def test_an_old_edition_is_printed_the_same_for_ever(self):
        before = self.render(self.first)
        self.assertEqual(before, self.render(self.first, self.manager))
        self.tea.write(
            {
                "name": "Other",
                "list_price": 1,
                "barcode": False,
                "image_1920": self.make_picture("red"),
                "assist_specification": "1 t",
                "assist_supplier_id": self.orchard.id,
            }
        )
        self.tea_maker.write({"name": "Other", "assist_supplier_kind": "agent"})
        self.county.name = "Other"
        self.category.name = "Other"
        self.catalogue.name = "Other"
        self.env.company.currency_id.symbol = "#"
        self.env["union.assist.linkage"].search(
            [("supplier_id", "=", self.tea_maker.id)]
        ).state = "revoked"
        self.tea.active = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(before, self.render(self.first))
        self.assertEqual(before, self.render(self.first.with_context(lang="zh_CN")))

    def test_a_draft_is_printed_with_its_mark(self):
        draft = self.make_edition("Next")
        text = self.read_text(self.render(draft))
        self.assertIn("Draft", text)
        self.assertIn("米脂小米", text)
        images = [
            image
            for page in PdfReader(io.BytesIO(self.render(draft))).pages
            for image in page.images
        ]
        self.assertTrue(images)

    def test_several_editions_in_one_file(self):
        text = self.read_text(self.render(self.first | self.second))
        self.assertIn("Spring2026", text)
        self.assertIn("Autumn2026", text)
        with self.assertRaises(UserError):
            self.render(self.first.browse())

    def test_printing_takes_the_same_queries_for_any_number_of_products(self):
        def measure(count):
            for number in range(count):
                self.make_product(
                    f"Goods {count} {number}", image_1920=self.make_picture((count, number, 9))
                )
            edition = self.publish()

            def work():
                self.render(edition)
                edition._render_xlsx()
                edition.action_compare()

            return self.record_queries(work)

        measure(1)
        few, many = measure(5), measure(50)
        # Changes are written in batches of a hundred.
        self.assertLessEqual(len(many) - len(few), 2)

    def test_sheet_of_an_edition(self):
        sheet = load_workbook(io.BytesIO(self.first._render_xlsx())).active
        head, *rows = sheet.iter_rows(values_only=True)
        self.assertIn("GTIN", head)
        by_name = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
        self.assertEqual(set(by_name), {"紫阳富硒绿茶", "山地苹果"})
        tea = by_name["紫阳富硒绿茶"]
        self.assertEqual(tea["GTIN"], "6901234567892")
        self.assertEqual(tea["Price"], 38.0)
        self.assertEqual(tea["Linked Households"], 6)
        self.tea.list_price = 99
        self.assertEqual(self.first._render_xlsx(), self.first._render_xlsx())
        self.assertIsNone(by_name["山地苹果"]["Linked Households"])

    # -- comparing -----------------------------------------------------------------------

    def test_comparison_from_the_list_and_from_the_form(self):
        for editions in (self.first | self.second, self.second):
            action = editions.with_user(self.viewer).action_compare()
            changes = self.env[action["res_model"]].with_user(self.viewer).search(action["domain"])
            found = {change.name: change for change in changes}
            self.assertEqual(
                {name: change.kind for name, change in found.items()},
                {"紫阳富硒绿茶": "changed", "山地苹果": "removed", "米脂小米": "added"},
            )
            tea = found["紫阳富硒绿茶"]
            self.assertEqual((tea.price_old, tea.price_new), (38.0, 41.8))
            self.assertAlmostEqual(tea.price_percent, 0.1)
            self.assertTrue(tea.price_changed)
            self.assertFalse(tea.certificate_changed)
            self.assertIn("+10.0%", tea.details)
            self.assertEqual(tea.old_line_id.edition_id, self.first)
            self.assertEqual(tea.new_line_id.edition_id, self.second)
            self.assertEqual(tea.action_view_product()["res_id"], self.tea.id)
        self.assertEqual(
            (self.second.added_count, self.second.removed_count, self.second.changed_count),
            (1, 1, 1),
        )
        self.assertEqual(self.second.previous_id, self.first)

    def test_a_draft_is_compared_with_the_last_edition(self):
        self.tea.list_price = 50
        action = self.make_edition().action_compare()
        changes = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(changes.mapped("kind"), ["changed"])
        self.assertFalse(changes.new_line_id)

    def test_what_cannot_be_compared(self):
        for editions in (self.first, self.first | self.second | self.make_edition()):
            with self.assertRaises(UserError):
                editions.action_compare()

    def test_a_comparison_is_its_makers_own(self):
        action = self.second.with_user(self.viewer).action_compare()
        changes = self.env[action["res_model"]].search(action["domain"])
        with self.assertRaises(AccessError):
            changes.with_user(self.operator).read(["name"])
        with self.assertRaises(AccessError):
            changes.comparison_id.with_user(self.operator)._render_xlsx()
        exported = (
            changes.browse()
            .with_user(self.viewer)
            .with_context(**action["context"])
            .action_export_xlsx()
        )
        self.assertIn(f"/{changes.comparison_id.id}/", exported["url"])

    def test_sheet_of_a_comparison(self):
        action = self.second.action_compare()
        comparison = self.env[action["res_model"]].search(action["domain"]).comparison_id
        sheet = load_workbook(io.BytesIO(comparison._render_xlsx())).active
        head, *rows = sheet.iter_rows(values_only=True)
        by_name = {row[1]: dict(zip(head, row, strict=True)) for row in rows}
        self.assertEqual(by_name["米脂小米"]["Change"], "Added")
        self.assertIsNone(by_name["米脂小米"]["Price before"])
        self.assertIsNone(by_name["山地苹果"]["Price now"])
        self.assertAlmostEqual(by_name["紫阳富硒绿茶"]["Price Change"], 0.1)

    # -- who may -------------------------------------------------------------------------

    def test_methods_by_role(self):
        for user in self.readers:
            with self.subTest(user=user.login):
                edition = self.second.with_user(user)
                for step in ("action_view_lines", "action_compare", "action_export_xlsx"):
                    self.assertTrue(getattr(edition, step)())
                self.assertTrue(self.render(edition, user).startswith(b"%PDF"))
        for user in (*self.others, self.env.ref("base.public_user")):
            edition = self.second.with_user(user)
            for step in (
                "action_view_lines",
                "action_compare",
                "action_export_xlsx",
                "action_publish",
                "_render_xlsx",
            ):
                with self.subTest(user=user.login, step=step), self.assertRaises(AccessError):
                    getattr(edition, step)()
            with self.assertRaises(AccessError):
                self.render(edition, user)


@tagged("post_install", "-at_install", "union_assist")
class TestEditionRoutes(PrintCommon, HttpCase):
    def urls(self, comparison):
        return (
            f"/assist/edition/{self.second.id}/xlsx",
            f"/report/reportlab/{REPORT}/{self.second.id}",
            f"/web/image/union.assist.catalogue.edition.line/{self.line(self.second, self.tea).id}"
            "/image",
            f"/assist/comparison/{comparison.id}/xlsx",
        )

    def compare(self, user):
        return (
            self.env["union.assist.catalogue.comparison"]
            .with_user(user)
            .create({"old_edition_id": self.first.id, "new_edition_id": self.second.id})
        )

    def test_who_has_a_role_gets_the_files(self):
        for user in self.readers:
            self.authenticate(user.login, user.login)
            comparison = self.compare(user)
            comparison.action_compare()
            for url in self.urls(comparison):
                with self.subTest(user=user.login, url=url):
                    answer = self.url_open(url)
                    self.assertEqual(answer.status_code, 200)
                    self.assertIn(answer.content[:4], (b"PK\x03\x04", b"%PDF", b"\xff\xd8\xff\xe0"))

    @mute_logger("odoo.http", "odoo.addons.web.controllers.report")
    def test_nobody_else_does(self):
        comparison = self.compare(self.viewer)
        comparison.action_compare()
        for user in (*self.others, None):
            self.authenticate(user and user.login, user and user.login)
            for url in self.urls(comparison):
                with self.subTest(user=user and user.login, url=url):
                    answer = self.url_open(url, allow_redirects=False)
                    self.assertNotIn(answer.content[:4], (b"PK\x03\x04", b"%PDF"))
                    if "/web/image/" in url:
                        # The web client's placeholder for what one may not see
                        self.assertIn(b"PNG", answer.content[:8])
                    else:
                        self.assertIn(answer.status_code, (303, 403, 404))
        self.authenticate(self.operator.login, self.operator.login)
        answer = self.url_open(f"/assist/comparison/{comparison.id}/xlsx")
        self.assertEqual(answer.status_code, 403)

    @mute_logger("odoo.http")
    def test_what_is_not_there(self):
        self.authenticate(self.viewer.login, self.viewer.login)
        self.assertEqual(self.url_open("/assist/edition/999999999/xlsx").status_code, 404)
