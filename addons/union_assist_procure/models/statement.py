from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_amount, format_date

from ..tools.settlement import Figures

STATES = [
    ("draft", "Draft"),
    ("sent", "Sent"),
    ("confirmed", "Confirmed"),
    ("disputed", "Disputed"),
    ("settled", "Settled"),
]
# What people may set on a statement; the rest follows from stock, bills and the steps taken.
EDITABLE_FIELDS = frozenset(("note", "user_id"))
TOTALS = ("opening", "amount", "price_difference", "billed", "paid", "open", "advance", "closing")


class UnionAssistStatement(models.Model):
    """What a supplier delivered, had accepted, billed and was paid in a month.

    A draft follows stock and accounting; once sent it never changes but for what both sides
    agree on disputed lines. What is corrected later is in the next statement.

    ``closing = opening + amount + price_difference - paid``, and that is the sum of the
    lines' open amounts less the advances.
    """

    _name = "union.assist.statement"
    _inherit = ["mail.thread", "mail.activity.mixin", "union.assist.state.mixin"]
    _description = "Statement of Account"
    _order = "date_from desc, supplier_id, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    supplier_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("Until", required=True, readonly=True, index=True)
    state = fields.Selection(
        STATES,
        "Status",
        required=True,
        readonly=True,
        default="draft",
        index=True,
        copy=False,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        domain="[('share', '=', False)]",
        tracking=True,
        help="Is told when the supplier confirms or disputes.",
    )
    note = fields.Text("Remarks", help="Printed below the statement.")
    line_ids = fields.One2many("union.assist.statement.line", "statement_id", "Lines")
    line_count = fields.Integer(compute="_compute_counts")
    dispute_count = fields.Integer("Open Disputes", compute="_compute_counts")
    opening = fields.Monetary(
        "Opening Balance", readonly=True, help="What was owed when the month began, less advances."
    )
    amount = fields.Monetary(
        "Accepted", readonly=True, help="Accepted less returned goods at the ordered price."
    )
    price_difference = fields.Monetary(
        readonly=True, help="What was billed above (or below) the ordered price, with rounding."
    )
    billed = fields.Monetary(readonly=True, help="Bills less refunds for accepted goods.")
    paid = fields.Monetary(
        readonly=True, help="All that was paid to the supplier in the month, advances included."
    )
    open = fields.Monetary("Open on Goods", readonly=True, help="Owed on the lines.")
    advance = fields.Monetary(
        readonly=True,
        help="Paid but not set against accepted goods: payments without a bill, down payments,"
        " and bills paid for goods that are not accepted.",
    )
    closing = fields.Monetary(
        "Closing Balance", readonly=True, help="What is owed when the month ends, less advances."
    )
    sent_on = fields.Datetime(readonly=True, copy=False)
    confirmed_on = fields.Datetime(readonly=True, copy=False)
    confirmed_by_id = fields.Many2one("res.users", "Confirmed by", readonly=True, copy=False)
    bill_ids = fields.One2many(
        "account.move", "assist_statement_id", "Bills", readonly=True, groups="base.group_user"
    )
    bill_count = fields.Integer(compute="_compute_bill_count", compute_sudo=True)

    _month_unique = models.UniqueIndex(
        "(company_id, supplier_id, currency_id, date_from)",
        "The supplier has a statement for this month already.",
    )
    _period_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A statement does not end before it begins."
    )

    @api.depends("line_ids.dispute_state")
    def _compute_counts(self):
        for statement in self:
            statement.line_count = len(statement.line_ids)
            statement.dispute_count = len(
                statement.line_ids.filtered(lambda line: line.dispute_state == "open")
            )

    @api.depends("bill_ids")
    def _compute_bill_count(self):
        for statement in self:
            statement.bill_count = len(statement.bill_ids)

    def _get_file_name(self):
        """Return the name of the printed statement's file, without its ending."""
        self.ensure_one()
        return f"{self.name} {self.supplier_id.name} {self.date_from:%Y-%m}"

    # --------------------------------------------------
    # Who may change what
    # --------------------------------------------------

    def write(self, vals):
        if not self.env.su:
            frozen = {
                name
                for name in vals.keys() - EDITABLE_FIELDS
                if not name.startswith(("message_", "activity_"))
            }
            if frozen:
                raise AccessError(
                    self.env._(
                        "These fields of a statement follow from stock, bills and its steps; they"
                        " are not set by hand: %(fields)s.",
                        fields=", ".join(sorted(frozen)),
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self._check_state("draft")

    def _check_operator(self):
        """Steps of the buyer's side are for operators, whoever may read the statement."""
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("union_assist_catalog.group_operator")):
            raise AccessError(self.env._("Only operators handle statements of account."))

    # --------------------------------------------------
    # Making statements
    # --------------------------------------------------

    @api.model
    def _cron_generate(self):
        """Make last month's statements of all companies."""
        for company in self.env["res.company"].sudo().search(Domain.TRUE):
            month = company._assist_today() - relativedelta(months=1)
            self._generate(company, month)

    @api.model
    def _generate(self, company, month, suppliers=None):
        """Make or renew the draft statements of a month.

        Statements that were sent stay as they are. Suppliers with nothing received, billed,
        paid or owed get none. The number of queries does not depend on their number.

        :param date month: any day of the month
        :param suppliers: commercial partners; all suppliers of the programme if None
        :return: the drafts of the month
        """
        caller, self = self, self.sudo().with_company(company)
        date_from = month + relativedelta(day=1)
        date_to = month + relativedelta(day=31)
        if suppliers is None:
            partners = self.env["res.partner"].with_context(active_test=False)
            suppliers = partners.search([("assist_supplier_kind", "!=", False)])
        suppliers = suppliers.commercial_partner_id
        figures = self._gather(company, suppliers, date_from, date_to)
        scope = Domain("company_id", "=", company.id) & Domain("supplier_id", "in", suppliers.ids)
        present = {
            (statement.supplier_id, statement.currency_id): statement
            for statement in self.search(scope & Domain("date_from", "=", date_from))
        }
        renewed, vals_list = {}, []
        for (supplier, currency), vals in figures.items():
            statement = present.get((supplier, currency))
            if not statement and (vals["line_ids"] or any(vals[name] for name in TOTALS)):
                vals_list.append(
                    {
                        **vals,
                        "company_id": company.id,
                        "supplier_id": supplier.id,
                        "currency_id": currency.id,
                        "date_from": date_from,
                        "date_to": date_to,
                    }
                )
            elif statement and statement.state == "draft":
                renewed[statement] = vals
        drafts = self._renew(renewed)
        for vals, name in zip(vals_list, self._next_names(len(vals_list)), strict=True):
            vals["name"] = name
        quiet = self.with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
        )
        drafts += quiet.create(vals_list)
        self.env["union.assist.payment.days"]._refresh(company, suppliers)
        return caller.browse(drafts.ids)

    @api.model
    def _renew(self, renewed):
        """Give drafts new lines and totals.

        :param renewed: ``{statement: values}``
        """
        drafts = self.union(*renewed)
        drafts.line_ids.unlink()
        line_vals = []
        for statement in drafts.with_context(tracking_disable=True):
            vals = dict(renewed[statement])
            line_vals += [
                {**line, "statement_id": statement.id} for *_command, line in vals.pop("line_ids")
            ]
            vals["user_id"] = statement.user_id.id or vals["user_id"]
            statement.write(vals)
        self.env["union.assist.statement.line"].create(line_vals)
        return drafts

    @api.model
    def _next_names(self, count):
        """Take ``count`` numbers in one query."""
        sequence = self.env.ref("union_assist_procure.sequence_statement").sudo()
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)",
            (f"ir_sequence_{sequence.id:03d}", count),
        )
        return [sequence.get_next_char(number) for (number,) in self.env.cr.fetchall()]

    @api.model
    def _gather(self, company, suppliers, date_from, date_to):
        """Return the values of the statements of a month by ``(supplier, currency)``."""
        settlement = self.env["union.assist.settlement"]
        lines = self._get_order_lines(company, suppliers)
        before = date_from - relativedelta(days=1)
        earlier = (
            Domain("company_id", "=", company.id)
            & Domain("supplier_id", "in", suppliers.ids)
            & Domain("date_from", "<", date_from)
        )
        # Oldest first: what is left is the latest of each.
        history = self.search(earlier, order="date_from")
        last = {(past.supplier_id, past.currency_id): past for past in history}
        starts = {
            (past.supplier_id, past.currency_id): past.date_from - relativedelta(days=1)
            for past in reversed(history)
        }
        days = {before, date_to, *starts.values()}
        accounts = settlement._get_accounts(lines, days)
        payments = settlement._get_unmatched_payments(company, suppliers, days)
        stated = self._get_stated(earlier)
        lines.order_id.fetch(["user_id"])
        by_key = defaultdict(lambda: self.env["purchase.order.line"])
        for line in lines:
            by_key[line.partner_id.commercial_partner_id, line.currency_id] += line
        gathered = {}
        for key in by_key.keys() | payments.keys() | last.keys():
            line_vals, advance = [], {before: 0.0, date_to: 0.0}
            for line in by_key[key].sorted(lambda line: (line.order_id.id, line.sequence, line.id)):
                account, snapshots = accounts[line]
                start = snapshots[starts[key]][0] if key in starts else None
                line_vals += self._prepare_lines(
                    line, account, snapshots[before], snapshots[date_to], start, stated, date_to
                )
                for day in advance:
                    advance[day] += snapshots[day][2]
            if key in payments:
                for day in advance:
                    advance[day] += payments[key][day]
            opening_advance = last[key].advance if key in last else advance[before]
            gathered[key] = {
                **self._prepare_totals(line_vals, opening_advance, advance[date_to], key[1]),
                "user_id": by_key[key].order_id.sorted("id", reverse=True)[:1].user_id.id,
                "line_ids": [Command.create(vals) for vals in line_vals],
            }
        return gathered

    @api.model
    def _get_order_lines(self, company, suppliers):
        """Return the order lines of suppliers of which anything was received or billed."""
        return (
            self.env["purchase.order.line"]
            .sudo()
            .search(
                Domain("company_id", "=", company.id)
                & Domain("partner_id.commercial_partner_id", "in", suppliers.ids)
                & Domain("display_type", "=", False)
                & (
                    Domain("move_ids.state", "=", "done")
                    | Domain("invoice_lines.parent_state", "=", "posted")
                )
            )
        )

    @api.model
    def _get_stated(self, earlier):
        """Return what earlier statements say of receipts, up to their last day.

        :param earlier: domain of the statements
        :return: ``{(order line id, stock move id): Figures}``
        """
        lines = self.env["union.assist.statement.line"]
        lines.flush_model()
        query = lines._search(Domain("statement_id", "any", earlier))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (order_line_id, move_id) order_line_id, move_id, cumulative
                  FROM union_assist_statement_line
                 WHERE id IN %(lines)s
              ORDER BY order_line_id, move_id, date_to DESC, id DESC
                """,
                lines=query.subselect(),
            )
        )
        return {(line, move): Figures(*cumulative) for line, move, cumulative in rows}

    @api.model
    def _prepare_lines(self, line, account, before, until, start, stated, date_to):
        """Return the values of a statement's lines for one order line.

        What changed in the month is one line for each receipt; what earlier statements say
        and is no longer so another one, an adjustment; what was owed already and did not
        change is carried.

        :param before: figures when the month began, as they are known now
        :param until: figures when the month ends
        :param start: figures before the supplier's first statement; None without any
        :param stated: what earlier statements say
        """
        vals_list = []
        for receipt, now in until[0].items():
            base = before[0].get(receipt, Figures())
            said = base
            if start is not None:
                said = stated.get((line.id, receipt)) or start.get(receipt, Figures())
            pending = until[1][receipt]
            held = account.holdings[receipt]
            common = {
                "order_line_id": line.id,
                "move_id": receipt,
                "product_id": line.product_id.id,
                "product_uom_id": line.product_uom_id.id,
                "price_unit": held.price,
                "date": held.received_on,
                "accepted_on": held.accepted_on,
            }
            correction, change = base.less(said), now.less(base)
            if correction:
                vals_list.append(
                    {
                        **common,
                        **self._prepare_figures(correction, said.open),
                        "kind": "adjustment",
                        "cumulative": list(base),
                    }
                )
            if change or not correction and (pending or line.currency_id.round(base.open)):
                moved = any((change.received, change.rejected, change.returned, change.accepted))
                vals_list.append(
                    {
                        **common,
                        **self._prepare_figures(change, base.open),
                        "kind": "movement" if moved else "carried",
                        "pending": pending,
                        "cumulative": list(now),
                    }
                )
        return vals_list

    @api.model
    def _prepare_figures(self, figures, opening):
        return {**figures._asdict(), "opening": opening, "open": opening + figures.open}

    @api.model
    def _prepare_totals(self, line_vals, opening_advance, advance, currency):
        def total(name):
            return currency.round(sum(vals[name] for vals in line_vals))

        return {
            "opening": currency.round(total("opening") - opening_advance),
            "amount": total("amount"),
            "price_difference": total("price_difference"),
            "billed": total("billed"),
            "paid": currency.round(total("paid") + advance - opening_advance),
            "open": total("open"),
            "advance": currency.round(advance),
            "closing": currency.round(total("open") - advance),
        }

    # --------------------------------------------------
    # Steps of the operators
    # --------------------------------------------------

    def action_refresh(self):
        """Renew drafts from stock and accounting."""
        self._check_operator()
        self._check_state("draft")
        self._refresh()
        return True

    def _refresh(self):
        for (company, month), drafts in self.grouped(lambda s: (s.company_id, s.date_from)).items():
            self._generate(company, month, drafts.supplier_id)

    def action_send(self):
        """Renew drafts a last time, freeze them and tell their suppliers.

        :raise UserError: the month is not over, or an earlier statement was not sent
        """
        self._check_operator()
        self._check_state("draft")
        statements = self.sudo()
        for statement in statements:
            if statement.date_to >= statement.company_id._assist_today():
                raise UserError(
                    self.env._(
                        "%(statement)s runs until %(day)s: send it when the month is over.",
                        statement=statement.name,
                        day=format_date(self.env, statement.date_to),
                    )
                )
        for statement in statements.sorted("date_from"):
            earlier = self.sudo().search(
                [
                    ("company_id", "=", statement.company_id.id),
                    ("supplier_id", "=", statement.supplier_id.id),
                    ("currency_id", "=", statement.currency_id.id),
                    ("date_from", "<", statement.date_from),
                    ("state", "=", "draft"),
                    ("id", "not in", statements.ids),
                ],
                order="date_from",
                limit=1,
            )
            if earlier:
                raise UserError(
                    self.env._(
                        "%(earlier)s of %(supplier)s is still a draft: send the earlier"
                        " statement first.",
                        earlier=earlier.name,
                        supplier=earlier.supplier_id.display_name,
                    )
                )
        for _month, drafts in sorted(statements.grouped("date_from").items()):
            drafts._refresh()
        statements.write({"state": "sent", "sent_on": fields.Datetime.now()})
        statements._notify("sent")
        return True

    def _notify(self, event):
        """Mail the other side: the supplier of its statement, or who is responsible for it.

        :param event: "sent", "settled" (to the supplier), "confirmed" or "disputed"
        """
        template = self.env.ref(
            f"union_assist_procure.mail_template_statement_{event}", raise_if_not_found=False
        )
        if event in ("sent", "settled"):
            told = self.filtered("supplier_id.email")
        else:
            told = self.filtered("user_id.email")
        if template and told:
            template.sudo().send_mail_batch(told.ids)

    def action_view_lines(self):
        """Open the lines as a list."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_statement_line"
        )
        return {**action, "domain": [("statement_id", "in", self.ids)], "context": {}}

    def action_view_disputes(self):
        """Open the disputed lines that wait for an answer."""
        action = self.action_view_lines()
        return {**action, "domain": [*action["domain"], ("dispute_state", "=", "open")]}

    def action_print(self):
        """Print these statements into one PDF."""
        self.check_access("read")
        return self.env.ref("union_assist_procure.action_report_statement").report_action(self)

    # --------------------------------------------------
    # Steps of the supplier
    # --------------------------------------------------

    def _confirm(self):
        """Note that the supplier agrees with the statement as a whole.

        :raise UserError: it was confirmed or disputed before
        """
        self._check_state("sent")
        self.sudo().write(
            {
                "state": "confirmed",
                "confirmed_on": fields.Datetime.now(),
                "confirmed_by_id": self.env.uid,
            }
        )
        for statement in self.sudo():
            statement._message_log(body=self.env._("Confirmed by the supplier."))
        self.sudo()._notify("confirmed")

    def _dispute_lines(self, claims):
        """Have the supplier dispute lines, and tell who is responsible.

        :param claims: list of (line, reason, quantity or None, price or None, attachments)
        :raise UserError: the statement was confirmed, or a line was disputed already
        """
        self.ensure_one()
        self._check_state("sent", "disputed")
        for line, reason, quantity, price, attachments in claims:
            if line.statement_id != self:
                raise UserError(self.env._("This line is not of the statement."))
            line._dispute(reason, quantity, price, attachments)
        statement = self.sudo()
        if statement.user_id:
            statement.activity_schedule(
                "union_assist_procure.activity_statement_dispute", user_id=statement.user_id.id
            )
        statement._notify("disputed")

    def _settle_answered(self):
        """Settle disputed statements all of whose disputes are answered."""
        answered = self.filtered(lambda s: s.state == "disputed" and not s.dispute_count)
        answered.write({"state": "settled"})
        answered.activity_feedback(["union_assist_procure.activity_statement_dispute"])
        answered._notify("settled")

    # --------------------------------------------------
    # Bills
    # --------------------------------------------------

    def action_propose_bills(self):
        """Make draft bills for what is accepted on these statements and not billed yet.

        Made with the user's own rights and by core's own values. Drafts count as billed. No
        more is billed than both the statements and today's stock say is accepted.

        :return: action that opens the bills, or says how many were made
        :raise UserError: a statement is not confirmed, or nothing is left to bill
        """
        self._check_operator()
        self._check_state("confirmed", "settled")
        bills = self.env["account.move"]
        for statement in self:
            bills += statement._create_bills()
        if not bills:
            raise UserError(
                self.env._(
                    "All that is accepted on %(statements)s is billed already, drafts included.",
                    statements=", ".join(self.mapped("name")),
                )
            )
        if self.env["account.payment"].has_access("read"):
            return self.env["purchase.order"].action_view_invoice(bills)
        # Core shows the form of a bill to who keeps accounts.
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s draft bills were made for the accountants: %(total)s in all.",
                    count=len(bills),
                    total=", ".join(
                        format_amount(self.env, sum(some.mapped("amount_total")), currency)
                        for currency, some in bills.grouped("currency_id").items()
                    ),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _get_billable(self):
        """Return what may be billed: ``{order line: {factor of the price: quantity}}``.

        The factor is that of the price both sides agreed on to the ordered price.
        """
        self.ensure_one()
        lines = self.line_ids.order_line_id
        today = max(self.company_id._assist_today(), self.date_to)
        accounts = self.env["union.assist.settlement"]._get_accounts(lines, {self.date_to, today})
        in_stock = defaultdict(float)
        for movement in lines.sudo()._assist_get_movements():
            if movement.kind == "accepted":
                in_stock[movement.line] += movement.quantity
        billable = {}
        for line, (account, snapshots) in accounts.items():
            then, now = (
                sum(figures.accepted for figures in snapshots[day][0].values())
                for day in (self.date_to, today)
            )
            left = min(then, now, in_stock[line.id]) - line.qty_invoiced
            if line.product_uom_id.compare(left, 0.0) <= 0:
                continue
            # What was accepted first is billed first.
            billed, parts = line.qty_invoiced, defaultdict(float)
            for held in account.get_ordered():
                part = min(max(held.accepted - billed, 0.0), left)
                billed = max(billed - held.accepted, 0.0)
                left -= part
                if line.product_uom_id.compare(part, 0.0) > 0:
                    parts[held.price / account.price if account.price else 1.0] += part
            billable[line] = parts
        return billable

    def _create_bills(self):
        """Make the draft bills of one statement, one for each vendor and currency as core does."""
        self.ensure_one()
        by_bill = {}
        for line, parts in self.sudo()._get_billable().items():
            line = line.sudo(False).with_company(self.company_id)
            order = line.order_id
            vals = order._prepare_invoice()
            key = vals.get("partner_id"), vals.get("currency_id")
            bill = by_bill.setdefault(key, {**vals, "invoice_line_ids": [], "origins": []})
            if order.name not in bill["origins"]:
                bill["origins"].append(order.name)
            for factor, quantity in parts.items():
                line_vals = line._prepare_account_move_line()
                # Core's balance is for the quantity that core would bill.
                line_vals.pop("balance", None)
                line_vals.update(
                    quantity=quantity,
                    price_unit=line_vals["price_unit"] * factor,
                    sequence=10 + len(bill["invoice_line_ids"]),
                )
                bill["invoice_line_ids"].append(Command.create(line_vals))
        moves = self.env["account.move"].with_context(default_move_type="in_invoice")
        bills = moves.browse()
        for vals in by_bill.values():
            vals["invoice_origin"] = ", ".join(vals.pop("origins"))
            vals["assist_statement_id"] = self.id
            bills += moves.with_company(self.company_id).create(vals)
        for bill in bills:
            bill.message_post(body=self.env._("Proposed from statement %s.", self.name))
        return bills

    def action_view_bills(self):
        """Open the bills proposed from these statements."""
        return self.env["purchase.order"].action_view_invoice(self.bill_ids)
