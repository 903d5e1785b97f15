from collections import defaultdict
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.concession import Flow, share_out

# Changing one of these on a finished line moves goods without finishing a move.
MOVING_FIELDS = frozenset(
    ("location_id", "location_dest_id", "lot_id", "quant_id", "quantity", "product_uom_id")
)

# What else the history of a lot is read from: of a finished line it stays as it is.
HISTORY_FIELDS = frozenset(("move_id", "picking_id", "product_id", "company_id"))

# What follows from the move and from quantity and unit, whatever a client says.
DERIVED_FIELDS = ("state", "quantity_product_uom")

# What the arrival checks of an open receipt follow from.
ARRIVAL_FIELDS = frozenset(
    ("lot_id", "lot_name", "quantity", "assist_production_date", "expiration_date")
)


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    assist_production_date = fields.Date(
        "Production Date",
        compute="_compute_assist_production_date",
        store=True,
        readonly=False,
        help="Kept on the lot that this line registers.",
    )

    _assist_lot_idx = models.Index("(lot_id) WHERE lot_id IS NOT NULL")

    @api.depends("lot_id.assist_production_date")
    def _compute_assist_production_date(self):
        for line in self:
            line.assist_production_date = (
                line.lot_id.assist_production_date or line.assist_production_date
            )

    @api.onchange("assist_production_date")
    def _onchange_assist_production_date(self):
        """Propose the expiry that the shelf life gives; the label decides."""
        if self.assist_production_date and self.product_id.use_expiration_date:
            self.expiration_date = fields.Datetime.to_datetime(
                self.assist_production_date
            ) + timedelta(days=self.product_id.expiration_time)

    def _prepare_new_lot_vals(self):
        vals = super()._prepare_new_lot_vals()
        if self.assist_production_date:
            vals["assist_production_date"] = self.assist_production_date
        return vals

    # ------------------------------------------------------------------
    # The quality gate
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._assist_drop_derived(vals) for vals in vals_list])
        lines.filtered(lambda line: line.state == "done")._assist_check_quality()
        lines._assist_check_hold()
        lines._assist_check_arrival()
        lines._assist_sync_arrival()
        return lines

    def write(self, vals):
        vals = self._assist_drop_derived(vals)
        self._assist_check_history(vals)
        self._assist_check_relabelled(vals)
        result = super().write(vals)
        if MOVING_FIELDS & vals.keys():
            self.filtered(lambda line: line.state == "done")._assist_check_quality()
        self._assist_check_held_write(vals)
        self._assist_follow_arrival(vals)
        return result

    @api.model
    def _assist_drop_derived(self, vals):
        """Leave out what is computed: written by hand it would belie what has moved."""
        return {name: value for name, value in vals.items() if name not in DERIVED_FIELDS}

    def _assist_check_history(self, vals):
        """Refuse to rewrite finished lines of lots but by moving the goods: the gate counts them.

        Core moves the goods along with what is written, unless a key of the context says not to.

        :raise AccessError: naming product and lot
        """
        if self.env.su:
            return
        names = HISTORY_FIELDS & vals.keys()
        if self.env.context.get("skip_uom_conversion"):
            names |= (MOVING_FIELDS | {"package_id", "result_package_id"}) & vals.keys()
        if not names:
            return
        target = self.env["stock.move"].browse(vals.get("move_id") or ())
        changed = self.filtered(
            lambda line: (
                (line.state == "done" or target.state == "done")
                and any(
                    line[name]
                    and (line[name] if name == "quantity" else line[name].id) != vals[name]
                    for name in names
                    if name != "quant_id"
                )
            )
        )
        changed._assist_refuse_history()

    def _assist_refuse_history(self):
        """Refuse to rewrite the history of these lines, where their lots are under a plan.

        :raise AccessError: naming product and lot
        """
        lines = self.sudo().filtered("lot_id")
        if not lines or not self.env["union.assist.quality.plan"]._get_index():
            return
        kinds = lines.lot_id._assist_get_supplier_kinds()
        for line in lines:
            if line._assist_is_gated(None, kinds) or line.lot_id.assist_inspection_ids:
                raise AccessError(
                    self.env._(
                        "%(product)s, lot %(lot)s, is under quality control: what was moved of it"
                        " is evidence and is not rewritten. Move the goods by a transfer.",
                        product=line.product_id.display_name,
                        lot=line.lot_id.name,
                    )
                )

    def _assist_get_receipt_partner(self):
        """The supplier whose receipt brought the goods of this line here, where it is the step
        right before."""
        receipts = self.move_id.move_orig_ids.filtered(
            lambda move: move.picking_id.picking_type_code == "incoming"
        )
        return receipts[:1]._assist_get_supplier() if receipts else self.env["res.partner"]

    def _assist_split(self, quantity):
        """Split this open line; return the line that carries ``quantity``.

        :param quantity: in the product's unit, at most the line's
        """
        self.ensure_one()
        unit = self.product_id.uom_id
        rest = self.quantity_product_uom - quantity
        if unit.compare(rest, 0.0) <= 0:
            return self
        # In the product's unit: a part of a box need not be a whole box.
        self.write({"quantity": rest, "product_uom_id": unit.id})
        return self.copy(
            {
                "quantity": quantity,
                "product_uom_id": unit.id,
                "picked": self.picked,
                "result_package_id": False,
            }
        )

    def _assist_take_rejected(self):
        """Single out what these open lines carry of the rejected part of their lots.

        :return: ``{move: lines of it to send to Reject}``; lines that carry more are split
        """
        left = self._assist_get_rejected_left()
        rejected = defaultdict(self.browse)
        for line in self:
            root = line.picking_id.assist_quality_root_id or line.picking_id
            key = (root, line.lot_id)
            if line.location_dest_id.assist_is_reject:
                left[key] -= line.quantity_product_uom
                rejected[line.move_id] |= line
                continue
            quantity = min(left[key], line.quantity_product_uom)
            if line.product_id.uom_id.compare(quantity, 0.0) > 0:
                left[key] -= quantity
                rejected[line.move_id] |= line._assist_split(quantity)
        return rejected

    def _assist_carry_out_rejections(self):
        """Return, scrap or downgrade what these finished lines brought to Reject."""
        lines = self.filtered(
            lambda line: (
                line.lot_id
                and line.location_dest_id.assist_is_reject
                and not line.location_id.assist_is_reject
            )
        )
        if lines:
            self.env["union.assist.quality.decision"]._carry_out(lines)

    def _assist_get_rejected_left(self):
        """Rejected quantities that the quality steps of these lines did not set apart yet.

        :return: ``{(first picking of the step, lot): quantity in the product's unit}``
        """
        pickings = self.picking_id
        roots = pickings.mapped(lambda picking: picking.assist_quality_root_id or picking)
        left = defaultdict(float)
        for root, lot, quantity in (
            self.env["union.assist.quality.inspection"]
            .sudo()
            ._read_group(
                Domain("origin_picking_id", "in", roots.ids)
                & Domain("lot_id", "in", self.lot_id.ids)
                & Domain("state", "=", "decided"),
                ["origin_picking_id", "lot_id"],
                ["rejected_qty:sum"],
            )
        ):
            left[root.with_env(self.env), lot.with_env(self.env)] = quantity
        for key, quantities in self._assist_get_step_done(roots).items():
            left[key] -= quantities["rejected"]
        return left

    @api.model
    def _assist_get_step_done(self, roots):
        """What quality steps and their backorders have moved on already.

        :param roots: first pickings of the steps
        :return: ``{(root, lot): {"passed": quantity, "rejected": quantity}}`` in the
            product's unit
        """
        done = defaultdict(lambda: {"passed": 0.0, "rejected": 0.0})
        if not roots:
            return done
        for picking, lot, location, quantity in self.sudo()._read_group(
            (
                Domain("picking_id", "in", roots.ids)
                | Domain("picking_id.assist_quality_root_id", "in", roots.ids)
            )
            & Domain("state", "=", "done")
            & Domain("lot_id", "!=", False),
            ["picking_id", "lot_id", "location_dest_id"],
            ["quantity_product_uom:sum"],
        ):
            root = (picking.assist_quality_root_id or picking).with_env(roots.env)
            key = "rejected" if location.assist_is_reject else "passed"
            done[root, lot.with_env(roots.env)][key] += quantity
        return done

    def _assist_check_quality(self):
        """Refuse finished move lines that go around a quality decision.

        Judged by where the goods are, not by the kind of transfer, and on the figures as
        they are after the move, so that no context key, batch or later edit changes it:

        - what was rejected leaves its location only back to the vendor, as a loss, or into
          the downgrade that was decided;
        - a quality step passes on no more of a lot than was released in it;
        - no more of a lot enters stock than was released of it, ever;
        - a lot in stock goes nowhere as long as nothing of it was released;
        - what was conceded leaves until its last day, and to those it was conceded for.

        :raise UserError: naming lot, quantities and what to do
        """
        # What is prefetched together may have left the cache while the goods moved.
        lines = self.sudo().with_prefetch().filtered(lambda line: line.quantity_product_uom > 0)
        for line in lines:
            if line.location_id.assist_is_reject and not (
                line.location_dest_id.assist_is_reject
                or line.location_dest_id.usage in ("supplier", "inventory")
                or line._assist_is_downgrade()
            ):
                raise UserError(
                    self.env._(
                        "%(product)s%(lot)s was rejected: from %(origin)s it can only go back to"
                        " the vendor, be written off or be downgraded by a decision, not go to"
                        " %(destination)s.",
                        product=line.product_id.display_name,
                        lot=f" ({line.lot_id.name})" if line.lot_id else "",
                        origin=line.location_id.display_name,
                        destination=line.location_dest_id.display_name,
                    )
                )
        plans = self.env["union.assist.quality.plan"]
        if not plans._get_index():
            return
        steps = lines.picking_id._assist_get_quality_steps()
        kinds = lines.lot_id._assist_get_supplier_kinds()
        arrivals = lines.lot_id._assist_get_arrivals()
        step_lines = entering = moving = late = self.browse().sudo()
        for line in lines:
            step = line.picking_id in steps and line.picking_id.picking_type_id
            in_step = bool(step) and line._assist_is_gated(step, kinds)
            if in_step and not line.location_dest_id.assist_is_reject:
                step_lines |= line
            # Plans of other operation types say nothing about entering stock.
            at_quality = in_step and step._assist_is_quality_step()
            if line.location_dest_id._assist_is_before_decision():
                continue
            is_undecided = line.location_id._assist_is_before_decision()
            if not (at_quality or line._assist_is_gated(None, kinds)):
                if is_undecided and line.lot_id in arrivals:
                    late |= line
            elif is_undecided or line.location_id.usage == "production":
                entering |= line
            else:
                moving |= line
        step_lines._assist_check_step()
        entering._assist_check_entry()
        late._assist_check_late(kinds, arrivals)
        moving._assist_check_released()
        moving._assist_check_concessions()

    def _assist_is_downgrade(self):
        """Whether this line feeds rejected goods into the downgrade that was decided for them."""
        self.ensure_one()
        production = self.move_id.raw_material_production_id
        if self.location_dest_id.usage != "production" or not production:
            return False
        decision = (
            self.env["union.assist.quality.decision"]
            .sudo()
            .search(
                [("production_ids", "in", production.ids), ("lot_id", "=", self.lot_id.id)],
                limit=1,
            )
        )
        if not decision or production.product_id != decision.downgrade_product_id:
            return False
        used = sum(
            line.quantity_product_uom
            for line in decision.production_ids.move_raw_ids.move_line_ids
            if line.state == "done" and line.lot_id == self.lot_id
        )
        return (
            self.product_id not in production.move_finished_ids.product_id
            and self.product_id.uom_id.compare(used, decision.quantity) <= 0
        )

    def _assist_is_gated(self, step, kinds):
        """Whether a quality plan applies to the goods of this line.

        :param step: the operation type where they are inspected in the line's transfer; None
            asks for the plans that decide about entering stock
        :param kinds: ``{lot: kinds of its suppliers}``
        """
        self.ensure_one()
        if self.lot_id:
            lot = self.lot_id
            return bool(lot._assist_get_plan_ids(self.company_id, bool(step), step, kinds.get(lot)))
        return self.product_id.is_storable and bool(
            self.env["union.assist.quality.plan"]._get_applicable_ids(
                self.product_id, self.company_id, [fields.Date.context_today(self)], step
            )
        )

    def _assist_check_lots(self):
        for line in self:
            if not line.lot_id:
                raise UserError(
                    self.env._(
                        "%(product)s is inspected by lot: enter the lot of what goes from"
                        " %(origin)s to %(destination)s.",
                        product=line.product_id.display_name,
                        origin=line.location_id.display_name,
                        destination=line.location_dest_id.display_name,
                    )
                )

    def _assist_check_step(self):
        """A quality step passes on no more of a lot than was decided to pass in it."""
        if not self:
            return
        self._assist_check_lots()
        roots = self.picking_id.mapped(lambda picking: picking.assist_quality_root_id or picking)
        done = self._assist_get_step_done(roots)
        admitted = self.env["union.assist.quality.inspection"]._get_admitted(
            Domain("origin_picking_id", "in", roots.ids) & Domain("lot_id", "in", self.lot_id.ids),
            ["origin_picking_id", "lot_id"],
        )
        for line in self:
            key = (line.picking_id.assist_quality_root_id or line.picking_id, line.lot_id)
            allowed = admitted.get(key, 0.0)
            if line.product_id.uom_id.compare(done[key]["passed"], allowed) > 0:
                raise UserError(
                    self.env._(
                        "%(picking)s cannot be finished: %(quantity)s %(unit)s of %(product)s, lot"
                        " %(lot)s, would pass, but %(allowed)s are released. Record the results"
                        " of its inspection and have it decided first.",
                        picking=line.picking_id.name,
                        quantity=f"{done[key]['passed']:g}",
                        unit=line.product_id.uom_id.name,
                        product=line.product_id.display_name,
                        lot=line.lot_id.name,
                        allowed=f"{allowed:g}",
                    )
                )

    def _assist_check_late(self, kinds, arrivals):
        """Lots registered before their plan began: what came in since then is under it.

        What came before is not: it lies in stock, and only what entered since is counted.

        :param kinds: ``{lot: kinds of its suppliers}``
        :param arrivals: ``{lot: when it last came from a supplier}``
        """
        plans = self.env["union.assist.quality.plan"]
        begun = defaultdict(self.browse)
        for line in self:
            lot = line.lot_id
            ids = lot._assist_get_plan_ids(
                line.company_id, kinds=kinds.get(lot), arrived=arrivals[lot]
            )
            if ids:
                first = min(plans.browse(ids).mapped("date_from"))
                begun[line.company_id._assist_get_zone(), first] |= line
        for (zone, first), lines in begun.items():
            moment = zone.localize(fields.Datetime.to_datetime(first)).astimezone(pytz.utc)
            lines._assist_check_entry(moment.replace(tzinfo=None))

    def _assist_check_entry(self, since=None):
        """No more of a lot enters stock than was released of it.

        What is made here is the exception: it has to lie somewhere until it is inspected,
        and goes nowhere before.

        :param since: moment from which on it is counted; always by default
        """
        if not self:
            return
        self._assist_check_lots()
        lots = self.lot_id
        inspections = self.env["union.assist.quality.inspection"]
        # What a concession let in before does not come in once more, nor what was released
        # for one transfer alone.
        admitted = inspections._get_admitted(
            Domain("lot_id", "in", lots.ids)
            & Domain("renews_concession", "=", False)
            & Domain("for_transfer", "=", False),
            ["lot_id"],
        )
        known = inspections.search([("lot_id", "in", lots.ids), ("state", "!=", "cancel")]).lot_id
        entered = lots._assist_get_entered(since)
        for line in self:
            lot = line.lot_id
            if line.location_id.usage == "production" and lot not in known:
                continue
            allowed = admitted.get((lot,), 0.0)
            if line.product_id.uom_id.compare(entered[lot], allowed) > 0:
                raise UserError(
                    self.env._(
                        "%(product)s, lot %(lot)s, cannot go from %(origin)s to %(destination)s:"
                        " with it %(entered)s %(unit)s would have entered stock, but the quality"
                        " decisions released %(allowed)s. Receive it through the quality step of"
                        " a three-step receipt.",
                        product=line.product_id.display_name,
                        lot=lot.name,
                        origin=line.location_id.display_name,
                        destination=line.location_dest_id.display_name,
                        entered=f"{entered[lot]:g}",
                        unit=line.product_id.uom_id.name,
                        allowed=f"{allowed:g}",
                    )
                )

    def _assist_check_released(self):
        """A lot of which nothing was released stays where it is."""
        if not self:
            return
        self._assist_check_lots()
        admitted = self.env["union.assist.quality.inspection"]._get_admitted(
            Domain("lot_id", "in", self.lot_id.ids) & Domain("for_transfer", "=", False),
            ["lot_id"],
        )
        for line in self:
            if line.product_id.uom_id.compare(admitted.get((line.lot_id,), 0.0), 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "%(product)s, lot %(lot)s, has no quality decision that releases it: it"
                        " cannot go from %(origin)s to %(destination)s. Have it inspected (button"
                        " “Inspect” on the lot) and decided first.",
                        product=line.product_id.display_name,
                        lot=line.lot_id.name,
                        origin=line.location_id.display_name,
                        destination=line.location_dest_id.display_name,
                    )
                )

    def _assist_check_concessions(self):
        """What was conceded for a time, or for some customers, leaves no later and to no other.

        Where nothing but ended concessions is left of a lot, it stays where it is.
        """
        flows = self.lot_id._assist_get_concession_flows(self)
        for lot, (grants, lot_flows) in flows.items():
            left, short = share_out(grants, [flow for _line, flow in lot_flows])
            lines = self.filtered(lambda line, lot=lot: line.lot_id == lot)
            for (line, flow), missing in zip(lot_flows, short, strict=True):
                if line in lines and missing:
                    line._assist_refuse_conceded(flow, missing, grants)
            for line in lines - lines.browse().union(*(line for line, _flow in lot_flows)):
                today = line.company_id._assist_today()
                if not any(
                    line.product_id.uom_id.compare(left[grant.key], 0.0) > 0
                    for grant in grants
                    if grant.until is None or grant.until >= today
                ):
                    line._assist_refuse_conceded(Flow(0.0, today), None, grants)

    def _assist_refuse_conceded(self, flow, missing, grants):
        """Say which concession keeps this line from leaving.

        :param missing: the quantity that nothing covers, ``None`` where no quantity is left
        :raise UserError: always
        """
        concessions = (
            self.env["union.assist.quality.decision"]
            .sudo()
            .browse(grant.key for grant in grants if grant.until)
        )
        terms = "; ".join(
            self.env._(
                "%(quantity)s until %(day)s for %(customers)s",
                quantity=f"{concession.quantity:g}",
                day=concession.date_until,
                customers=", ".join(concession.partner_ids.mapped("name")) or self.env._("anybody"),
            )
            for concession in concessions
        )
        raise UserError(
            self.env._(
                "%(product)s, lot %(lot)s, cannot go from %(origin)s to %(destination)s:"
                " %(quantity)s of it would leave against its concession (%(terms)s). Have what is"
                " left inspected (button “Inspect” on the lot) and decided again.",
                product=self.product_id.display_name,
                lot=self.lot_id.name,
                origin=self.location_id.display_name,
                destination=self.location_dest_id.display_name,
                quantity=f"{self.quantity_product_uom if missing is None else missing:g}"
                f" {self.product_id.uom_id.name}",
                terms=terms,
            )
        )

    # ------------------------------------------------------------------
    # Cartons
    # ------------------------------------------------------------------
    def _put_in_pack(self, package_id=False, package_type_id=False, package_name=False):
        package = super()._put_in_pack(package_id, package_type_id, package_name)
        package._assist_register_packing(self)
        return package

    # ------------------------------------------------------------------
    # Goods on hold
    # ------------------------------------------------------------------
    def _assist_may_go_on_hold(self):
        """Whether this line may take goods that are on hold where it goes.

        They may be set apart, go back to the vendor or be written off, and they may come in:
        from vendors, recipients, stock counts and production. In place a package may be
        opened, but none be filled.
        """
        self.ensure_one()
        origin, target = self.location_id, self.location_dest_id
        if target._assist_takes_held():
            return True
        if origin == target:
            return not self.result_package_id or self.result_package_id == self.package_id
        return target.usage in ("internal", "transit") and origin.usage in (
            "supplier",
            "customer",
            "inventory",
            "production",
        )

    def _assist_check_hold(self):
        """Refuse move lines that take goods on hold elsewhere than apart, back or to waste.

        Lots that come in are put on the holds that they belong to first. Judged like the
        quality gate: by where the goods go, so that no kind of transfer and no context key
        changes it.

        :raise UserError: naming lot, hold and what to do
        """
        lines = self.sudo().with_prefetch().filtered(lambda line: line.lot_id and line.quantity)
        if not lines:
            return
        hold_model = self.env["union.assist.hold"]
        done = lines.filtered(lambda line: line.state == "done")
        done.lot_id._assist_lock_for_moving()
        arrived = done.filtered(lambda line: line.location_id.usage == "supplier")
        if arrived:
            hold_model._extend(arrived.lot_id)
        made = done.filtered(lambda line: line.location_id.usage == "production")
        for company, company_lines in made.grouped("company_id").items():
            hold_model._extend_to_made(company_lines.lot_id, company)
        holds = lines.lot_id._assist_get_holds(lines.company_id)
        if not holds:
            return
        # Held goods are inspected and decided where they are: open steps may name them.
        steps = lines.picking_id._assist_get_quality_steps()
        for line in lines:
            hold = holds.get((line.lot_id.id, line.company_id.id))
            if line.state != "done" and line.picking_id in steps:
                continue
            if hold and not line._assist_may_go_on_hold():
                raise UserError(
                    self.env._(
                        "%(product)s, lot %(lot)s, is on hold (%(hold)s): it cannot go from"
                        " %(origin)s to %(destination)s. Until the hold is lifted it can only be"
                        " set apart in a reject or quarantine location, go back to the vendor or"
                        " be scrapped.",
                        product=line.product_id.display_name,
                        lot=line.lot_id.name,
                        hold=hold.display_name,
                        origin=line.location_id.display_name,
                        destination=line.location_dest_id.display_name,
                    )
                )

    def _assist_check_relabelled(self, vals):
        """Refuse to call held goods of a finished move another lot: they would be free."""
        if "lot_id" not in vals:
            return
        lines = self.sudo().filtered(
            lambda line: line.state == "done" and line.lot_id.id not in (False, vals["lot_id"])
        )
        holds = lines.lot_id._assist_get_holds(lines.company_id)
        for line in lines:
            hold = holds.get((line.lot_id.id, line.company_id.id))
            if hold:
                raise UserError(
                    self.env._(
                        "Lot %(lot)s is on hold (%(hold)s): goods of it that were moved do not"
                        " become another lot.",
                        lot=line.lot_id.name,
                        hold=hold.display_name,
                    )
                )

    def _assist_check_held_write(self, vals):
        """Check what was written: on finished lines all that moves goods, on open ones the lot."""
        if (MOVING_FIELDS | {"result_package_id"}) & vals.keys():
            chosen = bool({"lot_id", "quant_id"} & vals.keys())
            self.filtered(lambda line: chosen or line.state == "done")._assist_check_hold()

    # ------------------------------------------------------------------
    # Arrival checks
    # ------------------------------------------------------------------
    def _assist_get_arriving(self):
        """Return those of these lines that bring assistance goods from a vendor, with a lot."""
        return self.filtered(
            lambda line: (
                line.picking_id
                and line.state != "cancel"
                and line.quantity > 0
                and line.location_id.usage == "supplier"
                and line.location_dest_id.usage in ("internal", "transit")
                and line.product_id.assist_supplier_id
                and (line.lot_id or line.lot_name or line.product_id.tracking == "none")
            )
        )

    def _assist_get_arrival_key(self):
        self.ensure_one()
        return self.picking_id, self.product_id, self.lot_id.name or self.lot_name or ""

    def _assist_follow_arrival(self, vals):
        """Check what was written: finished lines once more, open ones get their checks."""
        if MOVING_FIELDS & vals.keys():
            self._assist_check_arrival()
        if ARRIVAL_FIELDS & vals.keys():
            # Registering a lot under the name that was checked changes nothing.
            self.filtered(
                lambda line: vals.keys() != {"lot_id"} or line.lot_id.name != line.lot_name
            )._assist_sync_arrival()

    def _assist_sync_arrival(self):
        """Make the checks of lots as they are registered on open receipts."""
        if not self.env["union.assist.arrival.rule"]._get_index():
            return
        arriving = self.filtered(lambda line: line.state != "done")._assist_get_arriving()
        if arriving:
            self.env["union.assist.arrival.check"]._sync(arriving.picking_id)

    def _assist_check_arrival(self):
        """Refuse finished lines whose lots were not checked on arrival, or failed.

        Judged after the move like the quality gate, so that no way of finishing a receipt,
        no context key and no later edit goes around it.

        :raise UserError: naming receipt, lots and items
        """
        if not self.env["union.assist.arrival.rule"]._get_index():
            return
        lines = self.filtered(lambda line: line.state == "done").sudo()._assist_get_arriving()
        if not lines:
            return
        checks = self.env["union.assist.arrival.check"]._sync(lines.picking_id, is_settled=True)
        lots = {line._assist_get_arrival_key(): line.lot_id for line in lines}
        checks = checks.filtered(lambda check: check._get_goods_key() in lots)
        checks._check_received()
        for check in checks:
            lot = lots[check._get_goods_key()]
            if check.lot_id != lot:
                check.lot_id = lot

    # ------------------------------------------------------------------
    # Delivery routes
    # ------------------------------------------------------------------
    def _assist_get_load(self):
        """Return what these lines weigh and take up, packaging included: (kg, m³)."""
        weight = volume = 0.0
        weighed, measured = set(), set()
        for package in self.result_package_id:
            if package.shipping_weight:
                weight += package.shipping_weight
                weighed.add(package.id)
            kind = package.package_type_id
            if not package.shipping_weight:
                weight += kind.base_weight
            if kind.packaging_length and kind.width and kind.height:
                # Package types are measured in millimetres.
                volume += kind.packaging_length * kind.width * kind.height / 1000.0**3
                measured.add(package.id)
        for line in self:
            quantity, product = line.quantity_product_uom, line.product_id
            if line.result_package_id.id not in weighed:
                weight += product.weight * quantity
            if line.result_package_id.id not in measured:
                volume += product.volume * quantity
        return weight, volume

    def _assist_name_goods(self):
        """Return these goods in a few words: product, lot, quantity and unit."""
        parts = []
        for line in self[:5]:
            parts.append(
                " ".join(
                    filter(
                        None,
                        [
                            line.product_id.with_context(display_default_code=False).display_name,
                            line.lot_id.name,
                            f"{line.quantity:g}",
                            line.product_uom_id.name,
                        ],
                    )
                )
            )
        if len(self) > 5:
            parts.append("…")
        return ", ".join(parts)
