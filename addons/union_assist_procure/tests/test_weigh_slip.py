import io

from pypdf import PdfReader

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .farming_common import FarmingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestWeighSlip(FarmingCommon):
    def _print(self, tickets, user=None):
        report = self.env["ir.actions.report"]
        if user:
            report = report.with_user(user)
        content, kind = report._render("union_assist_procure.report_weigh_slip", tickets.ids)
        self.assertEqual(kind, "pdf")
        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]

    def test_one_page_each_and_no_name(self):
        tickets = self._create_ticket(110, tare=10, moisture=5) | self._create_ticket(50)
        tickets[0].action_confirm()
        pages = self._print(tickets)
        self.assertEqual(len(pages), 2)
        for ticket, page in zip(tickets, pages, strict=True):
            self.assertIn(ticket.name, page)
            self.assertIn(self.household.code, page)
            self.assertNotIn("Secret Name", page)
        self.assertIn("95.00", pages[0])
        self.assertIn("285.00", pages[0])
        self.assertNotIn("Draft", pages[0])
        self.assertIn("Draft", pages[1])

    def test_who_may_print(self):
        ticket = self._create_ticket()
        users = self._create_users()
        for role in ("operator", "county", "viewer"):
            self.assertEqual(len(self._print(ticket, users[role])), 1)
        for role in ("elsewhere", "employee", "portal", "rival", "second"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._print(ticket, users[role])
