import base64

from odoo.tests import tagged

from .import_common import ImportCommon

REGION = ("区划代码", "名称", "英文名称", "帮扶状态", "状态起始日期", "状态依据")


@tagged("post_install", "-at_install", "union_assist")
class TestImportRegion(ImportCommon):
    """Lists of divisions, as the statistics office publishes them."""

    def region(self, code):
        return self.env["union.assist.region"].search([("code", "=", code)])

    def load_regions(self, rows, header=REGION):
        return self.load("region", header, rows, self.manager)

    def test_a_list_down_to_villages(self):
        # Villages before their townships, codes in all the lengths that lists have
        job = self.load_regions(
            [
                ("990102109201", "甲村"),
                ("990102109000", "乙镇"),
                ("99", "丙省"),
                ("9901", "丁市"),
                ("990102", "戊县", "Wu County"),
                ("999001000000", "己市"),
            ]
        )
        self.assertEqual(job.new_count, 6)
        village = self.region("990102109201").with_context(lang="zh_CN")
        chain = village | village.parent_id | village.parent_id.parent_id
        self.assertEqual(chain.mapped("name"), ["甲村", "乙镇", "戊县"])
        self.assertEqual(chain.mapped("level"), ["village", "township", "county"])
        self.assertEqual(village.display_name, "丁市 / 戊县 / 乙镇 / 甲村")
        province = self.region("990000")
        self.assertEqual(village.parent_path.split("/")[0], str(province.id))
        self.assertEqual(
            self.env["union.assist.region"].search_count([("id", "child_of", province.id)]), 6
        )
        self.assertEqual(self.region("999001").parent_id, province, "the province's own")
        self.assertEqual(self.region("990102").with_context(lang="en_US").name, "Wu County")
        self.assertEqual(self.region("990100").with_context(lang="en_US").name, "丁市")
        village._validate_fields(village._fields)

    def test_again_and_renamed(self):
        rows = [("610924109", "蒿坪镇", "Haoping"), ("610924110", "汉王镇"), ("610924", "紫阳县")]
        self.load_regions(rows)
        known = self.region("610924109") | self.region("610924110")
        self.env.cr.execute("UPDATE union_assist_region SET write_date = '2020-01-01'")
        self.env.invalidate_all()
        job = self.load_regions(rows)
        self.assertEqual((job.new_count, job.changed_count, job.unchanged_count), (0, 0, 3))
        self.assertEqual({region.write_date.year for region in known}, {2020})
        english = self.county.with_context(lang="en_US").name
        count = self.env["union.assist.region"].search_count([])
        self.load_regions([("610924109", "新镇"), ("610924110", "新汉王镇")])
        first, second = self.region("610924109"), self.region("610924110")
        self.assertEqual(first.with_context(lang="zh_CN").name, "新镇")
        self.assertEqual(first.with_context(lang="en_US").name, "Haoping")
        self.assertEqual(second.with_context(lang="en_US").name, "新汉王镇")
        # Those that the list leaves out stay.
        self.assertEqual(self.county.with_context(lang="en_US").name, english)
        self.assertEqual(self.env["union.assist.region"].search_count([]), count)

    def test_status(self):
        rows = [("610924", "紫阳县", "", "有帮扶任务", "2021-01-01", "示例文件")]
        self.load_regions(rows)
        status = self.county.status_ids.filtered(lambda status: status.kind == "task")
        self.assertEqual((str(status.date_from), status.source), ("2021-01-01", "示例文件"))
        job = self.load_regions(rows)
        self.assertEqual(job.unchanged_count, 1)
        job = self.upload(
            "region",
            REGION,
            [
                ("610924", "紫阳县", "", "task", "2022-01-01", "示例"),
                ("610827", "米脂县", "", "task", "", ""),
                ("610826", "绥德县", "", "rich", "2022-01-01", "示例"),
            ],
            self.manager,
        )
        self.assert_errors(
            job,
            (2, "region_status", "already from 2021-01-01"),
            (3, "status_from", "A status needs the day"),
            (3, "status_source", "A status needs the day"),
            (4, "region_status", "“rich” is not one of"),
        )

    def test_errors(self):
        job = self.upload(
            "region",
            REGION,
            [
                ("610924109", "甲镇"),
                ("610924109", "乙镇"),
                ("610924109201", "甲村"),
                ("990102", "丙县"),
                ("990102109", "丁镇"),
                ("12345", "戊"),
                ("6.10924E+11", "己村"),
                ("610925101", ""),
            ],
            self.manager,
        )
        self.assert_errors(
            job,
            (2, "code", "Row 3 has the same code"),
            (3, "code", "Row 2 has the same code"),
            (4, "code", "There is no division 610924109"),
            (5, "code", "There is no division 990100"),
            (6, "code", "There is no division 990102"),
            (7, "code", "“12345” is no division code"),
            (8, "code", "took this code for a number"),
            (9, "name", "always needed"),
        )
        job.action_write_good() if job.new_count else None
        self.assertFalse(self.region("610924109"))

    def test_queries_do_not_grow(self):
        def queries(size, start):
            found = []
            for name in "AB":
                rows = [(f"6109{24}{start + n}", f"{name}{n}") for n in range(size)]
                job = self.upload("region", REGION, [("610924", "紫阳县")], self.manager)
                job.write({"file": base64.b64encode(self.csv(REGION, rows))})

                def work(job=job):
                    job.action_check()
                    job.action_write()

                found.append(self.record_queries(work))
                self.assertEqual(job.state, "done")
            return found

        queries(1, 300)
        for few, many in zip(queries(5, 400), queries(50, 500), strict=True):
            self.assert_same_queries(few, many)
