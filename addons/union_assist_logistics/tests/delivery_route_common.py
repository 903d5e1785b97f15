from odoo.tests import new_test_user

from .delivery_note_common import DeliveryNoteCommon


class DeliveryRouteCommon(DeliveryNoteCommon):
    """Deliveries in cartons, ready for the vehicles of a route."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = new_test_user(
            cls.env, "route_keeper", "union_assist_logistics.group_warehouse", lang="en_US"
        )
        cls.unit.write({"zip": "710061", "state_id": cls.env.ref("base.state_cn_SN").id})
        cls.far, cls.near = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "is_company": True,
                    "zip": code,
                    "city": city,
                    "street": "一路1号",
                    "state_id": cls.env.ref("base.state_cn_SN").id,
                    "lang": "zh_CN",
                    "phone": "029-1",
                }
                for name, code, city in (
                    ("榆林工会", "719000", "榆林市"),
                    ("莲湖工会", "710003", "西安市"),
                )
            ]
        )
        (cls.tea | cls.rice).weight = 2.0
        cls.vehicle = cls.env["union.assist.vehicle"].create(
            {
                "name": "陕a 12345",
                "driver": "王师傅",
                "driver_phone": "13900000000",
                "capacity_weight": 1000,
                "capacity_volume": 10,
            }
        )

    @classmethod
    def _make_packed(cls, partner, cartons=2, quantity=10):
        """Return a ready delivery of tea in so many cartons."""
        picking = cls._make_order({cls.tea: quantity * cartons}, partner=partner).picking_ids
        line = picking.move_line_ids
        for _index in range(cartons - 1):
            line.copy({"quantity": quantity, "picking_id": picking.id, "move_id": line.move_id.id})
        line.quantity = quantity
        for index, part in enumerate(picking.move_line_ids):
            part.result_package_id = cls.env["stock.package"].create(
                {"name": f"{picking.name.replace('/', '-')}-{index + 1}"}
            )
        return picking

    @classmethod
    def _make_route(cls, pickings, vehicle=None, user=None):
        return (
            cls.env["stock.picking.batch"]
            .with_user(user or cls.keeper)
            .create(
                {
                    "assist_is_route": True,
                    "assist_vehicle_id": (vehicle or cls.vehicle).id,
                    "picking_type_id": cls.warehouse.out_type_id.id,
                    "picking_ids": [(4, picking.id) for picking in pickings],
                }
            )
        )

    def _scan(self, route, code, key=None):
        self.scans = getattr(self, "scans", 0) + 1
        return route.assist_scan(key or f"scan-number-{self.scans:04}", code)["result"]

    def _load_all(self, route):
        for package in route._assist_get_lines().result_package_id:
            self.assertEqual(self._scan(route, package.name), "loaded")
