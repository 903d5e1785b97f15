from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.union_assist_catalog.tests.query_common import QueryCountCase

GROUP = "union_assist_logistics.group_"


class UnionAssistQualityCommon(QueryCountCase, BaseCommon):
    """A warehouse with three-step receipts and a plan for one product."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.warehouse = cls.env["stock.warehouse"].create(
            {
                "name": "Grain Depot",
                "code": "GD",
                "reception_steps": "three_steps",
                "delivery_steps": "pick_pack_ship",
            }
        )
        cls.stock = cls.warehouse.lot_stock_id
        cls.supplier_location = cls.env.ref("stock.stock_location_suppliers")
        cls.customer_location = cls.env.ref("stock.stock_location_customers")
        cls.supplier = cls.env["res.partner"].create({"name": "Tea Maker", "is_company": True})
        cls.union = cls.env["res.partner"].create({"name": "Workshop Union", "is_company": True})
        cls.tea, cls.rice = cls.env["product.product"].create(
            [
                {"name": name, "is_storable": True, "tracking": "lot", "lst_price": 10.0}
                for name in ("Green Tea", "Rice")
            ]
        )
        cls.plan = cls.env["union.assist.quality.plan"].create(
            {
                "name": "Tea on receipt",
                "product_tmpl_ids": [(6, 0, cls.tea.product_tmpl_id.ids)],
                "date_from": "2020-01-01",
                "source": "GB 2762-2022",
                "item_ids": [
                    (0, 0, {"name": "Packing whole", "kind": "pass_fail"}),
                    (
                        0,
                        0,
                        {
                            "name": "Moisture",
                            "kind": "measure",
                            "limit_type": "between",
                            "min_value": 2.0,
                            "max_value": 7.0,
                            "unit": "%",
                        },
                    ),
                    (
                        0,
                        0,
                        {
                            "name": "Lead",
                            "kind": "measure",
                            "limit_type": "at_most",
                            "max_value": 5.0,
                            "unit": "mg/kg",
                            "safety": True,
                        },
                    ),
                ],
            }
        )
        cls.inspector = new_test_user(cls.env, "quality_inspector", f"{GROUP}inspector")
        cls.operator = new_test_user(
            cls.env, "quality_operator", "union_assist_catalog.group_operator"
        )
        cls.keeper = new_test_user(cls.env, "quality_warehouse", f"{GROUP}warehouse")

    @classmethod
    def receive(cls, lots, product=None, backorder=True):
        """Receive ``{lot name: quantity}`` at Input and return the quality step."""
        product = product or cls.tea
        picking = cls.env["stock.picking"].create(
            {
                "picking_type_id": cls.warehouse.in_type_id.id,
                "partner_id": cls.supplier.id,
                "location_id": cls.supplier_location.id,
                "location_dest_id": cls.warehouse.wh_input_stock_loc_id.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "product_uom_qty": sum(lots.values()),
                            "location_id": cls.supplier_location.id,
                            "location_dest_id": cls.warehouse.wh_input_stock_loc_id.id,
                            "location_final_id": cls.stock.id,
                        },
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.move_line_ids.unlink()
        cls.env["stock.move.line"].create(
            [
                {
                    "move_id": picking.move_ids.id,
                    "picking_id": picking.id,
                    "product_id": product.id,
                    "lot_name": name,
                    "quantity": quantity,
                    "location_id": cls.supplier_location.id,
                    "location_dest_id": cls.warehouse.wh_input_stock_loc_id.id,
                }
                for name, quantity in lots.items()
            ]
        )
        picking.button_validate()
        return picking.move_ids.move_dest_ids.picking_id

    @classmethod
    def lot(cls, name):
        return cls.env["stock.lot"].search([("name", "=", name)])

    @classmethod
    def on_hand(cls, location, lot_name):
        quants = cls.env["stock.quant"].search(
            [("location_id", "child_of", location.id), ("lot_id.name", "=", lot_name)]
        )
        return sum(quants.mapped("quantity"))

    @property
    def reject_location(self):
        return self.warehouse._assist_get_reject_location()

    def record(self, inspections, moisture=5.0, lead=1.0, answer="pass", user=None):
        """Record results as the inspector and hand them over."""
        inspections = inspections.with_user(user or self.inspector)
        for inspection in inspections:
            for line in inspection.line_ids:
                if line.kind == "pass_fail":
                    line.answer = answer
                else:
                    line.value = moisture if line.name == "Moisture" else lead
        inspections.action_submit()

    def decide(self, inspection, released=0, conceded=0, rejected=0, user=None, reason="Mould"):
        """Decide as the operator, through the dialog."""
        wizard = (
            self.env["union.assist.quality.decide"]
            .with_user(user or self.operator)
            .create({"inspection_id": inspection.id})
        )
        wizard.write(
            {
                "released_qty": released,
                "conceded_qty": conceded,
                "conceded_reason": reason if conceded else False,
                "rejected_qty": rejected,
                "rejected_reason": reason if rejected else False,
            }
        )
        wizard.action_confirm()

    def pass_lot(self, inspection, **quantities):
        self.record(inspection)
        self.decide(inspection, **(quantities or {"released": inspection.quantity}))

    def validate(self, picking, user=None):
        """Validate everything of a transfer, making backorders where asked."""
        if picking.state == "done":  # wholly rejected: it was finished by the decision
            return True
        picking = picking.with_user(user or self.keeper)
        action = picking.button_validate()
        if isinstance(action, dict) and action.get("res_model") == "stock.backorder.confirmation":
            wizard = (
                self.env["stock.backorder.confirmation"]
                .with_user(user or self.keeper)
                .with_context(**action["context"])
                .create({})
            )
            action = wizard.process()
        return action

    def move(self, source, target, lot_name, quantity, product=None, done=True):
        """Move goods by a bare stock move, without any transfer."""
        lot = self.lot(lot_name)
        move = self.env["stock.move"].create(
            {
                "product_id": (product or lot.product_id).id,
                "product_uom_qty": quantity,
                "location_id": source.id,
                "location_dest_id": target.id,
            }
        )
        move._action_confirm()
        move.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            {
                "move_id": move.id,
                "product_id": move.product_id.id,
                "lot_id": lot.id,
                "quantity": quantity,
                "location_id": source.id,
                "location_dest_id": target.id,
            }
        )
        move.picked = True
        if done:
            move._action_done()
        return move

    def storage(self, step):
        """The storage transfers that follow a quality step."""
        return step.move_ids.move_dest_ids.picking_id
