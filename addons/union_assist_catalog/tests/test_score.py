from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import UnionAssistCatalogCommon, admit_suppliers


@tagged("post_install", "-at_install", "union_assist")
class TestScore(UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.lang = "en_US"  # in which the basis is worded
        cls.env["union.assist.document.rule"].search([]).active = False
        cls.documents = cls.env.ref("union_assist_catalog.score_part_documents")
        cls.quality = cls.env.ref("union_assist_catalog.score_part_quality")
        cls.delivery = cls.env.ref("union_assist_catalog.score_part_delivery")

    def deliver(self, **parts):
        """Have later addons deliver these values: ``{code: {partner: value}}``."""
        scores = {
            code: lambda suppliers, values=values: {
                partner.id: (values[partner], "Counted")
                for partner in suppliers
                if partner in values
            }
            for code, values in parts.items()
        }
        return patch.object(
            self.env.registry["res.partner"], "_assist_score_parts", lambda _self: scores
        )

    def test_the_file_of_a_supplier(self):
        self.tea_maker.write({"phone": "1", "street": "1 Street"})
        self.tea_maker._assist_update_scores()
        row = self.tea_maker.assist_score_ids
        self.assertEqual(row.part_id, self.documents)
        self.assertAlmostEqual(row.value, 22.2)  # two of nine details
        self.assertIn("2 of 9 details", row.basis)
        self.assertIn("Missing: ", row.basis)
        self.assertIn("Legal Representative", row.basis)
        self.assertAlmostEqual(self.tea_maker.assist_score, 22.2)

    def test_documents_that_are_required(self):
        kind = self.env["union.assist.certificate.type"].search(
            [("scope", "=", "supplier"), ("is_per_batch", "=", False)], limit=1
        )
        rule = self.env["union.assist.document.rule"].create(
            {"type_ids": [(6, 0, kind.ids)], "date_from": "2020-01-01", "source": "Test"}
        )
        self.assertFalse(rule.is_per_batch)
        self.tea_maker._assist_update_scores()
        row = self.tea_maker.assist_score_ids
        self.assertEqual(row.value, 0)
        self.assertIn("0 of 1 required documents", row.basis)
        self.assertIn(kind.name, row.basis)

    def test_parts_weigh_where_there_are_data(self):
        (self.documents | self.quality | self.delivery).write({"active": True})
        self.documents.weight, self.quality.weight, self.delivery.weight = 1, 3, 4
        parts = {
            "documents": {self.tea_maker: 100, self.orchard: 50},
            "quality": {self.tea_maker: 60},
            "unknown": {self.tea_maker: 0},
        }
        with self.deliver(**parts):
            (self.tea_maker | self.orchard)._assist_update_scores()
        self.assertEqual(self.tea_maker.assist_score, 70)  # (100 × 1 + 60 × 3) / 4
        self.assertEqual(self.orchard.assist_score, 50)
        found = self.env["res.partner"].search(
            [("assist_score", ">=", 60), ("id", "in", (self.tea_maker | self.orchard).ids)]
        )
        self.assertEqual(found, self.tea_maker)
        self.quality.weight = 1
        self.assertEqual(self.tea_maker.assist_score, 80)
        self.quality.active = False
        self.assertEqual(self.tea_maker.assist_score, 100)
        self.quality.active = True
        with self.deliver(documents=parts["documents"]):
            self.tea_maker._assist_update_scores()
        self.assertEqual(self.tea_maker.assist_score_ids.part_id, self.documents)
        self.assertEqual(self.tea_maker.assist_score, 100)

    def test_steps_and_changes_of_the_file_update_it(self):
        admit_suppliers(self.tea_maker)
        before = self.tea_maker.assist_score
        self.assertGreater(before, 50)
        self.tea_maker.email = "tea@example.com"
        self.assertGreater(self.tea_maker.assist_score, before)

    def test_every_night(self):
        self.tea_maker.assist_score_ids.unlink()
        cron = self.env.ref("union_assist_catalog.cron_supplier_score")
        self.assertTrue(cron.active)
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(self.tea_maker.assist_score_ids)
        self.assertFalse(self.env.user.partner_id.assist_score_ids)

    def test_nobody_enters_a_score(self):
        self.tea_maker._assist_update_scores()
        row = self.tea_maker.assist_score_ids
        for user in (self.official, self.viewer, self.federation, self.operator, self.manager):
            self.assertTrue(row.with_user(user).basis)
            with self.assertRaises(AccessError):
                row.with_user(user).value = 100
            with self.assertRaises(UserError):
                self.tea_maker.with_user(user).write({"assist_score": 100})
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()

    def test_many_take_as_many_queries(self):
        suppliers = self.env["res.partner"].create(
            [
                {"name": f"S{index}", "is_company": True, "assist_supplier_kind": "sme"}
                for index in range(60)
            ]
        )
        for _round in range(2):  # rows are made first, then brought up to date
            counts = []
            for part in (suppliers[:5], suppliers[5:10], suppliers[10:]):
                counts.append(self.record_queries(part._assist_update_scores))
            self.assert_same_queries(counts[1], counts[2])
