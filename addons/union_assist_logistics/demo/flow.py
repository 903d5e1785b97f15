"""Demo goods at every stage of the chain, made by the people who would make them.

All quantities, dates, results and names of lots are invented. Dates count from today, so
that the demo is never out of date.
"""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields

from .laboratory import ask_supplier, fill_laboratory, report_on

CATALOG = "union_assist_catalog."
PROCURE = "union_assist_procure.purchase_order_"


def load(env):
    """Set the warehouse up and take receipts and deliveries to their stages."""
    DemoFlow(env).run()


class DemoFlow:
    def __init__(self, env):
        self.env = env(context={**env.context, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.company = env.ref("base.main_company")
        self.today = fields.Date.context_today(self.env.user)
        self.warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        self.inspector = env.ref("union_assist_logistics.user_inspector")
        self.keeper = env.ref("union_assist_logistics.user_warehouse")
        self.operator = env.ref(f"{CATALOG}user_operator")

    def run(self):
        self.set_up()
        self.receive_goods()
        fill_laboratory(self)
        ask_supplier(self)
        self.sell_goods()
        self.plan_ahead()

    def plan_ahead(self):
        """Keep the next version of a plan ready for the month to come."""
        plans = self.env["union.assist.quality.plan"]
        plan = self.env.ref("union_assist_logistics.quality_plan_tea")
        newer = plans.browse(plan.action_new_version()["res_id"])
        label = newer.item_ids.create(
            {
                "plan_id": newer.id,
                "sequence": 25,
                "name": "最小销售单元标签拍照留存",
                "kind": "photo",
                "severity": "minor",
                "standard": "采购合同",
            }
        )
        label.with_context(lang="en_US").name = "Photo of the label of the smallest pack"
        newer.item_ids.filtered(lambda item: item.kind == "measure").reading_count = 2
        newer.date_from = self.today + relativedelta(months=1, day=1)

    # ------------------------------------------------------------------
    # The warehouse
    # ------------------------------------------------------------------
    def set_up(self):
        """Three-step receipts, pick-pack-ship, and what a food warehouse shows."""
        self.env["res.config.settings"].create(
            {
                "group_stock_multi_locations": True,
                "group_stock_adv_location": True,
                "group_stock_production_lot": True,
                "group_lot_on_delivery_slip": True,
                "group_expiry_date_on_delivery_slip": True,
                "group_stock_tracking_lot": True,
                "group_uom": True,
            }
        ).execute()
        self.warehouse.write(
            {
                "name": "中心仓（示例）",
                "reception_steps": "three_steps",
                "delivery_steps": "pick_pack_ship",
            }
        )
        self.warehouse._assist_get_reject_location()
        # Receipts ordered before go the new way too.
        receipts = self.env["stock.picking"].search(
            [
                ("picking_type_id", "=", self.warehouse.in_type_id.id),
                ("state", "not in", ("done", "cancel")),
            ]
        )
        place = self.warehouse.wh_input_stock_loc_id
        receipts.move_ids.write(
            {"location_dest_id": place.id, "location_final_id": self.warehouse.lot_stock_id.id}
        )
        receipts.move_line_ids.write({"location_dest_id": place.id})
        receipts.location_dest_id = place

    def product(self, name):
        return self.env.ref(f"{CATALOG}product_{name}").product_variant_id

    # ------------------------------------------------------------------
    # Receipts
    # ------------------------------------------------------------------
    def receive_goods(self):
        """Leave receipts at every stage, and enough in stock to sell."""
        self.store(self.receive("sheddun_spring", "chrysanthemum_tea", 1200, 40))
        self.store(self.receive("qingchuang_grain", "millet", 3000, 25), rejected=120)
        self.store(self.receive("qingchuang_grain", "mountain_apple", 600, 105))
        # Arrived at Input; no plan applies, so that the quality step may be finished at once.
        self.receive("ningshan_shiitake", "shiitake", 800, 15)
        # Waits for results.
        self.receive("sheddun_spring", "chrysanthemum_tea", 1500, 12)
        self.receive("shengtai_vinegar", "persimmon_vinegar", 900, 20)
        # Waits for decision, one of them failed.
        self.record(self.receive("qingchuang_grain", "millet", 2000, 8))
        self.record(self.receive("sheddun_spring", "chrysanthemum_tea", 400, 60), lead=5.6)
        # Decided: the quality step can be finished with this lot.
        lot = self.receive("shengtai_vinegar", "persimmon_vinegar", 1200, 30)
        self.record(lot)
        self.decide(lot)
        self.arrive()

    def receive(self, order, product, quantity, age):
        """Receive a part of an order as one lot, named by the day it was made, at Input.

        :param age: days since the goods were made
        :return: the lot
        """
        line = self.register(order, product, quantity, age)
        picking = line.picking_id
        picking.with_user(self.keeper).action_assist_arrival_rest_conforms()
        self.finish(picking)
        return line.lot_id

    def register(self, order, product, quantity, age):
        """Enter a lot on the receipt of an order, not received yet; return its line."""
        product = self.product(product)
        picking = self.env.ref(PROCURE + order).picking_ids.filtered(
            lambda receipt: (
                receipt.state == "assigned" and receipt.picking_type_id == self.warehouse.in_type_id
            )
        )[:1]
        picking.move_ids.move_line_ids.unlink()
        move = picking.move_ids.filtered(lambda record: record.product_id == product)
        made = self.today - timedelta(days=age)
        return self.env["stock.move.line"].create(
            {
                "move_id": move.id,
                "picking_id": picking.id,
                "product_id": product.id,
                "lot_name": f"{made:%y%m%d}",
                "assist_production_date": made,
                "expiration_date": fields.Datetime.to_datetime(made)
                + timedelta(days=product.expiration_time),
                "quantity": quantity,
                "location_id": move.location_id.id,
                "location_dest_id": move.location_dest_id.id,
                "picked": True,
            }
        )

    def arrive(self):
        """Leave a receipt in the middle of its arrival checks, meant for a far-off festival."""
        order = self.env.ref(PROCURE + "dali_jujube")
        order.assist_expected_delivery = self.today + timedelta(days=45)
        line = self.register("dali_jujube", "winter_jujube", 3000, 4)
        checks = line.picking_id.assist_arrival_check_ids.with_user(self.keeper)
        for check in checks:
            if check.kind == "packaging":
                check.answer = "pass"
            elif check.kind == "temperature":
                check.temperature = 2.5

    def finish(self, picking):
        picking.with_user(self.keeper).with_context(
            skip_backorder=True, skip_sms=True
        ).button_validate()

    def record(self, lot, **failures):
        """Record results of a lot: all conform, but for the named measures."""
        for inspection in lot.assist_inspection_ids.with_user(self.inspector):
            items = inspection.sudo().line_ids.item_id.get_external_id()
            for line in inspection.line_ids:
                if line.sample_size:
                    line.defect_count = 1
                elif line.kind == "choice":
                    line.choice = line.choices[0]["name"]
                elif line.kind != "measure":
                    line.answer = "pass"
                elif line.judged_by == "formula":
                    line.entry = "1.2 50"
                else:
                    key = items[line.sudo().item_id.id].rsplit("_", 1)[-1]
                    usual = line.max_value * (0.3 if line.safety else 0.9)
                    value = failures.get(key, round(usual, 3))
                    line.entry = " ".join([f"{value:g}"] * line.reading_count)
            if inspection.report_missing:
                report_on(self, inspection).with_user(self.inspector).action_check()
            inspection.action_submit()

    def decide(self, lot, rejected=0):
        """Release a lot, but for a rejected quantity."""
        for inspection in lot.assist_inspection_ids:
            vals_list = [{"kind": "released", "quantity": inspection.quantity - rejected}]
            if rejected:
                vals_list.append(
                    {"kind": "rejected", "quantity": rejected, "reason": "【示例】外袋破损受潮"}
                )
            self.env["union.assist.quality.decision"].with_user(self.operator).create(
                [{**vals, "inspection_id": inspection.id} for vals in vals_list]
            )

    def store(self, lot, rejected=0):
        """Take a lot through its decision and on to stock."""
        self.record(lot)
        self.decide(lot, rejected)
        for kind in (self.warehouse.qc_type_id, self.warehouse.store_type_id):
            lines = self.env["stock.move.line"].search(
                [
                    ("lot_id", "=", lot.id),
                    ("state", "=", "assigned"),
                    ("picking_id.picking_type_id", "=", kind.id),
                ]
            )
            self.finish(lines.picking_id)

    # ------------------------------------------------------------------
    # Deliveries
    # ------------------------------------------------------------------
    def sell_goods(self):
        """Leave orders of union units at every stage of delivery."""
        quotation = self.order("hospital", {"chrysanthemum_tea": 60, "millet": 200})
        quotation.action_quotation_sent()
        self.order("xian", {"chrysanthemum_tea": 120, "millet": 400}).action_confirm()
        for unit, lines, steps in (
            ("transport", {"chrysanthemum_tea": 80, "mountain_apple": 100}, 1),
            ("textile", {"chrysanthemum_tea": 100, "millet": 500}, 2),
            ("education", {"millet": 300, "mountain_apple": 150}, 2),
            ("provincial", {"chrysanthemum_tea": 200, "millet": 600}, 3),
            ("school", {"chrysanthemum_tea": 40, "millet": 100, "mountain_apple": 60}, 3),
        ):
            order = self.order(unit, lines)
            order.action_confirm()
            for _step in range(steps):
                self.ship_step(order)

    def order(self, unit, lines):
        partner = self.env.ref(f"{CATALOG}partner_union_{unit}")
        delivery = self.env.ref(f"{CATALOG}partner_union_{unit}_delivery", raise_if_not_found=False)
        return (
            self.env["sale.order"]
            .with_user(self.operator)
            .create(
                {
                    "partner_id": partner.id,
                    "partner_shipping_id": (delivery or partner).id,
                    "client_order_ref": "【示例】中秋慰问品",
                    "order_line": [
                        (
                            0,
                            0,
                            {
                                "product_id": self.product(name).id,
                                "product_uom_qty": quantity,
                            },
                        )
                        for name, quantity in lines.items()
                    ],
                }
            )
        )

    def ship_step(self, order):
        """Finish the next transfer of an order; packing puts each product in a package."""
        [picking] = order.picking_ids.filtered(lambda record: record.state == "assigned")
        if picking.picking_type_id == self.warehouse.pack_type_id:
            for line in picking.with_user(self.keeper).move_line_ids:
                line.action_put_in_pack()
        self.finish(picking)
