from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestRegion(UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.shaanxi = cls.env.ref("union_assist_catalog.region_610000")
        cls.dali = cls.env.ref("union_assist_catalog.region_610523")
        cls.Region = cls.env["union.assist.region"].with_context(lang="en_US")

    def shipped(self, model):
        """Records of this model that the module brought, without what a user added."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "union_assist_catalog"), ("model", "=", model)]
        )
        return self.env[model].browse(data.mapped("res_id"))

    def test_shipped_divisions(self):
        levels = self.shipped("union.assist.region").grouped("level")
        self.assertEqual(
            {level: len(regions) for level, regions in levels.items()},
            {"province": 1, "prefecture": 10, "county": 107},
        )
        for county in levels["county"]:
            self.assertEqual(county.code[:4], county.parent_id.code[:4], county.name)
            self.assertEqual(county.parent_id.parent_id, self.shaanxi)

    def test_shipped_status(self):
        shipped = self.shipped("union.assist.region.status")
        self.assertEqual(len(shipped.region_id), 56)
        self.assertEqual(set(shipped.mapped("kind")), {"lifted"})
        self.assertEqual(
            {day: len(statuses) for day, statuses in shipped.grouped("date_from").items()},
            {date(2018, 9, 30): 4, date(2019, 5, 7): 23, date(2020, 2, 27): 29},
        )
        self.assertTrue(all(shipped.mapped("source")))

    def test_status_by_day(self):
        zhouzhi = self.env.ref("union_assist_catalog.region_610124")
        village = self.env["union.assist.region"].create(
            {"name": "Test Village", "level": "village", "parent_id": zhouzhi.id}
        )
        before = village._status_at(date(2019, 5, 6))[village.id]
        after = (village | self.dali)._status_at(date(2019, 5, 7))
        self.assertFalse(before)
        self.assertEqual(after[village.id].mapped("kind"), ["lifted"], "held by its county")
        self.assertFalse(after[self.dali.id])

    def test_status_today_and_search(self):
        status = self.env["union.assist.region.status"].create(
            {
                "region_id": self.dali.id,
                "kind": "task",
                "date_from": "2021-01-01",
                "date_to": "2021-12-31",
                "source": "Test",
            }
        )
        tasks = [("current_status_ids.kind", "=", "task")]
        with freeze_time("2021-12-31"):
            self.dali.invalidate_recordset(["current_status_ids"])
            self.assertEqual(self.dali.current_status_ids, status)
            self.assertEqual(self.Region.search(tasks), self.dali)
            self.assertIn(self.dali, self.Region.search([("current_status_ids", "!=", False)]))
        with freeze_time("2022-01-01"):
            self.dali.invalidate_recordset(["current_status_ids"])
            self.assertFalse(self.dali.current_status_ids)
            self.assertFalse(self.Region.search(tasks))
            self.assertIn(self.dali, self.Region.search([("current_status_ids", "=", False)]))

    def test_same_status_twice_is_refused(self):
        values = {"region_id": self.dali.id, "kind": "key_provincial", "source": "Test"}
        first = self.env["union.assist.region.status"].create(
            {**values, "date_from": "2021-01-01", "date_to": "2021-12-31"}
        )
        with self.assertRaisesRegex(ValidationError, "twice"), self.cr.savepoint():
            first.copy({"date_from": "2021-12-31", "date_to": False})
        first.copy({"date_from": "2022-01-01", "date_to": False})
        first.copy({"kind": "task"})
        with self.assertRaisesRegex(ValidationError, "twice"), self.cr.savepoint():
            first.date_to = False

    def test_names_and_search_in_both_languages(self):
        self.assertEqual(
            self.dali.with_context(lang="en_US").display_name, "Weinan City / Dali County"
        )
        self.dali.with_context(lang="zh_CN").name = "大荔县"
        self.dali.parent_id.with_context(lang="zh_CN").name = "渭南市"
        self.assertEqual(self.dali.with_context(lang="zh_CN").display_name, "渭南市 / 大荔县")
        for lang in ("en_US", "zh_CN"):
            Region = self.Region.with_context(lang=lang)
            for words in ("大荔", "Dali Co", "610523"):
                found = [id_ for id_, _name in Region.name_search(words)]
                self.assertEqual(found, self.dali.ids, f"{words} in {lang}")
            self.assertNotIn(self.dali, Region.search([("display_name", "not ilike", "大荔")]))
            below = Region.search([("parent_id", "child_of", "渭南"), ("level", "=", "county")])
            self.assertEqual(len(below), 11)

    def test_tree_names_each_region_alone(self):
        region = self.dali.with_context(lang="en_US", hierarchical_naming=False)
        self.assertEqual(region.display_name, "Dali County")

    def test_households_of_a_prefecture(self):
        household = self.make_household("IN-ANKANG")
        for region, found in ((self.county.parent_id, True), (self.dali.parent_id, False)):
            action = region.with_user(self.viewer).action_view_households()
            households = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(household in households, found)

    def test_codes(self):
        for values, message in (
            ({"level": "county", "code": "61052"}, "6 digits"),
            ({"level": "county", "code": False}, "6 digits"),
            ({"level": "county", "code": "61052A"}, "6 digits"),
            ({"level": "township", "code": "610599"}, "9 digits"),
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, message),
                self.cr.savepoint(),
            ):
                self.Region.create({"name": "X", "parent_id": self.dali.parent_id.id, **values})
        towns = self.Region.create(
            [{"name": name, "level": "township", "parent_id": self.dali.id} for name in "AB"]
        )
        self.assertEqual(towns.mapped("code"), [False, False])
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.Region.create(
                {
                    "name": "X",
                    "level": "county",
                    "code": "610523",
                    "parent_id": self.dali.parent_id.id,
                }
            )

    def test_level_above_is_higher(self):
        with self.assertRaisesRegex(ValidationError, "higher level"), self.cr.savepoint():
            self.dali.parent_id = self.county
        with self.assertRaisesRegex(UserError, "Recursion"), self.cr.savepoint():
            self.shaanxi.parent_id = self.dali

    def test_same_queries_for_5_and_50(self):
        counties = self.Region.search([("current_status_ids.kind", "=", "lifted")], limit=50)
        self.assertEqual(len(counties), 50)

        def queries(regions):

            def work():
                regions.mapped("current_status_ids")
                regions.mapped("display_name")

            return self.record_queries(work)

        queries(counties[:1])
        self.assert_same_queries(queries(counties[:5]), queries(counties))
