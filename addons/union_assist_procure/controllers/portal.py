from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class CapPortal(CustomerPortal):
    """What a supplier sees of its purchase caps: its own, and no household's data."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_cap_count" in counters:
            values["assist_cap_count"] = len(self._get_assist_caps())
        return values

    def _get_assist_caps(self):
        """Return the supplier's caps, the latest year first, as far as it may see them."""
        caps = request.env["union.assist.cap"]
        if not caps.has_access("read"):
            return caps
        # Internal users see every supplier's caps: here too, only their own company's.
        partner = request.env.user.partner_id.commercial_partner_id
        return caps.search([("supplier_id", "=", partner.id)]).filtered(
            lambda cap: cap.level or cap.committed
        )

    @http.route("/my/assist/cap", type="http", auth="user", website=True)
    def portal_my_assist_cap(self):
        """Show the supplier's caps and the orders that use them."""
        caps = self._get_assist_caps()
        used = request.env["union.assist.cap.entry"]._read_group(
            [("cap_id", "in", caps.ids)], ["cap_id", "order_id"], ["amount:sum"]
        )
        orders = {}
        for cap, order, amount in used:
            if not cap.currency_id.is_zero(amount):
                orders.setdefault(cap, []).append((order, amount))
        for rows in orders.values():
            rows.sort(key=lambda row: (row[0].date_approve or row[0].create_date, row[0].id))
        return request.render(
            "union_assist_procure.portal_my_assist_cap",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "assist_cap",
                "caps": caps,
                "cap_orders": orders,
            },
        )
