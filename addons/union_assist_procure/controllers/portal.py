from odoo import http
from odoo.exceptions import UserError
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
    def portal_my_assist_cap(self, cap_id=None, persons=None, households=None):
        """Show the supplier's caps, the orders that use them, and what more heads would give.

        :param cap_id: cap that ``persons`` and ``households`` more are asked about
        """
        caps = self._get_assist_caps()
        what_ifs = {}
        for cap in caps:
            asked = cap_id == str(cap.id)
            more = (persons, households) if asked else ()
            try:
                what_ifs[cap] = cap.get_what_if(*more)
            except UserError:
                more = ()
                what_ifs[cap] = cap.get_what_if()
            what_ifs[cap].update(asked=more, reason_now=cap.get_what_if()["reason"])
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
                "what_ifs": what_ifs,
            },
        )

    @http.route("/my/assist/cap/<int:cap_id>/what_if", type="jsonrpc", auth="user", readonly=True)
    def portal_assist_cap_what_if(self, cap_id, persons=0, households=0):
        """Return what one of the supplier's caps would be with so many more heads.

        :return: see ``get_what_if`` of ``union.assist.cap``; empty when the cap is none of its own
        """
        cap = self._get_assist_caps().filtered(lambda cap: cap.id == cap_id)
        return cap.get_what_if(persons, households) if cap else {}
