"""Demo routes of the delivery, built on the goods that ``flow`` left in stock."""

from odoo.fields import Command

from .flow import DemoFlow

LOGISTICS = "union_assist_logistics."


def load(env):
    """Leave a route at every stage: done, loading and draft."""
    Routes(env).run()


class Routes(DemoFlow):
    def run(self):
        self.batches = self.env["stock.picking.batch"].with_user(self.keeper)
        done = self.plan(
            "vehicle_cold",
            [
                ("xianyang", {"mountain_apple": 40}),
                ("weinan", {"mountain_apple": 30, "millet": 20}),
            ],
        )
        self.load(done)
        done.assist_record_temperature("demo-loading-1", "loading", 4.2)
        done.action_depart()
        for number, partner in enumerate(done.picking_ids.partner_id):
            done.assist_record_temperature(
                f"demo-handover-{number}", "handover", 5.1 + number, partner.id
            )
        done.action_finish()
        loading = self.plan(
            "vehicle_van",
            [
                ("textile", {"chrysanthemum_tea": 20, "millet": 30}),
                ("transport", {"chrysanthemum_tea": 10}),
                ("baoji", {"millet": 40}),
            ],
        )
        self.load(loading, limit=2)
        self.plan(
            "vehicle_carrier", [("school", {"millet": 20}), ("mizhi", {"millet": 30})], start=False
        )

    def plan(self, vehicle, orders, start=True):
        """Make a route of new orders, whose goods are picked and packed."""
        pickings = self.env["stock.picking"]
        for unit, lines in orders:
            order = self.order(unit, lines)
            order.action_confirm()
            for _step in range(2):
                self.ship_step(order)
            pickings |= order.picking_ids.filtered(lambda picking: picking.state == "assigned")
        route = self.batches.create(
            {
                "assist_is_route": True,
                "assist_vehicle_id": self.env.ref(LOGISTICS + vehicle).id,
                "picking_type_id": self.warehouse.out_type_id.id,
                "description": "【示例】",
                "picking_ids": [Command.link(picking.id) for picking in pickings],
            }
        )
        route.action_propose_stops()
        if start:
            route.action_confirm()
        return route

    def load(self, route, limit=None):
        """Scan the cartons of a route, or the first ones."""
        for package in route._assist_get_lines().result_package_id[:limit]:
            route.assist_scan(f"demo-scan-{package.id:06}", package.name)
