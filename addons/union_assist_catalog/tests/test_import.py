import base64
from datetime import datetime, timedelta
from unittest import mock

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..importers.linkage import LinkagePart
from ..models import assist_import
from .import_common import BOTH, HOUSEHOLD, LINKAGE, NUMBERS, ImportCommon

LOG = ("create_date", "write_date", "write_uid")


@tagged("post_install", "-at_install", "union_assist")
class TestImport(ImportCommon):
    """Households and linkages, through the form's own buttons."""

    def count_queries(self, function):
        return self.record_queries(function)

    # -- new, again, changed -----------------------------------------------------------------------

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

    def test_what_is_imported_is_like_what_is_entered(self):
        """Every stored value is what the model's own create would have given it."""
        self.load(
            "household_linkage",
            BOTH,
            [self.both(1, "Tea Maker", "order_purchase", "2021-03-01", "", "0.5", "100", "N")],
        )
        by_hand = (
            self.env["union.assist.household"]
            .with_user(self.operator)
            .create(
                {
                    "code": "T-HAND",
                    "head_name": "张某某",
                    "region_id": self.county.id,
                    "persons": 4,
                    "linkage_ids": [
                        (
                            0,
                            0,
                            {
                                "supplier_id": self.tea_maker.id,
                                "mechanism_id": self.order_purchase.id,
                                "date_from": "2021-03-01",
                                "share": 0.5,
                                "promised_amount": 100,
                                "note": "N",
                            },
                        )
                    ],
                }
            )
        )
        self.env.flush_all()
        imported = self.find(1)
        for one, other, links in (
            (imported, by_hand, {"code"}),
            (imported.linkage_ids, by_hand.linkage_ids, {"household_id"}),
            (imported.status_ids, by_hand.status_ids, {"household_id"}),
        ):
            names = [
                name
                for name, field in one._fields.items()
                if field.store and field.column_type and name not in {"id", *LOG, *links}
            ]
            self.env.cr.execute(
                f'SELECT {", ".join(names)} FROM "{one._table}" WHERE id IN %s ORDER BY id',
                [(one.id, other.id)],
            )
            rows = self.env.cr.fetchall()
            for name, first, second in zip(names, *rows, strict=True):
                with self.subTest(model=one._name, field=name):
                    self.assertEqual(first or None, second or None)

    def test_the_same_file_again_changes_nothing(self):
        rows = [
            self.both(1, identity_number=NUMBERS[0], status="脱贫户"),
            self.both(2, "Orchard", "wage_work", "2021-04-01", "2021-12-31", "0.5", "10", "C"),
        ]
        self.load("household_linkage", BOTH, rows)
        records = self.find(1) | self.find(2)
        before = datetime(2020, 1, 1)
        for model in ("household", "linkage", "household_status"):
            self.env.cr.execute(f"UPDATE union_assist_{model} SET write_date = %s", [before])
        self.env.invalidate_all()
        messages = self.env["mail.message"].search_count([])
        job = self.upload("household_linkage", BOTH, rows, name="again.csv")
        self.assertEqual(job.state, "done")
        self.assertEqual((job.new_count, job.changed_count, job.unchanged_count), (0, 0, 4))
        self.env.invalidate_all()
        for record in (*records, *records.linkage_ids, *records.status_ids):
            self.assertEqual(record.write_date, before)
        self.assertEqual(len(records.linkage_ids), 2)
        self.assertEqual(self.env["mail.message"].search_count([]), messages)

    def test_changes_are_written_and_empty_cells_leave_what_is_known(self):
        self.load(
            "household_linkage",
            BOTH,
            [self.both(1, identity_number=NUMBERS[0]), self.both(2), self.both(3)],
        )
        job = self.upload(
            "household_linkage",
            BOTH,
            [
                self.both(1, name="李某某", persons=""),
                self.both(2, "Tea Maker", "order_purchase", "2021-03-01", "2022-12-31", persons=5),
                self.both(3),
            ],
        )
        self.assertEqual((job.new_count, job.changed_count, job.unchanged_count), (0, 3, 3))
        job.with_context(tracking_disable=False, mail_notrack=False).action_write()
        first, second = self.find(1), self.find(2)
        self.assertEqual((first.head_name, first.persons), ("李某某", 4))
        self.assertEqual(first.identity_last4, NUMBERS[0][-4:])
        self.assertEqual(second.persons, 5)
        self.assertEqual(second.linkage_ids.persons, 5)
        self.assertEqual(str(second.linkage_ids.date_to), "2022-12-31")
        # What is followed in the log is followed here, too.
        self.cr.precommit.run()
        self.assertIn(5, second.message_ids.tracking_value_ids.mapped("new_value_integer"))

    def test_status_from_a_day_on(self):
        header = (*HOUSEHOLD, "状态起始日期")
        self.load("household", header, [(*self.household(1, status="监测户"), "2021-01-01")])
        household = self.find(1)
        self.assertEqual(household.status_ids.mapped("status"), ["monitored"])
        self.assertEqual(str(household.status_ids.date_from), "2021-01-01")
        self.load("household", header, [(*self.household(1, status="脱贫户"), "2022-01-01")])
        self.assertEqual(household.status, "lifted")
        self.assertEqual(household.status_ids.mapped("status"), ["lifted", "monitored"])
        self.load("household", HOUSEHOLD, [self.household(1, status="已退出")])
        self.assertEqual(household.status, "left")
        self.assertEqual(household.status_ids[0].date_from, self.env.company._assist_today())
        job = self.upload(
            "household", header, [(*self.household(1, status="监测户"), "2021-06-01")]
        )
        self.assert_errors(job, (2, "status_date", "has a later status, from"))
        job = self.upload("household", header, [(*self.household(2, status=""), "2021-06-01")])
        self.assert_errors(job, (2, "household_status", "no status that begins then"))
        job = self.upload("household", header, [(*self.household(2, status="left"), "2100-01-01")])
        self.assert_errors(job, (2, "status_date", "today at the latest"))

    def test_linkages_come_in_as_draft_or_submitted(self):
        header = (*LINKAGE, "带贫关系状态")
        self.load("household", HOUSEHOLD, [self.household(n) for n in (1, 2)])
        self.load(
            "linkage",
            header,
            [(*self.linkage(1), "草稿"), (*self.linkage(2), "Submitted")],
        )
        linkages = self.find(1).linkage_ids | self.find(2).linkage_ids
        self.assertEqual(linkages.mapped("state"), ["draft", "submitted"])
        job = self.upload("linkage", header, [(*self.linkage(1), "已核实")])
        self.assert_errors(job, (2, "linkage_state", "verifies it here"))
        self.load("linkage", header, [(*self.linkage(1), "待核实"), (*self.linkage(2), "草稿")])
        self.assertEqual(linkages.mapped("state"), ["submitted", "submitted"])

    def test_what_was_verified_goes_back(self):
        self.load("household_linkage", BOTH, [self.both(n) for n in (1, 2, 3, 4)])
        households = [self.find(n) for n in (1, 2, 3, 4)]
        linkages = self.env["union.assist.linkage"].union(*(h.linkage_ids for h in households))
        linkages.action_submit()
        linkages.with_user(self.operator).action_verify()
        self.assertEqual(set(linkages.mapped("state")), {"verified"})
        changes = [
            self.both(1, persons=6),
            self.both(2, "Tea Maker", "order_purchase", "2021-03-01", "2030-12-31"),
            self.both(3, "Tea Maker", "order_purchase", "2021-03-01", "", "", "99", name="王某某"),
            self.both(4, status="已退出"),
        ]
        job = self.upload("household_linkage", BOTH, changes)
        self.assertEqual(job.sent_back_count, 3)
        job.action_write()
        self.assertEqual(
            [household.linkage_ids.state for household in households],
            ["submitted", "submitted", "verified", "submitted"],
        )
        self.assertEqual(households[2].linkage_ids.promised_amount, 99)
        self.assertFalse(linkages.filtered(lambda line: line.state != "verified").verified_by_id)
        body = "".join(households[1].linkage_ids.message_ids.mapped("body"))
        self.assertIn("Sent back to verification", body)

    def test_a_revoked_linkage_is_not_changed(self):
        self.load("household_linkage", BOTH, [self.both(1)])
        linkage = self.find(1).linkage_ids
        linkage.action_submit()
        linkage.action_revoke()
        self.load("household_linkage", BOTH, [self.both(1)])
        self.assertEqual(linkage.state, "revoked")
        rows = [self.both(1, "Tea Maker", "order_purchase", "2021-03-01", "2022-01-01")]
        self.assert_errors(
            self.upload("household_linkage", BOTH, rows), (2, "household_code", "was revoked")
        )

    # -- errors ------------------------------------------------------------------------------------

    def test_errors_of_households(self):
        self.make_household("T-0099", identity_number=NUMBERS[2])
        self.make_household("T-0098", active=False)
        job = self.upload(
            "household",
            HOUSEHOLD,
            [
                self.household(1),
                self.household(1),
                self.household(3, place="610999"),
                self.household(4, place="abc"),
                self.household(5, persons="many"),
                self.household(6, persons=""),
                self.household(7, status="rich"),
                self.household(8, identity_number="110101199003072130"),
                self.household(9, identity_number="4.1E+17"),
                self.household(10, identity_number=NUMBERS[0]),
                self.household(11, identity_number=NUMBERS[0]),
                self.household(12, identity_number=NUMBERS[2]),
                self.household(98),
                ("", "无编号", "", self.home, 4, ""),
                self.household(13, persons=0),
            ],
        )
        self.assert_errors(
            job,
            (2, "household_code", "Row 3 has the same code"),
            (3, "household_code", "Row 2 has the same code"),
            (4, "place_code", "610999"),
            (5, "place_code", "“abc” is no division code"),
            (6, "persons", "“many” is no whole number"),
            (7, "persons", "This is empty"),
            (8, "household_status", "“rich” is not one of: Registered"),
            (9, "identity_number", "does not fit the others"),
            (10, "identity_number", "Excel took this for a number"),
            (11, "identity_number", "Row 12 has the same identity number"),
            (12, "identity_number", "Row 11 has the same identity number"),
            (13, "identity_number", "that of household T-0099"),
            (14, "household_code", "archived"),
            (15, "household_code", "always needed"),
            (16, "persons", "“0” is no whole number"),
        )
        self.assertEqual((job.row_count, job.error_row_count), (15, 15))
        self.assertFalse(self.find(3))
        with self.assertRaisesRegex(UserError, "To Correct"):
            job.action_write()

    def test_errors_of_linkages(self):
        self.env["res.partner"].create(
            [{"name": "Twin", "is_company": True, "assist_supplier_kind": "sme"}] * 2
        )
        self.load("household", HOUSEHOLD, [self.household(n) for n in range(1, 9)])
        job = self.upload(
            "linkage",
            LINKAGE,
            [
                self.linkage(1),
                self.linkage(1),
                self.linkage(77),
                self.linkage(2, "Nobody"),
                self.linkage(3, "Twin"),
                self.linkage(4, "Tea Maker", "charity"),
                self.linkage(5, "Tea Maker", "order_purchase", "yesterday"),
                self.linkage(6, "Tea Maker", "order_purchase", "2021-03-01", "2021-02-01"),
                self.linkage(7, "Tea Maker", "order_purchase", "2021-03-01", "", "150%"),
                self.linkage(8, "Tea Maker", "order_purchase", "2021-03-01", "", "", "-5"),
            ],
        )
        self.assert_errors(
            job,
            (2, "household_code", "Row 3 has the same household, supplier"),
            (3, "household_code", "Row 2 has the same household, supplier"),
            (4, "household_code", "no household with this code"),
            (5, "supplier_id", "There is no supplier “Nobody”"),
            (6, "supplier_id", "Several suppliers are called “Twin”"),
            (7, "mechanism_id", "“charity” is not one of"),
            (8, "date_from", "“yesterday” is no day"),
            (9, "date_to", "not before its first day"),
            (10, "share", "“150%” is no share"),
            (11, "promised_amount", "“-5” is no amount"),
        )

    def test_rows_of_one_household_must_agree(self):
        job = self.upload(
            "household_linkage",
            BOTH,
            [self.both(1), self.both(1, "Orchard", persons=5), self.both(1, "Orchard", persons="")],
        )
        self.assert_errors(
            job,
            (2, "persons", "Row 3 says something else"),
            (3, "persons", "Row 2 says something else"),
            (3, "household_code", "Row 4 has the same household, supplier"),
            (4, "persons", "This is empty"),
            (4, "household_code", "Row 3 has the same household, supplier"),
        )

    def test_no_error_repeats_personal_data(self):
        job = self.upload(
            "household",
            (*HOUSEHOLD, "联系电话"),
            [(*self.household(1, name="#REF!", identity_number="12345"), "1.38E+10")],
        )
        self.assertEqual(
            [error[1] for error in self.errors(job)], ["head_name", "phone", "identity_number"]
        )
        self.assertNotRegex(str(self.errors(job)), "12345|1.38E")

    def test_files_that_are_no_table(self):
        for content, reason in (
            (b" \n", "is empty"),
            ("户编号,所在地区划代码,人数\n".encode(), "no row below the header"),
            (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel"),
            (b"PK\x03\x04 broken", "no sound XLSX"),
            (b"\xff\x81\x00", "neither UTF-8 nor GB18030"),
            ("人数,状态\n4,脱贫户\n".encode(), "These columns are missing: Household Code"),
            (b"a,b\n1,2\n", "not the header that is expected"),
            ("户编号,人数,人数\nT-1,4,4\n".encode(), "two columns with this header"),
            ('户编号,人数\nT-1,"4\n'.encode(), "quotation marks"),
        ):
            with self.subTest(reason):
                job = self.upload("household", None, content)
                self.assertEqual(len(job.error_ids), 1, self.errors(job))
                self.assertIn(reason, job.error_ids.reason)
                self.assertEqual(job.state, "errors")
                self.assertFalse(job.row_ids)
                self.assertTrue(self.read_xlsx(job._make_error_file())[1][2])

    def test_encodings_and_delimiters(self):
        number = 0
        for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
            for delimiter in (",", ";", "\t"):
                number += 1
                with self.subTest(encoding=encoding, delimiter=delimiter):
                    content = self.csv(
                        HOUSEHOLD, [self.household(number, "张某㐂")], encoding, delimiter
                    )
                    self.load("household", None, content)
                    self.assertEqual(self.find(number).head_name, "张某㐂")

    def test_excel(self):
        day = datetime(2021, 3, 1)
        content = self.xlsx(
            BOTH,
            [
                (6109240001.0, "张某某", NUMBERS[0], 610924, 4.0, "脱贫户", "Tea Maker")
                + ("order_purchase", day, 44926, 0.5, 3600, None),
                (None,) * 13,
                (6109240002, "李某某", 4.1e17, "610924", 3, None, "Orchard")
                + ("wage_work", "2021/3/1", None, None, None, "x"),
            ],
        )
        job = self.upload("household_linkage", None, content, name="x.xlsx")
        self.assert_errors(job, (4, "identity_number", "lost its last digits"))
        job.action_write_good()
        household = self.env["union.assist.household"].search([("code", "=", "6109240001")])
        self.assertEqual(household.identity_last4, NUMBERS[0][-4:])
        linkage = household.linkage_ids
        self.assertEqual(
            (str(linkage.date_from), str(linkage.date_to)), ("2021-03-01", "2022-12-31")
        )

    def test_english_headers_and_unknown_columns(self):
        header = ("household_code", "Place Code", "Persons *", "Star sign")
        job = self.upload("household", header, [("T-0001", self.home, 4, "Leo")])
        self.assertEqual(job.state, "ready")
        self.assertEqual(job.ignored_columns, "Star sign")

    # -- correcting --------------------------------------------------------------------------------

    def test_the_error_file_is_corrected_and_uploaded_alone(self):
        rows = [self.household(1), self.household(2, persons="x"), self.household(3)]
        job = self.upload("household", HOUSEHOLD, rows)
        header, row = self.read_xlsx(job._make_error_file())
        self.assertEqual(header, ["Row", "Column", "Reason", *HOUSEHOLD])
        self.assertEqual(row[:2], ["3", "Persons"])
        self.assertIn("whole number", row[2])
        self.assertEqual(row[3:8], ["T-0002", "张某某", None, self.home, "x"])
        job.action_write_good()
        self.assertEqual(job.state, "done")
        self.assertTrue(self.find(1) and self.find(3))
        self.assertFalse(self.find(2))
        self.assertTrue(job.file, "whoever corrects the rest needs it")
        row[7] = 4
        corrected = self.upload("household", None, self.xlsx(header, [row]), name="errors.xlsx")
        self.assertEqual(self.errors(corrected), [])
        corrected.action_write()
        self.assertTrue(self.find(2))

    def test_the_whole_corrected_file_replaces_the_first(self):
        job = self.upload("household", HOUSEHOLD, [self.household(1), self.household(2, persons=0)])
        self.assertEqual(job.state, "errors")
        content = self.csv(HOUSEHOLD, [self.household(1), self.household(2)])
        job.write({"file": base64.b64encode(content), "file_name": "whole.csv"})
        self.assertEqual((job.state, job.error_row_count), ("draft", 0))
        self.assertFalse(job.error_ids)
        job.action_check()
        job.action_write()
        self.assertTrue(self.find(1) and self.find(2))

    def test_formulas_in_an_error_file_stay_text(self):
        name = '=HYPERLINK("https://example.com")'
        job = self.upload("household", HOUSEHOLD, [self.household(1, name, persons="x")])
        self.assertEqual(self.read_xlsx(job._make_error_file())[1][4], name)

    def test_the_template_is_understood_and_brings_nothing(self):
        for kind in ("household", "linkage", "household_linkage", "region"):
            for extension in ("xlsx", "csv"):
                for lang in ("en_US", "zh_CN"):
                    with self.subTest(kind=kind, extension=extension, lang=lang):
                        jobs = self.env["union.assist.import"].with_context(lang=lang)
                        content = jobs._make_template(kind, extension)
                        job = self.upload(kind, None, content, self.manager)
                        self.assertIn("no row below the header", job.error_ids.reason)
                        self.assertFalse(job.ignored_columns)
        rows = self.read_xlsx(jobs._make_template("household_linkage", "xlsx"))
        self.assertEqual(rows[0][0], "户编号")
        allowed = self.read_xlsx(jobs._make_template("household_linkage", "xlsx"), sheet=2)
        self.assertIn("Tea Maker", str(allowed))

    # -- all or nothing ----------------------------------------------------------------------------

    @mute_logger("odoo.sql_db")
    def test_nothing_is_written_when_the_middle_fails(self):
        job = self.upload("household_linkage", BOTH, [self.both(1), self.both(2)])
        store = LinkagePart.store

        def fail(part):
            store(part)
            part.env.cr.execute("INSERT INTO union_assist_household (code) VALUES ('T-0001')")

        with (
            mock.patch.object(LinkagePart, "store", fail),
            self.assertRaises(Exception),  # noqa: B017 (whatever the database says)
            self.cr.savepoint(),
        ):
            job.action_write()
        self.env.invalidate_all()
        self.assertFalse(self.find(1))
        self.assertEqual(job.state, "ready")
        job.action_write()
        self.assertTrue(self.find(1).linkage_ids)

    def test_what_others_entered_meanwhile_is_seen(self):
        job = self.upload("household", HOUSEHOLD, [self.household(1, identity_number=NUMBERS[0])])
        self.make_household("OTHER", identity_number=NUMBERS[0])
        job.action_write()
        self.assert_errors(job, (2, "identity_number", "that of household OTHER"))
        self.assertFalse(self.find(1))

    # -- background --------------------------------------------------------------------------------

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("union_assist_catalog.cron_import").with_user(
                self.env.ref("base.user_root")
            ).method_direct_trigger()
        self.env.invalidate_all()

    def test_large_files_are_worked_on_in_the_background(self):
        self.patch(assist_import, "AT_ONCE_BYTES", 10)
        self.patch(assist_import, "AT_ONCE_ROWS", 1)
        job = self.upload("household", HOUSEHOLD, [self.household(n) for n in (1, 2)])
        self.assertEqual(job.state, "checking")
        with self.assertRaisesRegex(UserError, "worked on"):
            job.kind = "linkage"
        self.run_cron()
        self.assertEqual(job.state, "ready")
        self.assertEqual(job.activity_ids.user_id, self.operator)
        self.assertIn("test.csv is checked", job.activity_ids.summary)
        job.action_write()
        self.assertEqual(job.state, "writing")
        self.assertFalse(self.find(1))
        self.assertFalse(job.activity_ids)
        self.run_cron()
        self.assertEqual(job.state, "done")
        self.assertEqual(self.find(1).create_uid, self.operator)
        self.assertFalse(job.row_ids)
        self.assertFalse(job.file)

    def test_work_that_was_interrupted_begins_again_but_not_for_ever(self):
        self.patch(assist_import, "AT_ONCE_BYTES", 10)
        job = self.upload("household", HOUSEHOLD, [self.household(1)])
        # As a killed process leaves it
        job.sudo().attempts = 1
        job.action_retry()
        self.run_cron()
        self.assertEqual(job.state, "ready")
        job = self.upload("household", HOUSEHOLD, [self.household(1)])
        job.sudo().attempts = assist_import.MAX_ATTEMPTS
        self.run_cron()
        self.assertEqual(job.state, "failed")
        self.assertIn("never came to an end", job.problem)
        job.action_check()
        self.run_cron()
        self.assertEqual(job.state, "ready")

    @mute_logger("odoo.addons.union_assist_catalog.models.assist_import")
    def test_an_error_in_the_background_leaves_a_record(self):
        self.patch(assist_import, "AT_ONCE_ROWS", 0)
        job = self.upload("household", HOUSEHOLD, [self.household(1)])
        job.action_write()
        with mock.patch.object(
            assist_import.ImportCheck, "store", side_effect=ZeroDivisionError("secret")
        ):
            self.run_cron()
        self.assertEqual(job.state, "failed")
        self.assertIn("nothing was written", job.problem)
        self.assertNotIn("secret", job.problem)
        self.assertFalse(self.find(1))
        job.action_check()
        job.action_write()
        self.run_cron()
        self.assertEqual(job.state, "done")

    # -- personal data -----------------------------------------------------------------------------

    def test_file_and_rows_go_when_it_is_done(self):
        job = self.upload("household", HOUSEHOLD, [self.household(1, identity_number=NUMBERS[0])])
        attachment = job._get_attachments()
        self.assertFalse(attachment.index_content)
        self.assertEqual(len(job.row_ids), 1)
        self.env.cr.execute(
            "SELECT row_to_json(r)::text FROM union_assist_import_row r WHERE import_id = %s",
            [job.id],
        )
        self.assertNotIn(NUMBERS[0], self.env.cr.fetchone()[0])
        job.action_write()
        self.assertFalse(job.row_ids)
        self.assertFalse(attachment.exists())
        self.assertEqual((job.row_count, job.new_count), (1, 1))
        self.assertEqual(len(job.checksum), 64)

    def test_file_and_rows_go_after_some_days(self):
        job = self.upload("household", HOUSEHOLD, [self.household(1, persons="x")])
        jobs = self.env["union.assist.import"]
        jobs._gc_data()
        self.assertTrue(job.file)
        self.env.cr.execute(
            "UPDATE union_assist_import SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=8), job.id],
        )
        self.env.invalidate_all()
        jobs._gc_data()
        self.assertEqual(job.state, "dropped")
        self.assertFalse(job.file or job.row_ids)
        self.assertTrue(job.error_ids)

    def test_who_takes_the_error_file_is_noted(self):
        job = self.upload("household", HOUSEHOLD, [self.household(1, persons="x")])
        job._log_error_file()
        log = self.env["union.assist.export.log"].search([], limit=1)
        self.assertEqual((log.user_id, log.record_count), (self.operator, 1))
        self.assertIn("identity_number", log.field_names)

    # -- rights ------------------------------------------------------------------------------------

    def test_who_may_import_what(self):
        people = ("household", "linkage", "household_linkage")
        for user, kinds in (
            (self.viewer, ()),
            (self.federation, ()),
            (self.official, people),
            (self.operator, people),
            (self.manager, (*people, "region")),
        ):
            for kind in (*people, "region"):
                with self.subTest(user=user.login, kind=kind):
                    jobs = self.env["union.assist.import"].with_user(user)
                    if kind in kinds:
                        self.assertTrue(jobs.create({"kind": kind}))
                    else:
                        with self.assertRaises(AccessError), self.cr.savepoint():
                            jobs.create({"kind": kind})

    def test_an_official_imports_into_the_own_county_only(self):
        other = self.env.ref("union_assist_catalog.region_610827")
        self.make_household("T-0002", region_id=other.id, identity_number=NUMBERS[0])
        self.make_household("T-0003")
        rows = [
            self.household(1, place=other.code),
            self.household(2),
            self.household(4, identity_number=NUMBERS[0]),
            self.household(3, place=other.code),
        ]
        job = self.upload("household", HOUSEHOLD, rows, self.official)
        self.assert_errors(
            job,
            (2, "place_code", "outside the counties"),
            (3, "household_code", "outside the counties"),
            (4, "identity_number", "registered in another county"),
            (5, "place_code", "outside the counties"),
        )
        self.assertNotIn("T-0002", str(self.errors(job)))
        job = self.upload("linkage", LINKAGE, [self.linkage(2)], self.official)
        self.assert_errors(job, (2, "household_code", "outside the counties"))
        self.load("household_linkage", BOTH, [self.both(5)], self.official)
        self.assertEqual(self.find(5).create_uid, self.official)
        self.assertTrue(self.find(5).linkage_ids)

    def test_the_rules_hold_whatever_the_checks_say(self):
        other = self.env.ref("union_assist_catalog.region_610827")
        job = self.upload("household", HOUSEHOLD, [self.household(1)], self.official)
        self.official.assist_region_ids = other
        job.action_write()
        self.assertEqual(job.state, "errors", "the county was taken away meanwhile")
        self.official.assist_region_ids = self.county
        job.action_check()
        self.env.cr.execute(
            "UPDATE union_assist_import_row SET place_key = %s WHERE import_id = %s",
            [other.id, job.id],
        )
        with (
            mock.patch.object(assist_import.ImportCheck, "validate"),
            self.assertRaises(AccessError),
            self.cr.savepoint(),
        ):
            job.action_write()
        self.env.invalidate_all()
        self.assertFalse(self.find(1))

    def test_imports_of_another_county_are_not_seen(self):
        job = self.upload("household", HOUSEHOLD, [self.household(1, persons="x")])
        mine = job.with_user(self.official)
        for action in ("action_check", "action_error_file", "action_view_rows", "action_drop"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(mine, action)()
        for records in (job.row_ids, job.error_ids):
            self.assertTrue(records)
            with self.assertRaises(AccessError):
                records.with_user(self.official).read()
        self.assertFalse(self.env["union.assist.import.row"].with_user(self.official).search([]))

    def test_nobody_writes_what_follows_from_the_file(self):
        job = self.upload("household", HOUSEHOLD, [self.household(1)])
        for values in ({"state": "done"}, {"error_row_count": 0}, {"only_good": True}):
            with self.subTest(values), self.assertRaises(AccessError):
                job.write(values)

    # -- queries -----------------------------------------------------------------------------------

    def test_queries_do_not_grow(self):
        def queries(size, start):
            rows = [self.both(start + n, name=f"N{n}", status="脱贫户") for n in range(size)]
            changed = [
                self.both(
                    start + n,
                    "Tea Maker",
                    "order_purchase",
                    "2021-03-01",
                    "",
                    "",
                    "7",
                    name=f"M{n}",
                )
                for n in range(size)
            ]
            found = []
            for content in (rows, rows, changed):
                job = self.upload("household_linkage", BOTH, [self.both(9000 + start)])
                data = base64.b64encode(self.csv(BOTH, content))
                job.write({"file": data})
                found.append(self.count_queries(job.action_check))
                if job.state == "ready":
                    found.append(self.count_queries(job.action_write))
                self.assertEqual(job.state, "done", self.errors(job))
            return found

        queries(1, 100)
        for few, many in zip(queries(5, 200), queries(50, 300), strict=True):
            self.assert_same_queries(few, many)
