import base64
from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .test_household_identity import IdentityCommon
from .test_identity_tool import make_number


@tagged("post_install", "-at_install", "union_assist")
class TestHousehold(IdentityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Household = cls.env["union.assist.household"]
        cls.Status = cls.env["union.assist.household.status"]
        cls.village = cls.env["union.assist.region"].create(
            {"name": "Village", "level": "village", "parent_id": cls.county.id}
        )

    def history(self, household):
        household.invalidate_recordset(["status_ids"])
        return [(str(row.date_from), row.status) for row in household.status_ids]

    # -- status ------------------------------------------------------------------------------------

    def test_the_history_begins_with_the_household(self):
        with freeze_time("2021-05-01"):
            household = self.make_household("ST-1")
        self.assertEqual(self.history(household), [("2021-05-01", "registered")])

    def test_a_change_of_status_is_dated_today(self):
        with freeze_time("2021-05-01"):
            household = self.make_household("ST-2")
        with freeze_time("2021-06-01 16:30:00"):  # the next day in China
            household.with_user(self.official).status = "lifted"
            household.status = "monitored"  # corrected on the same day
            household.status = "monitored"
        self.assertEqual(
            self.history(household), [("2021-06-02", "monitored"), ("2021-05-01", "registered")]
        )

    def test_the_newest_row_is_the_status(self):
        with freeze_time("2021-05-01"):
            household = self.make_household("ST-3")
        rows = self.Status.with_user(self.official).create(
            [
                {"household_id": household.id, "status": status, "date_from": day}
                for status, day in (("registered", "2014-01-01"), ("lifted", "2022-01-01"))
            ]
        )
        self.assertEqual(household.status, "lifted")
        rows[1].date_from = "2020-01-01"
        self.assertEqual(household.status, "registered")
        household.status_ids.filtered(lambda row: row.date_from == date(2021, 5, 1)).unlink()
        self.assertEqual(household.status, "lifted")
        rows[1].status = "monitored"
        self.assertEqual(household.status, "monitored")
        self.assertEqual(len(household.status_ids), 2)

    def test_entered_with_a_history(self):
        household = self.make_household(
            "ST-4",
            status_ids=[
                Command.create({"status": "registered", "date_from": "2014-01-01"}),
                Command.create({"status": "lifted", "date_from": "2019-05-07"}),
            ],
        )
        self.assertEqual(household.status, "lifted")
        self.assertEqual(len(household.status_ids), 2)

    def test_the_form_writes_status_and_history_at_once(self):
        with freeze_time("2021-05-01"):
            household = self.make_household("ST-5")
        with freeze_time("2022-01-01"):
            household.write(
                {
                    "status": "left",
                    "status_ids": [Command.create({"status": "lifted", "date_from": "2021-12-01"})],
                }
            )
        self.assertEqual(household.status, "left")
        self.assertEqual(
            self.history(household),
            [("2022-01-01", "left"), ("2021-12-01", "lifted"), ("2021-05-01", "registered")],
        )

    def test_no_status_of_tomorrow_and_one_a_day(self):
        household = self.make_household("ST-6")
        row = {"household_id": household.id, "status": "lifted"}
        with freeze_time("2030-01-01 15:59:00"):
            self.Status.create({**row, "date_from": "2030-01-01"})
            with self.assertRaisesRegex(ValidationError, "today at the latest"):
                self.Status.create({**row, "date_from": "2030-01-02"})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.Status.create({**row, "date_from": "2030-01-01"})

    def test_status_at_past_dates(self):
        with freeze_time("2021-05-01"):
            household = self.make_household("ST-7")
        with freeze_time("2022-05-01"):
            household.status = "lifted"
        for day, expected in (
            (date(2021, 4, 30), None),
            (date(2021, 5, 1), "registered"),
            (date(2022, 4, 30), "registered"),
            (date(2022, 5, 1), "lifted"),
            (date(2026, 1, 1), "lifted"),
        ):
            self.assertEqual(household._status_at(day).get(household.id), expected, day)
        with self.assertRaises(AccessError):
            new_user = new_test_user(self.env, "assist_none", "base.group_user")
            household.with_user(new_user)._status_at(date(2022, 5, 1))

    def test_leaving_by_the_history_sends_linkages_back(self):
        household = self.make_household("ST-8")
        linkage = self.make_linkage(household, state="verified")
        household.status_ids.status = "left"
        self.assertEqual(household.status, "left")
        self.assertEqual(linkage.state, "submitted")

    def test_households_from_before_get_a_history(self):
        household = self.make_household("ST-9", status="monitored")
        household.status_ids.unlink()
        self.Status._begin_missing()
        household.invalidate_recordset()
        self.assertEqual(household.status_ids.mapped("status"), ["monitored"])
        self.Status._begin_missing()
        household.invalidate_recordset()
        self.assertEqual(len(household.status_ids), 1)

    def test_same_queries_for_5_and_50(self):
        households = self.Household.create(
            [{"code": f"SQ-{n}", "region_id": self.village.id, "phone": n} for n in range(60)]
        )

        def queries(records, work):
            return self.record_queries(lambda: work(records))

        def enter_history(records):
            self.Status.create(
                [
                    {"household_id": one.id, "status": "registered", "date_from": "2014-01-01"}
                    for one in records
                ]
            )

        today = self.env.company._assist_today()
        for name, work in (
            ("status at", lambda records: records._status_at(today)),
            ("status", lambda records: records.write({"status": "lifted"})),
            ("duplicates", lambda records: records.mapped("duplicate_ids")),
            ("consent", lambda records: records.mapped("has_consent")),
            ("personal data", lambda records: records.mapped("has_personal_data")),
            ("history", enter_history),
            ("withdrawal", lambda records: records._withdraw_consent(today)),
        ):
            queries(households[:2], work)
            few = queries(households[2:7], work)
            with self.subTest(name):
                self.assert_same_queries(few, queries(households[7:57], work))
        self.assertEqual(len(queries(households, lambda records: records._status_at(today))), 1)

    # -- members -----------------------------------------------------------------------------------

    def test_members_are_named_by_their_household(self):
        household = self.make_household("ME-1")
        with Form(household.with_user(self.official)) as form, form.member_ids.new() as line:
            line.name = "Zhang San"
            line.relation = "child"
            line.birth_year = 2010
            line.identity_number = make_number(1)
        member = household.member_ids
        self.assertEqual(member.display_name, "ME-1 · Child")
        self.assertEqual(member.identity_last4, make_number(1)[-4:])
        with self.assertRaisesRegex(ValidationError, "year of birth") as caught:
            member.birth_year = 1700
        self.assertNotIn("Zhang", str(caught.exception))

    def test_personal_data_by_role(self):
        household = self.make_household(
            "PD-1",
            head_name="Zhang",
            phone="139",
            identity_number=make_number(1),
            member_ids=[Command.create({"name": "Zhang San"})],
            consent_ids=[Command.create({"file": base64.b64encode(b"signed"), "file_name": "x"})],
        )
        household.message_post(body="Zhang called")
        names = ["head_name", "phone", "identity_last4", "member_ids", "consent_ids"]
        names += ["has_consent", "has_personal_data", "duplicate_ids", "identity_number", "note"]
        for user in (self.operator, self.official, self.manager):
            data = household.with_user(user).read(names)[0]
            self.assertEqual((data["head_name"], data["phone"]), ("Zhang", "139"))
            self.assertEqual(household.with_user(user).member_ids.name, "Zhang San")
            self.assertTrue(household.with_user(user).consent_ids.file)
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "union.assist.household.consent"), ("res_field", "=", "file")]
        )
        self.assertTrue(attachment)
        portal = new_test_user(self.env, "assist_portal_none", "base.group_portal")
        supplier = new_test_user(self.env, "assist_portal_supplier", "base.group_portal")
        supplier.partner_id.parent_id = self.tea_maker
        self.make_linkage(household, state="verified")
        outside = [portal, supplier, self.env.ref("base.public_user")]
        elsewhere = new_test_user(
            self.env,
            "assist_elsewhere",
            "union_assist_catalog.group_county",
            assist_region_ids=[Command.set(self.other_county.ids)],
        )
        for user in (self.viewer, self.federation, elsewhere, *outside):
            record = household.with_user(user)
            for name in names:
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    record.read([name])
            with self.subTest(user=user.login):
                for hidden in (household.member_ids, household.consent_ids, attachment):
                    with self.assertRaises(AccessError):
                        hidden.with_user(user).read()
                self.assertFalse(
                    self.env["mail.message"]
                    .with_user(user)
                    .search([("model", "=", household._name), ("res_id", "=", household.id)])
                )
                if user in (self.viewer, self.federation):
                    everything = str(record.read()) + str(record.search_read([], limit=2))
                    self.assertNotIn("Zhang", everything)
                    self.assertTrue(record.status_ids.read())
                else:
                    with self.assertRaises(AccessError):
                        record.read()
                    with self.assertRaises(AccessError):
                        household.status_ids.with_user(user).read()
        self.assertTrue(
            self.env["mail.message"]
            .with_user(self.official)
            .search([("model", "=", household._name), ("res_id", "=", household.id)])
        )

    def test_an_official_does_not_reach_other_counties(self):
        far = self.make_household(
            "FAR-3", region_id=self.other_county.id, member_ids=[Command.create({"name": "Li"})]
        )
        own = self.make_household("NEAR-3", member_ids=[Command.create({"name": "Li"})])
        official = self.official
        for model, values in (
            ("union.assist.household.member", {"name": "Wang"}),
            ("union.assist.household.status", {"status": "lifted", "date_from": "2020-01-01"}),
            ("union.assist.household.consent", {"scope": "file"}),
        ):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(official).create({"household_id": far.id, **values})
            record = self.env[model].with_user(official).create({"household_id": own.id, **values})
            with self.subTest(model), self.assertRaises(AccessError):
                record.household_id = far
        with self.assertRaises(AccessError):
            own.with_user(official).region_id = self.other_county
        wizard = self.env["union.assist.consent.withdrawal"].with_user(official)
        with self.assertRaises(AccessError):
            wizard.create({"household_ids": far.ids, "confirmed": True}).action_withdraw()
        self.assertEqual(far.member_ids.name, "Li")

    # -- consent -----------------------------------------------------------------------------------

    def test_missing_consent(self):
        empty = self.make_household("CO-1")
        missing = self.make_household("CO-2", head_name="Zhang")
        given = self.make_household("CO-3", phone="139", consent_ids=[Command.create({})])
        other = self.make_household(
            "CO-4", note="Ill", consent_ids=[Command.create({"scope": "publicity"})]
        )
        all_four = empty | missing | given | other
        domain = [("id", "in", all_four.ids)]
        for name, value, found in (
            ("has_consent", True, given),
            ("has_consent", False, empty | missing | other),
            ("has_personal_data", True, missing | given | other),
            ("has_personal_data", False, empty),
        ):
            with self.subTest(name, value=value):
                records = self.Household.with_user(self.official)
                self.assertEqual(records.search([(name, "=", value), *domain]), found)
                self.assertEqual(
                    all_four.filtered(lambda r, name=name, value=value: r[name] == value), found
                )
        card = self.env.ref("union_assist_catalog.card_household_no_consent")
        count = card.with_user(self.official).count
        self.assertGreaterEqual(count, 2)
        missing.consent_ids = [Command.create({})]
        card.invalidate_recordset()
        self.assertEqual(card.with_user(self.official).count, count - 1)

    def test_dates_of_consent(self):
        household = self.make_household("CO-5")
        consents = self.env["union.assist.household.consent"]
        with freeze_time("2026-01-01"):
            values = {"household_id": household.id, "date_given": "2026-01-01"}
            with self.assertRaisesRegex(ValidationError, "today at the latest"):
                consents.create({**values, "date_withdrawn": "2026-02-01"})
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                consents.create({**values, "date_withdrawn": "2025-12-31"})

    def test_withdrawal_removes_personal_data_and_keeps_evidence(self):
        household = self.make_household(
            "CO-6",
            head_name="Zhang",
            phone="139",
            note="Ill",
            identity_number=make_number(1),
            member_ids=[Command.create({"name": "Li", "identity_number": make_number(2)})],
            consent_ids=[Command.create({"date_given": "2021-01-01"})],
        )
        linkage = self.make_linkage(household, state="verified")
        action = household.with_user(self.official).action_withdraw_consent()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.official)
            .with_context(**action["context"])
            .create({})
        )
        with self.assertRaisesRegex(UserError, "tick the box"):
            wizard.action_withdraw()
        self.assertEqual(household.head_name, "Zhang")
        wizard.confirmed = True
        wizard.action_withdraw()
        self.assertFalse(household.has_personal_data)
        self.assertFalse(household.has_consent)
        row = self.stored(household)
        for name in ("head_name", "phone", "note", "identity_hash", "identity_last4"):
            self.assertFalse(row[name], name)
        self.assertFalse(household.member_ids)
        self.assertEqual(household.consent_ids.date_withdrawn, self.env.company._assist_today())
        self.assertEqual((household.persons, linkage.state), (4, "verified"))
        self.assertIn("Consent withdrawn", str(household.message_ids.mapped("body")))
        self.assertNotIn("Zhang", str(household.message_ids.read()))
        # The numbers are free again.
        self.make_household("CO-7", identity_number=make_number(1))
        for user in (self.viewer, self.federation):
            with self.assertRaises(AccessError):
                household.with_user(user).action_withdraw_consent()

    # -- duplicates --------------------------------------------------------------------------------

    def test_possible_duplicates(self):
        same_phone = [self.make_household(f"DU-{n}", phone="13912345678") for n in (1, 2)]
        same_name = [
            self.make_household(f"DU-{n}", head_name="Zhang Li", region_id=self.village.id)
            for n in (3, 4)
        ]
        alone = self.make_household("DU-5", head_name="Zhang Li")  # of the county: says nothing
        far = self.make_household("DU-6", phone="13912345678", region_id=self.other_county.id)
        same_name[1].active = False
        self.assertEqual(same_phone[0].duplicate_ids, same_phone[1] | far)
        self.assertEqual(same_phone[0].with_user(self.official).duplicate_ids, same_phone[1])
        self.assertEqual(same_name[0].with_context(active_test=False).duplicate_ids, same_name[1])
        self.assertFalse(alone.duplicate_ids)
        found = self.Household.search([("duplicate_ids", "!=", False)])
        self.assertLessEqual(same_phone[0] | same_phone[1] | far | same_name[0], found)
        self.assertNotIn(alone, found)
        action = same_phone[0].with_user(self.official).action_view_duplicates()
        self.assertEqual(self.Household.search(action["domain"]), same_phone[0] | same_phone[1])
        with self.assertRaises(AccessError):
            self.Household.with_user(self.viewer).search([("duplicate_ids", "!=", False)])
        with self.assertRaises(AccessError):
            same_phone[0].with_user(self.viewer).action_view_duplicates()

    def test_lists_show_codes(self):
        household = self.make_household("LI-1", head_name="Zhang")
        for user in (self.viewer, self.federation):
            views = self.Household.with_user(user).get_views(
                [(False, "list"), (False, "form"), (False, "kanban"), (False, "search")]
            )["views"]
            for kind, view in views.items():
                for name in ("head_name", "phone", "identity_", "member_ids", "consent_ids"):
                    self.assertNotIn(f'name="{name}', view["arch"], kind)
        views = self.Household.with_user(self.operator).get_views([(False, "list")])["views"]
        for name in ("head_name", "phone", "identity_last4"):
            self.assertRegex(views["list"]["arch"], rf'name="{name}"[^>]*optional="hide"')
        self.assertEqual(household.display_name.split()[0], "LI-1")
