from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import UnionAssistQualityCommon


@tagged("post_install", "-at_install", "union_assist")
class TestQualityPeers(UnionAssistQualityCommon):
    """What other quality modules are known to get wrong, one test each.

    The numbers are those of the public reports.
    """

    # ------------------------------------------------------------------
    # Odoo Enterprise
    # ------------------------------------------------------------------
    def test_unprocessed_lines_do_not_block_a_partial_transfer(self):
        """odoo#18497: checks on lines that are not processed blocked a partial transfer."""
        step = self.receive({"P-1": 30, "P-2": 70})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first)
        step.move_line_ids.filtered(lambda line: line.lot_id == second.lot_id).quantity = 0
        self.validate(step)
        self.assertEqual((step.state, self.on_hand(self.stock, "P-1")), ("done", 0))
        self.assertEqual(second.state, "draft")

    def test_a_receipt_split_later_keeps_its_check(self):
        """OCA/purchase-workflow#1918: a receipt that was split lost its check."""
        step = self.receive({"P-3": 30, "P-4": 70})
        first, second = step.assist_inspection_ids.sorted("id")
        self.record(second)
        self.pass_lot(first)
        step.move_line_ids.filtered(lambda line: line.lot_id == second.lot_id).quantity = 0
        self.validate(step)
        backorder = step.backorder_ids
        self.assertEqual(backorder.assist_inspection_ids, second)
        self.assertEqual(second.state, "submitted", "with its results")
        self.assertEqual(self.validate(backorder)["tag"], "display_notification")

    def test_failing_picks_nothing_else_and_makes_no_backorder(self):
        """odoo#193785: failing a line set ``picked`` and produced a wrong backorder."""
        step = self.receive({"P-5": 30, "P-6": 70})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first, rejected=30)
        self.assertFalse(any(step.move_line_ids.mapped("picked")))
        self.assertFalse(any(step.move_ids.mapped("picked")))
        self.pass_lot(second)
        self.validate(step)
        self.assertFalse(step.backorder_ids)
        self.assertEqual(sum(step.move_ids.mapped("quantity")), 70)
        self.assertEqual(self.on_hand(self.reject_location, "P-5"), 30)

    def test_failing_twice_across_a_backorder(self):
        """odoo#175355: failing once more on the backorder ended in a traceback."""
        step = self.receive({"P-7": 40, "P-8": 60})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first, released=30, rejected=10)
        step.move_line_ids.filtered(lambda line: line.lot_id == second.lot_id).quantity = 0
        self.validate(step)
        backorder = step.backorder_ids
        self.pass_lot(second, released=45, rejected=15)
        self.validate(backorder)
        self.assertEqual(backorder.state, "done")
        self.assertEqual(self.on_hand(self.reject_location, "P-7"), 10)
        self.assertEqual(self.on_hand(self.reject_location, "P-8"), 15)
        self.assertFalse(backorder.backorder_ids)

    def test_failing_changes_neither_demand_nor_consumption_before(self):
        """odoo#260139: failing reduced the demand and corrupted what had been consumed."""
        pack = self.env["product.product"].create(
            {"name": "Tea Bags", "is_storable": True, "tracking": "lot"}
        )
        self.plan.product_tmpl_ids |= pack.product_tmpl_id
        step = self.receive({"P-9": 10})
        receipt = step.move_ids.move_orig_ids
        self.pass_lot(step.assist_inspection_ids)
        self.validate(step)
        self.validate(self.storage(step))
        production = self.env["mrp.production"].create(
            {
                "product_id": pack.id,
                "product_qty": 5,
                "bom_id": False,
                "picking_type_id": self.warehouse.manu_type_id.id,
                "location_src_id": self.stock.id,
                "location_dest_id": self.stock.id,
            }
        )
        raw = self.env["stock.move"].create(
            production._get_move_raw_values(self.tea, 8, self.tea.uom_id)
        )
        production.action_confirm()
        raw.quantity = 8
        raw.picked = True
        production.lot_producing_ids = self.env["stock.lot"].create(
            {"name": "P-10", "product_id": pack.id}
        )
        production.qty_producing = 5
        production.button_mark_done()
        self.lot("P-10").with_user(self.inspector).action_assist_inspect()
        inspection = self.lot("P-10").assist_inspection_ids
        self.pass_lot(inspection, rejected=5)
        self.assertEqual((raw.product_uom_qty, raw.quantity), (8, 8))
        self.assertEqual(production.qty_produced, 5)
        self.assertEqual((receipt.product_uom_qty, receipt.quantity), (10, 10))
        self.assertEqual(self.on_hand(self.reject_location, "P-10"), 5)

    # ------------------------------------------------------------------
    # OCA
    # ------------------------------------------------------------------
    def test_a_value_in_another_unit_is_converted_or_refused(self):
        """quality_control_oca: values in another unit were compared unconverted."""
        self.plan.item_ids.filtered("safety").unit = "mg/kg"
        inspection = self.receive({"P-11": 10}).assist_inspection_ids
        line = inspection.line_ids.filtered("safety")  # at most 5 mg/kg
        readings = self.env["union.assist.quality.reading"].with_user(self.inspector)
        readings.create({"line_id": line.id, "value": 4000, "unit": "µg/kg"})
        self.assertEqual((line.value, line.verdict), (4, "pass"))
        with self.assertRaises(UserError):
            readings.create({"line_id": line.id, "value": 4, "unit": "°C"})

    def test_an_inspection_without_lines_is_not_passed(self):
        """quality_control_oca: ``all([])`` is true, so nothing inspected was success."""
        inspection = self.receive({"P-12": 10}).assist_inspection_ids
        inspection.sudo().line_ids.unlink()
        self.assertFalse(inspection.result)
        with self.assertRaises(UserError):
            inspection.with_user(self.inspector).action_submit()
        with self.assertRaises(UserError):
            self.decide(inspection, released=10)

    def test_the_result_is_the_same_for_every_reader(self):
        """quality_control_oca: a stored result depended on the groups of who computed it."""
        inspection = self.receive({"P-13": 10}).assist_inspection_ids
        self.record(inspection, moisture=9)
        line = inspection.line_ids.filtered(lambda line: line.name == "Moisture")
        for user in (self.inspector, self.operator, self.keeper):
            inspection.invalidate_recordset()
            self.assertEqual(inspection.with_user(user).result, "fail")
            self.env.add_to_compute(type(line).verdict, line)
            self.env.add_to_compute(type(inspection).result, inspection)
            self.assertEqual(line.with_user(user).verdict, "fail")
            self.assertEqual(inspection.with_user(user).result, "fail")

    def test_nobody_deletes_an_inspection(self):
        """quality_control_oca: users could delete inspections."""
        manager = new_test_user(self.env, "peers_manager", "union_assist_catalog.group_manager")
        inspection = self.receive({"P-14": 10}).assist_inspection_ids
        for user in (self.inspector, self.operator, manager):
            with mute_logger("odoo.addons.base.models.ir_model"):
                with self.assertRaises(AccessError):
                    inspection.with_user(user).unlink()
        with self.assertRaisesRegex(UserError, "evidence"):
            inspection.unlink()

    def test_the_decision_is_checked_on_the_server(self):
        """quality_control_oca: approving had no check but a hidden button."""
        inspection = self.receive({"P-15": 10}).assist_inspection_ids
        self.record(inspection)
        for user in (self.inspector, self.keeper):
            with mute_logger("odoo.addons.base.models.ir_model"):
                with self.assertRaises(AccessError):
                    self.env["union.assist.quality.decision"].with_user(user).create(
                        {"inspection_id": inspection.id, "kind": "released", "quantity": 10}
                    )

    def test_it_controls_stock(self):
        """quality_control_oca controls nothing; #1044, #1606: block the validation."""
        step = self.receive({"P-16": 10})
        self.assertEqual(self.validate(step)["tag"], "display_notification")
        step.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "cannot be finished"):
            step._action_done()

    def test_the_user_is_reminded_and_led_to_the_inspection(self):
        """#1584, #1863: a pop-up that reminds of what waits."""
        step = self.receive({"P-17": 10})
        action = self.validate(step)
        self.assertIn("P-17", action["params"]["message"])
        self.assertEqual(action["params"]["next"]["res_id"], step.assist_inspection_ids.id)

    def test_one_inspection_per_lot(self):
        """#1493: an inspection for each lot."""
        step = self.receive({"P-18": 10, "P-19": 20, "P-20": 30})
        self.assertEqual(
            sorted(step.assist_inspection_ids.mapped(lambda i: (i.lot_id.name, i.quantity))),
            [("P-18", 10), ("P-19", 20), ("P-20", 30)],
        )

    def test_a_stock_user_validates_with_a_check_that_he_cannot_edit(self):
        """#1257: who may not edit checks could not validate."""
        step = self.receive({"P-21": 10})
        inspection = step.assist_inspection_ids
        user = new_test_user(self.env, "peers_stock", "stock.group_stock_user")
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            inspection.with_user(user).write({"note": "?"})
        self.pass_lot(inspection, released=9, rejected=1)
        self.assertIs(self.validate(step, user=user), True)

    # ------------------------------------------------------------------
    # ERPNext
    # ------------------------------------------------------------------
    def test_a_rejected_lot_does_not_block_the_accepted_ones(self):
        """#47331, #21212: a rejected item blocked the whole receipt."""
        step = self.receive({"P-22": 10, "P-23": 20})
        first, second = step.assist_inspection_ids.sorted("id")
        self.pass_lot(first, rejected=10)
        self.pass_lot(second)
        self.validate(step)
        self.validate(self.storage(step))
        self.assertEqual(self.on_hand(self.stock, "P-23"), 20)
        self.assertEqual(self.on_hand(self.stock, "P-22"), 0)

    def test_inspection_in_tranches(self):
        """#54048, #41969: a part is inspected and goes on while the rest waits."""
        step = self.receive({"P-24": 100})
        step.move_line_ids.quantity = 40
        step.assist_inspection_ids.sudo()._sync_with_pickings(step)
        first = step.assist_inspection_ids
        self.assertEqual(first.quantity, 40)
        self.pass_lot(first)
        self.validate(step)
        backorder = step.backorder_ids
        self.assertEqual(self.on_hand(self.control, "P-24"), 40)
        backorder.action_assign()
        self.assertEqual(backorder.assist_inspection_ids.quantity, 60)
        self.pass_lot(backorder.assist_inspection_ids, released=50, rejected=10)
        self.validate(backorder)
        self.assertEqual(self.on_hand(self.control, "P-24"), 90)
        self.assertEqual(self.on_hand(self.reject_location, "P-24"), 10)

    @property
    def control(self):
        return self.warehouse.wh_qc_stock_loc_id

    def test_each_item_is_stopped_for_itself(self):
        """#46490: to stop or not is a matter of each item, not of the whole system."""
        step = self.receive({"P-25": 10}, product=self.rice)
        self.assertFalse(step.assist_inspection_ids)
        self.assertIs(self.validate(step), True)
        self.assertEqual(self.validate(self.receive({"P-26": 10}))["tag"], "display_notification")

    def test_accepted_and_rejected_go_to_different_places(self):
        """#53797: accept 80, reject 20, each to its place."""
        step = self.receive({"P-27": 100})
        self.pass_lot(step.assist_inspection_ids, released=80, rejected=20)
        self.validate(step)
        self.validate(self.storage(step))
        self.assertEqual(self.on_hand(self.stock, "P-27"), 80)
        self.assertEqual(self.on_hand(self.reject_location, "P-27"), 20)

    def test_inspection_after_the_receipt(self):
        """PR 47002: what lies in stock already is inspected where it is."""
        self.plan.active = False
        step = self.receive({"P-28": 10})
        self.validate(step)
        self.validate(self.storage(step))
        self.plan.active = True
        lot = self.lot("P-28")
        lot.with_user(self.inspector).action_assist_inspect()
        self.pass_lot(lot.assist_inspection_ids, released=8, rejected=2)
        self.assertEqual(self.on_hand(self.stock, "P-28"), 8)
        self.assertEqual(self.on_hand(self.reject_location, "P-28"), 2)

    def test_received_decided_released_or_rejected_and_returned(self):
        """PR 55836: the ledger of a lot from its receipt to what became of it."""
        step = self.receive({"P-29": 10})
        lot, inspection = self.lot("P-29"), step.assist_inspection_ids
        self.assertEqual(lot.assist_quality_state, "waiting")
        self.pass_lot(inspection, released=6, rejected=4)
        self.assertEqual(lot.assist_quality_state, "partial")
        rejected = inspection.decision_ids.filtered(lambda d: d.kind == "rejected")
        self.assertEqual((rejected.disposition, rejected.carried_qty), ("return", 4))
        self.validate(rejected.return_ids)
        self.assertEqual(rejected.return_ids.state, "done")
        self.assertEqual(self.on_hand(self.reject_location, "P-29"), 0)

    # ------------------------------------------------------------------
    # Tryton, SAP
    # ------------------------------------------------------------------
    def test_handing_over_again_draws_no_other_sample(self):
        """Tryton seeds the sample by the record: a retry can neither dodge nor draw anew."""
        inspection = self.receive({"P-30": 10}).assist_inspection_ids
        items = inspection.line_ids.mapped(lambda line: (line.name, line.safety))
        self.record(inspection)
        inspection.with_user(self.inspector).action_reopen()
        step = inspection.picking_id
        step.do_unreserve()
        step.action_assign()
        self.assertEqual(step.assist_inspection_ids, inspection)
        self.assertEqual(inspection.line_ids.mapped(lambda line: (line.name, line.safety)), items)

    def test_results_and_decision_are_two_acts(self):
        """SAP: the usage decision is separate from the results, and accepts with deviation."""
        step = self.receive({"P-31": 10})
        inspection = step.assist_inspection_ids
        self.record(inspection, moisture=9)
        self.assertEqual((inspection.state, inspection.result), ("submitted", "fail"))
        step.move_ids.picked = True
        with self.assertRaises(UserError), self.cr.savepoint():
            step._action_done()
        with self.assertRaisesRegex(UserError, "release it by concession"):
            self.decide(inspection, released=10)
        self.decide(inspection, conceded=10)
        self.assertEqual(self.lot("P-31").assist_quality_state, "conceded")
        step._action_done()

    def test_a_failed_lot_opens_a_case_until_it_is_settled(self):
        """Tryton: a failure makes an alert that stays until it is resolved."""
        inspection = self.receive({"P-32": 10}).assist_inspection_ids
        self.record(inspection, moisture=9)
        self.decide(inspection, rejected=10)
        case = inspection.nonconformity_ids
        self.assertEqual(case.state, "open")
        self.assertEqual(case.lot_ids, self.lot("P-32"))
