from collections import defaultdict

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class StockLot(models.Model):
    """Inspections of a lot: which plans apply, what was decided, what of it entered stock."""

    _inherit = "stock.lot"

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

    def _assist_check_identity(self, vals):
        """What was inspected, held or recalled keeps its number and product.

        Results, certificates, labels and notices name them. A slip of the pen is mended as
        long as nothing was drawn or handed over.

        :raise UserError: naming the lot and what binds it
        """
        changed = self._origin.filtered(
            lambda lot: (
                ("name" in vals and vals["name"] != lot.name)
                or ("product_id" in vals and vals["product_id"] != lot.product_id.id)
            )
        )
        if not changed:
            return
        for model, domain in (
            (
                "union.assist.quality.inspection",
                # A draw follows from the number: another one would be drawn anew.
                Domain("state", "in", ("submitted", "decided"))
                | Domain("sample_seed", "!=", False),
            ),
            ("union.assist.hold.line", Domain("hold_id.state", "!=", "draft")),
            ("union.assist.recall.line", Domain("recall_id.state", "in", ("open", "closed"))),
        ):
            records = self.env[model].sudo()
            found = records.search(Domain("lot_id", "in", changed.ids) & domain, limit=1)
            if found:
                raise UserError(
                    self.env._(
                        "Lot %(lot)s has been inspected, held or recalled (%(record)s):"
                        " certificates, labels and notices bear its number, so number and"
                        " product stay. Enter the right number in the lot's reference, or take"
                        " the goods out and receive them again under a new lot, which is"
                        " inspected anew.",
                        lot=found.lot_id.name,
                        record=self.env["ir.model"]._get(model).name,
                    )
                )

    @api.depends("product_id")
    @api.depends_context("company")
    def _compute_assist_quality_planned(self):
        kinds = self._assist_get_supplier_kinds()
        for lot in self:
            lot.assist_quality_planned = bool(
                lot.create_date
                and lot._assist_get_plan_ids(self.env.company, kinds=kinds.get(lot._origin))
            )

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

    def action_view_assist_inspections(self):
        """Open the inspections of these lots."""
        return self.assist_inspection_ids._get_list_action(self.env._("Inspections"))
