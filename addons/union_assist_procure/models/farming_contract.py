from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_compare

# What was signed: it changes in draft only.
TERM_FIELDS = frozenset(
    (
        "advance_rate",
        "company_id",
        "floor_ids",
        "floor_price",
        "line_ids",
        "product_id",
        "region_id",
        "season_id",
        "supplier_id",
        "yield_per_mu",
    )
)

# What follows from lines, advances, tickets and payments.
FIGURE_FIELDS = frozenset(
    (
        "advance_amount",
        "advance_deducted",
        "advance_open",
        "area",
        "delivered_amount",
        "delivered_quantity",
        "expected_amount",
        "expected_quantity",
        "household_count",
        "open_amount",
        "open_quantity",
        "paid_amount",
    )
)

TRANSITIONS = {
    "draft": ("signed", "cancelled"),
    "signed": ("draft", "delivering", "closed", "cancelled"),
    "delivering": ("closed",),
    "closed": ("delivering",),
    "cancelled": ("draft",),
}

# Tickets that count, in SQL and in Python.
COUNTED_TICKET_STATES = ("confirmed", "paid")

# Who sees remarks that may say something about a household.
STAFF_GROUPS = "union_assist_catalog.group_operator,union_assist_catalog.group_county"


class UnionAssistFarmingContract(models.Model):
    """Contract farming (订单农业): a supplier buys what households grow, at a floor price.

    The contract is made for one crop and one season, with one household or with the households
    of a village group. Areas are in mu (亩, 1/15 ha), weights in jin (斤, 0.5 kg), prices per
    jin. The floor price holds for every grade, except where the contract names a floor of its
    own for a grade. Households appear by their code alone.
    """

    _name = "union.assist.farming.contract"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Farming Contract"
    _order = "id desc"
    _check_company_auto = True
    _assist_kept_fields = FIGURE_FIELDS

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/", index=True)
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("signed", "Signed"),
            ("delivering", "Delivering"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    supplier_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain=[("assist_supplier_kind", "!=", False)],
        tracking=True,
    )
    product_id = fields.Many2one(
        "product.product",
        "Crop",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="What the households grow and deliver.",
    )
    season_id = fields.Many2one(
        "union.assist.season",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self._default_season_id(),
        tracking=True,
    )
    region_id = fields.Many2one(
        "union.assist.region",
        "Place",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("level", "in", ("county", "township", "village"))],
        compute="_compute_region_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Village of the group, or where the household is registered: every household of the"
        " contract is registered there or below.",
    )
    line_ids = fields.One2many(
        "union.assist.farming.contract.line", "contract_id", "Member Households", copy=True
    )
    household_count = fields.Integer(
        "Number of Households", compute="_compute_expected", store=True, precompute=True
    )
    yield_per_mu = fields.Float(
        "Expected Yield (jin per mu)",
        digits=(16, 2),
        tracking=True,
        help="斤 per 亩; a household may have its own.",
    )
    floor_price = fields.Float(
        "Floor Price (per jin)",
        digits=(16, 4),
        aggregator="avg",
        tracking=True,
        help="Nothing of the crop is bought below it, whatever the market pays. Where the market"
        " pays more, the market price applies.",
    )
    floor_ids = fields.One2many(
        "union.assist.farming.contract.floor",
        "contract_id",
        "Floor Prices by Grade",
        copy=True,
        help="Floors agreed for single grades. A grade without one has the floor price of the"
        " contract.",
    )
    advance_rate = fields.Float(
        "Deducted for Advances (%)",
        default=50.0,
        digits=(5, 2),
        tracking=True,
        help="Part of each weigh ticket's amount, at most, that repays the input advances of its"
        " household.",
    )
    advance_ids = fields.One2many("union.assist.farming.advance", "contract_id", "Input Advances")
    schedule_ids = fields.One2many("union.assist.farming.schedule", "contract_id", copy=True)
    ticket_ids = fields.One2many("union.assist.weigh.ticket", "contract_id", "Weigh Tickets")
    date_signed = fields.Date("Signed on", copy=False, tracking=True)
    document_ids = fields.Many2many(
        "ir.attachment",
        "union_assist_farming_document_rel",
        "contract_id",
        "attachment_id",
        "Signed Documents",
        copy=False,
        help="Scan of the contract as signed. No identity cards, no bank accounts.",
    )
    note = fields.Text(groups=STAFF_GROUPS)
    user_id = fields.Many2one(
        "res.users", "Responsible", default=lambda self: self.env.user, copy=False
    )

    area = fields.Float(
        "Area (mu)", compute="_compute_expected", store=True, precompute=True, digits=(16, 2)
    )
    expected_quantity = fields.Float(
        "Expected (jin)", compute="_compute_expected", store=True, precompute=True, digits=(16, 2)
    )
    expected_amount = fields.Monetary(
        compute="_compute_expected",
        store=True,
        precompute=True,
        help="Expected quantity at the floor price: what the households may count on.",
    )
    delivered_quantity = fields.Float(
        "Delivered (jin)",
        compute="_compute_delivered",
        store=True,
        digits=(16, 2),
        help="Payable weight of the confirmed weigh tickets.",
    )
    open_quantity = fields.Float(
        "Still to Come (jin)", compute="_compute_delivered", store=True, digits=(16, 2)
    )
    delivered_amount = fields.Monetary(compute="_compute_delivered", store=True)
    paid_amount = fields.Monetary("Paid", compute="_compute_delivered", store=True)
    open_amount = fields.Monetary(
        "To Pay",
        compute="_compute_delivered",
        store=True,
        help="Amount of the confirmed weigh tickets, less advances deducted, less payments.",
    )
    advance_amount = fields.Monetary("Advanced", compute="_compute_advances", store=True)
    advance_deducted = fields.Monetary("Advances Repaid", compute="_compute_advances", store=True)
    advance_open = fields.Monetary("Advances Open", compute="_compute_advances", store=True)
    ticket_count = fields.Integer("Number of Weigh Tickets", compute="_compute_ticket_count")
    linkage_count = fields.Integer(
        "Number of Linkages", compute="_compute_linkage_count", groups=STAFF_GROUPS
    )

    _floor_positive = models.Constraint(
        "CHECK (floor_price >= 0)", "A floor price is not negative."
    )
    _advance_rate_range = models.Constraint(
        "CHECK (advance_rate >= 0 AND advance_rate <= 100)",
        "The part deducted for advances is between 0 and 100 %.",
    )

    @api.model
    def _default_season_id(self):
        today = self.env.company._assist_today()
        return self.env["union.assist.season"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ],
            limit=1,
        )

    @api.depends("name", "product_id")
    def _compute_display_name(self):
        for contract in self:
            if contract.name == "/":
                contract.display_name = self.env._("New Contract")
                continue
            product = contract.product_id.name
            contract.display_name = f"{contract.name} {product}" if product else contract.name

    @api.depends("line_ids.household_id")
    def _compute_region_id(self):
        for contract in self:
            regions = contract.line_ids.household_id.region_id
            contract.region_id = contract.region_id or regions[:1]

    @api.depends("currency_id", "floor_price", "line_ids.area", "line_ids.expected_quantity")
    def _compute_expected(self):
        for contract in self:
            quantity = sum(contract.line_ids.mapped("expected_quantity"))
            contract.household_count = len(contract.line_ids)
            contract.area = sum(contract.line_ids.mapped("area"))
            contract.expected_quantity = quantity
            contract.expected_amount = contract.currency_id.round(quantity * contract.floor_price)

    @api.depends(
        "expected_quantity",
        "ticket_ids.amount",
        "ticket_ids.paid_amount",
        "ticket_ids.payable",
        "ticket_ids.quantity",
        "ticket_ids.state",
    )
    def _compute_delivered(self):
        sums = self._sum_tickets("quantity", "amount", "paid_amount", "payable")
        for contract in self:
            quantity, amount, paid, payable = sums.get(contract._origin, (0.0,) * 4)
            contract.delivered_quantity = quantity
            contract.open_quantity = max(contract.expected_quantity - quantity, 0.0)
            contract.delivered_amount = amount
            contract.paid_amount = paid
            contract.open_amount = contract.currency_id.round(payable - paid)

    @api.depends("advance_ids.amount", "ticket_ids.deduction", "ticket_ids.state")
    def _compute_advances(self):
        advanced = dict(
            self.env["union.assist.farming.advance"]._read_group(
                [("contract_id", "in", self._origin.ids)], ["contract_id"], ["amount:sum"]
            )
        )
        deducted = self._sum_tickets("deduction")
        for contract in self:
            contract.advance_amount = advanced.get(contract._origin, 0.0)
            contract.advance_deducted = deducted.get(contract._origin, (0.0,))[0]
            contract.advance_open = contract.advance_amount - contract.advance_deducted

    def _sum_tickets(self, *names):
        """Return ``{contract: sums of these fields}`` over the tickets that count."""
        rows = self.env["union.assist.weigh.ticket"]._read_group(
            [("contract_id", "in", self._origin.ids), ("state", "in", COUNTED_TICKET_STATES)],
            ["contract_id"],
            [f"{name}:sum" for name in names],
        )
        return {contract: sums for contract, *sums in rows}

    def _compute_ticket_count(self):
        counts = dict(
            self.env["union.assist.weigh.ticket"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.ticket_count = counts.get(contract, 0)

    @api.depends("line_ids.linkage_id")
    def _compute_linkage_count(self):
        for contract in self:
            contract.linkage_count = len(contract.line_ids.linkage_id)

    # -- what must hold --------------------------------------------------------------

    @api.constrains("supplier_id")
    def _check_supplier(self):
        for contract in self.filtered(
            lambda contract: not contract.supplier_id.sudo().assist_supplier_kind
        ):
            raise ValidationError(
                self.env._(
                    "%(supplier)s is no supplier of the programme: farming contracts are made"
                    " with its suppliers alone. Set its supplier kind first.",
                    supplier=contract.supplier_id.display_name,
                )
            )

    @api.constrains("region_id", "line_ids")
    def _check_region(self):
        self.line_ids._check_place()
        for contract in self:
            if contract.region_id.level not in ("county", "township", "village"):
                raise ValidationError(
                    self.env._(
                        "The place of a farming contract is a village, a township or a county at"
                        " most, and %(region)s is none. Choose the place where its households are"
                        " registered; make one contract for each county.",
                        region=contract.region_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"].sudo()
        numbered = []
        for vals in vals_list:
            self._refuse_figures(vals)
            company_id = vals.get("company_id") or self.env.company.id
            number = sequence.with_company(company_id).next_by_code(self._name)
            numbered.append({**vals, "name": number or "/"})
        contracts = super().create(numbered)
        if any(contract.state != "draft" for contract in contracts):
            raise UserError(
                self.env._("A farming contract begins as a draft: create it, then sign it.")
            )
        contracts._own_documents()
        return contracts

    def write(self, vals):
        """Keep to the terms that were signed and to the order of the states, by every door."""
        self._refuse_figures(vals)
        if "name" in vals:
            vals = {name: value for name, value in vals.items() if name != "name"}
        if TERM_FIELDS & vals.keys():
            self._check_terms_open(vals.keys())
        if "state" not in vals:
            result = super().write(vals)
            self._own_documents()
            return result
        before = {contract: contract.state for contract in self}
        result = super().write(vals)
        for contract, state in before.items():
            if state != contract.state:
                contract._check_transition(state)
        self._own_documents()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        for contract in self:
            if contract.state not in ("draft", "cancelled") or contract.sudo().ticket_ids:
                raise UserError(
                    self.env._(
                        "%(contract)s was signed, and what households delivered rests on it:"
                        " archive it once it is closed instead of deleting it.",
                        contract=contract.name,
                    )
                )

    def _refuse_figures(self, vals):
        if forged := FIGURE_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "Nobody enters %(fields)s of a farming contract: they follow from its"
                    " households, advances, weigh tickets and payments.",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env) for name in sorted(forged)
                    ),
                )
            )

    def _check_terms_open(self, names=()):
        """Refuse to change what was signed."""
        for contract in self.filtered(lambda contract: contract.state != "draft"):
            raise UserError(
                self.env._(
                    "%(contract)s is signed: its terms (%(fields)s) hold as they were agreed."
                    " While nothing is delivered it may be reset to draft; else make a new"
                    " contract.",
                    contract=contract.name,
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(TERM_FIELDS & set(names) or TERM_FIELDS)
                    ),
                )
            )

    def _check_transition(self, before):
        """Refuse a change of state that skips a step or forgets something."""
        self.ensure_one()
        labels = dict(self._fields["state"]._description_selection(self.env))
        if self.state not in TRANSITIONS[before]:
            raise UserError(
                self.env._(
                    "%(contract)s is %(before)s and cannot become %(after)s.",
                    contract=self.name,
                    before=labels[before],
                    after=labels[self.state],
                )
            )
        tickets = self.sudo().ticket_ids.filtered(lambda ticket: ticket.state != "void")
        if self.state == "signed" and (missing := self._get_missing_terms()):
            raise UserError(
                self.env._(
                    "%(contract)s cannot be signed yet:\n%(missing)s",
                    contract=self.name,
                    missing="\n".join(missing),
                )
            )
        if self.state in ("draft", "cancelled") and tickets:
            raise UserError(
                self.env._(
                    "%(contract)s has weigh tickets: void them first, or close the contract.",
                    contract=self.name,
                )
            )
        if self.state == "closed":
            unsettled = tickets.filtered(lambda ticket: ticket.state in ("draft", "confirmed"))
            if unsettled:
                raise UserError(
                    self.env._(
                        "%(contract)s cannot be closed while weigh tickets wait to be confirmed or"
                        " paid: %(tickets)s.",
                        contract=self.name,
                        tickets=", ".join(unsettled[:10].mapped("name")),
                    )
                )

    def _get_missing_terms(self):
        """Return what a contract lacks before it can be signed, as sentences."""
        self.ensure_one()
        missing = []
        if not self.line_ids:
            missing.append(self.env._("No household: add at least one."))
        if float_compare(self.floor_price, 0.0, precision_digits=4) <= 0:
            missing.append(self.env._("No floor price: what is the least per jin?"))
        missing += [
            self.env._(
                "No area or expected yield for household %(code)s.",
                code=line.sudo().household_id.code,
            )
            for line in self.line_ids
            if not line.expected_quantity
        ]
        return missing

    def _own_documents(self):
        """Tie files that were uploaded to the contract, so that its readers may read them."""
        for contract in self:
            loose = contract.sudo().document_ids.filtered(
                lambda file: not file.res_id and file.create_uid == self.env.user
            )
            if loose:
                loose.write({"res_model": self._name, "res_id": contract.id})

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        # What people write about a contract may name a household: it is for those who keep it.
        if message_operation == "read":
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    # -- steps -----------------------------------------------------------------------

    def action_sign(self):
        """Sign: from now on weigh tickets may be entered, and the terms stand."""
        for contract in self:
            contract.write(
                {
                    "state": "signed",
                    "date_signed": contract.date_signed or contract.company_id._assist_today(),
                }
            )

    def action_close(self):
        """Close: nothing more is expected of the contract."""
        self.write({"state": "closed"})

    def action_reopen(self):
        self.write({"state": "delivering"})

    def action_cancel(self):
        self.write({"state": "cancelled"})

    def action_draft(self):
        """Open the terms again, while nothing has been delivered."""
        self.write({"state": "draft"})

    def action_add_households(self):
        """Add all registered households of the contract's place that it does not have yet."""
        self.ensure_one()
        self.check_access("write")
        self._check_terms_open(("line_ids",))
        households = self.env["union.assist.household"].search(
            [
                ("region_id", "child_of", self.region_id.id),
                ("status", "!=", "left"),
                ("id", "not in", self.line_ids.household_id.ids),
            ]
        )
        if not households:
            raise UserError(
                self.env._(
                    "No more registered household in %(region)s: all of them are in the contract.",
                    region=self.region_id.display_name,
                )
            )
        self.line_ids = [Command.create({"household_id": one.id}) for one in households]

    def action_propose_linkages(self):
        """Hand in linkages of the households to the supplier, with the contract as evidence.

        Nothing is verified by it: who verifies judges the evidence as that of any linkage.
        """
        self.check_access("write")
        proposed = self.env["union.assist.linkage"]
        for contract in self:
            if contract.state not in ("signed", "delivering", "closed"):
                raise UserError(
                    self.env._(
                        "%(contract)s is not signed: only a signed contract is evidence of a"
                        " linkage.",
                        contract=contract.name,
                    )
                )
            known = contract._find_linkages(("draft", "submitted", "verified"))
            proposed |= contract.line_ids._propose_linkages(known)
        return self[:1].action_view_linkages() if len(self) == 1 else True

    def _find_linkages(self, states):
        """Return the linkages of these contracts' households to their suppliers by orders.

        :return: ``{(household, supplier): linkage}``, the newest of each
        """
        linkages = (
            self.env["union.assist.linkage"]
            .sudo()
            .search(
                Domain("household_id", "in", self.sudo().line_ids.household_id.ids)
                & Domain("supplier_id", "in", self.supplier_id.ids)
                & Domain("mechanism_id.kind", "=", "operating")
                & Domain("state", "in", states),
                order="date_from, id",
            )
        )
        return {(linkage.household_id, linkage.supplier_id): linkage for linkage in linkages}

    def action_view_tickets(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_procure.action_weigh_ticket"
            ),
            "domain": [("contract_id", "=", self.id)],
            "context": {"default_contract_id": self.id},
        }

    def action_view_linkages(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("union_assist_catalog.action_linkage"),
            "domain": [("id", "in", self.line_ids.linkage_id.ids)],
            "context": {"create": False},
        }
