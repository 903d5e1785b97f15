from io import BytesIO

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.union_assist_procure.tests.farming_common import FarmingCommon

from .recall_common import RecallCommon


class TraceCommon(RecallCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.view = cls.env["union.assist.trace.view"].with_user(cls.keeper)
        cls.tea_lot = cls.stock_lot("T-1", 100)
        cls.rice_lot = cls.stock_lot("R-1", 100, cls.rice)

    def trace(self, record, user=None):
        return self.view.with_user(user or self.keeper).get_trace(record._name, record.id)

    def nodes(self, trace):
        """The picture's nodes as ``{(kind, label, sub)}``."""
        return {
            (node["kind"], node["label"], node["sub"])
            for layer in trace["layers"]
            for node in layer
        }

    def edges(self, trace):
        """The picture's edges as ``{(from, to): quantity}``, by the nodes' sub titles."""
        names = {
            node["key"]: node["sub"] or node["label"] for layer in trace["layers"] for node in layer
        }
        return {
            (names[edge["from"]], names[edge["to"]]): edge["quantity"] for edge in trace["edges"]
        }


@tagged("post_install", "-at_install", "union_assist")
class TestTrace(TraceCommon, HttpCase):
    def test_whole_way_of_a_lot(self):
        pack = self.produce("P-1", 10, {self.tea_lot: 20, self.rice_lot: 10})
        box = self.produce("B-1", 2, {pack: 4}, self.box)
        loose, packed, boxed = (
            self.deliver({self.tea_lot: 30}),
            self.deliver({pack: 5}, self.shop),
            self.deliver({box: 1}, self.shop),
        )
        trace = self.trace(self.tea_lot)
        edges = self.edges(trace)
        unit = self.tea.uom_id.name
        receipt = self.tea_lot_receipt()
        productions = self.env["mrp.production"].search([("state", "=", "done")], order="id")
        first, second = productions[-2:].mapped("name")
        made = {
            key: value
            for key, value in edges.items()
            if "Production" not in key and "In stock" not in key
        }
        self.assertEqual(
            made,
            {
                (receipt.name, "T-1"): f"100 {unit}",
                ("T-1", loose.name): f"30 {unit}",
                ("P-1", packed.name): f"5 {unit}",
                ("B-1", boxed.name): f"1 {unit}",
            },
        )
        labels = {label for _kind, label, _sub in self.nodes(trace)}
        self.assertLessEqual({first, second, "Tea Maker", "Workshop Union"}, labels)
        self.assertNotIn("R-1", str(trace), "what else is in the pack is not part of this way")
        depth = {
            node["key"]: index for index, layer in enumerate(trace["layers"]) for node in layer
        }
        self.assertLess(depth[f"lot:{self.tea_lot.id}"], depth[f"lot:{pack.id}"])
        self.assertLess(depth[f"lot:{pack.id}"], depth[f"lot:{box.id}"])
        used = [row for row in trace["rows"] if row["step"] == "Used" and row["lot"] == "T-1"]
        self.assertEqual([row["quantity"] for row in used], [20])
        # Back from the box: both parts, and nobody else's deliveries
        back = self.trace(box)
        self.assertIn("R-1", str(back))
        self.assertIn(boxed.name, str(back))
        self.assertNotIn(loose.name, str(back))

    def tea_lot_receipt(self):
        return (
            self.env["stock.move.line"]
            .search([("lot_id", "=", self.tea_lot.id), ("location_id.usage", "=", "supplier")])
            .picking_id
        )

    def test_repacked_cartons(self):
        kind = self.warehouse.int_type_id
        first, second = self.env["stock.package"].create([{"name": "BOX-A"}, {"name": "BOX-B"}])
        self.transfer({self.tea_lot: 10}, self.stock, self.stock, kind, into=first)
        self.transfer({self.tea_lot: 6}, self.stock, self.stock, kind, packages=first, into=second)
        sent = self.deliver({self.tea_lot: 6}, self.shop, packages=second, into=second)
        other = self.deliver({self.tea_lot: 1}, self.union)
        for start in (first, second):
            trace = self.trace(start)
            self.assertIn(sent.name, str(trace))
            self.assertNotIn(other.name, str(trace), "it was not in the carton")
            self.assertIn(self.tea_lot_receipt().name, str(trace))
        rows = [
            (row["step"], row["from"].split(" · ")[0], row["to"].split(" · ")[0], row["quantity"])
            for row in self.trace(first)["rows"]
            if row["step"] in ("Packed", "Delivered")
        ]
        self.assertEqual(
            rows,
            [
                ("Packed", "Green Tea", "BOX-A", 10),
                ("Packed", "BOX-A", "BOX-B", 6),
                ("Delivered", "BOX-B", "Hospital Union", 6),
            ],
        )

    def test_split_and_return(self):
        sent = self.deliver({self.tea_lot: 8})
        self.deliver({self.tea_lot: 3}, self.shop)
        wizard = self.env["stock.return.picking"].create({"picking_id": sent.id})
        wizard.product_return_moves.quantity = 2
        back = wizard._create_return()
        back.move_ids.quantity = 2
        back.move_line_ids.lot_id = self.tea_lot
        back.move_ids.picked = True
        back._action_done()
        trace = self.trace(self.tea_lot)
        steps = [(row["step"], row["quantity"]) for row in trace["rows"]]
        for expected in (("Delivered", 8), ("Delivered", 3), ("Returned", 2)):
            self.assertIn(expected, steps)
        self.assertEqual(sum(quantity for step, quantity in steps if step == "In stock"), 91)

    def test_from_orders_and_deliveries(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.shop.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [Command.create({"product_id": self.tea.id, "product_uom_qty": 5})],
            }
        )
        order.action_confirm()
        for _step in range(3):
            self.validate(order.picking_ids.filtered(lambda picking: picking.state == "assigned"))
        self.assertTrue(all(picking.state == "done" for picking in order.picking_ids))
        other = self.deliver({self.tea_lot: 2})
        delivery = order.picking_ids.filtered(
            lambda picking: picking.picking_type_id == self.warehouse.out_type_id
        )
        for start in (order, delivery):
            trace = self.trace(start, self.operator)
            self.assertIn(delivery.name, str(trace))
            self.assertIn(self.tea_lot_receipt().name, str(trace))
            self.assertNotIn(other.name, str(trace))
        forward = self.trace(self.tea_lot_receipt())
        self.assertIn(delivery.name, str(forward))
        self.assertIn(other.name, str(forward))

    def test_many_deliveries_are_drawn_together(self):
        units = self.env["res.partner"].create(
            [{"name": f"Unit {number}", "is_company": True} for number in range(45)]
        )
        for unit in units:
            self.deliver({self.tea_lot: 1}, unit)
        trace = self.trace(self.tea_lot)
        kinds = [node["kind"] for layer in trace["layers"] for node in layer]
        self.assertEqual(kinds.count("delivery"), 40)
        self.assertIn("6 other units", str(trace["layers"]))
        self.assertEqual(len([row for row in trace["rows"] if row["step"] == "Delivered"]), 45)

    def test_held_lots_are_marked(self):
        self.hold(self.tea_lot)
        [node] = [
            node
            for layer in self.trace(self.tea_lot)["layers"]
            for node in layer
            if node["kind"] == "lot"
        ]
        self.assertTrue(node["held"] and node["focus"])

    def test_find(self):
        package = self.env["stock.package"].create({"name": "FINDME-1"})
        lot = self.stock_lot("FINDME-2", 1)
        found = {(item["model"], item["id"]) for item in self.view.find("findme")}
        self.assertEqual(found, {("stock.package", package.id), ("stock.lot", lot.id)})
        for text in ("  ", None, "FINDME\x00"):
            self.assertEqual(self.view.find(text), [])

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------
    def test_who_may_trace(self):
        with mute_logger("odoo.addons.base.models.ir_model"):
            for user in (
                new_test_user(self.env, "trace_county", "union_assist_catalog.group_county"),
                new_test_user(self.env, "trace_viewer", "union_assist_catalog.group_user"),
                new_test_user(self.env, "trace_portal", "base.group_portal"),
                self.env.ref("base.public_user"),
            ):
                for call in (
                    lambda user=user: self.trace(self.tea_lot, user),
                    lambda user=user: self.view.with_user(user).find("T-1"),
                ):
                    with self.subTest(user=user.login), self.assertRaises(AccessError):
                        call()
            # Lots, but no purchase orders
            order = self.env["purchase.order"].create({"partner_id": self.supplier.id})
            with self.assertRaises(AccessError):
                self.trace(order, self.inspector)
        self.assertTrue(self.trace(self.tea_lot, self.inspector)["rows"])
        for model, res_id in (("res.users", 2), ("union.assist.household", 1)):
            with self.assertRaises(UserError):
                self.view.get_trace(model, res_id)
        with self.assertRaises(UserError):
            self.view.get_trace("stock.lot", 0)

    def test_companies(self):
        company = self.env["res.company"].create({"name": "Other Depot"})
        other = new_test_user(
            self.env,
            "trace_other",
            "union_assist_catalog.group_operator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        sent = self.deliver({self.tea_lot: 2})
        trace = self.trace(self.tea_lot, other)
        self.assertEqual(trace["rows"], [], "a shared lot, but the moves of another company")
        self.assertNotIn("Workshop Union", str(trace))
        with self.assertRaises(AccessError):
            self.trace(sent, other)

    def test_private_persons_are_not_named(self):
        person = self.env["res.partner"].create({"name": "Private Person"})
        self.deliver({self.tea_lot: 1}, person)
        self.assertNotIn("Private Person", str(self.trace(self.tea_lot)))

    # ------------------------------------------------------------------
    # Export and cost
    # ------------------------------------------------------------------
    def test_export(self):
        self.deliver({self.tea_lot: 30})
        path = f"/assist/trace/stock.lot/{self.tea_lot.id}.xlsx"
        self.authenticate(self.keeper.login, self.keeper.login)
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, 200)
        sheet = load_workbook(BytesIO(answer.content)).active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        self.assertEqual(rows[0][0], "Date")
        trace = self.trace(self.tea_lot)
        self.assertEqual(len(rows) - 1, trace["total"])
        self.assertIn(30, [row[6] for row in rows])
        county = new_test_user(self.env, "trace_county2", "union_assist_catalog.group_county")
        self.authenticate(county.login, county.login)
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_model"):
            self.assertNotEqual(self.url_open(path).status_code, 200)

    def test_queries_do_not_grow(self):
        def count(number):
            lot = self.stock_lot(f"Q-{number}", 500)
            for index in range(number):
                unit = self.env["res.partner"].create({"name": f"Q{index}", "is_company": True})
                package = self.env["stock.package"].create({"name": f"Q-{number}-{index}"})
                pack = self.produce(f"PQ-{number}-{index}", 1, {lot: 2})
                self.deliver({lot: 1}, unit, into=package)
                self.deliver({pack: 1}, unit)
            return self.record_queries(lambda: self.trace(lot))

        count(1)
        self.assert_same_queries(count(3), count(12))


@tagged("post_install", "-at_install", "union_assist")
class TestTraceHouseholds(TraceCommon, FarmingCommon):
    def test_households_are_counts(self):
        households = self._create_households(3)
        contract = self._create_contract(households, supplier_id=self.other_supplier.id)
        contract.action_sign()
        tickets = self.env["union.assist.weigh.ticket"].create(
            [
                {"contract_id": contract.id, "household_id": household.id, "gross": 100}
                for household in households
            ]
        )
        tickets.action_confirm()
        lot = self.stock_lot("C-1", 50, self.crop)
        self.env["union.assist.lot.source"].create(
            [{"lot_id": lot.id, "ticket_id": ticket.id, "quantity": 10} for ticket in tickets]
        )
        pack = self.produce("P-1", 2, {lot: 4})
        sent = self.deliver({pack: 1})
        for start in (lot, pack, sent, contract):
            with self.subTest(start=start):
                trace = self.trace(start, self.operator)
                self.assertIn("3 households", str(trace))
                self.assertIn(sent.name, str(trace))
                for secret in ("Secret Name", "FARM-", self.village.name):
                    self.assertNotIn(secret, str(trace))
