from datetime import date

from odoo.tests import HttpCase, tagged

from .test_statement_dispute import DisputeCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourStatement(HttpCase, DisputeCommon):
    def test_a_statement_disputed_and_settled(self):
        """The supplier disputes a line in the portal; an operator answers and bills it."""
        self.portal.lang = self.operator.lang = "en_US"
        self.operator.password = "statement_operator"
        order = self._order(100)
        self._receive_on(order, date(2026, 3, 5))
        statement = self._generate()
        statement.with_user(self.operator).action_send()
        self.start_tour(
            "/my/assist/statements",
            "union_assist_statement_dispute",
            login="statement_tea",
            timeout=120,
        )
        self.assertEqual(statement.state, "disputed")
        self.assertEqual(statement.line_ids.dispute_ids.claimed_quantity, 105)
        self.start_tour(
            "/odoo/assist-statements",
            "union_assist_statement_answer",
            login="statement_operator",
            timeout=120,
        )
        self.assertEqual(statement.state, "settled")
        self.assertEqual(statement.line_ids.accepted, 105)
        self.assertEqual(statement.bill_ids.state, "draft")
        # The stock holds 100 accepted: no more is billed.
        self.assertEqual(statement.bill_ids.invoice_line_ids.quantity, 100)
