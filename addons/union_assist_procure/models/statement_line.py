from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..tools.settlement import Figures


class UnionAssistStatementLine(models.Model):
    """What a statement says of one receipt of an order line.

    Quantities are in the order line's unit and amounts with taxes; all of them are what the
    month added. ``open = opening + amount + price_difference - paid``.
    """

    _name = "union.assist.statement.line"
    _description = "Line of a Statement of Account"
    _order = "date_to desc, statement_id, order_id, date, id"
    _rec_name = "product_id"

    statement_id = fields.Many2one(
        "union.assist.statement", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True, index=True)
    supplier_id = fields.Many2one(related="statement_id.supplier_id", store=True, index=True)
    currency_id = fields.Many2one(related="statement_id.currency_id", store=True)
    date_from = fields.Date(related="statement_id.date_from", store=True, string="Month")
    date_to = fields.Date(related="statement_id.date_to", store=True, string="Month End")
    state = fields.Selection(
        related="statement_id.state", store=True, index=True, string="Statement Status"
    )
    kind = fields.Selection(
        [
            ("movement", "This Month"),
            ("adjustment", "Adjustment"),
            ("carried", "Carried Over"),
        ],
        required=True,
        readonly=True,
        help="Adjustments correct what earlier statements say; carried over is what was owed"
        " before and did not move, or was only billed or paid.",
    )
    order_line_id = fields.Many2one(
        "purchase.order.line", required=True, readonly=True, index=True, ondelete="restrict"
    )
    order_id = fields.Many2one(
        related="order_line_id.order_id", store=True, index=True, string="Order"
    )
    order_name = fields.Char(related="order_line_id.order_id.name", string="Order Reference")
    move_id = fields.Many2one(
        "stock.move",
        "Stock Move",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    picking_id = fields.Many2one(related="move_id.picking_id", store=True, string="Goods Receipt")
    receipt_name = fields.Char(related="move_id.reference", string="Receipt Reference")
    date = fields.Date("Received on", readonly=True)
    product_id = fields.Many2one("product.product", required=True, readonly=True, index=True)
    product_uom_id = fields.Many2one("uom.uom", "Unit", readonly=True)
    received = fields.Float(readonly=True, digits="Product Unit")
    rejected = fields.Float(readonly=True, digits="Product Unit")
    returned = fields.Float(readonly=True, digits="Product Unit")
    accepted = fields.Float(
        readonly=True,
        digits="Product Unit",
        help="Received and not refused, less what went back.",
    )
    pending = fields.Float(
        "Waiting for Decision",
        readonly=True,
        digits="Product Unit",
        help="Received and not decided on when the month ended.",
    )
    price_unit = fields.Float(
        "Price (with Taxes)", readonly=True, min_display_digits="Product Price", aggregator="avg"
    )
    opening = fields.Monetary("Owed Before", readonly=True)
    amount = fields.Monetary("Accepted Amount", readonly=True)
    price_difference = fields.Monetary(readonly=True)
    billed_quantity = fields.Float(readonly=True, digits="Product Unit")
    billed = fields.Monetary(readonly=True)
    paid = fields.Monetary(readonly=True)
    open = fields.Monetary("Owed", readonly=True)
    accepted_on = fields.Date(readonly=True)
    age = fields.Integer(
        "Age (Days)",
        compute="_compute_age",
        store=True,
        aggregator="max",
        help="Days from acceptance to the end of the month, where anything is open.",
    )
    cumulative = fields.Json(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="The figures of the receipt from the beginning to the end of the month.",
    )
    is_quantity_agreed = fields.Boolean(readonly=True)
    agreed_quantity = fields.Float(
        readonly=True,
        digits="Product Unit",
        help="What both sides agreed is accepted of the receipt in all, at the end of the month.",
    )
    is_price_agreed = fields.Boolean(readonly=True)
    agreed_price = fields.Float(readonly=True, min_display_digits="Product Price")
    dispute_ids = fields.One2many(
        "union.assist.statement.dispute", "line_id", "Disputes", readonly=True
    )
    dispute_state = fields.Selection(
        [
            ("open", "Disputed"),
            ("accepted", "Claim Accepted"),
            ("corrected", "Corrected"),
            ("rejected", "Claim Rejected"),
        ],
        "Dispute",
        compute="_compute_dispute_state",
        store=True,
        index=True,
    )

    @api.depends("accepted_on", "date_to", "open")
    def _compute_age(self):
        for line in self:
            is_open = line.accepted_on and not line.currency_id.is_zero(line.open)
            line.age = (line.date_to - line.accepted_on).days if is_open else 0

    @api.depends("dispute_ids.state")
    def _compute_dispute_state(self):
        for line in self:
            line.dispute_state = line.dispute_ids.sorted("id")[-1:].state

    @api.depends("product_id", "order_name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.order_name} · {line.product_id.display_name}"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self.statement_id._check_state("draft")

    # --------------------------------------------------
    # Disputes
    # --------------------------------------------------

    def _dispute(self, reason, quantity=None, price=None, attachments=()):
        """Have the supplier dispute this line.

        :param str reason: what is wrong
        :param quantity: the quantity that it says was accepted in the month; None: not disputed
        :param price: the price with taxes that it says was agreed; None: not disputed
        :param attachments: ``ir.attachment`` to keep with the claim
        :raise UserError: the statement was confirmed, or this line waits for an answer
        """
        self.ensure_one()
        line = self.sudo()
        line.statement_id._check_state("sent", "disputed")
        if line.dispute_state:
            raise UserError(self.env._("%(line)s was disputed already.", line=line.display_name))
        dispute = line.env["union.assist.statement.dispute"].create(
            {
                "line_id": line.id,
                "reason": reason,
                "is_quantity_claimed": quantity is not None,
                "claimed_quantity": quantity or 0.0,
                "is_price_claimed": price is not None,
                "claimed_price": price or 0.0,
                "quantity_before": line.accepted,
                "price_before": line.price_unit,
                "claimed_by_id": self.env.uid,
                "claimed_on": fields.Datetime.now(),
            }
        )
        for attachment in attachments:
            attachment.write({"res_model": dispute._name, "res_id": dispute.id})
        dispute.attachment_ids = attachments
        line.statement_id.state = "disputed"
        line.statement_id._message_log(body=dispute._get_claim_text())
        return dispute

    def action_answer(self):
        """Open the dialog that answers the supplier's claim."""
        self.ensure_one()
        self.statement_id._check_operator()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer the Claim"),
            "res_model": "union.assist.statement.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }

    def action_view_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "purchase.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }

    def _answer(self, state, answer, quantity=None, price=None):
        """Answer the open claim on this line.

        :param state: "accepted" (as claimed), "corrected" (to what is given) or "rejected"
        :param str answer: why; needed but for accepting
        :param quantity: the quantity accepted in the month that "corrected" sets
        :param price: the price with taxes that "corrected" sets
        :raise AccessError: the user is no operator
        :raise UserError: no claim is open, or the answer says nothing
        """
        self.ensure_one()
        self.statement_id._check_operator()
        line = self.sudo()
        line.statement_id._check_state("disputed")
        dispute = line.dispute_ids.filtered(lambda claim: claim.state == "open")
        if not dispute:
            raise UserError(
                self.env._("No claim on %(line)s waits for an answer.", line=line.display_name)
            )
        answer = (answer or "").strip()
        if not answer and state != "accepted":
            raise UserError(self.env._("Say why: the supplier reads your answer."))
        if state == "accepted":
            quantity = dispute.claimed_quantity if dispute.is_quantity_claimed else None
            price = dispute.claimed_price if dispute.is_price_claimed else None
        elif state == "corrected" and quantity is None and price is None:
            raise UserError(self.env._("Enter the corrected quantity or price."))
        if state != "rejected":
            line._agree(quantity, price)
        dispute.write(
            {
                "state": state,
                "answer": answer,
                "answered_by_id": self.env.uid,
                "answered_on": fields.Datetime.now(),
                "quantity_after": line.accepted,
                "price_after": line.price_unit,
            }
        )
        line.statement_id._message_log(body=dispute._get_answer_text())
        line.statement_id._settle_answered()

    def _agree(self, quantity=None, price=None):
        """Change this line of a frozen statement to what both sides agreed on.

        Later statements take it as the truth of the month; what happens after it counts on
        top. The stock is not changed: no more is billed than it holds accepted.

        :param quantity: accepted in the month; None: as it is
        :param price: with taxes; None: as it is
        """
        self.ensure_one()
        if quantity is not None and quantity < 0 and self.accepted >= 0:
            raise UserError(self.env._("The accepted quantity cannot be below zero."))
        if price is not None and price < 0:
            raise UserError(self.env._("The price cannot be below zero."))
        money = self.currency_id.round
        before = Figures(*self.cumulative)
        accepted = before.accepted + (0.0 if quantity is None else quantity - self.accepted)
        new_price = self.price_unit if price is None else price
        after = before._replace(
            accepted=accepted,
            amount=money(accepted * new_price),
            price_difference=before.price_difference
            if price is None
            else money(before.billed - money(before.billed_quantity * new_price)),
        )
        change = after.less(before)
        vals = {
            "accepted": self.accepted + change.accepted,
            "amount": self.amount + change.amount,
            "price_difference": self.price_difference + change.price_difference,
            "open": self.open + change.open,
            "price_unit": new_price,
        }
        if quantity is not None:
            vals |= {"is_quantity_agreed": True, "agreed_quantity": accepted}
        if price is not None:
            vals |= {"is_price_agreed": True, "agreed_price": price}
        self.write(vals)
        same = self.statement_id.line_ids.filtered(
            lambda line: (line.order_line_id, line.move_id) == (self.order_line_id, self.move_id)
        )
        for line in same:
            line.cumulative = list(after)
        statement = self.statement_id
        statement.write(
            {
                name: money(statement[name] + delta)
                for name, delta in (
                    ("amount", change.amount),
                    ("price_difference", change.price_difference),
                    ("open", change.open),
                    ("closing", change.open),
                )
            }
        )

    def _format(self, amount):
        """Write an amount of this line as people read it."""
        return format_amount(self.env, amount, self.currency_id)
