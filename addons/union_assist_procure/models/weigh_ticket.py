from collections import defaultdict

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare

from ..tools.weighing import PRICE_DIGITS, minimum_price, payable_weight, take

# What the scales and the parties said: entered in draft, never changed after.
CONTENT_FIELDS = frozenset(
    (
        "contract_id",
        "date",
        "deduction",
        "grade_id",
        "gross",
        "household_id",
        "impurity",
        "moisture",
        "note",
        "tare",
        "unit_price",
        "uom_id",
    )
)

# What follows from it, and from payments.
FIGURE_FIELDS = frozenset(
    (
        "amount",
        "company_id",
        "confirmed_by_id",
        "confirmed_on",
        "day",
        "floor_price",
        "lot_quantity",
        "market_price",
        "name",
        "open_amount",
        "paid_amount",
        "payable",
        "product_id",
        "quantity",
        "region_id",
        "season_id",
        "supplier_id",
    )
)

TRANSITIONS = {
    "draft": ("confirmed", "void"),
    "confirmed": ("paid", "void"),
    "paid": ("confirmed",),
    "void": (),
}


class UnionAssistWeighTicket(models.Model):
    """A weigh ticket (磅单): what a household delivered under its contract, and what it gets.

    Weights may be entered in any unit of weight; they are paid for in jin (斤, 0.5 kg). The
    price is never below the floor of the contract, nor below the market price of the day where
    that is higher. A confirmed ticket is not edited: it is voided, and a new one entered.
    """

    _name = "union.assist.weigh.ticket"
    _description = "Weigh Ticket"
    _order = "date desc, id desc"
    _check_company_auto = True
    _assist_kept_fields = FIGURE_FIELDS

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/", index=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("confirmed", "Confirmed"),
            ("paid", "Paid"),
            ("void", "Void"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
    )
    contract_id = fields.Many2one(
        "union.assist.farming.contract",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("state", "in", ("signed", "delivering"))],
    )
    allowed_household_ids = fields.Many2many(
        "union.assist.household", compute="_compute_allowed_household_ids", compute_sudo=True
    )
    household_id = fields.Many2one(
        "union.assist.household",
        required=True,
        index=True,
        ondelete="restrict",
        compute="_compute_household_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'in', allowed_household_ids)]",
    )
    supplier_id = fields.Many2one(related="contract_id.supplier_id", store=True, index=True)
    product_id = fields.Many2one(
        related="contract_id.product_id", store=True, index=True, string="Crop"
    )
    season_id = fields.Many2one(related="contract_id.season_id", store=True)
    region_id = fields.Many2one(related="household_id.region_id", store=True, index=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    date = fields.Datetime("Weighed on", required=True, default=fields.Datetime.now)
    day = fields.Date(
        compute="_compute_day",
        store=True,
        precompute=True,
        index=True,
        help="Day in the company's time zone: it decides about the market price and the year.",
    )
    uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.ref("union_assist_catalog.uom_jin", False),
        help="Unit of the scales: any unit of weight.",
    )
    gross = fields.Float("Gross Weight", required=True, digits="Product Unit")
    tare = fields.Float(
        required=True,
        default=0.0,
        digits="Product Unit",
        help="Weight of baskets or vehicle, in the same unit.",
    )
    moisture = fields.Float(
        "Moisture Deduction (%)", required=True, default=0.0, digits=(5, 2), aggregator="avg"
    )
    impurity = fields.Float(
        "Impurity Deduction (%)", required=True, default=0.0, digits=(5, 2), aggregator="avg"
    )
    quantity = fields.Float(
        "Payable Weight (jin)",
        compute="_compute_quantity",
        store=True,
        precompute=True,
        digits=(16, 2),
        help="Net weight less the deductions, in 斤.",
    )
    grade_id = fields.Many2one("union.assist.farming.grade", ondelete="restrict", index=True)
    floor_price = fields.Float(
        compute="_compute_price_bounds",
        store=True,
        precompute=True,
        digits=(16, PRICE_DIGITS),
        aggregator="avg",
        help="Of the contract for this grade, per jin.",
    )
    market_price = fields.Float(
        compute="_compute_price_bounds",
        store=True,
        precompute=True,
        digits=(16, PRICE_DIGITS),
        aggregator="avg",
        help="Of the day for this grade, per jin; 0 where none is recorded.",
    )
    unit_price = fields.Float(
        "Price (per jin)",
        compute="_compute_unit_price",
        store=True,
        readonly=False,
        precompute=True,
        digits=(16, PRICE_DIGITS),
        aggregator="avg",
        help="At least the floor price, and the market price where that is higher.",
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, precompute=True)
    deduction = fields.Monetary(
        "Deducted for Advances",
        compute="_compute_deduction",
        store=True,
        readonly=False,
        precompute=True,
        help="Repays input advances of the household.",
    )
    payable = fields.Monetary(
        compute="_compute_payable",
        store=True,
        precompute=True,
        help="Amount less what is deducted for advances.",
    )
    payment_ids = fields.One2many("union.assist.weigh.payment", "ticket_id", "Payments")
    paid_amount = fields.Monetary("Paid", compute="_compute_paid_amount", store=True)
    open_amount = fields.Monetary("To Pay", compute="_compute_paid_amount", store=True)
    source_ids = fields.One2many("union.assist.lot.source", "ticket_id", "Lots")
    lot_quantity = fields.Float(
        "In Lots (jin)", compute="_compute_lot_quantity", store=True, digits=(16, 2)
    )
    confirmed_by_id = fields.Many2one("res.users", "Confirmed by", readonly=True, copy=False)
    confirmed_on = fields.Datetime(readonly=True, copy=False)
    void_reason = fields.Char(readonly=True, copy=False)
    note = fields.Char(help="Nothing personal: the supplier reads it too.")

    _weights = models.Constraint(
        "CHECK (tare >= 0 AND gross > tare)",
        "The gross weight is above the tare, and the tare is not negative.",
    )
    _deduction_rates = models.Constraint(
        "CHECK (moisture >= 0 AND impurity >= 0 AND moisture + impurity < 100)",
        "Moisture and impurity deductions are not negative and stay below 100 % together.",
    )
    _payable_positive = models.Constraint(
        "CHECK (deduction >= 0 AND deduction <= amount)",
        "The deduction for advances is between 0 and the amount of the ticket.",
    )

    @api.depends("name")
    def _compute_display_name(self):
        for ticket in self:
            new = ticket.name == "/"
            ticket.display_name = self.env._("New Weigh Ticket") if new else ticket.name

    # -- figures ---------------------------------------------------------------------

    @api.depends("contract_id.line_ids.household_id")
    def _compute_allowed_household_ids(self):
        for ticket in self:
            ticket.allowed_household_ids = ticket.contract_id.line_ids.household_id

    @api.depends("contract_id")
    def _compute_household_id(self):
        for ticket in self:
            households = ticket.contract_id.sudo().line_ids.household_id
            if ticket.household_id not in households:
                ticket.household_id = households if len(households) == 1 else False

    @api.depends("contract_id.company_id", "date")
    def _compute_day(self):
        for ticket in self:
            company = ticket.contract_id.company_id or self.env.company
            moment = pytz.utc.localize(ticket.date or fields.Datetime.now())
            ticket.day = moment.astimezone(company._assist_get_zone()).date()

    @api.depends("gross", "impurity", "moisture", "tare", "uom_id")
    def _compute_quantity(self):
        jin = self.env.ref("union_assist_catalog.uom_jin")
        for ticket in self:
            net = payable_weight(ticket.gross, ticket.tare, ticket.moisture, ticket.impurity)
            unit = ticket.uom_id
            # Core would turn boxes into kilogrammes without a word.
            related = unit and unit._has_common_reference(jin)
            ticket.quantity = unit._compute_quantity(net, jin, round=False) if related else 0.0

    @api.depends("contract_id", "day", "grade_id")
    def _compute_price_bounds(self):
        bounds = self._get_price_bounds()
        for ticket in self:
            if ticket.state == "draft":
                ticket.floor_price, ticket.market_price = bounds[ticket]
            else:
                ticket.floor_price = ticket.floor_price
                ticket.market_price = ticket.market_price

    def _get_price_bounds(self):
        """Return ``{ticket: (floor price, market price)}`` per jin, as they are now."""
        tickets = self.sudo()
        keys = {
            ticket: (
                ticket.contract_id.product_id,
                ticket.grade_id,
                ticket.contract_id.company_id,
                ticket.day,
            )
            for ticket in tickets
            if ticket.contract_id
        }
        markets = self.env["union.assist.market.price"]._get_for(keys.values())
        bounds = {}
        for ticket, record in zip(tickets, self, strict=True):
            contract = ticket.contract_id
            own = contract.floor_ids.filtered(
                lambda floor, grade=ticket.grade_id: floor.grade_id == grade
            )
            floor = own[:1].price or contract.floor_price
            bounds[record] = (floor, markets.get(keys.get(ticket), 0.0))
        return bounds

    @api.depends("floor_price", "market_price")
    def _compute_unit_price(self):
        for ticket in self:
            if ticket.state == "draft":
                ticket.unit_price = minimum_price(ticket.floor_price, ticket.market_price)
            else:
                ticket.unit_price = ticket.unit_price

    @api.depends("quantity", "unit_price", "contract_id.currency_id")
    def _compute_amount(self):
        for ticket in self:
            currency = ticket.contract_id.currency_id or self.env.company.currency_id
            ticket.amount = currency.round(ticket.quantity * ticket.unit_price)

    @api.depends("amount", "household_id")
    def _compute_deduction(self):
        rests = self.env["union.assist.farming.advance"]._get_open(self.contract_id)
        for ticket in self:
            if ticket.state != "draft":
                ticket.deduction = ticket.deduction
                continue
            contract = ticket.contract_id
            rest = rests.get((contract.id, ticket.household_id.id), 0.0)
            share = ticket.amount * contract.advance_rate / 100.0
            currency = contract.currency_id or self.env.company.currency_id
            ticket.deduction = currency.round(max(min(rest, share), 0.0))

    @api.depends("amount", "deduction")
    def _compute_payable(self):
        for ticket in self:
            ticket.payable = ticket.amount - ticket.deduction

    @api.depends("payable", "payment_ids.amount", "payment_ids.state", "state")
    def _compute_paid_amount(self):
        paid = dict(
            self.env["union.assist.weigh.payment"]._read_group(
                [("ticket_id", "in", self._origin.ids), ("state", "=", "posted")],
                ["ticket_id"],
                ["amount:sum"],
            )
        )
        for ticket in self:
            currency = ticket.currency_id or self.env.company.currency_id
            ticket.paid_amount = paid.get(ticket._origin, 0.0)
            due = ticket.payable if ticket.state in ("confirmed", "paid") else 0.0
            ticket.open_amount = currency.round(due - ticket.paid_amount)

    @api.depends("source_ids.quantity")
    def _compute_lot_quantity(self):
        fed = dict(
            self.env["union.assist.lot.source"]._read_group(
                [("ticket_id", "in", self._origin.ids)], ["ticket_id"], ["quantity:sum"]
            )
        )
        for ticket in self:
            ticket.lot_quantity = fed.get(ticket._origin, 0.0)

    # -- what must hold --------------------------------------------------------------

    @api.constrains("contract_id", "household_id")
    def _check_household(self):
        for ticket in self.sudo():
            contract = ticket.contract_id
            if ticket.household_id not in contract.line_ids.household_id:
                raise ValidationError(
                    self.env._(
                        "Household %(code)s is not in %(contract)s: a weigh ticket is made for one"
                        " of its households.",
                        code=ticket.household_id.code,
                        contract=contract.name,
                    )
                )

    @api.constrains("uom_id")
    def _check_uom(self):
        jin = self.env.ref("union_assist_catalog.uom_jin")
        for ticket in self:
            if not ticket.uom_id._has_common_reference(jin):
                raise ValidationError(
                    self.env._(
                        "%(unit)s is no unit of weight, and cannot be turned into jin. Weigh in"
                        " jin, kilogrammes or tonnes.",
                        unit=ticket.uom_id.name,
                    )
                )

    @api.constrains("contract_id", "date", "grade_id", "unit_price")
    def _check_unit_price(self):
        """Hold the price against what the contract and the market say, not against a copy."""
        for ticket, (floor, market) in self._get_price_bounds().items():
            if ticket.state != "draft":
                continue
            if float_compare(ticket.unit_price, floor, PRICE_DIGITS) < 0:
                raise ValidationError(
                    self.env._(
                        "%(price)s per jin is below the floor price of %(floor)s that %(contract)s"
                        " guarantees. Pay at least the floor price.",
                        price=f"{ticket.unit_price:g}",
                        floor=f"{floor:g}",
                        contract=ticket.contract_id.name,
                    )
                )
            if float_compare(ticket.unit_price, market, PRICE_DIGITS) < 0:
                raise ValidationError(
                    self.env._(
                        "%(price)s per jin is below the market price of %(market)s on %(day)s,"
                        " which applies because it is above the floor price of %(floor)s.",
                        price=f"{ticket.unit_price:g}",
                        market=f"{market:g}",
                        day=ticket.day,
                        floor=f"{floor:g}",
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_figures(vals)
        tickets = super().create(self._number(vals_list))
        if any(ticket.state != "draft" for ticket in tickets):
            raise UserError(
                self.env._("A weigh ticket begins as a draft: create it, then confirm it.")
            )
        tickets._check_contract()
        return tickets

    @api.model
    def _number(self, vals_list):
        """Return the values with a number for each ticket, of its contract's company."""
        sequence = self.env["ir.sequence"].sudo()
        contracts = self.env["union.assist.farming.contract"].sudo()
        default = self.env.context.get("default_contract_id")
        numbered = []
        for vals in vals_list:
            contract = contracts.browse(vals.get("contract_id") or default or [])
            number = sequence.with_company(contract.company_id).next_by_code(self._name)
            numbered.append({**vals, "name": number or "/"})
        return numbered

    def write(self, vals):
        """Keep what was confirmed, and go through the checks of each step by every door."""
        self._refuse_figures(vals)
        if CONTENT_FIELDS & vals.keys():
            self._check_draft()
        if "state" not in vals:
            if "void_reason" in vals:
                raise UserError(self.env._("The reason is given when a ticket is voided."))
            result = super().write(vals)
            if "contract_id" in vals:
                self._check_contract()
            return result
        before = {ticket: ticket.state for ticket in self}
        if vals["state"] == "confirmed":
            drafts = self.filtered(lambda ticket: ticket.state == "draft")
            drafts._settle_figures()
            super(UnionAssistWeighTicket, drafts).write(
                {"confirmed_by_id": self.env.uid, "confirmed_on": fields.Datetime.now()}
            )
        result = super().write(vals)
        for ticket, state in before.items():
            if state != ticket.state:
                ticket._check_transition(state)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if kept := self.filtered(lambda ticket: ticket.state != "draft"):
            raise UserError(
                self.env._(
                    "Weigh tickets that were confirmed are kept: void them instead of deleting"
                    " them: %(tickets)s.",
                    tickets=", ".join(kept[:10].mapped("name")),
                )
            )

    def _refuse_figures(self, vals):
        if forged := FIGURE_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "Nobody enters %(fields)s of a weigh ticket: they follow from the weights, the"
                    " contract and the payments.",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env) for name in sorted(forged)
                    ),
                )
            )

    def _check_draft(self):
        if kept := self.filtered(lambda ticket: ticket.state != "draft"):
            raise UserError(
                self.env._(
                    "Confirmed weigh tickets are not edited: void the ticket and enter a new one:"
                    " %(tickets)s.",
                    tickets=", ".join(kept[:10].mapped("name")),
                )
            )

    def _check_contract(self):
        for contract in self.contract_id.sudo():
            if contract.state not in ("signed", "delivering"):
                raise UserError(
                    self.env._(
                        "Nothing is weighed under %(contract)s: it is not signed, or it is over.",
                        contract=contract.name,
                    )
                )

    def _check_transition(self, before):
        """Refuse a change of state that skips a step or forgets something."""
        self.ensure_one()
        labels = dict(self._fields["state"]._description_selection(self.env))
        settled = self.currency_id.compare_amounts(self.open_amount, 0.0) <= 0
        wrong = self.state not in TRANSITIONS[before]
        wrong |= self.state == "paid" and not settled
        wrong |= before == "paid" and settled
        if wrong:
            raise UserError(
                self.env._(
                    "Weigh ticket %(ticket)s is %(before)s and cannot become %(after)s.",
                    ticket=self.name,
                    before=labels[before],
                    after=labels[self.state],
                )
            )
        if self.state == "void":
            self._check_voidable()

    def _check_voidable(self):
        self.ensure_one()
        if not self.void_reason:
            raise UserError(
                self.env._("Say why %(ticket)s is void: it stays on file.", ticket=self.name)
            )
        if not self.currency_id.is_zero(self.paid_amount):
            raise UserError(
                self.env._(
                    "Money was paid on %(ticket)s: cancel its payments first.", ticket=self.name
                )
            )
        if lots := self.sudo().source_ids.lot_id:
            raise UserError(
                self.env._(
                    "%(ticket)s is in lots (%(lots)s): take it out of them first.",
                    ticket=self.name,
                    lots=", ".join(lots.mapped("name")),
                )
            )

    def _settle_figures(self):
        """Fix price and deduction of drafts that are being confirmed, as they are today.

        A market price that was recorded since the draft applies; of the advances no more is
        deducted than is still open.
        """
        self._check_contract()
        for name, field in self._fields.items():
            # Whatever a client put into a computed field: it is computed from what was entered.
            if field.store and field.compute and field.readonly and name in FIGURE_FIELDS:
                self.env.add_to_compute(field, self)
        bounds = self._get_price_bounds()
        raised = defaultdict(self.browse)
        for ticket in self:
            least = minimum_price(*bounds[ticket])
            if float_compare(ticket.unit_price, least, PRICE_DIGITS) < 0:
                raised[least] |= ticket
        for least, tickets in raised.items():
            tickets.write({"unit_price": least})
        if nothing := self.filtered(lambda ticket: not ticket.amount):
            raise UserError(
                self.env._(
                    "Weigh ticket %(ticket)s comes to nothing: enter weight and price.",
                    ticket=nothing[0].name,
                )
            )
        rests = self.env["union.assist.farming.advance"]._get_open(self.contract_id)
        for key, tickets in self.grouped(
            lambda ticket: (ticket.contract_id.id, ticket.household_id.id)
        ).items():
            tickets = tickets.sorted(lambda ticket: (ticket.date, ticket.id))
            # What was entered is taken as far as the advances go.
            wishes = [min(ticket.deduction, ticket.amount) for ticket in tickets]
            rest = max(rests.get(key, 0.0), 0.0)
            for ticket, wish in zip(tickets, wishes, strict=True):
                (part,) = take(rest, [wish])
                rest -= part
                part = ticket.currency_id.round(part)
                if ticket.currency_id.compare_amounts(part, ticket.deduction):
                    ticket.write({"deduction": part})

    # -- steps -----------------------------------------------------------------------

    def action_confirm(self):
        """Confirm the tickets: what they say stands, and is to be paid."""
        self.write({"state": "confirmed"})
        settled = self.filtered(lambda ticket: ticket.currency_id.is_zero(ticket.open_amount))
        settled.write({"state": "paid"})  # all of it repaid advances
        started = self.contract_id.sudo().filtered(lambda contract: contract.state == "signed")
        started.write({"state": "delivering"})

    def action_pay(self):
        """Open the payment of these tickets."""
        self.check_access("read")
        payable = self.filtered(lambda ticket: ticket.state == "confirmed")
        if not payable:
            raise UserError(
                self.env._("None of these weigh tickets waits to be paid: only confirmed ones are.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay Weigh Tickets"),
            "res_model": "union.assist.weigh.pay",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_ids": payable.ids},
        }

    def action_void(self):
        """Ask why the tickets are void."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Void Weigh Tickets"),
            "res_model": "union.assist.weigh.void",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_ids": self.ids},
        }

    def action_feed_lot(self):
        """Open the choice of the lot that these tickets went into."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put into a Lot"),
            "res_model": "union.assist.lot.feed",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_ids": self.ids},
        }
