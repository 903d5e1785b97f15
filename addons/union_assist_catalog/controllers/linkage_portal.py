from odoo import http
from odoo.fields import Domain
from odoo.http import request

from .supplier_portal import SupplierPortal

MODEL = "union.assist.linkage"


class LinkagePortal(SupplierPortal):
    """What a supplier sees of its linkages: codes, places and states, no names."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_linkage_count" in counters:
            values["assist_linkage_count"] = self._count_own(MODEL, self._get_own_domain())
        return values

    @http.route(
        ["/my/assist/households", "/my/assist/households/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_assist_households(self, page=1, state=None, **kw):
        """List the supplier's linkages, with what counts today."""
        model, domain = request.env[MODEL], self._get_own_domain()
        labels = dict(model._fields["state"]._description_selection(request.env))
        if state not in labels:
            state = None
        readable = model.has_access("read")
        counts = dict(model._read_group(domain, ["state"], ["__count"])) if readable else {}
        linkages, pages = self._list_own(
            MODEL,
            domain & Domain("state", "=", state) if state else domain,
            "/my/assist/households",
            page,
            "date_from desc, id desc",
            {"state": state} if state else None,
        )
        return self._render_page(
            "union_assist_catalog.portal_my_assist_households",
            "assist_households",
            supplier=request.env.user.commercial_partner_id,
            linkages=linkages,
            state=state,
            state_labels=labels,
            state_counts=counts,
            all_count=sum(counts.values()),
            pager=pages,
        )
