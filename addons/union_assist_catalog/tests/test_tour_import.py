from odoo.tests import HttpCase, tagged

from .import_common import ImportCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourImport(HttpCase, ImportCommon):
    def households(self):
        return self.env["union.assist.household"].search([("code", "=like", "TOUR-%")])

    def tour(self, name):
        self.start_tour("/odoo/assist-households", name, login=self.operator.login)
        self.env.invalidate_all()

    def test_a_file_is_corrected_and_imported(self):
        """An operator reads what is wrong with a file, corrects it and imports it."""
        self.assertFalse(self.households())
        self.tour("union_assist_import_errors")
        job = self.env["union.assist.import"].search([])
        self.assertEqual(len(job), 1)
        self.assert_errors(
            job,
            (3, "persons", "“four” is no whole number"),
            (4, "place_code", "no division with the code 610999"),
        )
        self.assertFalse(self.households(), "nothing is written, not even the correct row")

        self.tour("union_assist_import_corrected")
        self.assertEqual(self.env["union.assist.import"].search([]), job)
        self.assertEqual((job.state, job.new_count, job.create_uid), ("done", 3, self.operator))
        self.assertFalse(job.file or job.row_ids)
        households = self.households().sorted("code")
        self.assertEqual(
            households.mapped(lambda household: (household.code, household.head_name)),
            [("TOUR-1", "张某某"), ("TOUR-2", "李某某"), ("TOUR-3", "王某某")],
        )
        self.assertEqual(households.mapped("persons"), [4, 5, 3])
        self.assertEqual(households.region_id, self.county)
        self.assertEqual(households.create_uid, self.operator)
