from collections import defaultdict

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.concession import Flow, share_out


class StockMoveLine(models.Model):
    """The quality gate: what finished move lines may do with a lot."""

    _inherit = "stock.move.line"

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
                self.product_id, self.company_id, [self.company_id._assist_today()], step
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

    def _assist_check_receivers(self):
        """What was conceded for some customers did not go to another, whatever is written later.

        :raise UserError: naming the concession
        """
        lines = self.sudo().filtered(
            lambda line: (
                line.state == "done"
                and line.location_dest_id.usage != "production"
                and line.location_dest_id._assist_get_outside()
            )
        )
        flows = lines.lot_id._assist_get_concession_flows() if lines else {}
        for grants, lot_flows in flows.values():
            _left, short = share_out(grants, [flow for _line, flow in lot_flows])
            for (line, flow), missing in zip(lot_flows, short, strict=True):
                if missing and line in lines:
                    line._assist_refuse_conceded(flow, missing, grants)

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
