import base64
import io

from PIL import Image

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import UnionAssistQualityCommon


def picture():
    png = io.BytesIO()
    Image.new("RGB", (2, 2)).save(png, "PNG")
    return base64.b64encode(png.getvalue())


@tagged("post_install", "-at_install", "union_assist")
class TestQualityReading(UnionAssistQualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        measure = {"kind": "measure", "limit_type": "at_most"}
        cls.plan.item_ids = [
            Command.clear(),
            Command.create(
                {**measure, "name": "Each", "max_value": 15.5, "unit": "%", "reading_count": 3}
            ),
            Command.create(
                {
                    **measure,
                    "name": "Mean",
                    "max_value": 15.5,
                    "unit": "%",
                    "reading_count": 3,
                    "judged_by": "mean",
                }
            ),
            Command.create(
                {
                    **measure,
                    "name": "Broken",
                    "max_value": 10.0,
                    "unit": "%",
                    "reading_count": 2,
                    "judged_by": "formula",
                    "formula": "r1 / r2 * 100",
                    "reading_unit": "g",
                    "reading_names": "Broken kernels; Sample",
                }
            ),
            Command.create(
                {**measure, "name": "Lead", "max_value": 0.2, "unit": "mg/kg", "safety": True}
            ),
            Command.create(
                {
                    "name": "Grade",
                    "kind": "choice",
                    "choices_pass": "First; Second",
                    "choices_fail": "Below grade",
                    "severity": "minor",
                }
            ),
            Command.create({"name": "SC number", "kind": "text"}),
            Command.create({"name": "Seal", "kind": "photo"}),
        ]
        cls.inspection = cls.receive({"T-1": 10}).assist_inspection_ids.with_user(cls.inspector)

    def line(self, name):
        return self.inspection.line_ids.filtered(lambda line: line.name == name)

    def photo(self, user=None, **vals):
        return (
            self.env["ir.attachment"]
            .with_user(user or self.inspector)
            .create({"name": "seal.png", "datas": picture(), **vals})
        )

    def test_severity(self):
        self.assertEqual(
            dict(self.plan.item_ids.mapped(lambda item: (item.name, item.severity))),
            {
                "Each": "major",
                "Mean": "major",
                "Broken": "major",
                "Lead": "critical",
                "Grade": "minor",
                "SC number": "major",
                "Seal": "major",
            },
        )
        self.assertEqual(self.line("Grade").severity, "minor", "frozen on the line")
        self.assertEqual(self.line("Broken").formula, "r1 / r2 * 100")

    def test_criteria_say_what_is_compared(self):
        self.assertEqual(
            self.plan.item_ids.mapped("criterion"),
            [
                "≤ 15.5 %, each of 3",
                "Mean of 3 ≤ 15.5 %",
                "r1 / r2 * 100 ≤ 10 %",
                "≤ 0.2 mg/kg",
                "First / Second",
                "Written down, conforms",
                "Photographed, conforms",
            ],
        )

    def test_every_reading_counts(self):
        line = self.line("Each")
        line.entry = "15.2 15.4"
        self.assertFalse(line.verdict, "a reading is missing")
        line.entry = "15.2 15.4 15.5"
        self.assertEqual((line.verdict, line.value), ("pass", 15.5))
        line.entry = "15.2 15.6 15.1"
        self.assertEqual((line.verdict, line.value), ("fail", 15.6))
        line.entry = "15.2 15.4 15.1 15.9"
        self.assertEqual(line.verdict, "fail", "a reading more than asked for counts too")

    def test_mean_counts(self):
        line = self.line("Mean")
        line.entry = "15.2 15.9 15.1"
        self.assertEqual((line.verdict, line.value), ("pass", 15.4))
        line.entry = "15.2 15.9 15.5"
        self.assertEqual(line.verdict, "fail")

    def test_formula_counts(self):
        line = self.line("Broken")
        line.entry = "2.5 50"
        self.assertEqual((line.verdict, line.value), ("pass", 5.0))
        line.entry = "5500 mg; 0.05 kg"
        self.assertEqual((line.verdict, line.value), ("fail", 11.0))
        with self.assertRaisesRegex(UserError, "Broken.*divides by zero"):
            line.entry = "2.5 0"

    def test_units_convert_or_are_refused(self):
        line = self.line("Lead")
        line.entry = "199 µg/kg"
        self.assertEqual((line.verdict, line.value), ("pass", 0.199))
        self.assertEqual(line.entry, "199 µg/kg")
        line.entry = "201 µg/kg"
        self.assertEqual(line.verdict, "fail")
        with self.assertRaisesRegex(UserError, "Lead.* measured in mg/kg: a value in °C"):
            line.entry = "0.1 ℃"
        with self.assertRaisesRegex(UserError, "unit “frogs” is not known"):
            line.entry = "0.1 frogs"
        with self.assertRaisesRegex(UserError, "“0,1” cannot be read"):
            line.entry = "0,1"
        self.env["union.assist.quality.reading"].with_user(self.inspector).search(
            [("line_id", "=", line.id)]
        ).unlink()
        self.assertFalse(line.verdict)

    def test_not_detected(self):
        line = self.line("Lead")
        for entry, verdict in (("ND", "pass"), ("<0.05", "pass"), ("<0.3", "fail")):
            line.entry = entry
            self.assertEqual((line.verdict, line.entry), (verdict, entry))
        with self.assertRaisesRegex(UserError, "“not detected” says nothing"):
            self.line("Broken").entry = "ND; 50"

    def test_readings_one_by_one(self):
        readings = self.env["union.assist.quality.reading"].with_user(self.inspector)
        line = self.line("Each")
        made = readings.create([{"line_id": line.id, "value": value} for value in (15.1, 15.2)])
        self.assertEqual(made.mapped("number"), [1, 2])
        self.assertEqual(made.recorded_by_id, self.inspector)
        self.assertEqual(line.recorded_by_id, self.inspector)
        made |= readings.create({"line_id": line.id, "value": 152, "unit": "g/kg"})
        self.assertEqual((line.verdict, line.entry), ("pass", "15.1; 15.2; 152 g/kg"))
        made[2].value = 160
        self.assertEqual((line.verdict, line.value), ("fail", 16.0))
        for vals in ({"line_value": 1.0}, {"recorded_by_id": 1}, {"line_id": line.id}):
            with self.assertRaisesRegex(AccessError, "kept with it"):
                made[0].write(vals)
        with self.assertRaisesRegex(UserError, "takes no readings"):
            readings.create({"line_id": self.line("Seal").id, "value": 1})

    def test_unchanged_readings_keep_who_took_them(self):
        other = new_test_user(
            self.env, "quality_inspector_2", "union_assist_logistics.group_inspector"
        )
        line = self.line("Each")
        line.entry = "15.1 15.2 15.3"
        line.with_user(other).entry = "15.1 15.2 15.4"
        self.assertEqual(line.reading_ids.mapped("recorded_by_id"), self.inspector | other)
        self.assertEqual(line.reading_ids[0].recorded_by_id, self.inspector)
        self.assertIn(self.inspector, self.inspection.sudo()._get_inspectors())

    def test_value_of_several_readings_is_not_written(self):
        with self.assertRaisesRegex(UserError, "takes 3 readings"):
            self.line("Each").value = 15.0
        line = self.line("Lead")
        line.value = 0.0
        self.assertEqual((line.verdict, len(line.reading_ids)), ("pass", 1))
        line.recorded = False
        self.assertFalse(line.reading_ids)

    def test_choice(self):
        line = self.line("Grade")
        line.choice = "Second"
        self.assertEqual(line.verdict, "pass")
        line.choice = "Below grade"
        self.assertEqual(line.verdict, "fail")
        with self.assertRaisesRegex(UserError, "Choose one of: First, Second, Below grade"):
            line.choice = "Third"

    def test_text_and_photo_need_what_they_ask_for(self):
        text, seal = self.line("SC number"), self.line("Seal")
        (text | seal).answer = "pass"
        self.assertEqual((text.verdict, seal.verdict), (False, False))
        text.text = "SC10161010000001"
        self.assertEqual(text.verdict, "pass")
        photo = self.photo()
        seal.photo_ids = [Command.link(photo.id)]
        self.assertEqual(seal.verdict, "pass")
        self.assertEqual((photo.res_model, photo.res_id), (seal._name, seal.id))
        self.assertTrue(photo.with_user(self.operator).raw, "the decider sees it")
        (text | seal).answer = "fail"
        self.assertEqual((text.verdict, seal.verdict), ("fail", "fail"))

    def test_photos_are_pictures_and_give_no_rights(self):
        seal = self.line("Seal")
        note = self.photo(name="note.txt", datas=base64.b64encode(b"hello"))
        with self.assertRaisesRegex(UserError, "note.txt are no pictures"):
            seal.photo_ids = [Command.link(note.id)]
        hidden = self.photo(self.env.user)
        self.assertFalse(hidden.sudo().res_id)
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            seal.photo_ids = [Command.link(hidden.id)]
            seal.photo_ids.mapped("datas")

    def test_photos_of_a_decided_inspection_stay(self):
        seal, photo = self.line("Seal"), self.photo()
        seal.photo_ids = [Command.link(photo.id)]
        spare = self.photo(name="spare.png", datas=picture())
        seal.photo_ids = [Command.link(spare.id)]
        spare.unlink()
        photo.name = "seal of the first carton.png"
        self.record_all()
        self.inspection.action_submit()
        self.env["union.assist.quality.decision"].with_user(self.operator).create(
            {"inspection_id": self.inspection.id, "kind": "released", "quantity": 10}
        )
        self.assertEqual(self.inspection.state, "decided")
        for user in (self.inspector, self.env.ref("base.user_admin")):
            kept = photo.with_user(user).with_context(force=True)
            with self.assertRaisesRegex(UserError, "which is closed"):
                kept.unlink()
            for vals in ({"raw": b"x"}, {"name": "x"}, {"res_id": 0}, {"res_model": False}):
                with self.assertRaisesRegex(UserError, "which is closed"):
                    kept.write(vals)
        stranger = new_test_user(self.env, "photo_portal", "base.group_portal")
        for user in (self.operator, stranger):
            with (
                mute_logger("odoo.addons.base.models.ir_rule"),
                self.assertRaises(AccessError) as error,
            ):
                photo.with_user(user).unlink()
            self.assertNotIn(self.inspection.name, str(error.exception))
        self.assertIn(photo, seal.photo_ids)
        self.assertTrue(photo.generate_access_token())

    def test_photo_that_belongs_elsewhere_is_copied(self):
        own = self.inspector.partner_id
        photo = self.photo(self.env.ref("base.user_admin"), res_model="res.partner", res_id=own.id)
        seal = self.line("Seal")
        seal.photo_ids = [Command.link(photo.id)]
        self.assertEqual(len(seal.photo_ids), 1)
        self.assertNotEqual(seal.photo_ids, photo)
        self.assertEqual((seal.photo_ids.res_model, seal.photo_ids.res_id), (seal._name, seal.id))
        self.assertEqual(photo.res_model, "res.partner")

    def test_unread_items_never_pass(self):
        for line in self.inspection.line_ids:
            self.assertFalse(line.verdict)
        self.assertFalse(self.inspection.result)
        self.inspection.action_pass_all()
        self.assertFalse(self.inspection.result, "nothing is measured, written or photographed")
        with self.assertRaisesRegex(UserError, "no result yet for Each, Mean, Broken, Lead"):
            self.inspection.action_submit()
        self.record_all()
        self.assertEqual(self.inspection.result, "pass")
        self.inspection.action_submit()
        with self.assertRaisesRegex(UserError, "not open for results"):
            self.line("Lead").entry = "0.1"
        with self.assertRaisesRegex(UserError, "not open for results"):
            self.line("Lead").reading_ids.value = 0.1
        with self.assertRaisesRegex(UserError, "not open for results"):
            self.line("Lead").reading_ids.unlink()

    def record_all(self):
        self.line("Each").entry = self.line("Mean").entry = "15 15 15"
        self.line("Broken").entry = "1 50"
        self.line("Lead").entry = "ND"
        self.line("Grade").choice = "First"
        self.line("SC number").text = "SC10161010000001"
        self.line("Seal").photo_ids = [Command.link(self.photo().id)]
        self.inspection.action_pass_all()

    def test_inspection_without_lines_never_passes(self):
        self.inspection.sudo().line_ids.unlink()
        self.assertFalse(self.inspection.result)
        with self.assertRaisesRegex(UserError, "no result yet"):
            self.inspection.action_submit()

    def test_form_judges_what_is_typed(self):
        with Form(self.inspection) as form:
            with form.line_ids.edit(0) as line:
                line.entry = "15.2 15.4"
                self.assertFalse(line.verdict)
                line.entry = "15.2 15.4 15.6"
                self.assertEqual(line.verdict, "fail")
            with form.line_ids.edit(3) as line:
                line.entry = "100 µg/kg"
                self.assertEqual(line.verdict, "pass")
        self.assertEqual(self.line("Each").verdict, "fail")
        self.assertEqual(self.line("Lead").value, 0.1)

    def test_bad_items_are_refused(self):
        measure = {"name": "X", "kind": "measure", "judged_by": "formula", "reading_count": 2}
        for vals, message in (
            ({**measure, "formula": False}, "Write the formula"),
            ({**measure, "formula": "r1 / r3"}, "uses reading r3, but only 2"),
            ({**measure, "formula": "r1 ** 2"}, "does not know “r1 \\*\\* 2”"),
            ({**measure, "formula": "r1 /"}, "cannot be read"),
            ({"name": "X", "kind": "choice", "choices_pass": "A"}, "one option that passes"),
            (
                {"name": "X", "kind": "choice", "choices_pass": "A; B", "choices_fail": "b"},
                "each once",
            ),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, message):
                self.plan.copy({"item_ids": [Command.create(vals)]})

    def test_plan_form_asks_for_the_readings_of_a_formula(self):
        plan = self.plan.copy()
        with Form(plan) as form, form.item_ids.new() as item:
            item.name = "Imperfect kernels"
            item.kind = "measure"
            item.judged_by = "formula"
            item.formula = "(r1 + r2) / r3 * 100"
            self.assertEqual(item.reading_count, 3)
            item.max_value = 4.0
        self.assertEqual(plan.item_ids[-1].reading_count, 3)

    def test_queries_do_not_grow_with_lines(self):
        def queries(count):
            items = [
                Command.create(
                    {"name": f"L{number}", "kind": "measure", "max_value": 5.0, "unit": "%"}
                )
                for number in range(count)
            ]
            self.plan.active = False
            self.plan = self.plan.copy({"item_ids": items, "date_from": "2020-01-01"})
            self.plan.active = True
            self.receive({f"Q{count}": 2})
            lines = self.lot(f"Q{count}").assist_inspection_ids.with_user(self.inspector).line_ids
            self.assertEqual(len(lines), count)
            readings = self.env["union.assist.quality.reading"].with_user(self.inspector)

            def work():
                readings.create([{"line_id": line.id, "value": 1.0} for line in lines])
                self.assertEqual(set(lines.mapped("verdict")), {"pass"})

            return self.record_queries(work)

        queries(2)
        self.assert_same_queries(queries(5), queries(50))
