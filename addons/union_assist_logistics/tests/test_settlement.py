from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.union_assist_catalog.tests.common import admit_suppliers

from .common import UnionAssistQualityCommon


@tagged("post_install", "-at_install", "union_assist")
class TestInspectedSettlement(UnionAssistQualityCommon):
    """Goods under a quality plan are accepted by decision, whatever the receipt says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["union.assist.cap.policy"].search([]).active = False
        cls.supplier.assist_supplier_kind = "sme"
        admit_suppliers(cls.supplier)
        cls.tea.purchase_method = "purchase"
        cls.company = cls.env.company
        # Whatever becomes of the goods is of the month that ends today or later.
        cls.month = cls.company._assist_today()

    def setUp(self):
        super().setUp()
        self.make_order()

    def make_order(self):
        self.order = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "product_qty": 100,
                            "price_unit": 10,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        self.order.button_confirm()
        self.line = self.order.order_line

    def arrive(self, lots):
        """Receive lots of the order at Input; return the quality step."""
        receipt = self.order.picking_ids.filtered(
            lambda p: p.state not in ("done", "cancel") and p.picking_type_code == "incoming"
        )
        receipt.move_ids.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            [
                {
                    "move_id": receipt.move_ids.id,
                    "picking_id": receipt.id,
                    "product_id": self.tea.id,
                    "lot_name": name,
                    "quantity": quantity,
                    "location_id": receipt.location_id.id,
                    "location_dest_id": receipt.location_dest_id.id,
                    "picked": True,
                }
                for name, quantity in lots.items()
            ]
        )
        receipt.with_context(skip_backorder=True).button_validate()
        self.receipt = receipt
        return receipt.move_ids.move_dest_ids.picking_id

    def send_back(self, quantity, source, to_refund=True):
        """Return goods of the receipt from where they lie now."""
        wizard = self.env["stock.return.picking"].create({"picking_id": self.receipt.id})
        wizard.product_return_moves.write({"quantity": quantity, "to_refund": to_refund})
        returned = wizard._create_return()
        move = returned.move_ids
        move.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            {
                "move_id": move.id,
                "picking_id": returned.id,
                "product_id": self.tea.id,
                "lot_id": self.receipt.move_line_ids.lot_id.id,
                "quantity": quantity,
                "location_id": source.id,
                "location_dest_id": move.location_dest_id.id,
            }
        )
        returned.move_ids.picked = True
        returned._action_done()
        self.assertEqual(returned.move_ids.quantity, quantity)
        return returned

    def figures(self):
        self.env.flush_all()
        sums = dict.fromkeys(("received", "accepted", "rejected", "returned", "pending"), 0.0)
        for movement in self.line._assist_get_movements():
            sums[movement.kind] += movement.quantity
        self.assertAlmostEqual(
            sums["received"],
            sums["accepted"] + sums["rejected"] + sums["returned"] + sums["pending"],
        )
        return {name: value for name, value in sums.items() if value}

    def generate(self):
        return (
            self.env["union.assist.statement"]
            ._generate(self.company, self.month, self.supplier)
            .filtered(lambda s: s.supplier_id == self.supplier)
        )

    def test_undecided_goods_are_pending(self):
        step = self.arrive({"S-1": 60, "S-2": 40})
        self.assertEqual(self.figures(), {"received": 100, "pending": 100})
        self.assertEqual(self.line.qty_received, 100, "core counts what arrived")
        statement = self.generate()
        self.assertEqual(statement.line_ids.pending, 100)
        self.assertEqual((statement.amount, statement.closing), (0, 0))
        inspections = step.assist_inspection_ids
        first = inspections.filtered(lambda i: i.lot_id.name == "S-1")
        self.pass_lot(first)
        self.assertEqual(self.figures(), {"received": 100, "accepted": 60, "pending": 40})
        self.pass_lot(inspections - first, conceded=30, rejected=10)
        self.assertEqual(self.figures(), {"received": 100, "accepted": 90, "rejected": 10})
        statement = self.generate()
        self.assertEqual(statement.line_ids.pending, 0)
        self.assertEqual((statement.line_ids.rejected, statement.amount), (10, 900))

    def test_rejected_goods_that_go_back_change_nothing_more(self):
        step = self.arrive({"S-3": 100})
        self.pass_lot(step.assist_inspection_ids, released=80, rejected=20)
        self.validate(step)
        expected = {"received": 100, "accepted": 80, "rejected": 20}
        self.assertEqual(self.figures(), expected)
        self.send_back(20, self.reject_location)
        self.assertEqual(self.line.qty_received, 80)
        self.assertEqual(self.figures(), expected)

    def test_accepted_goods_that_go_back(self):
        step = self.arrive({"S-4": 100})
        self.pass_lot(step.assist_inspection_ids)
        self.validate(step)
        self.validate(self.storage(step))
        self.send_back(5, self.stock)
        self.assertEqual(self.figures(), {"received": 100, "accepted": 95, "returned": 5})

    def test_undecided_goods_that_go_back(self):
        self.arrive({"S-5": 100})
        self.send_back(30, self.warehouse.wh_input_stock_loc_id)
        self.assertEqual(self.figures(), {"received": 100, "returned": 30, "pending": 70})

    def test_goods_without_a_plan_are_accepted_on_receipt(self):
        self.plan.active = False
        self.arrive({"S-6": 100})
        self.assertEqual(self.figures(), {"received": 100, "accepted": 100})

    def test_the_day_of_the_decision_is_that_of_acceptance(self):
        step = self.arrive({"S-8": 100})
        arrived = fields.Datetime.now() - timedelta(days=40)
        self.receipt.move_ids.date = arrived
        self.pass_lot(step.assist_inspection_ids)
        statement = self.generate()
        self.assertEqual(statement.line_ids.accepted_on, self.company._assist_today())
        day = arrived.astimezone(self.company._assist_get_zone()).date()
        self.assertEqual(statement.line_ids.date, day)
        self.assertEqual(statement.amount, 1000)
        before = self.month - timedelta(days=40)
        earlier = self.env["union.assist.statement"]._generate(self.company, before, self.supplier)
        self.assertEqual(earlier.amount, 0)
        self.assertEqual(earlier.line_ids.pending, 100)

    def test_no_more_is_billed_than_is_accepted(self):
        step = self.arrive({"S-9": 100})
        self.pass_lot(step.assist_inspection_ids, released=70, rejected=30)
        statement = self.generate()
        statement.sudo().write({"state": "confirmed"})
        statement.with_user(self.operator).action_propose_bills()
        self.assertEqual(statement.bill_ids.invoice_line_ids.quantity, 70)
        self.assertEqual(statement.bill_ids.amount_total, 700)

    def test_as_many_queries_for_many_receipts(self):
        orders = self.order
        for index in range(7):
            self.pass_lot(self.arrive({f"Q-{index}": 100}).assist_inspection_ids)
            self.make_order()
            orders |= self.order

        def measure(lines):
            return self.record_queries(lambda: lines._assist_get_movements())

        lines = orders.order_line.filtered("qty_received")
        self.assertEqual(len(lines), 7)
        self.assert_same_queries(measure(lines[:2]), measure(lines))
