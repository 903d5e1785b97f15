from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

PAGE_SIZE = 20


class LinkagePortal(CustomerPortal):
    """What a supplier sees of its linkages: codes, places and states, no names."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_linkage_count" in counters:
            values["assist_linkage_count"] = request.env["union.assist.linkage"].search_count(
                self._get_assist_linkage_domain()
            )
        return values

    def _get_assist_linkage_domain(self):
        """Domain of the supplier's own linkages, on top of what the record rules allow."""
        if not request.env["union.assist.linkage"].has_access("read"):
            return Domain.FALSE
        # Internal users may read those of every supplier: here too, only their own company's.
        return Domain("supplier_id", "=", request.env.user.commercial_partner_id.id)

    @http.route(
        ["/my/assist/households", "/my/assist/households/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_assist_households(self, page=1, state=None, **kw):
        """List the supplier's linkages, with what counts today."""
        linkage_model = request.env["union.assist.linkage"]
        domain = self._get_assist_linkage_domain()
        labels = dict(linkage_model._fields["state"]._description_selection(request.env))
        if state not in labels:
            state = None
        readable = linkage_model.has_access("read")
        counts = dict(linkage_model._read_group(domain, ["state"], ["__count"])) if readable else {}
        total = counts.get(state, 0) if state else sum(counts.values())
        wanted = domain & Domain("state", "=", state) if state else domain
        pages = pager(
            url="/my/assist/households",
            url_args={"state": state} if state else {},
            total=total,
            page=page,
            step=PAGE_SIZE,
        )
        linkages = linkage_model
        if readable:
            linkages = linkage_model.search(
                wanted, order="date_from desc, id desc", limit=PAGE_SIZE, offset=pages["offset"]
            )
        supplier = request.env.user.commercial_partner_id
        return request.render(
            "union_assist_catalog.portal_my_assist_households",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "assist_households",
                "supplier": supplier,
                # Found with the supplier's own rights; codes and places are readable for it.
                "linkages": linkages.sudo(),
                "state": state,
                "state_labels": labels,
                "state_counts": counts,
                "all_count": sum(counts.values()),
                "pager": pages,
            },
        )
