from io import BytesIO

from pypdf import PdfReader

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.union_assist_catalog.tests.common import admit_suppliers


@tagged("post_install", "-at_install", "union_assist")
class TestTourChain(HttpCase):
    """One order from the supplier's cap to the printed delivery note, by the people who do it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US", "tracking_disable": True})
        # Policies and plans of the demo data would apply beside those of the test.
        cls.env["union.assist.cap.policy"].search([]).active = False
        cls.env["union.assist.quality.plan"].search([]).active = False
        # The settings Packages and Lots of the warehouse
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref(
            "stock.group_tracking_lot"
        ) | cls.env.ref("stock.group_production_lot")
        cls.operator = new_test_user(
            cls.env, "chain_operator", "union_assist_catalog.group_operator", lang="en_US"
        )
        cls.inspector = new_test_user(
            cls.env, "chain_inspector", "union_assist_logistics.group_inspector", lang="en_US"
        )
        cls.warehouse = cls.env["stock.warehouse"].create(
            {
                "name": "Chain Depot",
                "code": "CHN",
                "reception_steps": "three_steps",
                "delivery_steps": "pick_pack_ship",
            }
        )
        cls.tea = cls.env["product.product"].create(
            {
                "name": "Chain Tea",
                "is_storable": True,
                "tracking": "lot",
                "use_expiration_date": True,
                "expiration_time": 365,
                "use_time": 300,
                "removal_time": 330,
                "alert_time": 270,
                "lst_price": 12000.0,
                "taxes_id": False,
                "supplier_taxes_id": False,
            }
        )
        cls.env["union.assist.quality.plan"].create(
            {
                "name": "Tea on receipt",
                "product_tmpl_ids": [Command.set(cls.tea.product_tmpl_id.ids)],
                "date_from": "2020-01-01",
                "source": "GB 2762-2022",
                "item_ids": [
                    Command.create({"name": "Packing whole", "kind": "pass_fail"}),
                    Command.create(
                        {
                            "name": "Moisture",
                            "kind": "measure",
                            "limit_type": "at_most",
                            "max_value": 7.0,
                            "unit": "%",
                        }
                    ),
                ],
            }
        )

    def _make_supplier(self):
        """A supplier with a verified household of three persons, worth a cap of 6,000."""
        supplier = self.env["res.partner"].create(
            {"name": "Chain Tea Company", "is_company": True, "assist_supplier_kind": "sme"}
        )
        admit_suppliers(supplier)
        household = self.env["union.assist.household"].create(
            {
                "code": "CHAIN-1",
                "persons": 3,
                "region_id": self.env.ref("union_assist_catalog.region_610924").id,
            }
        )
        linkage = self.env["union.assist.linkage"].create(
            {
                "household_id": household.id,
                "supplier_id": supplier.id,
                "mechanism_id": self.env.ref("union_assist_catalog.mechanism_order_purchase").id,
                "date_from": fields.Date.today().replace(month=1, day=1),
            }
        )
        linkage.with_user(self.operator).action_submit()
        linkage.with_user(self.operator).action_verify()
        self.env["union.assist.cap.policy"].create(
            {
                "name": "2,000 per person and year",
                "date_from": fields.Date.today().replace(month=1, day=1),
                "bracket_ids": [Command.create({"from_count": 0, "amount": 2000.0})],
            }
        )
        return supplier

    def _open(self, record, tour, user):
        action = {
            "purchase.order": "purchase.purchase_rfq",
            "sale.order": "sale.action_quotations_with_onboarding",
            "stock.picking": "stock.action_picking_tree_all",
        }[record._name]
        self.start_tour(f"/odoo/action-{action}/{record.id}", tour, login=user.login)
        record.invalidate_recordset()

    def _next(self, picking, step):
        following = picking.move_ids.move_dest_ids.picking_id
        self.assertEqual(following.picking_type_id, step)
        return following

    @mute_logger("odoo.http")  # the refusal above the cap is logged there
    def test_chain(self):
        supplier = self._make_supplier()
        order = self.env["purchase.order"].create(
            {
                "partner_id": supplier.id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.tea.id, "product_qty": 4, "price_unit": 2000.0}
                    )
                ],
            }
        )
        self._open(order, "union_assist_chain_order", self.operator)
        self.assertEqual(order.state, "purchase")
        self.assertEqual(sum(order.assist_entry_ids.mapped("amount")), 6000.0)

        step = self._next(order.picking_ids, self.warehouse.qc_type_id)
        self._open(step, "union_assist_chain_blocked", self.operator)
        self.assertNotEqual(step.state, "done")
        inspections = "/odoo/action-union_assist_logistics.action_quality_inspection"
        self.start_tour(inspections, "union_assist_chain_inspect", login=self.inspector.login)
        self.start_tour(inspections, "union_assist_chain_decide", login=self.operator.login)
        step.invalidate_recordset()
        self.assertEqual(step.state, "done")
        storage = self._next(step, self.warehouse.store_type_id)
        self._open(storage, "union_assist_chain_transfer", self.operator)
        lot = self.env["stock.lot"].search([("name", "=", "CHAIN-LOT-1")])
        lot.assist_production_date = "2026-01-15"
        self.assertEqual(lot.assist_quality_state, "released")
        self.assertEqual(
            self.env["stock.quant"]._get_available_quantity(
                self.tea, self.warehouse.lot_stock_id, lot_id=lot
            ),
            3.0,
        )

        union = self.env["res.partner"].create(
            {"name": "Chain Workshop Union", "is_company": True, "lang": "zh_CN"}
        )
        sale = self.env["sale.order"].create(
            {
                "partner_id": union.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [Command.create({"product_id": self.tea.id, "product_uom_qty": 3})],
            }
        )
        self._open(sale, "union_assist_chain_sell", self.operator)
        pick = sale.picking_ids
        self.assertEqual(pick.picking_type_id, self.warehouse.pick_type_id)
        self._open(pick, "union_assist_chain_transfer", self.operator)
        pack = self._next(pick, self.warehouse.pack_type_id)
        self._open(pack, "union_assist_chain_pack", self.operator)
        ship = self._next(pack, self.warehouse.out_type_id)
        self._open(ship, "union_assist_chain_deliver", self.operator)
        self.assertEqual(ship.state, "done")
        self.assertEqual(ship.move_line_ids.lot_id, lot)
        self.assertTrue(ship.move_line_ids.result_package_id)

        # What the printed note says
        self.authenticate(self.operator.login, self.operator.login)
        printed = self.url_open(
            f"/report/reportlab/union_assist_logistics.report_delivery_note/{ship.id}"
        )
        self.assertEqual(printed.headers["Content-Type"], "application/pdf")
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(printed.content)).pages)
        for expected in (
            ship.assist_note_number,
            "Chain Tea",
            "CHAIN-LOT-1",
            "2026-01-15",
            "叁万陆仟元整",
            "Chain Workshop Union",
        ):
            self.assertIn(expected, text)
