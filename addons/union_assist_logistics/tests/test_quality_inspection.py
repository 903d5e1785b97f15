from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import UnionAssistQualityCommon


@tagged("post_install", "-at_install", "union_assist")
class TestQualityInspection(UnionAssistQualityCommon):
    def test_one_inspection_per_lot(self):
        step = self.receive({"T-1": 60, "T-2": 40})
        inspections = step.assist_inspection_ids
        self.assertEqual(
            inspections.sorted("id").mapped(lambda i: (i.lot_id.name, i.quantity, i.state)),
            [("T-1", 60.0, "draft"), ("T-2", 40.0, "draft")],
        )
        self.assertEqual(inspections.supplier_id, self.supplier)
        self.assertEqual(inspections[0].line_ids.mapped("name"), self.plan.item_ids.mapped("name"))
        self.assertEqual(len(set(inspections.mapped("name"))), 2)
        self.assertEqual(step.assist_quality_state, "to_record")
        step.action_assign()
        step.do_unreserve()
        step.action_assign()
        self.assertEqual(step.assist_inspection_ids, inspections, "asking again makes no more")
        self.assertEqual(set(inspections.mapped("state")), {"draft"})

    def test_no_plan_no_inspection(self):
        step = self.receive({"R-1": 10}, self.rice)
        self.assertFalse(step.assist_inspection_ids)
        self.assertIs(step.button_validate(), True)

    def test_without_any_plan_nothing_happens(self):
        self.env["union.assist.quality.plan"].search([]).active = False
        step = self.receive({"T-1": 10})
        with self.assertQueryCount(0):  # no plan, no query
            self.assertFalse(step._assist_get_quality_steps())
            step.move_line_ids._assist_is_gated(step.picking_type_id, {})
            self.env["union.assist.quality.inspection"]._sync_with_pickings(
                step._assist_get_quality_steps()
            )
        step.button_validate()
        self.storage(step).button_validate()
        order = self.env["sale.order"].create(
            {
                "partner_id": self.union.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [(0, 0, {"product_id": self.tea.id, "product_uom_qty": 10})],
            }
        )
        order.action_confirm()
        for _step in range(3):
            order.picking_ids.filtered(
                lambda picking: picking.state == "assigned"
            ).button_validate()
        self.assertEqual(order.order_line.qty_delivered, 10)
        self.assertFalse(step.assist_inspection_ids)
        self.assertFalse(self.warehouse.assist_reject_loc_id)

    def test_lots_before_the_plan_are_not_gated(self):
        self.plan.date_from = "2999-01-01"
        step = self.receive({"T-1": 10})
        self.assertFalse(step.assist_inspection_ids)
        step.button_validate()
        self.storage(step).button_validate()
        self.assertEqual(self.on_hand(self.stock, "T-1"), 10)

    def test_inspection_keeps_the_plan_it_began_with(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        lead = self.plan.item_ids[2]
        for change in (
            lambda: lead.write({"max_value": 0.1}),
            lambda: self.plan.item_ids[1].unlink(),
            lambda: self.plan.write({"item_ids": [(0, 0, {"name": "Colour"})]}),
            lambda: self.plan.item_ids.create({"name": "Colour", "plan_id": self.plan.id}),
            lambda: self.plan.write({"note": "Look twice."}),
        ):
            with self.assertRaisesRegex(UserError, "New Version"):
                change()
        self.plan.item_ids[0].sequence = 99
        newer = self.plan.browse(self.plan.action_new_version()["res_id"])
        newer.item_ids[1].max_value = 0.1
        newer.date_from = "2999-01-01"
        self.record(inspection, lead=1.0)
        self.assertEqual(inspection.result, "pass")
        self.assertEqual(len(inspection.line_ids), 3)

    def test_results(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        packing, moisture, lead = inspection.with_user(self.inspector).line_ids
        self.assertFalse(inspection.result)
        with self.assertRaisesRegex(UserError, "Packing whole, Moisture, Lead"):
            inspection.with_user(self.inspector).action_submit()
        packing.answer = "pass"
        lead.value = 0.0
        self.assertEqual(lead.verdict, "pass", "zero is a result once it was entered")
        moisture.value = 7.5
        self.assertEqual((inspection.result, inspection.safety_failed), ("fail", False))
        lead.value = 5.5
        self.assertTrue(inspection.safety_failed)
        moisture.write({"value": 0, "recorded": False})
        self.assertFalse(moisture.verdict)
        self.assertEqual(inspection.recorded_count, 2)
        moisture.value = 7.0
        lead.value = 5.0
        self.assertEqual(inspection.result, "pass")
        inspection.with_user(self.inspector).action_submit()
        self.assertEqual(inspection.state, "submitted")
        self.assertEqual(inspection.recorded_by_id, self.inspector)
        with self.assertRaisesRegex(UserError, "not open for results"):
            lead.value = 1.0

    def test_rest_conforms(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        inspection.with_user(self.inspector).action_pass_all()
        self.assertEqual(inspection.line_ids.mapped("verdict"), ["pass", False, False])

    def test_form_records_results(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        with Form(inspection.with_user(self.inspector)) as form:
            with form.line_ids.edit(1) as line:
                line.entry = "3"
                self.assertEqual(line.verdict, "pass", "judged while it is typed")
                line.entry = "9"
                self.assertEqual(line.verdict, "fail")
                line.entry = "3"
            form.note = "Bag 3 is torn."
        self.assertEqual(inspection.line_ids[1].verdict, "pass")
        self.assertEqual(inspection.note, "Bag 3 is torn.")

    def test_results_and_decision_are_two_people(self):
        both = self.operator.copy({"login": "quality_both"})
        both.group_ids |= self.env.ref("union_assist_logistics.group_inspector")
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        self.record(inspection, user=both)
        with self.assertRaisesRegex(AccessError, "somebody else"):
            self.decide(inspection, released=10, user=both)
        inspection.with_user(self.inspector).action_reopen()
        inspection.with_user(self.inspector).action_submit()
        with self.assertRaisesRegex(AccessError, "somebody else"):
            # The figures are still the same person's, whoever handed them over.
            self.decide(inspection, released=10, user=both)
        self.decide(inspection, released=10)
        self.assertEqual(inspection.state, "decided")
        self.assertEqual(inspection.decision_ids.decided_by_id, self.operator)

    def test_inspector_cannot_decide(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        self.record(inspection)
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self.decide(inspection, released=10, user=self.inspector)
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self.env["union.assist.quality.decision"].with_user(self.inspector).create(
                {"inspection_id": inspection.id, "kind": "released", "quantity": 10}
            )

    def test_decision_only_after_results(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        with self.assertRaisesRegex(UserError, "To Record"):
            self.env["union.assist.quality.decision"].with_user(self.operator).create(
                {"inspection_id": inspection.id, "kind": "released", "quantity": 10}
            )
        self.pass_lot(inspection)
        with self.assertRaisesRegex(UserError, "Decided"):
            self.env["union.assist.quality.decision"].with_user(self.operator).create(
                {"inspection_id": inspection.id, "kind": "released", "quantity": 10}
            )

    def test_decided_quantities_add_up(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        self.record(inspection)
        for released, rejected in ((9, 0), (10, 1), (8, 1)):
            with self.assertRaisesRegex(UserError, "must add up"):
                self.decide(inspection, released=released, rejected=rejected)
        with self.assertRaisesRegex(UserError, "Enter the quantities"):
            self.decide(inspection)
        self.decide(inspection, released=7, conceded=1, rejected=2)
        self.assertEqual(
            (inspection.released_qty, inspection.conceded_qty, inspection.rejected_qty), (7, 1, 2)
        )

    def test_reason_is_required(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        self.record(inspection)
        for kind in ("conceded", "rejected"):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                self.decide(inspection, **{kind: 10}, reason="  ")

    def test_safety_failure_rejects_the_whole_lot(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        self.record(inspection, lead=5.1)
        for quantities in ({"released": 10}, {"conceded": 10}, {"released": 1, "rejected": 9}):
            with self.assertRaisesRegex(UserError, "food safety item .Lead."):
                self.decide(inspection, **quantities)
        self.decide(inspection, rejected=10)
        self.assertEqual(self.lot("T-1").assist_quality_state, "rejected")

    def test_failed_lot_needs_a_concession(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        self.record(inspection, moisture=9)
        with self.assertRaisesRegex(UserError, "release it by concession"):
            self.decide(inspection, released=10)
        self.decide(inspection, conceded=10, reason="Dried again before packing")
        self.assertEqual(self.lot("T-1").assist_quality_state, "conceded")

    def test_dialog_proposes_what_the_results_say(self):
        inspections = self.receive({"T-1": 10, "T-2": 20}).assist_inspection_ids.sorted("id")
        self.record(inspections[0])
        self.record(inspections[1], lead=9)
        proposed = [
            (wizard.released_qty, wizard.rejected_qty, wizard.remaining_qty)
            for wizard in self.env["union.assist.quality.decide"].create(
                [{"inspection_id": inspection.id} for inspection in inspections]
            )
        ]
        self.assertEqual(proposed, [(10, 0, 0), (0, 20, 0)])

    def test_decision_is_never_changed(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        self.pass_lot(inspection)
        decision = inspection.decision_ids
        for user in (self.operator, self.env.user):
            with mute_logger("odoo.addons.base.models.ir_model"):
                with self.assertRaises(UserError):
                    decision.with_user(user).write({"quantity": 5})
                with self.assertRaises(UserError):
                    decision.with_user(user).unlink()
                with self.assertRaises(UserError):
                    inspection.with_user(user).unlink()

    def test_decider_and_time_are_not_taken_from_the_client(self):
        inspection = self.receive({"T-1": 10}).assist_inspection_ids
        self.record(inspection)
        decision = (
            self.env["union.assist.quality.decision"]
            .with_user(self.operator)
            .create(
                {
                    "inspection_id": inspection.id,
                    "kind": "released",
                    "quantity": 10,
                    "decided_by_id": self.inspector.id,
                    "decided_on": "2001-01-01",
                }
            )
        )
        self.assertEqual(decision.decided_by_id, self.operator)
        self.assertGreater(decision.decided_on.year, 2001)

    def test_queries_do_not_grow_with_lots(self):
        # Odoo inserts by the hundred: one line per lot stays within one batch.
        self.plan.item_ids[1:].unlink()

        def queries(count):
            step = self.receive({f"Q{count}-{number}": 2 for number in range(count)})
            inspections = step.assist_inspection_ids
            self.assertEqual(len(inspections), count)
            # Forget them, so that the same step makes all of them again.
            inspections.write({"picking_id": False, "origin_picking_id": False})
            made = self.record_queries(
                lambda: self.env["union.assist.quality.inspection"]._sync_with_pickings(step)
            )
            self.assertEqual(len(step.assist_inspection_ids), count)
            step.action_cancel()
            return made

        queries(2)
        self.assert_same_queries(queries(5), queries(50))
