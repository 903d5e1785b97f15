from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from ..tools.settlement import Account, Agreement, Bill, Payment, share_out

BILL_TYPES = ("in_invoice", "in_refund")


class UnionAssistSettlement(models.AbstractModel):
    """Reads from stock and accounting what the statements of account are made of.

    Amounts are with taxes, in the currency of the order. The number of queries does not
    depend on how many suppliers or order lines are asked for.
    """

    _name = "union.assist.settlement"
    _description = "Settlement of Purchases"

    @api.model
    def _get_accounts(self, lines, days):
        """Replay what happened to order lines.

        :param lines: ``purchase.order.line``
        :param days: days whose figures are wanted
        :return: ``{line: (account, {day: figures as of Account.replay})}``
        """
        lines = lines.sudo()
        events = defaultdict(list)
        for movement in lines._assist_get_movements():
            events[movement.line].append(movement)
        bills, payments = self._get_bills(lines)
        for bill in bills:
            events[bill.line].append(bill)
        of_line = {bill.id: bill.line for bill in bills}
        for payment in payments:
            events[of_line[payment.bill]].append(payment)
        for line_id, agreement in self._get_agreements(lines):
            events[line_id].append(agreement)
        accounts = {}
        for line in lines:
            account = Account(line._assist_get_taxed_price(), line.currency_id.decimal_places)
            accounts[line] = account, account.replay(events[line.id], days)
        return accounts

    @api.model
    def _get_bills(self, lines):
        """Return the posted bill lines of order lines, and what was paid of them."""
        bill_lines = self.env["account.move.line"].search_fetch(
            [
                ("purchase_line_id", "in", lines.ids),
                ("parent_state", "=", "posted"),
                ("display_type", "=", "product"),
                ("move_id.move_type", "in", BILL_TYPES),
            ],
            ["currency_id", "move_id", "price_total", "product_uom_id", "purchase_line_id"],
            order="id",
        )
        moves = bill_lines.move_id
        matched = self._get_matched(moves)
        bills, payments = [], []
        parts_of_move = defaultdict(lambda: self.env["account.move.line"])
        for part in moves.invoice_line_ids:
            if part.display_type == "product":
                parts_of_move[part.move_id] += part
        order_lines = {part.id: part.purchase_line_id for part in bill_lines}
        for move in moves:
            sign = 1 if move.move_type == "in_invoice" else -1
            day = move.invoice_date or move.date
            parts = parts_of_move[move]
            for part in parts:
                line = order_lines.get(part.id)
                if line:
                    quantity = part.product_uom_id._compute_quantity(
                        part.quantity, line.product_uom_id, round=False
                    )
                    amount = self._to_order_currency(part.price_total, line, move, day)
                    bills.append(Bill(part.id, line.id, day, sign * quantity, sign * amount))
            digits = move.currency_id.decimal_places
            weights = parts.mapped("price_total")
            for paid_on, paid in matched[move.id]:
                for part, share in zip(parts, share_out(paid, weights, digits), strict=True):
                    line = order_lines.get(part.id)
                    if line and share:
                        share = self._to_order_currency(share, line, move, day)
                        payments.append(Payment(part.id, max(paid_on, day), sign * share))
        return bills, payments

    def _to_order_currency(self, amount, line, move, day):
        return move.currency_id._convert(amount, line.currency_id, move.company_id, day)

    @api.model
    def _get_matched(self, moves):
        """Return what was reconciled with bills: ``{move id: [(day, amount)]}``, not signed."""
        payable = moves.line_ids.filtered(
            lambda line: line.account_id.account_type == "liability_payable"
        )
        matched = defaultdict(list)
        for line_id, day, amount in self._get_partials(payable):
            line = payable.browse(line_id)
            refund = line.move_id.move_type == "in_refund"
            matched[line.move_id.id].append((day, amount if refund else -amount))
        return matched

    @api.model
    def _get_partials(self, lines):
        """Return ``[(line id, day, amount)]`` of what was reconciled with journal items.

        Amounts are in the items' currency, positive for debits and negative for credits.
        """
        partials = self.env["account.partial.reconcile"].search_fetch(
            Domain("debit_move_id", "in", lines.ids) | Domain("credit_move_id", "in", lines.ids),
            [
                "credit_amount_currency",
                "credit_move_id",
                "debit_amount_currency",
                "debit_move_id",
                "max_date",
            ],
            order="max_date, id",
        )
        found, wanted = [], set(lines.ids)
        for partial in partials:
            for line, amount in (
                (partial.debit_move_id, partial.debit_amount_currency),
                (partial.credit_move_id, -partial.credit_amount_currency),
            ):
                if line.id in wanted:
                    found.append((line.id, partial.max_date, amount))
        return found

    @api.model
    def _get_agreements(self, lines):
        """Return what suppliers and operators agreed: ``[(order line id, Agreement)]``."""
        agreed = self.env["union.assist.statement.line"].search_fetch(
            Domain("order_line_id", "in", lines.ids)
            & (Domain("is_quantity_agreed", "=", True) | Domain("is_price_agreed", "=", True)),
            [
                "agreed_price",
                "agreed_quantity",
                "date_to",
                "is_price_agreed",
                "is_quantity_agreed",
                "move_id",
                "order_line_id",
            ],
            order="date_to, id",
        )
        return [
            (
                line.order_line_id.id,
                Agreement(
                    line.move_id.id,
                    line.date_to,
                    line.agreed_quantity if line.is_quantity_agreed else None,
                    line.agreed_price if line.is_price_agreed else None,
                ),
            )
            for line in agreed
        ]

    @api.model
    def _get_unmatched_payments(self, company, suppliers, days):
        """Return payments to suppliers that were set against no bill at the end of days.

        :return: ``{(supplier, currency): {day: amount}}``, in that currency
        """
        lines = (
            self.env["account.move.line"]
            .sudo()
            .search_fetch(
                [
                    ("account_id.account_type", "=", "liability_payable"),
                    ("company_id", "=", company.id),
                    ("date", "<=", max(days)),
                    ("journal_id.type", "in", ("bank", "cash", "credit")),
                    ("move_id.move_type", "=", "entry"),
                    ("parent_state", "=", "posted"),
                    ("partner_id.commercial_partner_id", "in", suppliers.ids),
                ],
                ["amount_currency", "currency_id", "date", "partner_id"],
            )
        )
        reconciled = defaultdict(list)
        for line_id, day, amount in self._get_partials(lines):
            reconciled[line_id].append((day, amount))
        unmatched = defaultdict(lambda: dict.fromkeys(days, 0.0))
        for line in lines:
            amounts = unmatched[line.partner_id.commercial_partner_id, line.currency_id]
            for day in days:
                if line.date <= day:
                    used = sum(amount for on, amount in reconciled[line.id] if on <= day)
                    amounts[day] = line.currency_id.round(
                        amounts[day] + line.amount_currency - used
                    )
        return unmatched
