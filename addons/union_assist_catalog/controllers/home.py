from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.home import Home

from .public_catalogue import PATH


class RobotsController(Home):
    """Search engines may look at the public catalogue, once it has goods, and at nothing else."""

    def _get_allowed_robots_routes(self):
        routes = super()._get_allowed_robots_routes()
        if self._has_public_goods():
            routes = [*routes, PATH, "/web/assets/"]
        return routes

    @http.route()
    def robots(self, **kwargs):
        response = super().robots(**kwargs)
        if self._has_public_goods():
            base = request.env["ir.config_parameter"].sudo().get_param("web.base.url", "")
            response.data += f"\nSitemap: {base.rstrip('/')}{PATH}/sitemap.xml\n".encode()
        return response

    def _has_public_goods(self):
        return bool(request.db) and request.env["union.assist.catalogue.public"]._has_goods()
