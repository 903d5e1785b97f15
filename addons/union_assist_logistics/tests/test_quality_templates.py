from odoo.tests import tagged

from .common import UnionAssistQualityCommon

PREFIX = "union_assist_logistics.quality_plan_template_"
# Limits by goods: (item, limit, unit), from the rules the programme was given.
LIMITS = {
    "rice": [
        ("moisture", 15.5, "%"),
        ("impurities", 0.25, "%"),
        ("yellow", 1.0, "%"),
        ("broken", 10.0, "%"),
        ("imperfect", 3.0, "%"),
        ("afb1", 10.0, "µg/kg"),
        ("ota", 5.0, "µg/kg"),
        ("lead", 0.2, "mg/kg"),
        ("cadmium", 0.2, "mg/kg"),
        ("arsenic", 0.2, "mg/kg"),
        ("mercury", 0.02, "mg/kg"),
        ("chromium", 1.0, "mg/kg"),
        ("bap", 2.0, "µg/kg"),
    ],
    "millet": [("afb1", 5.0, "µg/kg"), ("cadmium", 0.1, "mg/kg"), ("lead", 0.2, "mg/kg")],
    "maize": [
        ("afb1", 20.0, "µg/kg"),
        ("don", 1000.0, "µg/kg"),
        ("zen", 60.0, "µg/kg"),
        ("cadmium", 0.1, "mg/kg"),
    ],
    "rapeseed_oil": [
        ("acid", 3.0, "mg/g"),
        ("peroxide", 0.25, "g/100 g"),
        ("afb1", 10.0, "µg/kg"),
        ("bap", 10.0, "µg/kg"),
        ("lead", 0.08, "mg/kg"),
    ],
    "tea": [("lead", 5.0, "mg/kg")],
    "chrysanthemum": [("lead", 5.0, "mg/kg")],
    "fresh_fruit": [("damaged", 5.0, "%")],
    "packaged_food": [],
    "honey": [("lead", 0.5, "mg/kg")],
}


@tagged("post_install", "-at_install", "union_assist")
class TestQualityTemplates(UnionAssistQualityCommon):
    def test_limits(self):
        for goods, limits in LIMITS.items():
            for item, limit, unit in limits:
                with self.subTest(goods=goods, item=item):
                    record = self.env.ref(f"{PREFIX}{goods}_{item}")
                    self.assertEqual(
                        (record.kind, record.limit_type, record.max_value, record.unit),
                        ("measure", "at_most", limit, unit),
                    )

    def test_every_item_says_where_it_comes_from(self):
        for goods in LIMITS:
            template = self.env.ref(PREFIX + goods)
            with self.subTest(goods=goods):
                self.assertEqual(template.state, "template")
                self.assertTrue(template.goods_class_id)
                for item in template.item_ids:
                    self.assertTrue(item.standard and item.source and item.method, item.name)
                    chinese = item.with_context(lang="zh_CN")
                    if item.standard.startswith("GB"):
                        self.assertRegex(item.source, "checked|secondary", item.name)
                    self.assertNotEqual(chinese.name, item.name)

    def test_safety(self):
        """What is poison or residue is food safety; what is grade or packing is not."""
        for goods in LIMITS:
            for item in self.env.ref(PREFIX + goods).item_ids:
                poison = item.standard in ("GB 2761-2017", "GB 2762-2022", "GB 2763-2026")
                with self.subTest(goods=goods, item=item.name):
                    self.assertEqual(item.safety, poison or item.standard == "GB 2716-2018")
                    self.assertEqual(item.severity == "critical", item.safety)

    def test_they_change_nothing(self):
        index = self.env["union.assist.quality.plan"]._get_index()
        ids = {self.env.ref(PREFIX + goods).id for goods in LIMITS}
        self.assertFalse(ids & {scope.plan_id for scope in index})

    def test_rice_is_inspected_by_its_plan(self):
        template = self.env.ref(f"{PREFIX}rice").with_context(lang="en_US")
        plan = template._use(
            {
                "company_id": self.env.company.id,
                "product_tmpl_ids": [(6, 0, self.rice.product_tmpl_id.ids)],
                "date_from": "2020-01-01",
            }
        )
        inspection = self.receive({"R-1": 100}, self.rice).assist_inspection_ids
        self.assertEqual(inspection.plan_ids, plan)
        lines = {
            line.item_id.lineage: line for line in inspection.with_user(self.inspector).line_ids
        }

        def line(key):
            return lines[self.env.ref(f"{PREFIX}rice_{key}").id]

        line("moisture").entry = "15.4 15.6"
        self.assertEqual((line("moisture").verdict, line("moisture").value), ("pass", 15.5))
        line("broken").entry = "5.1 50"
        self.assertEqual((line("broken").verdict, line("broken").value), ("fail", 10.2))
        line("cadmium").entry = "150 µg/kg"
        self.assertEqual(line("cadmium").verdict, "pass")
        line("grade").choice = line("grade").choices[-1]["name"]
        self.assertEqual(line("grade").verdict, "fail")
