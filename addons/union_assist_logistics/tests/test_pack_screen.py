import functools

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..tools.gs1 import is_sscc
from .packing_common import UnionAssistPackScreenCommon


@tagged("post_install", "-at_install", "union_assist")
class TestPackScreen(UnionAssistPackScreenCommon):
    def test_waiting_transfers(self):
        [row] = [r for r in self.screen.get_transfers() if r["id"] == self.picking.id]
        self.assertEqual(row["recipient"], "Workshop Union")
        self.assertEqual((row["packed"], row["total"]), (0, 2))
        found = self.screen.get_transfers(self.picking.sale_id.name)
        self.assertEqual([r["id"] for r in found], [self.picking.id])
        self.assertIn(
            self.picking, self.env["stock.picking"].search([("assist_can_pack", "=", True)])
        )

    def test_pack_into_two_cartons(self):
        answer = self.put(self.tea, 5)
        first = answer["carton"]
        answer = self.put(self.tea, 1, first)
        [carton] = answer["transfer"]["cartons"]
        self.assertEqual([line["quantity"] for line in carton["lines"]], [6])
        self.assertTrue(is_sscc(carton["sscc"]))
        self.put(self.tea, 6)
        answer = self.put(self.rice, 8, first)
        self.assertFalse(answer["transfer"]["lines"])
        self.assertEqual([c["number"] for c in answer["transfer"]["cartons"]], [1, 2])
        self.screen.weigh(self.picking.id, first, 22.4)
        self.assertIs(self.screen.finish(self.picking.id), True)
        self.assertEqual(self.picking.state, "done")
        package = self.env["stock.package"].browse(first)
        self.assertEqual(package.assist_packed_by_id, self.keeper)
        self.assertEqual(package.assist_lot_ids, self.tea_lot | self.rice_lot)
        self.assertEqual(package.shipping_weight, 22.4)
        self.assertEqual(package.assist_recipient_id, self.union)
        self.assertEqual(
            self.env["stock.package"].search([("assist_lot_ids", "=", "R-1")]), package
        )
        # The list of cartons answers and exports who packed what, when and from which lot.
        [row] = package.export_data(
            ["name", "assist_packed_by_id", "assist_packed_on", "assist_lot_ids"]
        )["datas"]
        self.assertEqual(row[:3], [package.name, self.keeper.name, package.assist_packed_on])
        self.assertEqual(set(row[3].split(",")), {"T-1", "R-1"})
        groups = package._read_group(
            [("id", "=", first)], ["assist_packed_by_id", "assist_recipient_id"], ["__count"]
        )
        self.assertEqual(groups, [(self.keeper, self.union, 1)])
        history = self.env["stock.package.history"].search([("package_id", "=", first)])
        self.assertEqual(history.move_line_ids.lot_id, self.tea_lot | self.rice_lot)
        # What was packed is what goes out.
        shipping = self.picking.move_ids.move_dest_ids.picking_id
        self.assertEqual(shipping.move_line_ids.package_id, self.picking.assist_carton_ids)

    def test_codes(self):
        for code in ("T-1", "6901234567892", "]C101069012345678921" + "0T-1", "(10)T-1"):
            with self.subTest(code=code):
                found = self.screen.find_by_code(self.picking.id, code)
                self.assertEqual(found["lines"], [self.line(self.tea)["id"]])
        carton = self.put(self.tea, 12)["carton"]
        sscc = self.env["stock.package"].browse(carton).assist_sscc
        for code in (sscc, f"]C100{sscc}", f"00{sscc}"):
            with self.subTest(code=code):
                self.assertEqual(
                    self.screen.find_by_code(self.picking.id, code), {"carton": carton}
                )

    def test_queries_do_not_grow_with_cartons(self):
        self.env["stock.quant"]._update_available_quantity(
            self.tea, self.stock, 100, lot_id=self.tea_lot
        )
        counts = []
        for size in (5, 50):
            picking = self.make_transfer(size + 1, 1)
            lines = picking.move_line_ids.filtered(lambda line: line.product_id == self.tea)
            for _carton in range(size):
                lines._assist_split(1)._put_in_pack()
            shown = self.screen.get_transfer(picking.id)
            self.assertEqual((len(shown["cartons"]), len(shown["lines"])), (size, 2))
            counts.append(
                self.record_queries(functools.partial(self.screen.get_transfer, picking.id))
            )
        self.assert_same_queries(*counts)

    def test_queries_do_not_grow_with_transfers(self):
        def listed():
            return self.screen.get_transfers(self.union.name)

        listed()
        counts = []
        for size in (5, 20):
            while len(listed()) < size:
                self.make_transfer(1, 1)
            counts.append(self.record_queries(listed))
        self.assert_same_queries(*counts)

    def test_what_does_not_belong(self):
        self.stock_up(self.tea, "T-2", 5)
        self.stock_up(self.pack, "P-1", 5)
        for code, message in (
            ("T-2", "Wrong lot.*T-1"),
            ("P-1", "does not belong"),
            ("nonsense", "does not belong"),
            ("", "does not belong"),
        ):
            with self.subTest(code=code), self.assertRaisesRegex(UserError, message):
                self.screen.find_by_code(self.picking.id, code)
        self.put(self.tea, 12)
        with self.assertRaisesRegex(UserError, "packed already"):
            self.screen.find_by_code(self.picking.id, "T-1")

    def test_code_that_no_database_stores(self):
        with self.assertRaisesRegex(UserError, "does not belong to"):
            self.screen.find_by_code(self.picking.id, "T-1\x00")

    def test_weight_is_a_figure(self):
        line = self.screen.get_transfer(self.picking.id)["lines"][0]
        package = self.env["stock.package"].create({"name": "Weighed"})
        self.env["stock.move.line"].browse(line["id"]).result_package_id = package
        for weight in (float("inf"), float("nan"), -1, True, "heavy", None):
            with self.subTest(weight), self.assertRaisesRegex(UserError, "in figures"):
                self.screen.weigh(self.picking.id, package.id, weight)
        self.screen.weigh(self.picking.id, package.id, 2.5)
        self.assertEqual(package.shipping_weight, 2.5)

    def test_quantities(self):
        for quantity in (12.5, 0, -1, float("nan"), "3", True, None):
            with self.subTest(quantity=quantity), self.assertRaises(UserError):
                self.put(self.tea, quantity)
        self.assertFalse(self.picking.move_line_ids.result_package_id)

    def test_goods_and_cartons_of_others(self):
        other = self.make_transfer(2, 2)
        line = self.screen.get_transfer(other.id)["lines"][0]
        with self.assertRaisesRegex(UserError, "does not belong"):
            self.screen.pack(self.picking.id, line["id"], 1)
        carton = self.screen.pack(other.id, line["id"], 1)["carton"]
        with self.assertRaisesRegex(UserError, "carton does not belong"):
            self.put(self.tea, 1, carton)
        with self.assertRaisesRegex(UserError, "carton does not belong"):
            self.screen.weigh(self.picking.id, carton, 1)

    def test_held_goods_are_refused(self):
        hold = (
            self.env["union.assist.hold"]
            .with_user(self.inspector)
            .create(
                {
                    "reason": "Complaint",
                    "scope": "lot",
                    "lot_ids": [(6, 0, self.tea_lot.ids)],
                }
            )
        )
        hold.action_hold()
        # What is on hold is no longer reserved: it is found by its code alone.
        with self.assertRaisesRegex(UserError, "on hold"):
            self.screen.find_by_code(self.picking.id, "T-1")
        self.put(self.rice, 1)

    def test_undecided_goods_are_refused(self):
        self.plan.date_from = "2020-01-01"
        with self.assertRaisesRegex(UserError, "no quality decision"):
            self.put(self.tea, 1)
        self.put(self.rice, 1)

    def test_chilled_goods_apart(self):
        self.rice.assist_carton_class = "chilled"
        carton = self.put(self.tea, 1)["carton"]
        with self.assertRaisesRegex(UserError, "does not go into one carton"):
            self.put(self.rice, 1, carton)

    def test_take_out(self):
        answer = self.put(self.tea, 12)
        line = answer["transfer"]["cartons"][0]["lines"][0]
        transfer = self.screen.take_out(self.picking.id, line["id"])
        self.assertFalse(transfer["cartons"])
        self.assertEqual(self.line(self.tea, transfer)["quantity"], 12)
        self.assertFalse(self.env["stock.package"].browse(answer["carton"]).exists())

    def test_unfinished_is_not_validated(self):
        self.put(self.tea, 12)
        with self.assertRaisesRegex(UserError, "Not packed yet: Rice R-1"):
            self.screen.finish(self.picking.id)
        self.assertEqual(self.picking.state, "assigned")

    def test_proposal(self):
        # 12 × 0.25 kg and 8 × 2.5 kg: 23 kg into cartons that hold 15.
        transfer = self.screen.apply_proposal(self.picking.id)
        self.assertFalse(transfer["lines"])
        self.assertEqual(len(transfer["cartons"]), 2)
        for carton in transfer["cartons"]:
            self.assertFalse(carton["over"])
        self.assertEqual(sum(carton["net"] for carton in transfer["cartons"]), 23)

    def test_proposal_says_what_fits_nowhere(self):
        self.rice.weight = 40
        with self.assertRaisesRegex(UserError, "Rice: one unit alone"):
            self.screen.apply_proposal(self.picking.id)
        (self.large | self.small).write({"max_weight": 0, "height": 0})
        with self.assertRaisesRegex(UserError, "no package type has"):
            self.screen.apply_proposal(self.picking.id)

    def test_hint_without_prefix(self):
        self.assertFalse(self.screen.get_transfer(self.picking.id)["hint"])
        self.env.company.assist_gs1_prefix = False
        self.assertIn("GS1 prefix", self.screen.get_transfer(self.picking.id)["hint"])
        carton = self.put(self.tea, 1)["transfer"]["cartons"][0]
        self.assertFalse(carton["sscc"])
        self.assertTrue(carton["name"])

    def test_who_may_pack(self):
        viewer = new_test_user(self.env, "pack_viewer", "union_assist_catalog.group_user")
        portal = new_test_user(self.env, "pack_portal", "base.group_portal")
        line = self.line(self.tea)["id"]
        for user in (viewer, portal):
            screen = self.screen.with_user(user)
            for call in (
                lambda screen=screen: screen.pack(self.picking.id, line, 1),
                lambda screen=screen: screen.take_out(self.picking.id, line),
                lambda screen=screen: screen.weigh(self.picking.id, 1, 1),
                lambda screen=screen: screen.apply_proposal(self.picking.id),
                lambda screen=screen: screen.finish(self.picking.id),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    call()
