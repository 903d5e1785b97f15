from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import sampling
from .common import UnionAssistQualityCommon


class SamplingCommon(UnionAssistQualityCommon):
    """The tea plan draws by GB/T 2828.1; packing is judged by sample."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packing, cls.moisture, cls.lead = cls.plan.item_ids
        cls.packing.write({"by_sample": True, "severity": "major"})
        cls.plan.write(
            {
                "sampling_method": "gbt2828",
                "sampling_level": "II",
                "sampling_aql_major": "2.5",
                "sampling_aql_minor": "4.0",
                "item_ids": [
                    (
                        0,
                        0,
                        {
                            "name": name,
                            "kind": "pass_fail",
                            "severity": severity,
                            "by_sample": True,
                        },
                    )
                    for name, severity in (("Label straight", "minor"), ("Seal", "critical"))
                ],
            }
        )

    def inspect(self, name="T-1", quantity=1200.0):
        """Receive a lot, into the step where others may wait, and return its inspection."""
        step = self.receive({name: quantity})
        return step.assist_inspection_ids.filtered(
            lambda record: record.lot_id.name == name and record.state != "cancel"
        )

    def replan(self, **vals):
        """Inspect by another plan from now on: one that was inspected by does not change."""
        self.plan.active = False
        self.plan = self.plan.copy({"active": True, "date_from": "2020-01-01", **vals})

    def line(self, inspection, name):
        return inspection.line_ids.filtered(lambda line: line.name == name)

    def record(self, inspections, defects=0, **options):
        for line in inspections.line_ids.filtered("sample_size"):
            line.with_user(self.inspector).defect_count = defects if line.severity == "major" else 0
        counted = inspections.line_ids.filtered("sample_size")
        for inspection in inspections.with_user(options.pop("user", self.inspector)):
            for line in inspection.line_ids:
                if line in counted or line.skipped:
                    continue
                if line.kind == "pass_fail":
                    line.answer = options.get("answer", "pass")
                elif line.name == "Moisture":
                    line.value = options.get("moisture", 5.0)
                else:
                    line.value = options.get("lead", 1.0)
            inspection.action_submit()


@tagged("post_install", "-at_install", "union_assist")
class TestSampling(SamplingCommon):
    # ------------------------------------------------------------------
    # Sizing
    # ------------------------------------------------------------------
    def test_sizes_by_severity(self):
        inspection = self.inspect()
        packing, label, seal = (
            self.line(inspection, name) for name in ("Packing whole", "Label straight", "Seal")
        )
        figures = ("sample_size", "code_letter", "accept_number", "reject_number", "sample_aql")
        self.assertEqual([packing[name] for name in figures], [80, "J", 5, 6, "2.5"])
        self.assertEqual([label[name] for name in figures], [80, "J", 7, 8, "4.0"])
        self.assertEqual([seal[name] for name in figures], [80, "J", 0, 1, "2.5"])
        self.assertEqual((inspection.sample_size, inspection.unit_count), (80, 1200))
        self.assertFalse(any(self.line(inspection, "Lead").mapped("sample_size")))
        self.assertIn(
            "Major: draw 80 of 1200 Units (code letter J, AQL 2.5); the lot passes with at most 5"
            " nonconforming, fails from 6.",
            inspection.sampling_summary,
        )

    def test_arrow_takes_the_size_of_its_plan(self):
        label = self.line(self.inspect(quantity=8), "Label straight")
        # Lot 8, II: letter A; AQL 4.0 leads down to B and its 3 units.
        self.assertEqual((label.code_letter, label.sample_size, label.accept_number), ("B", 3, 0))

    def test_sample_that_reaches_the_lot(self):
        inspection = self.inspect(quantity=4)
        packing = self.line(inspection, "Packing whole")
        self.assertEqual(packing.sample_size, 4, "plan C would draw 5")
        self.assertIn("inspect all 4 Units", inspection.sampling_summary)
        self.assertFalse(self.inspect("T-2", 1).sample_units, "of one unit nothing is drawn")

    def use(self, **vals):
        """Take a plan with another sampling into use: one that was used is not changed."""
        self.plan.active = False
        self.plan = self.plan.copy({**vals, "active": True, "date_from": "2020-01-01"})

    def test_percentage_fixed_number_and_all(self):
        self.use(sampling_method="percent", sampling_percent=3, sampling_accept_major=1)
        inspection = self.inspect("T-1", 101)
        self.assertEqual(self.line(inspection, "Packing whole").sample_size, 4)
        self.assertEqual(self.line(inspection, "Packing whole").accept_number, 1)
        self.assertEqual(self.line(inspection, "Label straight").accept_number, 0)
        self.use(sampling_method="fixed", sampling_number=7)
        self.assertEqual(self.inspect("T-2", 101).sample_size, 7)
        self.assertEqual(self.inspect("T-3", 5).sample_size, 5)
        self.use(sampling_method="all")
        inspection = self.inspect("T-4", 101)
        self.assertEqual(inspection.sample_size, 101)
        self.assertEqual(self.line(inspection, "Packing whole").reject_number, 1)

    def test_units_drawn_are_boxes(self):
        box = self.env["uom.uom"].create(
            {
                "name": "Box of 10",
                "relative_factor": 10,
                "relative_uom_id": self.tea.uom_id.id,
            }
        )
        self.plan.sampling_uom_id = box
        inspection = self.inspect("T-1", 1501)
        self.assertEqual(inspection.unit_count, 151, "a part of a box is a box")
        self.assertEqual(self.line(inspection, "Packing whole").code_letter, "G")
        self.assertIn("of 151 Box of 10", inspection.sampling_summary)

    def test_unit_that_cannot_be_counted_in(self):
        with self.assertRaisesRegex(ValidationError, "cannot be counted in"):
            self.plan.sampling_uom_id = self.env.ref("uom.product_uom_kgm")

    def test_plans_that_say_too_little(self):
        for vals, message in (
            ({"sampling_method": False}, "judged by sample"),
            ({"sampling_aql_minor": False}, "both AQL"),
        ):
            with self.assertRaises(ValidationError) as refused:
                self.plan.write(vals)
            self.assertIn(message, str(refused.exception))

    def test_safety_is_never_judged_by_sample(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as refused:
            with self.cr.savepoint():
                self.lead.write({"kind": "pass_fail", "by_sample": True})
        self.assertIn("safety", str(refused.exception).lower())

    def test_a_plan_without_sampling_draws_nothing(self):
        self.plan.item_ids.by_sample = False
        self.plan.sampling_method = False
        inspection = self.inspect()
        self.assertFalse(inspection.sample_size or inspection.sample_seed)
        self.assertFalse(inspection.sampling_summary)

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------
    def test_verdict_at_ac_and_re(self):
        packing = self.line(self.inspect(), "Packing whole").with_user(self.inspector)
        self.assertFalse(packing.verdict)
        for count, verdict in ((0, "pass"), (5, "pass"), (6, "fail"), (80, "fail")):
            packing.defect_count = count
            self.assertEqual(packing.verdict, verdict, count)

    def test_one_critical_defect_fails(self):
        seal = self.line(self.inspect(), "Seal").with_user(self.inspector)
        seal.defect_count = 1
        self.assertEqual(seal.verdict, "fail")

    def test_counts_outside_the_sample_are_refused(self):
        packing = self.line(self.inspect(), "Packing whole").with_user(self.inspector)
        for count in (81, -1):
            with self.subTest(count=count), self.assertRaisesRegex(UserError, "sample of 80"):
                packing.defect_count = count
        with self.assertRaisesRegex(AccessError, "come from its plan"):
            packing.accept_number = 80

    def test_rest_conforms_does_not_count(self):
        inspection = self.inspect()
        inspection.with_user(self.inspector).action_pass_all()
        self.assertFalse(self.line(inspection, "Packing whole").verdict)

    # ------------------------------------------------------------------
    # The draw
    # ------------------------------------------------------------------
    def units(self, inspection):
        return [int(unit) for unit in inspection.sample_units.split(", ")]

    def test_draw_is_stored_and_follows_from_its_seed(self):
        inspection = self.inspect()
        seed = bytes.fromhex(inspection.sample_seed)
        self.assertEqual(self.units(inspection), sampling.draw(seed, 1200, 80))
        other = self.inspect("T-2")
        self.assertNotEqual(self.units(inspection), self.units(other))
        with self.assertRaises(AccessError):
            inspection.with_user(self.inspector).sample_units = "1, 2, 3"

    def test_draw_is_not_rolled_again(self):
        """Cancelling, opening or making the inspection again draws the same units."""
        step = self.receive({"T-1": 1200})
        inspection = step.assist_inspection_ids
        units = inspection.sample_units
        step.action_cancel()
        self.assertEqual(inspection.state, "cancel")
        again = self.receive({"T-1": 1200}).assist_inspection_ids
        self.assertNotEqual(again, inspection)
        self.assertEqual(again.sample_units, units)

    def test_draw_needs_the_secret_of_the_database(self):
        before = self.inspect()._get_seed()
        self.env["ir.config_parameter"].sudo().set_param("database.secret", "another")
        self.assertNotEqual(self.inspect("T-1")._get_seed(), before)

    def test_changed_quantity(self):
        """Sized again with the log saying so; counts of the other sample are not kept."""
        step = self.receive({"T-1": 1200})
        inspection = step.assist_inspection_ids
        packing = self.line(inspection, "Packing whole")
        before = self.units(inspection)
        self.record(inspection, defects=4)
        step.move_line_ids.quantity = 500
        self.env["union.assist.quality.inspection"]._sync_with_pickings(step)
        current = step.assist_inspection_ids.filtered(lambda record: record.state != "cancel")
        self.assertEqual((current, current.quantity), (inspection, 500))
        self.assertEqual((packing.sample_size, packing.accept_number), (50, 3))
        self.assertFalse(packing.counted)
        self.assertEqual(inspection.state, "draft")
        body = "".join(inspection.message_ids.mapped("body"))
        self.assertIn("sized again", body)
        self.assertIn("Packing whole: 4", body)
        kept = {unit for unit in before if unit <= 500}
        self.assertLessEqual(kept, set(self.units(inspection)))

    def test_quantity_within_the_same_letter_keeps_counts(self):
        inspection = self.inspect(quantity=1000)
        packing = self.line(inspection, "Packing whole")
        packing.with_user(self.inspector).defect_count = 2
        inspection.sudo()._set_quantity(900)
        self.assertEqual((packing.defect_count, packing.counted), (2, True))
        inspection.sudo()._set_quantity(300)
        self.assertEqual((packing.sample_size, packing.counted), (50, False))

    # ------------------------------------------------------------------
    # Many lots
    # ------------------------------------------------------------------
    def test_queries_do_not_grow_with_lots(self):
        self.env.ref("union_assist_logistics.quality_switching_default").active = True
        self.plan.sampling_switching = True
        # Two counted items a lot: the ORM itself writes 100 rows at a time.
        self.plan.item_ids.filtered(lambda item: item.severity == "critical").unlink()
        self.inspect("warm", 100)
        counts = []
        for size in (5, 50):
            step = self.receive({f"Q{size}-{i}": 100 + i for i in range(size)})
            inspections = step.assist_inspection_ids
            inspections = inspections.sudo().filtered(lambda record: record.lot_id.name != "warm")
            self.assertEqual(len(inspections), size)
            counts.append(self.record_queries(inspections._start_sampling))
            self.assertIn("F", inspections.line_ids.mapped("code_letter"))
            inspections.picking_id.action_cancel()
        self.assert_same_queries(*counts)


@tagged("post_install", "-at_install", "union_assist")
class TestSamplingHistory(SamplingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("union_assist_logistics.quality_switching_default")
        cls.rule.active = True
        cls.rule.skip_after = 3
        cls.plan.sampling_switching = True
        cls.number = 0

    def deliver(self, *defects, quantity=500.0):
        """Receive, record and decide on lots with so many nonconforming units each."""
        for count in defects:
            type(self).number += 1
            inspection = self.inspect(f"H-{self.number}", quantity)
            self.record(inspection, defects=min(count, inspection.sample_size))
            if inspection.result == "pass":
                self.decide(inspection, released=inspection.quantity)
            else:
                self.decide(inspection, rejected=inspection.quantity)
        return inspection

    @property
    def standing(self):
        return self.env["union.assist.quality.standing"].search(
            [("supplier_id", "=", self.supplier.id)]
        )

    def test_without_a_rule_in_use_nothing_follows(self):
        self.rule.active = False
        inspection = self.deliver(50, 50, 50)
        self.assertFalse(self.standing)
        self.assertFalse(inspection.inspection_mode)

    def test_tightened_after_two_of_five(self):
        self.assertEqual(self.deliver(9).inspection_mode, "normal")
        self.deliver(0, 9)
        self.assertEqual(self.standing.state, "tightened")
        inspection = self.inspect("next", 500)
        self.assertEqual(inspection.inspection_mode, "tightened")
        self.assertIn("2 of at most 5", inspection.mode_reason)
        packing = self.line(inspection, "Packing whole")
        # The next stricter AQL by the house rule: 1.5 instead of 2.5.
        self.assertEqual(
            (packing.sample_aql, packing.sample_size, packing.accept_number), ("1.5", 50, 2)
        )
        history = self.standing.event_ids
        self.assertEqual(history.mapped("outcome"), ["rejected", "accepted", "rejected"])
        self.assertEqual(history[0].state, "tightened")

    def test_tightened_by_an_entered_table(self):
        table = self.env.ref("union_assist_logistics.sampling_table_normal").copy(
            {"severity": "tightened"}
        )
        table.row_ids.filtered(lambda row: row.letter == "H").aql_2_5 = "2/3"
        self.rule.tighten_method = "table"
        self.deliver(9, 9)
        self.assertFalse(self.rule.table_missing)
        inspection = self.inspect("next", 500)
        packing = self.line(inspection, "Packing whole")
        self.assertEqual((packing.sample_aql, packing.accept_number), ("2.5", 2))
        self.assertEqual(inspection.tightened_by, "table")

    def test_a_table_that_nobody_entered_is_no_silent_house_rule(self):
        self.assertFalse(self.rule.table_missing)
        self.deliver(9, 9)
        house = self.inspect("house", 500)
        self.assertEqual(house.tightened_by, "house")
        self.assertIn("as the switching rule says", house._say_mode_reason())
        self.rule.tighten_method = "table"
        self.assertTrue(self.rule.table_missing, "the form says that the house rule stands in")
        inspection = self.inspect("next", 500)
        packing = self.line(inspection, "Packing whole")
        self.assertEqual((packing.sample_aql, packing.sample_size), ("1.5", 50))
        self.assertEqual(inspection.tightened_by, "fallback")
        entry = self.env["union.assist.inspection.entry"].with_user(self.inspector)
        said = entry.get_inspection(inspection.id)["mode_reason"]
        self.assertIn("2 of at most 5", said)
        self.assertIn("no table of tightened inspection has been entered", said)

    def test_samples_that_no_table_sizes_accept_nothing_when_tightened(self):
        self.replan(
            sampling_method="percent", sampling_percent=10, sampling_accept_major=3, active=True
        )
        self.deliver(9, 9)
        inspection = self.inspect("next", 500)
        self.assertEqual(inspection.tightened_by, "number")
        self.assertEqual(self.line(inspection, "Packing whole").accept_number, 0)

    def test_back_to_normal_after_five(self):
        self.deliver(9, 9)
        self.deliver(*[0] * 5)
        self.assertEqual(self.standing.state, "normal")

    def test_conceded_and_partly_rejected_lots_are_not_accepted(self):
        first = self.inspect("c-1", 500)
        self.record(first, defects=9)
        self.decide(first, conceded=500)
        second = self.inspect("c-2", 500)
        self.record(second)
        self.decide(second, released=400, rejected=100)
        self.assertEqual(self.standing.state, "tightened")

    def test_stop_and_resume(self):
        self.deliver(*[9] * 7)
        standing = self.standing
        self.assertEqual(standing.state, "stopped")
        self.assertIn("lots keep failing", standing.activity_ids.summary)
        inspection = self.inspect("next", 500)
        self.assertEqual(self.line(inspection, "Packing whole").sample_size, 500)
        self.assertEqual(self.line(inspection, "Label straight").accept_number, 0)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            standing.with_user(self.inspector).action_resume()
        operator = standing.with_user(self.operator)
        with self.assertRaisesRegex(UserError, "Say what the supplier did"):
            operator.action_resume()
        operator.resume_reason = "New drying room, seen on site."
        operator.action_resume()
        self.assertEqual(standing.state, "tightened")
        self.assertEqual(standing.event_ids[0].reason, "New drying room, seen on site.")
        with self.assertRaisesRegex(UserError, "not stopped"):
            operator.action_resume()

    def skip(self):
        """Bring the supplier to skip-lot and return the inspection of a skipped lot."""
        self.deliver(0, 0, 0)
        self.assertEqual(self.standing.state, "skip")
        for number in range(30):
            inspection = self.inspect(f"S-{number}", 500)
            if inspection.inspection_mode == "skip":
                return inspection
            self.assertIn("one of 4 is inspected", inspection.mode_reason)
        raise AssertionError("no lot was skipped")

    def test_skipped_lot(self):
        self.moisture.is_document = True
        inspection = self.skip()
        self.assertIn("3 lots in a row", inspection.mode_reason)
        left_out = inspection.line_ids.filtered("skipped").mapped("name")
        self.assertEqual(left_out, ["Packing whole", "Label straight"])
        self.assertEqual(inspection.state, "draft")
        self.assertFalse(inspection.result, "safety, documents and critical items are open")
        with self.assertRaisesRegex(UserError, "left out"):
            self.line(inspection, "Packing whole").with_user(self.inspector).defect_count = 1
        self.record(inspection)
        self.assertEqual(inspection.result, "pass")
        events = len(self.standing.event_ids)
        self.decide(inspection, released=500)
        self.assertEqual(len(self.standing.event_ids), events, "it shows nothing new")
        self.assertEqual(self.lot(inspection.lot_id.name).assist_quality_state, "released")

    def test_skipped_lot_that_fails_safety(self):
        inspection = self.skip()
        self.record(inspection, lead=9.0)
        self.decide(inspection, rejected=500)
        self.assertEqual(self.standing.state, "normal")
        self.assertIn("no lots are skipped now", self.standing.reason)

    def test_skipped_lot_inspected_in_full(self):
        inspection = self.skip()
        for user in (self.operator, self.keeper):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                inspection.with_user(user).action_inspect_in_full()
        inspection.with_user(self.inspector).action_inspect_in_full()
        self.assertFalse(inspection.skipped_count)
        self.assertEqual(self.line(inspection, "Packing whole").sample_size, 50)

    def test_standing_is_nobodys_to_set(self):
        self.deliver(9, 9)
        for user in (self.operator, self.keeper):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                self.standing.with_user(user).write({"state": "normal"})
        with self.assertRaisesRegex(UserError, "append-only"):
            self.standing.event_ids[0].reason = "?"
        with self.assertRaises(UserError):
            self.standing.unlink()

    def test_other_suppliers_start_anew(self):
        self.deliver(9, 9)
        self.supplier = self.env["res.partner"].create({"name": "Other", "is_company": True})
        type(self).supplier, before = self.supplier, type(self).supplier
        try:
            self.assertEqual(self.inspect("other", 500).inspection_mode, "normal")
        finally:
            type(self).supplier = before
