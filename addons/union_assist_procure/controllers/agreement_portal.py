from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

PAGE_SIZE = 10


class AgreementPortal(CustomerPortal):
    """What a supplier sees of its subscriptions and intentions: its own, to read only."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_agreement_count" in counters:
            agreements = request.env["purchase.requisition"]
            values["assist_agreement_count"] = (
                agreements.search_count(self._get_assist_agreement_domain())
                if agreements.has_access("read")
                else 0
            )
        return values

    def _get_assist_agreement_domain(self):
        # Buyers may read every supplier's agreements: here too, only their own company's.
        partner = request.env.user.partner_id.commercial_partner_id
        return [
            ("vendor_id", "child_of", partner.ids),
            ("assist_kind", "!=", False),
            ("state", "in", ("confirmed", "done")),
        ]

    @http.route(
        ["/my/assist/agreements", "/my/assist/agreements/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_assist_agreements(self, page=1):
        """Show the supplier's subscriptions and intentions, the latest first."""
        agreements = request.env["purchase.requisition"]
        totals = {}
        pager = None
        if agreements.has_access("read"):
            domain = self._get_assist_agreement_domain()
            # Open ones of each kind, each in a figure of its own.
            totals = {
                (kind, currency): subscribed if kind == "subscription" else intended
                for kind, currency, subscribed, intended in agreements._read_group(
                    [*domain, ("state", "=", "confirmed")],
                    ["assist_kind", "currency_id"],
                    ["assist_subscribed:sum", "assist_intended:sum"],
                )
            }
            pager = portal_pager(
                url="/my/assist/agreements",
                total=agreements.search_count(domain),
                page=page,
                step=PAGE_SIZE,
            )
            agreements = agreements.search(
                domain,
                order="state, date_end, id desc",
                limit=PAGE_SIZE,
                offset=pager["offset"],
            )
        return request.render(
            "union_assist_procure.portal_my_assist_agreements",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "assist_agreements",
                # Found by the supplier's own rights; names of goods and units need no others.
                "agreements": agreements.sudo(),
                "totals": totals,
                "pager": pager,
            },
        )
