from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Changing one of these on a finished line moves goods without finishing a move.
MOVING_FIELDS = frozenset(
    ("location_id", "location_dest_id", "lot_id", "quant_id", "quantity", "product_uom_id")
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
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.state == "done")._assist_check_quality()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if MOVING_FIELDS & vals.keys():
            self.filtered(lambda line: line.state == "done")._assist_check_quality()
        return result

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

        - what was rejected leaves its location only back to the vendor or as a loss;
        - a quality step passes on no more of a lot than was released in it;
        - no more of a lot enters stock than was released of it, ever;
        - a lot in stock goes nowhere as long as nothing of it was released.

        :raise UserError: naming lot, quantities and what to do
        """
        # What is prefetched together may have left the cache while the goods moved.
        lines = self.sudo().with_prefetch().filtered(lambda line: line.quantity_product_uom > 0)
        for line in lines:
            if line.location_id.assist_is_reject and not (
                line.location_dest_id.assist_is_reject
                or line.location_dest_id.usage in ("supplier", "inventory")
            ):
                raise UserError(
                    self.env._(
                        "%(product)s%(lot)s was rejected: from %(origin)s it can only go back to"
                        " the vendor or be written off, not to %(destination)s.",
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
        step_lines = entering = moving = self.browse().sudo()
        for line in lines:
            in_step = line.picking_id in steps
            if not line._assist_is_gated(in_step):
                continue
            if in_step and not line.location_dest_id.assist_is_reject:
                step_lines |= line
            if line.location_dest_id._assist_is_before_decision():
                continue
            if (
                line.location_id._assist_is_before_decision()
                or line.location_id.usage == "production"
            ):
                entering |= line
            else:
                moving |= line
        step_lines._assist_check_step()
        entering._assist_check_entry()
        moving._assist_check_released()

    def _assist_is_gated(self, in_step):
        """Whether a quality plan applies to the goods of this line."""
        self.ensure_one()
        if self.lot_id:
            return bool(self.lot_id._assist_get_plan_ids(self.company_id, today=in_step))
        return self.product_id.is_storable and bool(
            self.env["union.assist.quality.plan"]._get_applicable_ids(
                self.product_id, self.company_id, [fields.Date.context_today(self)]
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

    def _assist_check_entry(self):
        """No more of a lot enters stock than was released of it.

        What is made here is the exception: it has to lie somewhere until it is inspected,
        and goes nowhere before.
        """
        if not self:
            return
        self._assist_check_lots()
        lots = self.lot_id
        inspections = self.env["union.assist.quality.inspection"]
        admitted = inspections._get_admitted(Domain("lot_id", "in", lots.ids), ["lot_id"])
        known = inspections.search([("lot_id", "in", lots.ids), ("state", "!=", "cancel")]).lot_id
        entered = lots._assist_get_entered()
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
            Domain("lot_id", "in", self.lot_id.ids), ["lot_id"]
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
