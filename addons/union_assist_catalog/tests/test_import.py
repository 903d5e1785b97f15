from odoo.tests import tagged

from .import_common import BOTH, NUMBERS, ImportCommon


@tagged("post_install", "-at_install", "union_assist")
class TestImport(ImportCommon):
    """Households and linkages, through the form's own buttons."""

    def test_households_with_linkages(self):
        job = self.upload(
            "household_linkage",
            BOTH,
            [
                self.both(1, identity_number=NUMBERS[0], status="脱贫户"),
                self.both(1, "Orchard", "务工", "2021-04-01", "2021-12-31", "50%", "3,600", "C-1"),
                self.both(2, "tea maker", "Purchase by Order", name="", persons=2),
            ],
        )
        self.assertEqual(self.errors(job), [])
        self.assertEqual(job.state, "ready")
        self.assertEqual(
            job.counts,
            {
                "household": {"new": 2, "changed": 0, "unchanged": 0},
                "linkage": {"new": 3, "changed": 0, "unchanged": 0},
            },
        )
        self.assertFalse(self.find(1), "nothing is written before Import is pressed")
        job.action_write()
        self.assertEqual(job.state, "done")
        first, second = self.find(1), self.find(2)
        self.assertEqual(
            (first.head_name, first.region_id, first.persons, first.status, first.identity_last4),
            ("张某某", self.county, 4, "lifted", NUMBERS[0][-4:]),
        )
        self.assertEqual(second.status, "registered")
        self.assertFalse(second.head_name)
        self.assertEqual(first.linkage_ids.supplier_id, self.tea_maker | self.orchard)
        work = first.linkage_ids.filtered(lambda linkage: linkage.supplier_id == self.orchard)
        self.assertEqual((work.share, work.persons, work.promised_amount), (0.5, 2.0, 3600.0))
        self.assertEqual((str(work.date_to), work.note, work.state), ("2021-12-31", "C-1", "draft"))
        self.assertEqual(work.region_id, self.county)
        self.assertEqual(work.create_uid, self.operator)
