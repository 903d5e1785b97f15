from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .lab_common import LabCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourInspection(HttpCase, LabCommon):
    """An inspection on a phone: from the scan to the hand-over, then the split decision."""

    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moisture_item.reading_count = 2
        cls.plan.item_ids = [
            (
                0,
                0,
                {
                    "sequence": 20,
                    "name": "Colour",
                    "kind": "choice",
                    "choices_pass": "Green; Yellow",
                    "choices_fail": "Brown",
                },
            ),
            (0, 0, {"sequence": 21, "name": "Best before", "kind": "text"}),
            (0, 0, {"sequence": 22, "name": "Stack", "kind": "photo"}),
        ]
        for user in (cls.inspector, cls.operator):
            user.write({"password": user.login, "lang": "en_US"})

    @mute_logger("odoo.http")  # the refusals are logged there
    def test_inspection_on_a_phone(self):
        step = self.receive({"PHONE-1": 10})
        inspection = step.assist_inspection_ids
        address = "/odoo/assist-inspect"
        self.start_tour(address, "union_assist_inspection_phone", login=self.inspector.login)
        inspection.invalidate_recordset()
        packing, moisture, lead, colour, text, photo = inspection.line_ids
        self.assertEqual(inspection.line_ids.recorded_by_id, self.inspector)
        self.assertEqual(
            inspection.line_ids.mapped("verdict"),
            ["pass", "fail", "pass", "pass", "pass", "pass"],
        )
        self.assertEqual(packing.answer, "pass")
        self.assertEqual(moisture.reading_ids.mapped("value"), [9.4, 6.0])
        self.assertEqual(moisture.note, "Damp at the bottom")
        self.assertEqual((lead.entry, colour.choice, text.text), ("<0.1", "Yellow", "2027-05-01"))
        self.assertEqual(inspection.note, "From the left pallet")
        [picture] = photo.photo_ids
        self.assertEqual(picture.mimetype, "image/jpeg")
        self.assertLess(len(picture.raw), 200_000, "the camera's picture is made smaller")
        self.assertEqual(inspection.state, "draft")

        self.make_report(self.lot("PHONE-1")).action_check()
        self.start_tour(address, "union_assist_inspection_hand_over", login=self.inspector.login)
        inspection.invalidate_recordset()
        self.assertEqual((inspection.state, inspection.result), ("submitted", "fail"))

        self.start_tour(
            f"/odoo/assist-inspections/{inspection.id}",
            "union_assist_inspection_split",
            login=self.operator.login,
        )
        inspection.invalidate_recordset()
        self.assertEqual(inspection.state, "decided")
        self.assertEqual((inspection.conceded_qty, inspection.rejected_qty), (7, 3))
