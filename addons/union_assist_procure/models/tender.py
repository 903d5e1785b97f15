from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount

from ..tools.sealing import SealError, open_seal
from .tender_bid import get_bid_keys

# What is said in the call, on which the invited rely.
CALL_FIELDS = frozenset(("company_id", "deadline", "lot_ids", "weight_ids"))

# What the steps alone write.
SYSTEM_FIELDS = frozenset(
    (
        "name",
        "state",
        "called_on",
        "opener_id",
        "opened_on",
        "decided_on",
        "reason",
        "bid_ids",
        "event_ids",
        "opening_ids",
        "award_ids",
        "order_ids",
    )
)

WITNESS_GROUPS = ("union_assist_catalog.group_operator", "union_assist_catalog.group_federation")


class UnionAssistTender(models.Model):
    """A call to admitted suppliers to bid for lots of goods, sealed until a deadline.

    Draft → called → (deadline) → opened by two people → awarded, or failed; cancelled before the
    award. Until the opening no price exists in the database but encrypted, with a key that lies
    outside it. The opening writes the prices of all valid bids at once, and makes them requests
    for quotation that are alternatives of each other; the award sets their quantities.
    """

    _name = "union.assist.tender"
    _inherit = ["mail.thread", "mail.activity.mixin", "union.assist.state.mixin"]
    _description = "Tender"
    _order = "deadline desc, id desc"
    _rec_names_search = ["name", "subject"]
    _check_company_auto = True
    _assist_kept_fields = SYSTEM_FIELDS

    name = fields.Char("Number", readonly=True, copy=False, default="/")
    subject = fields.Char(required=True, tracking=True, help="What is tendered for, in one line.")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    signer_ids = fields.Many2many(
        "res.users",
        string="Signatories",
        domain=[("share", "=", False)],
        help="Who signs the printed records of opening and award, beside the two who open.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("called", "Called"),
            ("opened", "Opened"),
            ("awarded", "Awarded"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    description = fields.Html(
        "Conditions", help="Shown to the invited: terms of delivery, quality, payment."
    )
    document_ids = fields.Many2many(
        "ir.attachment",
        string="Documents",
        copy=False,
        help="Handed to the invited: specifications, drawings, draft of the contract.",
    )
    deadline = fields.Datetime(
        required=True,
        copy=False,
        tracking=True,
        help="Bids are taken until this moment, by the clock of the server, and opened after it.",
    )
    is_due = fields.Boolean(
        "Deadline Passed",
        compute="_compute_is_due",
        search="_search_is_due",
        help="The bids can be opened.",
    )
    called_on = fields.Datetime(readonly=True, copy=False)
    opener_id = fields.Many2one(
        "res.users",
        "Opening Asked by",
        readonly=True,
        copy=False,
        help="Somebody else opens the bids, as the witness.",
    )
    opened_on = fields.Datetime(readonly=True, copy=False)
    decided_on = fields.Datetime(readonly=True, copy=False)
    reason = fields.Text(readonly=True, copy=False, help="Why it failed or was cancelled.")
    lot_ids = fields.One2many("union.assist.tender.lot", "tender_id", "Lots", copy=True)
    weight_ids = fields.One2many(
        "union.assist.tender.weight",
        "tender_id",
        "Weights",
        copy=True,
        default=lambda self: self._get_default_weights(),
    )
    invitation_ids = fields.One2many("union.assist.tender.invitation", "tender_id", "Invited")
    bid_ids = fields.One2many("union.assist.tender.bid", "tender_id", "Bids", readonly=True)
    bid_line_ids = fields.One2many(
        "union.assist.tender.bid.line", "tender_id", "Comparison", readonly=True
    )
    event_ids = fields.One2many("union.assist.tender.event", "tender_id", "Log", readonly=True)
    opening_ids = fields.One2many(
        "union.assist.tender.opening", "tender_id", "Opening Records", readonly=True
    )
    award_ids = fields.One2many(
        "union.assist.tender.award", "tender_id", "Award Records", readonly=True
    )
    order_ids = fields.One2many(
        "purchase.order",
        "assist_tender_id",
        "Orders",
        readonly=True,
        groups="purchase.group_purchase_user",
    )
    invited_count = fields.Integer("Number Invited", compute="_compute_counts")
    bid_count = fields.Integer("Number of Bids", compute="_compute_counts")
    order_count = fields.Integer(compute="_compute_order_count", compute_sudo=True)
    has_orders_to_confirm = fields.Boolean(compute="_compute_order_count", compute_sudo=True)
    minimum_bids = fields.Integer(
        "Bids Needed",
        compute="_compute_minimum_bids",
        help="So many bids for a lot, or a recorded reason, are needed to award it.",
    )

    def _get_default_weights(self):
        return [
            Command.create({"criterion_id": criterion.id, "weight": criterion.weight})
            for criterion in self.env["union.assist.tender.criterion"].search([])
        ]

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for tender in self:
            tender.display_name = f"{tender.name} {tender.subject or ''}".strip()

    @api.depends("deadline", "state")
    def _compute_is_due(self):
        now = fields.Datetime.now()
        for tender in self:
            tender.is_due = bool(
                tender.state == "called" and tender.deadline and tender.deadline <= now
            )

    def _search_is_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        due = Domain("state", "=", "called") & Domain("deadline", "<=", fields.Datetime.now())
        return Domain.OR(due if wanted else ~due for wanted in set(value))

    @api.depends("invitation_ids.state")
    def _compute_counts(self):
        for tender in self:
            tender.invited_count = len(tender.invitation_ids)
            tender.bid_count = len(tender.invitation_ids.filtered(lambda row: row.state == "bid"))

    @api.depends("order_ids.state")
    def _compute_order_count(self):
        counts = {}
        for tender, state, count in self.env["purchase.order"]._read_group(
            [("assist_tender_id", "in", self.ids)], ["assist_tender_id", "state"], ["__count"]
        ):
            counts.setdefault(tender, {})[state] = count
        for tender in self:
            found = counts.get(tender._origin, {})
            tender.order_count = sum(found.values())
            tender.has_orders_to_confirm = tender.state == "awarded" and bool(
                found.get("draft") or found.get("sent")
            )

    @api.depends("company_id", "called_on")
    def _compute_minimum_bids(self):
        for tender in self:
            company = tender.company_id or self.env.company
            tender.minimum_bids = int(
                self.env["union.assist.parameter"]._get_value(
                    "tender_minimum_bids", company._assist_today()
                )
            )

    # --------------------------------------------------
    # CRUD
    # --------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"].sudo()
        tenders = super().create(
            [
                {
                    **{name: vals[name] for name in vals if name not in SYSTEM_FIELDS},
                    "name": sequence.with_company(vals.get("company_id")).next_by_code(
                        "union.assist.tender"
                    ),
                }
                for vals in vals_list
            ]
        )
        tenders._hand_over_documents()
        return tenders

    def write(self, vals):
        if not self.env.su and SYSTEM_FIELDS & vals.keys():
            raise UserError(self.env._("A tender moves by its steps alone: use the buttons."))
        if CALL_FIELDS & vals.keys():
            self._check_call_change(vals)
        result = super().write(vals)
        if "document_ids" in vals:
            self._hand_over_documents()
        return result

    def _check_call_change(self, vals):
        """Refuse a change of what was called; a deadline may only move, and only later."""
        called = self.filtered(lambda tender: tender.state != "draft")
        if called and vals.keys() & (CALL_FIELDS - {"deadline"}):
            raise UserError(
                self.env._(
                    "%(tender)s was called: lots and weights stay as they were announced."
                    " Cancel it and call another one.",
                    tender=called[0].display_name,
                )
            )
        if called and "deadline" in vals:
            deadline = fields.Datetime.to_datetime(vals["deadline"])
            for tender in called:
                if not self.env.su:
                    raise UserError(
                        self.env._("The deadline of a called tender moves by “Extend” alone.")
                    )
                tender._check_extension(deadline)

    def _hand_over_documents(self):
        """Attach the documents to the tender: who reads it reads them, and nobody else."""
        for tender in self:
            loose = tender.sudo().document_ids.filtered(lambda file: not file.res_id)
            if loose:
                loose.write({"res_model": tender._name, "res_id": tender.id})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_called(self):
        if any(tender.state != "draft" for tender in self):
            raise UserError(
                self.env._("A tender that was called is never deleted: cancel it instead.")
            )

    def _log(self, kind, invitation=None, note=None, digest=None):
        """Add to the append-only log of acts. A note never has a price."""
        self.env["union.assist.tender.event"].sudo().create(
            [
                {
                    "tender_id": tender.id,
                    "invitation_id": invitation.id if invitation else False,
                    "kind": kind,
                    "note": note,
                    "digest": digest,
                }
                for tender in self
            ]
        )

    # --------------------------------------------------
    # Call
    # --------------------------------------------------

    def action_call(self):
        """Invite the suppliers and let them bid until the deadline."""
        self.check_access("write")
        self._check_state("draft")
        get_bid_keys(self.env)  # without keys nothing could be sealed: say so now
        for tender in self:
            missing = [
                label
                for there, label in (
                    (tender.lot_ids, self.env._("a lot")),
                    (tender.invitation_ids, self.env._("an invited supplier")),
                    (sum(tender.weight_ids.mapped("weight")) > 0, self.env._("a weight above 0")),
                )
                if not there
            ]
            if missing:
                raise UserError(
                    self.env._(
                        "%(tender)s cannot be called yet. It needs: %(missing)s.",
                        tender=tender.display_name,
                        missing=", ".join(missing),
                    )
                )
            if tender.deadline <= fields.Datetime.now():
                raise UserError(
                    self.env._(
                        "The deadline of %(tender)s has passed: enter one in the future.",
                        tender=tender.display_name,
                    )
                )
            tender.invitation_ids._check_invitable()
            now = fields.Datetime.now()
            tender.sudo().write({"state": "called", "called_on": now})
            tender._log("called")
            tender.invitation_ids._invite()

    def _check_extension(self, deadline):
        self.ensure_one()
        self._check_state("called")
        if self.is_due:
            raise UserError(
                self.env._(
                    "The deadline of %(tender)s has passed: it stays.", tender=self.display_name
                )
            )
        if not deadline or deadline <= self.deadline:
            raise UserError(self.env._("A deadline that was called only moves to a later time."))

    def _extend(self, deadline, reason):
        """Move the deadline of a called tender to a later time, and tell all who are invited."""
        self.ensure_one()
        self.check_access("write")
        self._check_extension(deadline)
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the deadline moves: the invited are told."))
        note = self.env._(
            "From %(before)s to %(after)s (UTC). %(reason)s",
            before=fields.Datetime.to_string(self.deadline),
            after=fields.Datetime.to_string(deadline),
            reason=reason.strip(),
        )
        self.sudo().write({"deadline": deadline})
        self._log("extended", note=note)
        self.message_post(body=self.env._("Deadline extended: %s", reason.strip()))
        self.invitation_ids._notify(
            "union_assist_procure.mail_template_tender_extended", reason=reason.strip()
        )

    def action_extend(self):
        """Ask for a later deadline and the reason."""
        self.ensure_one()
        return self._get_step_action("extend", self.env._("Extend the Deadline"))

    def action_cancel(self):
        """Ask for the reason, then cancel: sealed bids are never opened."""
        self.ensure_one()
        return self._get_step_action("cancel", self.env._("Cancel the Tender"))

    def action_fail(self):
        """Ask for the reason, then close the opened tender without an award."""
        self.ensure_one()
        return self._get_step_action("fail", self.env._("Close without Award"))

    def _get_step_action(self, step, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "union.assist.tender.step",
            "view_mode": "form",
            "target": "new",
            "context": {"default_tender_id": self.id, "default_step": step},
        }

    def _close(self, state, reason):
        """Cancel, or close without an award; who was invited is told why."""
        self.ensure_one()
        self.check_access("write")
        self._check_state(*(("opened",) if state == "failed" else ("draft", "called", "opened")))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the reason is kept, and the invited are told."))
        invitations = self.invitation_ids.filtered("invited_on")
        # Bids that are being handed in come before this, or see it.
        invitations._close()
        self.sudo().write(
            {"state": state, "reason": reason.strip(), "decided_on": fields.Datetime.now()}
        )
        self._log(state, note=reason.strip())
        self.sudo().order_ids.filtered(lambda order: order.state != "cancel").button_cancel()
        self.sudo().bid_ids.filtered(lambda bid: bid.state == "opened").write({"state": "lost"})
        invitations._notify(
            "union_assist_procure.mail_template_tender_closed", reason=reason.strip()
        )

    # --------------------------------------------------
    # Opening
    # --------------------------------------------------

    def _check_due(self):
        for tender in self:
            tender._check_state("called")
            if fields.Datetime.now() < tender.deadline:
                raise UserError(
                    self.env._(
                        "The bids of %(tender)s stay sealed until the deadline: nobody opens them"
                        " before.",
                        tender=tender.display_name,
                    )
                )

    def action_request_opening(self):
        """Ask for the opening: somebody else then opens the bids, as the witness."""
        self.check_access("write")
        self._check_due()
        for tender in self:
            tender.sudo().opener_id = self.env.user
            tender._log("requested")

    def action_open(self):
        """Open all bids, as the witness of the one who asked for it."""
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in WITNESS_GROUPS):
            raise AccessError(
                self.env._("Bids are opened before an operator or the federation as a witness.")
            )
        self._check_due()
        for tender in self:
            if not tender.opener_id:
                raise UserError(
                    self.env._("An operator asks for the opening first; another one opens.")
                )
            if tender.opener_id == self.env.user:
                raise UserError(
                    self.env._(
                        "Two people open bids: you asked for it, so somebody else has to open"
                        " them as the witness."
                    )
                )
            tender._open()

    def _open(self):
        """Write the clear prices of all valid bids, with the record of it, in one transaction."""
        self.ensure_one()
        tender = self.sudo()
        keys = get_bid_keys(self.env)
        # Whoever is handing in a bid at this moment comes before, or finds the deadline passed:
        # both write the row of the invitation, and the loser is replayed.
        tender.invitation_ids._close()
        lines = []
        for bid in tender.bid_ids.filtered(lambda bid: bid.state == "sealed"):
            try:
                content, text = open_seal(bid.sealed, keys, bid.invitation_id._get_binding())
                lines += bid._open(content, text)
            except SealError as error:
                if error.reason == "early":
                    raise UserError(
                        self.env._(
                            "A bid of %(tender)s was sealed until a later time than this: the"
                            " deadline or the server's clock was changed. Nothing was opened.",
                            tender=tender.display_name,
                        )
                    ) from None
                if error.reason == "key":
                    raise UserError(
                        self.env._(
                            "The key that bids of %(tender)s were sealed with is not in the key"
                            " file: restore the file. Nothing was opened.",
                            tender=tender.display_name,
                        )
                    ) from None
                bid._reject(self.env._("The sealed content was changed after it was handed in."))
            except (AttributeError, KeyError, TypeError, ValueError):
                bid._reject(self.env._("The sealed content cannot be read."))
        lines = self.env["union.assist.tender.bid.line"].sudo().create(lines)
        lines._take_figures()
        lines._rank()
        tender.write({"state": "opened", "opened_on": fields.Datetime.now()})
        self._log("opened")
        tender._make_orders()
        self.env["union.assist.tender.opening"].sudo().create(
            {
                "tender_id": tender.id,
                "opener_id": tender.opener_id.id,
                "witness_id": self.env.uid,
                "date": tender.opened_on,
            }
        )._keep_report()

    def _prepare_order(self, bid):
        """Return the values of the request for quotation that an opened bid becomes."""
        return {
            "assist_tender_id": self.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "origin": self.name,
            "partner_id": bid.supplier_id.id,
            "user_id": self.user_id.id,
            "order_line": [Command.create(line._prepare_order_line()) for line in bid.line_ids],
        }

    def _make_orders(self):
        """Make the opened bids requests for quotation that are alternatives of each other."""
        self.ensure_one()
        bids = self.bid_ids.filtered(lambda bid: bid.state == "opened" and bid.line_ids)
        if not bids:
            return
        orders = (
            self.env["purchase.order"]
            .with_company(self.company_id)
            .create([self._prepare_order(bid) for bid in bids])
        )
        for bid, order in zip(bids, orders, strict=True):
            bid.order_id = order
            for bid_line, order_line in zip(bid.line_ids, order.order_line, strict=True):
                bid_line.order_line_id = order_line
        if len(orders) > 1:
            self.env["purchase.order.group"].create({"order_ids": [Command.set(orders.ids)]})

    # --------------------------------------------------
    # Award
    # --------------------------------------------------

    def action_award(self):
        """Propose an award by rank, within the caps; reasons are asked for where needed."""
        self.ensure_one()
        self.check_access("write")
        self._check_state("opened")
        if not self.bid_line_ids:
            raise UserError(
                self.env._("There is no valid bid to award. Close the tender without an award.")
            )
        wizard = self.env["union.assist.tender.award.step"].create({"tender_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Award"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _award(self, quantities, reasons, lot_reasons, note=None):
        """Award the lots, record it, tell the bidders, and set the requests for quotation.

        :param dict quantities: ``{bid line: awarded quantity}``; lines left out get nothing
        :param dict reasons: ``{bid line: why}``, needed where it is not the first rank
        :param dict lot_reasons: ``{lot: why}``, needed where a lot has fewer bids than needed or
            is not awarded
        :raise UserError: when a reason is missing, or a quantity is above what was offered, asked
            for, or left of the supplier's cap
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state("opened")
        quantities = {line: quantity for line, quantity in quantities.items() if quantity}
        self._check_award(quantities, reasons, lot_reasons)
        now = fields.Datetime.now()
        tender = self.sudo()
        award = (
            self.env["union.assist.tender.award"]
            .sudo()
            .create(
                {
                    "tender_id": tender.id,
                    "user_id": self.env.uid,
                    "date": now,
                    "note": note,
                    "line_ids": [
                        Command.create(
                            {
                                **line._prepare_award_line(),
                                "awarded": quantities.get(line, 0.0),
                                "reason": reasons.get(line),
                            }
                        )
                        for line in tender.bid_line_ids
                    ],
                    "lot_ids": [
                        Command.create(
                            {
                                "lot_id": lot.id,
                                "bid_count": lot.bid_count,
                                "reason": lot_reasons.get(lot),
                            }
                        )
                        for lot in tender.lot_ids
                    ],
                }
            )
        )
        for line in tender.bid_line_ids:
            line.awarded = quantities.get(line, 0.0)
        opened = tender.bid_ids.filtered(lambda bid: bid.state == "opened")
        for bid in opened:
            bid.state = "won" if any(bid.line_ids.mapped("awarded")) else "lost"
        tender.write({"state": "awarded", "decided_on": now})
        self._log("awarded")
        opened._settle_orders()
        award._keep_report()
        opened.invitation_id._notify("union_assist_procure.mail_template_tender_awarded")
        return award

    def _check_award(self, quantities, reasons, lot_reasons):
        if not quantities:
            raise UserError(
                self.env._(
                    "Nothing is awarded. Enter quantities, or close the tender without an award."
                )
            )
        problems = []
        lines = self.bid_line_ids
        for line, quantity in quantities.items():
            if line not in lines:
                raise UserError(self.env._("Only bids for this tender are awarded."))
            if quantity < 0 or line.uom_id.compare(quantity, line.quantity) > 0:
                problems.append(
                    self.env._(
                        "%(lot)s, %(supplier)s: %(quantity)s is more than the %(offered)s offered.",
                        lot=line.lot_id.display_name,
                        supplier=line.supplier_id.display_name,
                        quantity=f"{quantity:g}",
                        offered=f"{line.quantity:g}",
                    )
                )
            if line.rank > 1 and not (reasons.get(line) or "").strip():
                problems.append(
                    self.env._(
                        "%(lot)s, %(supplier)s: it has rank %(rank)s. Say why it is awarded.",
                        lot=line.lot_id.display_name,
                        supplier=line.supplier_id.display_name,
                        rank=line.rank,
                    )
                )
        for lot in self.lot_ids:
            total = sum(quantities.get(line, 0.0) for line in lot.bid_line_ids)
            if lot.uom_id.compare(total, lot.quantity) > 0:
                problems.append(
                    self.env._(
                        "%(lot)s: %(total)s is awarded, %(quantity)s is wanted.",
                        lot=lot.display_name,
                        total=f"{total:g}",
                        quantity=f"{lot.quantity:g}",
                    )
                )
            said = (lot_reasons.get(lot) or "").strip()
            if total and lot.bid_count < self.minimum_bids and not said:
                problems.append(
                    self.env._(
                        "%(lot)s: %(count)s bids, %(minimum)s are needed. Record a reason for"
                        " awarding it all the same.",
                        lot=lot.display_name,
                        count=lot.bid_count,
                        minimum=self.minimum_bids,
                    )
                )
            if not total and not said:
                problems.append(
                    self.env._(
                        "%(lot)s: nothing of it is awarded. Record the reason.",
                        lot=lot.display_name,
                    )
                )
        problems += self._get_cap_problems(quantities)
        problems += self._get_supplier_obstacles(quantities)
        if problems:
            raise UserError(
                self.env._("This award is refused:\n%(problems)s", problems="\n".join(problems))
            )

    def _get_supplier_obstacles(self, quantities):
        baskets = {}
        for line in quantities:
            basket = baskets.setdefault(line.supplier_id, self.env["product.product"])
            baskets[line.supplier_id] = basket | line.product_id
        obstacles = self.env["res.partner"]._assist_get_order_obstacles(
            list(baskets.items()), self.company_id._assist_today()
        )
        return [sentence for sentences in obstacles for sentence in sentences]

    def _get_caps(self, lines):
        """Return the cap that each bid line counts against today: ``{line: cap}``."""
        pairs = {line: (line.supplier_id, line.product_id) for line in lines}
        caps = (
            self.env["union.assist.cap"]
            .sudo()
            ._get_for_products(
                set(pairs.values()), self.company_id, self.company_id._assist_today()
            )
        )
        return {line: caps[pair] for line, pair in pairs.items()}

    def _get_cap_problems(self, quantities):
        """Say of every award above what is left of a cap, and how much would fit."""
        problems = []
        left = {}
        for line, cap in self._get_caps(quantities).items():
            if not cap:
                continue
            room = left.setdefault(cap, cap.remaining)
            amount = line._get_cap_amount(cap, quantities[line])
            if cap.currency_id.compare_amounts(amount, room) > 0:
                problems.append(
                    self.env._(
                        "%(lot)s, %(supplier)s: %(amount)s is above the %(left)s left of its"
                        " purchase cap. The largest quantity is %(fits)s %(unit)s.",
                        lot=line.lot_id.display_name,
                        supplier=line.supplier_id.display_name,
                        amount=format_amount(self.env, amount, cap.currency_id),
                        left=format_amount(self.env, max(room, 0.0), cap.currency_id),
                        fits=f"{line._get_largest_quantity(cap, room):g}",
                        unit=line.uom_id.name,
                    )
                )
            left[cap] = room - amount
        return problems

    def _get_public_result(self):
        """Return what every bidder is told of an award: ``[(supplier, total), …]``, no prices."""
        self.ensure_one()
        totals = {}
        for line in self.sudo().award_ids.line_ids.filtered("awarded"):
            totals[line.supplier_id] = totals.get(line.supplier_id, 0.0) + line.amount
        return sorted(totals.items(), key=lambda row: row[0].name)

    def action_confirm_orders(self):
        """Confirm the awarded orders; what hinders an order hinders it here too."""
        self.check_access("write")
        self._check_state("awarded")
        orders = self.order_ids.filtered(lambda order: order.state in ("draft", "sent"))
        if not orders:
            raise UserError(self.env._("No awarded order waits for its confirmation."))
        # What is not awarded was cancelled; the alternatives left are awarded too.
        orders.with_context(skip_alternative_check=True).button_confirm()

    def _keep_pdf(self, report, record):
        """Draw a record of the tender and keep it as a file of the tender."""
        self.ensure_one()
        return (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{report.rsplit('_', 1)[-1]}-{self.name}.pdf".replace("/", "-"),
                    "raw": self.env[f"report.{report}"]._draw(record),
                    "mimetype": "application/pdf",
                    "res_model": record._name,
                    "res_id": record.id,
                }
            )
        )

    # --------------------------------------------------
    # Views
    # --------------------------------------------------

    def action_view_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("purchase.purchase_rfq")
        action["domain"] = [("assist_tender_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    def action_view_comparison(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_tender_bid_line"
        )
        action["domain"] = [("tender_id", "=", self.id)]
        return action

    def action_view_events(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_tender_event"
        )
        action["domain"] = [("tender_id", "=", self.id)]
        return action

    @api.constrains("lot_ids")
    def _check_lots(self):
        for tender in self:
            products = tender.lot_ids.mapped(lambda lot: (lot.product_id.id, lot.date_needed))
            if len(products) != len(set(products)):
                raise ValidationError(
                    self.env._(
                        "Two lots of %(tender)s are of the same product for the same day: make"
                        " one of them.",
                        tender=tender.display_name,
                    )
                )
