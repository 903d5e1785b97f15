from odoo.tests import HttpCase, tagged

from .delivery_route_common import DeliveryRouteCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourLoading(HttpCase, DeliveryRouteCommon):
    def test_loading_by_scan(self):
        """A keeper loads a route on a phone: what belongs on it, and nothing else."""
        self.browser_size = "390x844"
        self.touch_enabled = True
        mine, other = self._make_packed(self.unit), self._make_packed(self.far)
        loose = self._make_order({self.rice: 5}, partner=self.unit).picking_ids
        for picking, prefix in ((mine, "MINE"), (other, "OTHER")):
            for index, package in enumerate(picking.move_line_ids.result_package_id, 1):
                package.name = f"{prefix}-{index}"
        route, elsewhere = self._make_route(mine + loose), self._make_route(other)
        elsewhere.description = "The other tour"
        route.action_confirm()
        self.keeper.password = "route_keeper"
        self.start_tour(
            f"/odoo/assist-loading/{route.id}",
            "union_assist_loading",
            login=self.keeper.login,
        )
        route.invalidate_recordset()
        (mine + loose).invalidate_recordset()
        self.assertEqual(route.assist_route_state, "departed")
        self.assertEqual((mine.state, loose.state, other.state), ("done", "done", "assigned"))
        self.assertEqual(mine.backorder_ids.move_ids.product_uom_qty, 10)
        loaded = route.assist_loading_ids.filtered(lambda loading: not loading.taken_off)
        self.assertEqual(loaded.package_id.mapped("name"), ["MINE-1"])
        self.assertEqual(loaded.loaded_by_id, self.keeper)
