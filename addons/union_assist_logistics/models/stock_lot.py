import secrets
from collections import defaultdict
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..tools.concession import Flow, Grant, share_out

# Who sees holds and recalls: the warehouse, and quality control.
HOLD_READERS = (
    "stock.group_stock_user,union_assist_logistics.group_inspector,"
    "union_assist_logistics.group_quality_decide"
)

# Where goods are that left: a lot that comes back from there may leave again.
OUTSIDE = ("customer", "production")


class StockLot(models.Model):
    _inherit = "stock.lot"

    assist_production_date = fields.Date("Production Date")
    assist_inspection_ids = fields.One2many(
        "union.assist.quality.inspection", "lot_id", "Inspections"
    )
    assist_inspection_count = fields.Integer(
        "Inspection Count", compute="_compute_assist_quality", compute_sudo=True
    )
    assist_quality_planned = fields.Boolean(compute="_compute_assist_quality_planned")
    assist_quality_state = fields.Selection(
        [
            ("waiting", "Waiting for Decision"),
            ("released", "Released"),
            ("conceded", "Released by Concession"),
            ("partial", "Partly Rejected"),
            ("rejected", "Rejected"),
        ],
        "Quality",
        compute="_compute_assist_quality",
        compute_sudo=True,
    )

    @api.depends(
        "assist_inspection_ids.state",
        "assist_inspection_ids.released_qty",
        "assist_inspection_ids.conceded_qty",
        "assist_inspection_ids.rejected_qty",
    )
    def _compute_assist_quality(self):
        groups = defaultdict(list)
        for lot, state, *sums in self.env["union.assist.quality.inspection"]._read_group(
            [("lot_id", "in", self.ids), ("state", "!=", "cancel")],
            ["lot_id", "state"],
            ["__count", "released_qty:sum", "conceded_qty:sum", "rejected_qty:sum"],
        ):
            groups[lot].append((state, *sums))
        for lot in self:
            rows = groups.get(lot, [])
            lot.assist_inspection_count = sum(row[1] for row in rows)
            released, conceded, rejected = (sum(row[i] for row in rows) for i in (2, 3, 4))
            if any(row[0] != "decided" for row in rows):
                state = "waiting"
            elif rejected:
                state = "partial" if released or conceded else "rejected"
            elif conceded:
                state = "conceded"
            else:
                state = "released" if released else False
            lot.assist_quality_state = state

    @api.depends("product_id")
    @api.depends_context("company")
    def _compute_assist_quality_planned(self):
        kinds = self._assist_get_supplier_kinds()
        for lot in self:
            lot.assist_quality_planned = bool(
                lot.create_date
                and lot._assist_get_plan_ids(self.env.company, kinds=kinds.get(lot._origin))
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Count the shelf life from the production date where that is known."""
        for vals in vals_list:
            produced = fields.Date.to_date(vals.get("assist_production_date"))
            if produced and "expiration_date" not in vals:
                product = self.env["product.product"].browse(vals["product_id"])
                if product.use_expiration_date:
                    vals["expiration_date"] = fields.Datetime.to_datetime(produced) + timedelta(
                        days=product.expiration_time
                    )
        return super().create(vals_list)

    def _assist_get_plan_ids(
        self, company, today=False, picking_type=None, kinds=None, arrived=None
    ):
        """Return the ids of the quality plans that apply to this lot in a company.

        :param company: whose goods they are (lots themselves may be shared)
        :param today: whether plans that began after the lot was registered apply too, as
            they do at the quality step
        :param picking_type: that of the transfer in which it is inspected; without one, the
            plans that decide about entering stock
        :param kinds: of its suppliers, where :meth:`_assist_get_supplier_kinds` was asked for
            many lots before
        :param arrived: when it last came from a supplier; plans of that day apply too
        """
        self.ensure_one()
        plans = self.env["union.assist.quality.plan"]
        if not plans._get_index():
            return ()
        if kinds is None:
            kinds = self._assist_get_supplier_kinds().get(self._origin)
        # The day is the company's: a user's own time zone does not move a lot before a plan.
        zone = company._assist_get_zone()
        moments = [self.create_date] + ([fields.Datetime.now()] if today else [])
        moments += [arrived] if arrived else []
        days = {pytz.utc.localize(moment).astimezone(zone).date() for moment in moments}
        ids = plans._get_applicable_ids(self.product_id, company, days, picking_type, kinds)
        if not ids:
            # What is under inspection stays so, whatever becomes of product and supplier.
            kept = self._origin.sudo().assist_inspection_ids.filtered(
                lambda inspection: inspection.company_id == company
            )
            if kept.plan_ids:
                ids = plans._get_applicable_ids(
                    self.product_id, company, days, picking_type, kinds, kept=kept.plan_ids.ids
                )
        return ids

    def _assist_get_suppliers(self):
        """Whom these lots came from.

        Those who delivered them, the last one first; of lots that never were received, the
        product's supplier.

        :return: ``{lot: partners}``
        """
        found = dict.fromkeys(self._origin, self.env["res.partner"].sudo())
        for lot, move in (
            self.env["stock.move.line"]
            .sudo()
            ._read_group(
                [
                    ("lot_id", "in", self.ids),
                    ("state", "=", "done"),
                    ("location_id.usage", "=", "supplier"),
                    ("picking_id", "!=", False),
                ],
                ["lot_id", "move_id"],
                order="move_id desc",
            )
        ):
            found[lot] |= move._assist_get_supplier()
        for lot in self._origin.sudo():
            found[lot] = found[lot] or lot.product_id.product_tmpl_id.assist_supplier_id
        return found

    def _assist_get_supplier_kinds(self):
        """The kinds of the suppliers that these lots came from.

        :return: ``{lot: set of kinds}``; empty, and no query, where no plan asks for it
        """
        if not self or not self.env["union.assist.quality.plan"]._asks_supplier():
            return {}
        return {
            lot: set(partners.mapped("assist_supplier_kind"))
            for lot, partners in self._assist_get_suppliers().items()
        }

    def _assist_get_arrivals(self):
        """When these lots last came from a supplier: ``{lot: moment}``."""
        return {
            lot.with_env(self.env): max(finished, made)
            for lot, finished, made in self.env["stock.move.line"]
            .sudo()
            ._read_group(
                [
                    ("lot_id", "in", self.ids),
                    ("state", "=", "done"),
                    ("location_id.usage", "=", "supplier"),
                ],
                ["lot_id"],
                # The day of a finished move can be corrected, that of its making not.
                ["date:max", "create_date:max"],
            )
        }

    def _assist_get_entered(self, since=None):
        """Count how much of these lots entered stock so far.

        What stock counts took out they may bring in again, and production what it consumed.
        Neither gives a right to anything else, nor do deliveries, scrap and returns.

        :param since: moment from which on it is counted; always by default
        :return: ``{lot: quantity in the product's unit}``
        """
        entered, made, counted = (defaultdict(float) for _number in range(3))
        before = {}
        domain = Domain("lot_id", "in", self.ids) & Domain("state", "=", "done")
        if since:
            domain &= Domain("date", ">=", since) | Domain("create_date", ">=", since)
        for lot, origin, target, is_count, quantity in (
            self.env["stock.move.line"]
            .sudo()
            ._read_group(
                domain,
                ["lot_id", "location_id", "location_dest_id", "move_id.is_inventory"],
                ["quantity_product_uom:sum"],
            )
        ):
            for location in origin | target:
                if location not in before:
                    before[location] = location._assist_is_before_decision()
            if origin.assist_is_reject and target.usage == "production":
                continue  # downgraded: it becomes another product
            is_in = origin.usage == "production" or before[origin]
            if (
                is_in
                and before[target]
                or not is_in
                and not (before[target] or target.usage == "production")
            ):
                continue
            if "production" in (origin.usage, target.usage):
                made[lot] += quantity if is_in else -quantity
            elif is_count and "inventory" in (origin.usage, target.usage):
                counted[lot] += quantity if is_in else -quantity
            elif is_in:
                entered[lot] += quantity
        for balance in (made, counted):
            for lot, quantity in balance.items():
                entered[lot] += max(quantity, 0.0)
        return entered

    def _assist_get_stock_quants(self):
        """What of these lots lies in stock: past the places for undecided goods."""
        quants = self.env["stock.quant"].search(
            [
                ("lot_id", "in", self.ids),
                ("location_id.usage", "=", "internal"),
                ("quantity", ">", 0),
                ("company_id", "=", self.env.company.id),
            ]
        )
        return quants.filtered(lambda quant: not quant.location_id._assist_is_before_decision())

    def action_assist_inspect(self):
        """Inspect what lies in stock undecided: made here, or there before its plan began.

        :return: action that opens the inspection
        :raise UserError: no plan applies, or nothing of the lot waits for a decision
        """
        self.ensure_one()
        inspections = self.env["union.assist.quality.inspection"]
        inspections.check_access("write")
        lot = self.sudo()
        waiting = inspections.search(
            [
                ("lot_id", "=", self.id),
                ("state", "in", ("draft", "submitted")),
                ("for_transfer", "=", False),
            ]
        )
        if not waiting:
            if not lot._assist_get_plan_ids(self.env.company):
                raise UserError(
                    self.env._("No quality plan applies to lot %(lot)s.", lot=self.display_name)
                )
            on_hand = sum(lot._assist_get_stock_quants().mapped("quantity"))
            blocked = min(on_hand, lot._assist_get_blocked()[lot])
            admitted = inspections._get_admitted(
                [
                    ("lot_id", "=", self.id),
                    ("renews_concession", "=", False),
                    ("for_transfer", "=", False),
                ],
                ["lot_id"],
            )
            undecided = lot._assist_get_entered()[lot] - admitted.get((lot,), 0.0)
            renews = lot.product_uom_id.compare(blocked, 0.0) > 0
            quantity = blocked if renews else min(on_hand, undecided)
            if lot.product_uom_id.compare(quantity, 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "Nothing of lot %(lot)s lies in stock undecided. Goods that arrive are"
                        " inspected in the quality step of their receipt.",
                        lot=self.display_name,
                    )
                )
            waiting = inspections.sudo().create(
                {
                    **inspections.sudo()._prepare_vals(self.env.company, lot, quantity),
                    "renews_concession": renews,
                }
            )
        return waiting.sudo(False)._get_list_action(self.env._("Inspections"))

    def _assist_move_to_reject(self, quantity):
        """Set a quantity of this lot that lies in stock apart, at once.

        :param quantity: in the product's unit
        """
        self.ensure_one()
        moves = self.env["stock.move"].sudo()
        for quant in self.sudo()._assist_get_stock_quants():
            part = min(quantity, quant.quantity)
            if self.product_uom_id.compare(part, 0.0) <= 0:
                break
            quantity -= part
            reject = quant.location_id.warehouse_id._assist_get_reject_location()
            common = {
                "product_id": quant.product_id.id,
                "location_id": quant.location_id.id,
                "location_dest_id": reject.id,
                "company_id": quant.company_id.id,
            }
            line = {
                **common,
                "lot_id": self.id,
                "package_id": quant.package_id.id,
                "owner_id": quant.owner_id.id,
                "quantity": part,
                "product_uom_id": quant.product_uom_id.id,
                "picked": True,
            }
            moves |= moves.create(
                {
                    **common,
                    "origin": self.env._("Rejected: lot %(lot)s", lot=self.name),
                    "product_uom": quant.product_uom_id.id,
                    "product_uom_qty": part,
                    "location_final_id": reject.id,
                    "picked": True,
                    "move_line_ids": [Command.create(line)],
                }
            )
        moves._action_done()

    # ------------------------------------------------------------------
    # Concessions
    # ------------------------------------------------------------------
    assist_concession_until = fields.Date(
        "Conceded until",
        compute="_compute_assist_concession",
        compute_sudo=True,
        help="Last day of the concession that ends first, of those with goods left.",
    )
    assist_blocked_qty = fields.Float(
        "Blocked again",
        compute="_compute_assist_concession",
        compute_sudo=True,
        digits="Product Unit",
        help="What lies in stock of concessions that have ended: it is inspected and decided"
        " again before it goes anywhere.",
    )

    @api.depends("assist_inspection_ids.conceded_qty", "quant_ids.quantity")
    def _compute_assist_concession(self):
        lots = self._origin
        blocked = lots._assist_get_blocked()
        left = lots._assist_get_concession_left()
        decisions = self.env["union.assist.quality.decision"].browse(
            key for key, quantity in left.items() if quantity > 0
        )
        days = {
            lot: min(of_lot.mapped("date_until"))
            for lot, of_lot in decisions.grouped("lot_id").items()
        }
        for lot in self:
            lot.assist_concession_until = days.get(lot._origin)
            lot.assist_blocked_qty = blocked[lot._origin]

    def _assist_get_concession_flows(self, now=()):
        """What may leave of these lots, and what left, where a part of them was conceded.

        :param now: move lines that are judged by today, whatever date they carry
        :return: ``{lot: ([Grant], [(move line, Flow)])}``; lots without a concession are missing
        """
        decisions = (
            self.env["union.assist.quality.decision"]
            .sudo()
            .search([("lot_id", "in", self.ids), ("kind", "!=", "rejected")])
        )
        lots = decisions.filtered(lambda decision: decision.kind == "conceded").lot_id
        if not lots:
            return {}
        lots = lots.with_env(self.env)
        result = {lot: ([], []) for lot in lots}
        for decision in decisions:
            lot = decision.lot_id.with_env(self.env)
            if lot in result:
                receivers = frozenset(decision.partner_ids.ids) or None
                result[lot][0].append(
                    Grant(decision.id, decision.quantity, decision.date_until or None, receivers)
                )
        lines = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("lot_id", "in", lots.ids),
                    ("state", "=", "done"),
                    "|",
                    ("location_id.usage", "in", OUTSIDE),
                    ("location_dest_id.usage", "in", OUTSIDE),
                ],
                order="date, id",
            )
        )
        now = set(now)
        for line in lines:
            comes, goes = (
                location.usage in OUTSIDE for location in (line.location_id, line.location_dest_id)
            )
            # Rejected goods that are downgraded do not leave by a concession.
            if comes == goes or (goes and line.location_id._assist_is_before_decision()):
                continue
            zone = line.company_id._assist_get_zone()
            day = (
                line.company_id._assist_today()
                if line in now
                else pytz.utc.localize(line.date).astimezone(zone).date()
            )
            partner = line.move_id.partner_id or line.picking_id.partner_id
            receivers = set()
            while partner:
                receivers.add(partner.id)
                partner = partner.parent_id
            quantity = line.quantity_product_uom * (1 if goes else -1)
            result[line.lot_id.with_env(self.env)][1].append(
                (line, Flow(quantity, day, frozenset(receivers)))
            )
        return result

    def _assist_get_concession_left(self):
        """Return what is left in stock of each concession on these lots.

        :return: ``{id of the decision: quantity}``
        """
        flows = self._assist_get_concession_flows()
        if not flows:
            return {}
        lot_ids = [lot.id for lot in flows]
        on_hand = defaultdict(float)
        for lot, location, quantity in (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                [("lot_id", "in", lot_ids), ("location_id.usage", "in", ("internal", "transit"))],
                ["lot_id", "location_id"],
                ["quantity:sum"],
            )
        ):
            if not location.assist_is_reject:
                on_hand[lot.id] += quantity
        renewed = {
            lot.id: quantity
            for lot, quantity in self.env["union.assist.quality.inspection"]
            .sudo()
            ._read_group(
                [
                    ("lot_id", "in", lot_ids),
                    ("renews_concession", "=", True),
                    ("state", "=", "decided"),
                ],
                ["lot_id"],
                ["quantity:sum"],
            )
        }
        result = {}
        for lot, (grants, lot_flows) in flows.items():
            left, _short = share_out(grants, [flow for _line, flow in lot_flows])
            there, decided_again = on_hand[lot.id], renewed.get(lot.id, 0.0)
            for grant in sorted(grants, key=lambda grant: grant.rank):
                if grant.until is None:
                    continue
                again = min(left[grant.key], decided_again)
                decided_again -= again
                result[grant.key] = max(min(left[grant.key] - again, there), 0.0)
                there -= result[grant.key]
        return result

    def _assist_get_blocked(self):
        """Return how much of each lot in stock its ended concessions block.

        :return: ``{lot: quantity in the product's unit}``
        """
        blocked = defaultdict(float)
        left = self._assist_get_concession_left()
        for decision in self.env["union.assist.quality.decision"].sudo().browse(left):
            if decision.has_ended:
                blocked[decision.lot_id.with_env(self.env)] += left[decision.id]
        return blocked

    def action_view_assist_inspections(self):
        """Open the inspections of these lots."""
        return self.assist_inspection_ids._get_list_action(self.env._("Inspections"))

    # ------------------------------------------------------------------
    # Gift packs
    # ------------------------------------------------------------------
    assist_is_gift_pack = fields.Boolean(related="product_id.assist_is_gift_pack")
    assist_component_lot_ids = fields.Many2many(
        "stock.lot",
        string="Packed From",
        compute="_compute_assist_component_lot_ids",
        compute_sudo=True,
        help="Lots of the goods that this lot of gift packs was packed from.",
    )

    def _compute_assist_component_lot_ids(self):
        lines = self._assist_get_packed_lines().grouped("lot_id")
        for lot in self:
            packed = lines.get(lot, self.env["stock.move.line"])
            lot.assist_component_lot_ids = packed.consume_line_ids.lot_id

    def _assist_get_packed_lines(self):
        """The finished lines of packing orders that these lots of gift packs come from."""
        packs = self.filtered("assist_is_gift_pack")
        if not packs:
            return self.env["stock.move.line"]
        return self.env["stock.move.line"].search(
            [
                ("lot_id", "in", packs.ids),
                ("state", "=", "done"),
                ("move_id.production_id", "!=", False),
            ]
        )

    def _assist_get_pack_limits(self):
        """Say until when gift packs can be good: the first of their parts decides.

        :return: ``{lot: moment}`` for those lots whose parts have an expiry
        """
        limits = {}
        for line in self.sudo()._assist_get_packed_lines():
            for part in line.consume_line_ids.lot_id.filtered("expiration_date"):
                lot = line.lot_id.with_env(self.env)
                limits[lot] = min(limits.get(lot, part.expiration_date), part.expiration_date)
        return limits

    def _assist_set_pack_expiry(self):
        """Let these lots of gift packs expire with the first of the lots packed into them."""
        lots_by_limit = defaultdict(self.browse)
        for lot, limit in self._assist_get_pack_limits().items():
            lots_by_limit[limit] |= lot
        for limit, lots in lots_by_limit.items():
            lots.sudo().with_context(mail_notrack=True).expiration_date = limit

    def _assist_check_packed_date(self, vals):
        """The production date of gift packs is the day on which they were packed."""
        if "assist_production_date" not in vals or self.env.su:
            return
        packed = self.sudo()._assist_get_packed_lines().lot_id
        if packed:
            raise UserError(
                self.env._(
                    "Lot %(lot)s is of gift packs: its production date is the day on which"
                    " they were packed.",
                    lot=packed[0].name,
                )
            )

    def _assist_check_pack_expiry(self):
        """No gift pack outlives its parts: not by an edit of its lot, nor of theirs."""
        for lot, limit in self._assist_get_pack_limits().items():
            if not lot.expiration_date or lot.expiration_date > limit:
                raise UserError(
                    self.env._(
                        "Lot %(lot)s of %(product)s cannot expire later than the first of the"
                        " lots packed into it, on %(date)s.",
                        lot=lot.name,
                        product=lot.product_id.display_name,
                        date=fields.Date.to_string(limit),
                    )
                )
        packs = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("consume_line_ids.lot_id", "in", self.ids),
                    ("state", "=", "done"),
                    ("product_id.assist_is_gift_pack", "=", True),
                ]
            )
            .lot_id
        )
        later = packs._assist_get_pack_limits()
        for lot, limit in later.items():
            if not lot.expiration_date or lot.expiration_date > limit:
                lot.expiration_date = limit

    # ------------------------------------------------------------------
    # Public page of the lot
    # ------------------------------------------------------------------
    assist_public_token = fields.Char(copy=False, readonly=True, groups=fields.NO_ACCESS)

    _assist_public_token_unique = models.UniqueIndex(
        "(assist_public_token) WHERE assist_public_token IS NOT NULL"
    )

    def _assist_get_public_url(self):
        """Return the address of the lot's public page, as QR codes on labels show it.

        The address cannot be guessed; it is made when it is first asked for, and stays.
        """
        self.ensure_one()
        lot = self.sudo()
        if not lot.assist_public_token:
            lot.with_context(mail_notrack=True).assist_public_token = secrets.token_urlsafe(16)
        return f"{lot.get_base_url()}/assist/lot/{lot.assist_public_token}"

    # ------------------------------------------------------------------
    # Goods on hold
    # ------------------------------------------------------------------
    assist_hold_line_ids = fields.One2many(
        "union.assist.hold.line", "lot_id", "Holds", groups=HOLD_READERS
    )
    assist_held_by = fields.Char(
        "On Hold by",
        compute="_compute_assist_held_by",
        compute_sudo=True,
        help="Holds in force that cover the lot.",
    )
    assist_is_held = fields.Boolean(
        "On Hold",
        compute="_compute_assist_held_by",
        search="_search_assist_is_held",
        compute_sudo=True,
    )

    @api.depends("assist_hold_line_ids.held", "assist_hold_line_ids.hold_id.reason")
    @api.depends_context("allowed_company_ids")
    def _compute_assist_held_by(self):
        for lot in self:
            lines = lot.assist_hold_line_ids.filtered(
                lambda line: line.held and line.company_id in self.env.companies
            )
            lot.assist_held_by = ", ".join(lines.hold_id.mapped("display_name")) or False
            lot.assist_is_held = bool(lines)

    @api.model
    def _search_assist_is_held(self, operator, value):
        if operator != "in":
            return NotImplemented
        lines = self.env["union.assist.hold.line"].sudo()
        held = lines._search(
            [("held", "=", True), ("company_id", "in", self.env.companies.ids)]
        ).subselect("lot_id")
        return Domain.OR(Domain("id", "in" if wanted else "not in", held) for wanted in value)

    def write(self, vals):
        self._assist_check_packed_date(vals)
        result = super().write(vals)
        if vals.get("assist_production_date"):
            self.env["union.assist.hold"]._extend(self)
        if "expiration_date" in vals:
            self._assist_check_pack_expiry()
        return result

    def _assist_get_holds(self, companies):
        """Return the hold in force of each of these lots that is held, the oldest one.

        :param companies: whose goods they are
        :return: ``{(lot id, company id): hold}``; one query
        """
        if not self:
            return {}
        lines = self.env["union.assist.hold.line"].sudo()
        lines.flush_model(["held", "lot_id", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lot_id, company_id, MIN(hold_id) FROM union_assist_hold_line
                 WHERE held AND lot_id = ANY(%s) AND company_id = ANY(%s)
              GROUP BY lot_id, company_id
                """,
                self.ids,
                companies.ids,
            )
        )
        holds = self.env["union.assist.hold"].sudo()
        return {(lot_id, company_id): holds.browse(hold) for lot_id, company_id, hold in rows}

    def _assist_lock_for_moving(self):
        """Wait for holds that are being set on these lots, and have those to come wait.

        Setting a hold writes to the lots' rows (:meth:`_assist_lock_for_hold`). Reading them
        with a lock of its own, a move of the goods either comes first, or fails to serialize
        and is replayed once the hold is there to be seen. Locks on stock records would not do:
        where one is taken, Odoo writes another one beside it instead of waiting.
        """
        if self.ids:
            self.env.execute_query(
                SQL("SELECT id FROM stock_lot WHERE id = ANY(%s) ORDER BY id FOR SHARE", self.ids)
            )

    def _assist_lock_for_hold(self):
        """Write to these lots' rows: see :meth:`_assist_lock_for_moving`."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE stock_lot SET product_id = lot.product_id
                  FROM (SELECT id, product_id FROM stock_lot WHERE id = ANY(%s)
                      ORDER BY id FOR NO KEY UPDATE) lot
                 WHERE stock_lot.id = lot.id
                """,
                self.ids,
            )
        )

    def action_assist_hold(self):
        """Open a new hold on these lots."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put on Hold"),
            "res_model": "union.assist.hold",
            "view_mode": "form",
            "context": {"default_scope": "lot", "default_lot_ids": [Command.set(self.ids)]},
        }

    # ------------------------------------------------------------------
    # Arrival checks
    # ------------------------------------------------------------------
    assist_arrival_check_ids = fields.One2many(
        "union.assist.arrival.check", "lot_id", "Arrival Checks", readonly=True
    )

    # ------------------------------------------------------------------
    # Lab reports and retention samples
    # ------------------------------------------------------------------
    assist_lab_report_count = fields.Integer(
        "Lab Report Count", compute="_compute_assist_lab_counts", compute_sudo=True
    )
    assist_sample_count = fields.Integer(
        "Retention Sample Count", compute="_compute_assist_lab_counts", compute_sudo=True
    )

    def _compute_assist_lab_counts(self):
        reports = dict(
            self.env["union.assist.lab.report"]._read_group(
                [("lot_ids", "in", self.ids), ("state", "!=", "refused")], ["lot_ids"], ["__count"]
            )
        )
        samples = dict(
            self.env["union.assist.retention.sample"]._read_group(
                [("lot_id", "in", self.ids)], ["lot_id"], ["__count"]
            )
        )
        for lot in self:
            lot.assist_lab_report_count = reports.get(lot, 0)
            lot.assist_sample_count = samples.get(lot, 0)

    def _assist_get_report_action(self, supplier):
        """Window action on the lab reports of these lots, a new one where there is none."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_lab_report"
        )
        lots = self.sudo()
        action["domain"] = [("lot_ids", "in", self.ids)]
        action["context"] = {
            "default_lot_ids": [Command.set(self.ids)],
            "default_product_id": lots.product_id.id if len(lots.product_id) == 1 else False,
            "default_supplier_id": supplier.id if supplier.assist_supplier_kind else False,
        }
        if not any(self.mapped("assist_lab_report_count")):
            action.update(views=[(False, "form")], view_mode="form")
        return action

    def action_view_assist_lab_reports(self):
        """Open the lab reports of these lots."""
        self.check_access("read")
        return self._assist_get_report_action(self.sudo().product_id.assist_supplier_id[:1])

    def action_view_assist_samples(self):
        """Open the retention samples of these lots."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_retention_sample"
        )
        action["domain"] = [("lot_id", "in", self.ids)]
        action["context"] = {"default_lot_id": self.id if len(self) == 1 else False}
        return action
