from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestParameter(UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["union.assist.parameter"]
        cls.early = cls.rules.create(
            {
                "name": "Share",
                "code": "test_share",
                "value": 30,
                "date_from": "2020-01-01",
                "date_to": "2020-05-31",
                "source": "test",
            }
        )
        cls.late = cls.early.copy({"value": 50, "date_from": "2020-06-01", "date_to": False})

    def test_value_of_a_day(self):
        self.assertEqual(self.rules._get_value("test_share", date(2020, 5, 31)), 30)
        self.assertEqual(self.rules._get_value("test_share", date(2020, 6, 1)), 50)
        self.assertEqual(self.rules.with_user(self.viewer)._get_value("test_share"), 50)
        self.late.value = 60
        self.assertEqual(self.rules._get_value("test_share"), 60)

    def test_no_value(self):
        with self.assertRaisesRegex(UserError, "test_share.*2019-12-31"):
            self.rules._get_value("test_share", date(2019, 12, 31))

    def test_one_value_a_day(self):
        with self.assertRaisesRegex(ValidationError, "two values on 2020-06-01"):
            self.early.date_to = "2020-06-01"

    def test_today_is_the_company_s(self):
        self.env.company.partner_id.tz = "Asia/Shanghai"
        with freeze_time("2026-03-31 15:59:59"):
            self.assertEqual(self.env.company._assist_today(), date(2026, 3, 31))
        with freeze_time("2026-03-31 16:00:00"):
            self.assertEqual(self.env.company._assist_today(), date(2026, 4, 1))
