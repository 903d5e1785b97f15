from collections import defaultdict

from odoo import api, models
from odoo.fields import Command, Domain

from .quality_inspection import OPEN_STATES


class UnionAssistQualityInspection(models.Model):
    """Which inspections a quality step has, and of how much."""

    _inherit = "union.assist.quality.inspection"

    @api.model
    def _sync_with_pickings(self, pickings):
        """Give every lot of some quality steps the inspections that its quantity needs.

        Called whenever the lots of a quality step may have changed; calling it again
        changes nothing. A lot that left a step (backorder, other reservation, cancelled
        step) takes its open inspection with it or closes it.

        :param pickings: quality steps of warehouses (``stock.picking``)
        """
        if not pickings:
            return
        self = self.sudo()
        # What is prefetched together may have left the cache with the goods' moves.
        pickings = pickings.sudo().with_prefetch()
        needs = pickings._assist_get_lot_needs()
        roots = {picking: picking.assist_quality_root_id or picking for picking in pickings}
        family = self.search(
            Domain("origin_picking_id", "in", [root.id for root in roots.values()])
        )
        if not (needs or family):
            return
        passed = self.env["stock.move.line"]._assist_get_step_done(family.origin_picking_id)
        spare = defaultdict(float)  # decided but not used by the step yet
        open_here, idle = {}, defaultdict(lambda: self.browse())
        for inspection in family.sorted("id"):
            key = (inspection.origin_picking_id, inspection.lot_id)
            if inspection.state == "decided":
                spare[key] += inspection.quantity
            elif inspection.state in OPEN_STATES and (
                inspection.picking_id not in pickings
                and inspection.picking_id.state not in ("done", "cancel")
                or (inspection.picking_id, inspection.lot_id) in needs
            ):
                open_here[inspection.picking_id, inspection.lot_id] = inspection
            else:
                idle[key] += inspection
        for key, quantities in passed.items():
            spare[key] -= sum(quantities.values())

        keep, missing = self.browse(), {}
        for (picking, lot), (quantity, _line) in needs.items():
            key = (roots[picking], lot)
            covered = min(max(spare[key], 0.0), quantity)
            spare[key] -= covered
            if lot.product_uom_id.compare(quantity - covered, 0.0) > 0:
                missing[picking, lot] = quantity - covered
                if (picking, lot) in open_here:
                    keep += open_here[picking, lot]
                elif idle[key]:
                    # Results recorded before go with the goods.
                    open_here[picking, lot], idle[key] = idle[key][-1], idle[key][:-1]
                    keep += open_here[picking, lot]
        elsewhere = self.union(
            *(
                inspection
                for (picking, _lot), inspection in open_here.items()
                if picking not in pickings
            )
        )
        unused = (family - keep - elsewhere).filtered(
            lambda inspection: inspection.state in OPEN_STATES
        )
        unused.write({"state": "cancel"})
        # One open inspection per lot and step: close before opening.
        self.flush_model(["state"])
        vals_list = []
        lots = self.env["stock.lot"].union(*(lot for _picking, lot in missing))
        suppliers, kinds = lots._assist_get_suppliers(), lots._assist_get_supplier_kinds()
        for (picking, lot), quantity in missing.items():
            inspection = open_here.get((picking, lot))
            if inspection:
                if inspection.state == "cancel":
                    # Results that were handed over still are.
                    inspection.state = "submitted" if inspection.recorded_on else "draft"
                if inspection.picking_id != picking:
                    inspection.picking_id = picking
                inspection._set_quantity(quantity)
            else:
                vals_list.append(
                    {
                        **self._prepare_vals(
                            picking.company_id,
                            lot,
                            quantity,
                            picking.picking_type_id,
                            kinds.get(lot),
                        ),
                        "picking_id": picking.id,
                        "origin_picking_id": roots[picking].id,
                        "supplier_id": (
                            needs[picking, lot][1]._assist_get_receipt_partner()
                            or suppliers[lot][:1]
                        ).id,
                    }
                )
        self.create(vals_list)

    def _set_quantity(self, quantity):
        """Change the quantity under inspection; more goods void results handed over before."""
        self.ensure_one()
        change = self.uom_id.compare(quantity, self.quantity)
        if not change:
            return
        if change > 0 and self.state == "submitted":
            self.write({"state": "draft", "recorded_on": False})
            self._message_log(
                body=self.env._(
                    "The quantity rose from %(before)s to %(after)s after the results were handed"
                    " over: check the added goods and hand over again.",
                    before=self.quantity,
                    after=quantity,
                )
            )
        self.quantity = quantity
        self._draw_again()

    @api.model
    def _prepare_vals(self, company, lot, quantity, picking_type=None, kinds=None):
        """Values of a new inspection of ``quantity`` of a lot, with its lines.

        :param picking_type: that of the transfer it is inspected in; none in stock
        :param kinds: of the lot's suppliers, where they are known already
        """
        plans = self.env["union.assist.quality.plan"].browse(
            lot._assist_get_plan_ids(company, True, picking_type, kinds)
        )
        items = plans.with_context(lang=company.partner_id.lang or self.env.lang).item_ids
        return {
            "for_transfer": bool(picking_type) and not picking_type._assist_is_quality_step(),
            "company_id": company.id,
            "product_id": lot.product_id.id,
            "lot_id": lot.id,
            "quantity": quantity,
            "plan_ids": [Command.set(plans.ids)],
            "line_ids": [Command.create(item._prepare_line_vals()) for item in items],
        }

    @api.model
    def _get_admitted(self, domain, by):
        """Sum what was released or conceded.

        :param domain: which inspections
        :param by: list of field names to group by
        :return: ``{(group values…): quantity in the product's unit}``
        """
        groups = self.sudo()._read_group(
            Domain(domain) & Domain("state", "=", "decided"),
            by,
            ["released_qty:sum", "conceded_qty:sum"],
        )
        return {tuple(keys): released + conceded for *keys, released, conceded in groups}
