from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from .test_certificate import PDF, CertificateCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCertificateReminder(CertificateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("union_assist_catalog.ir_cron_certificate_remind")
        # Whatever is in the database, only our own documents are due here.
        cls.env["union.assist.certificate"].search([]).active = False
        cls.tea_maker.assist_region_id = cls.county

    def run_cron(self, moment):
        with freeze_time(moment):
            self.env.invalidate_all()
            with self.enter_registry_test_mode():
                self.cron.with_user(self.env.ref("base.user_root")).method_direct_trigger()
            self.env.invalidate_all()

    def given(self, documents):
        mails = self.env["mail.mail"].search(
            [("model", "=", documents._name), ("res_id", "in", documents.ids)]
        )
        return len(mails), len(documents.activity_ids)

    def test_reminders_at_90_30_and_7_days_of_the_day_in_china(self):
        document = self.make(user_id=self.operator.id)  # until 2026-06-30
        for moment, mails, days in (
            ("2026-03-31 15:59:59", 0, 0),
            ("2026-03-31 16:00:00", 1, 90),  # 1 April in China: 90 days left
            ("2026-04-01 16:00:00", 1, 90),
            ("2026-05-30 15:59:59", 1, 90),
            ("2026-05-30 16:00:00", 2, 30),  # 31 May in China: 30 days left
            ("2026-06-22 15:59:59", 2, 30),
            ("2026-06-22 16:00:00", 3, 7),  # 23 June in China: 7 days left
            ("2026-06-30 15:59:59", 3, 7),
            ("2026-06-30 16:00:00", 3, 7),  # expired
        ):
            self.run_cron(moment)
            with self.subTest(moment=moment):
                self.assertEqual(self.given(document)[0], mails)
                self.assertEqual(document.last_reminder, days)
        activity = document.activity_ids
        self.assertEqual(len(activity), 1, "the latest takes the place of the ones before")
        self.assertEqual(activity.user_id, self.operator)
        self.assertEqual(str(activity.date_deadline), "2026-06-30")
        self.assertIn("7 days left", activity.summary)

    def test_mail_in_the_supplier_s_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.ref("base.module_union_assist_catalog")._update_translations()
        other = self.make(supplier=self.orchard)
        self.orchard.write({"email": "orchard@example.com", "lang": "zh_CN"})
        document = self.make()
        self.run_cron("2026-06-01 04:00:00")
        mails = self.env["mail.mail"].search([("res_id", "in", (document | other).ids)])
        english = mails.filtered(lambda mail: mail.res_id == document.id)
        chinese = mails - english
        self.assertEqual(english.recipient_ids, self.tea_maker)
        self.assertIn("29 days left", english.subject)
        self.assertIn("/my/assist/documents", english.body_html)
        self.assertEqual(chinese.recipient_ids, self.orchard)
        self.assertIn("食品生产许可证（SC）还有 29 天到期", chinese.subject)
        self.assertIn("请及时上传", chinese.body_html)

    def test_one_reminder_after_a_pause_of_the_cron(self):
        document = self.make()
        self.run_cron("2026-06-28 04:00:00")
        self.run_cron("2026-06-29 04:00:00")
        self.assertEqual(self.given(document), (1, 1))
        self.assertEqual(document.last_reminder, 7)

    def test_nobody_is_reminded_of_what_was_renewed_or_does_not_count(self):
        renewed = self.make()
        renewal = self.make(predecessor_id=renewed.id, date_from="2026-07-01", date_to="2031-06-30")
        others = self.make(state="submitted") | self.make(state="revoked")
        others |= self.make(active=False) | self.make("business_licence", date_to=False)
        others |= self.make(
            "lab_report", products=self.tea, number="1", batch="B1"
        )  # no reminders for batches
        self.run_cron("2026-06-28 04:00:00")
        self.assertEqual(self.given(renewed | renewal | others), (0, 0))
        renewal.state = "draft"
        self.run_cron("2026-06-28 04:00:00")
        self.assertEqual(self.given(renewed), (1, 1))
        renewal.write({"file": PDF, "state": "submitted"})
        renewal.action_verify()
        self.assertFalse(renewed.activity_ids, "done with the renewal")

    def test_a_longer_period_is_reminded_of_anew(self):
        document = self.make()
        self.run_cron("2026-06-28 04:00:00")
        document.date_to = "2026-12-31"
        self.assertEqual(document.last_reminder, 0)
        document.action_verify()
        self.run_cron("2026-12-01 04:00:00")
        self.assertEqual(document.last_reminder, 30)
        self.assertEqual(self.given(document)[0], 2)

    def test_the_review_is_reminded_of(self):
        document = self.make(
            "assist_county", products=self.tea, review_due="2022-07-01", date_to="2024-06-30"
        )
        self.run_cron("2022-06-25 04:00:00")
        self.assertEqual(document.last_reminder, 7)
        self.assertEqual(str(document.activity_ids.date_deadline), "2022-07-01")

    def test_who_is_responsible(self):
        self.tea_maker.email = False
        verified = self.make(state="submitted")
        verified.with_user(self.official).action_verify()
        seller = new_test_user(self.env, "assist_seller", "base.group_user", lang="en_US")
        self.tea_maker.user_id = seller
        gone = self.make(user_id=self.operator.id)
        self.operator.active = False
        self.run_cron("2026-06-28 04:00:00")
        self.assertEqual(verified.activity_ids.user_id, self.official)
        self.assertIn("no e-mail", verified.activity_ids.note)
        self.assertEqual(self.given(verified | gone)[0], 0)
        self.assertEqual(gone.activity_ids.user_id, seller)

    def test_same_queries_for_5_and_50(self):
        documents = self.env["union.assist.certificate"].concat(
            *(self.make(user_id=self.operator.id) for _i in range(56))
        )
        with freeze_time("2026-06-01 04:00:00"):
            today = self.env.company._assist_today()
            documents[:1]._remind(today)
            few = self.count_queries(lambda: documents[1:6]._remind(today))
            many = self.count_queries(lambda: documents[6:]._remind(today))
        self.assert_same_queries(few, many)
        self.assertEqual(self.given(documents), (56, 56))
        self.assertEqual(set(documents.mapped("last_reminder")), {30})
        self.assertEqual(
            documents.activity_ids.mapped("date_deadline")[0], today + timedelta(days=29)
        )
