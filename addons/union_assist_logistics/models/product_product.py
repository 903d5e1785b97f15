from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, ormcache


class ProductProduct(models.Model):
    _inherit = "product.product"

    # ------------------------------------------------------------------
    # What may be promised
    # ------------------------------------------------------------------
    def _compute_quantities_dict(
        self, lot_id, owner_id, package_id, from_date=False, to_date=False
    ):
        """Leave goods on hold and rejected goods out of what is free and what is forecast.

        As Odoo does with expired goods: they are on hand, but cannot be promised.
        """
        quantities = super()._compute_quantities_dict(
            lot_id, owner_id, package_id, from_date=from_date, to_date=to_date
        )
        moment = fields.Datetime.to_datetime(to_date)
        if moment and moment < fields.Datetime.now():
            return quantities
        blocked = self._assist_get_unfree(lot_id, owner_id, package_id)
        for product in self.filtered(lambda product: product._origin.id in blocked):
            found = quantities[product.id]
            for name in ("free_qty", "virtual_available"):
                found[name] = product.uom_id.round(found[name] - blocked[product._origin.id])
        return quantities

    def _assist_get_unfree(self, lot_id, owner_id, package_id):
        """Return what is on hand, not reserved, and held or rejected; one query, mostly none.

        :return: ``{product id: quantity in the product's unit}``
        """
        held, rejects = self._assist_get_unfree_index()
        if not (rejects or held.intersection(self._origin.ids)):
            return {}
        lots = SQL(
            "(SELECT lot_id FROM union_assist_hold_line WHERE held AND company_id = ANY(%s))",
            self.env.companies.ids,
        )
        [on_hand, *_moves] = self._get_domain_locations()
        domain = Domain("product_id", "in", self._origin.ids) & Domain(on_hand)
        domain &= Domain("location_id.assist_is_reject", "=", True) | Domain("lot_id", "in", lots)
        for name, value in (
            ("lot_id", lot_id),
            ("owner_id", owner_id),
            ("package_id", package_id),
        ):
            if value is not None:
                domain &= Domain(name, "=", value)
        if "owners" in self.env.context:
            domain &= Domain("owner_id", "in", self.env.context["owners"] or [False])
        # What has expired was left out already.
        day = self.env.context.get("to_date") or fields.Date.today()
        domain &= Domain("removal_date", "=", False) | Domain("removal_date", ">", day)
        groups = self.env["stock.quant"]._read_group(
            domain, ["product_id"], ["quantity:sum", "reserved_quantity:sum"]
        )
        return {product.id: quantity - reserved for product, quantity, reserved in groups}

    @api.model
    @ormcache()
    def _assist_get_unfree_index(self):
        """Return the ids of products of which a lot is on hold, and whether goods are rejected."""
        lines = self.env["union.assist.hold.line"].sudo().search([("held", "=", True)])
        locations = self.env["stock.location"].sudo().with_context(active_test=False)
        rejects = bool(locations.search_count([("assist_is_reject", "=", True)], limit=1))
        return frozenset(lines.product_id.ids), rejects

    def _assist_get_temperature_limits(self):
        """Return the (lowest, highest) temperature that suits all of these, or nothing.

        In °C; empty where none of the goods belongs to the cold chain.
        """
        limits = [
            found
            for product in self
            if (found := product.product_tmpl_id._assist_get_temperatures())
        ]
        if not limits:
            return ()
        lowest, highest = zip(*limits, strict=True)
        return max(lowest), min(highest)
