from odoo import fields
from odoo.tests import tagged

from .common import UnionAssistQualityCommon


@tagged("post_install", "-at_install", "union_assist")
class TestSaleChain(UnionAssistQualityCommon):
    def test_packed_goods_keep_lots_expiry_and_packages(self):
        """Pick, pack and ship carry lot, expiry and package to the union unit."""
        self.tea.write({"use_expiration_date": True, "expiration_time": 365, "alert_time": 60})
        self.tea.categ_id = self.env["product.category"].create(
            {
                "name": "Tea",
                "removal_strategy_id": self.env.ref("product_expiry.removal_fefo").id,
            }
        )
        step = self.receive({"T-new": 50, "T-old": 30})
        for inspection in step.assist_inspection_ids:
            self.pass_lot(inspection)
        today = fields.Datetime.now().replace(microsecond=0)
        new, old = self.lot("T-new"), self.lot("T-old")
        for lot, days in ((new, 300), (old, 200)):
            expiry = fields.Datetime.add(today, days=days)
            lot.write({"expiration_date": expiry, "removal_date": expiry})
        self.validate(step)
        self.validate(self.storage(step))

        order = (
            self.env["sale.order"]
            .with_user(self.operator)
            .create(
                {
                    "partner_id": self.union.id,
                    "warehouse_id": self.warehouse.id,
                    "order_line": [(0, 0, {"product_id": self.tea.id, "product_uom_qty": 40})],
                }
            )
        )
        order.action_confirm()
        pick = order.picking_ids
        self.assertEqual(pick.picking_type_id, self.warehouse.pick_type_id)
        self.assertEqual(
            {line.lot_id: line.quantity for line in pick.move_line_ids},
            {old: 30, new: 10},
            "what expires first leaves first",
        )
        self.assertIs(self.validate(pick), True)
        pack = order.picking_ids - pick
        self.assertEqual(pack.picking_type_id, self.warehouse.pack_type_id)
        first, second = pack.move_line_ids.sorted("quantity")
        first.with_user(self.keeper).action_put_in_pack()
        second.with_user(self.keeper).action_put_in_pack()
        packages = pack.move_line_ids.result_package_id
        self.assertEqual(len(packages), 2)
        self.assertIs(self.validate(pack), True)
        ship = order.picking_ids - pick - pack
        self.assertEqual(ship.picking_type_id, self.warehouse.out_type_id)
        self.assertEqual(ship.move_line_ids.package_id, packages)
        self.assertIs(self.validate(ship), True)
        self.assertEqual(
            {
                line.lot_id.name: (line.quantity, line.expiration_date, line.result_package_id)
                for line in ship.move_line_ids
            },
            {
                "T-old": (30, old.expiration_date, second.result_package_id),
                "T-new": (10, new.expiration_date, first.result_package_id),
            },
        )
        self.assertEqual(order.order_line.qty_delivered, 40)
        self.assertEqual(packages.quant_ids.location_id, self.customer_location)

    def test_rejected_and_undecided_goods_are_not_promised(self):
        """An order takes nothing from Input, Quality Control or Reject."""
        step = self.receive({"T-1": 10, "T-2": 20, "T-3": 5})
        first, second, _third = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first)
        self.pass_lot(second, released=8, rejected=12)
        step.move_line_ids.filtered(lambda line: line.lot_id.name == "T-3").quantity = 0
        self.validate(step)
        self.validate(self.storage(step))
        order = self.env["sale.order"].create(
            {
                "partner_id": self.union.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [(0, 0, {"product_id": self.tea.id, "product_uom_qty": 100})],
            }
        )
        order.action_confirm()
        self.assertEqual(
            {line.lot_id.name: line.quantity for line in order.picking_ids.move_line_ids},
            {"T-1": 10, "T-2": 8},
        )
