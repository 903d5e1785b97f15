import os
import secrets
import tempfile
from pathlib import Path
from unittest import mock

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..models.identity_mixin import MARKS_PARAMETER
from ..tools import identity
from .common import UnionAssistCatalogCommon
from .test_identity_tool import make_number


class IdentityCommon(UnionAssistCatalogCommon):
    """A key file of its own for each test, and none remembered from before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["union.assist.identity.mixin"]._forget_identities()
        cls.other_county = cls.env.ref("union_assist_catalog.region_610827")

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.key_file = Path(folder.name) / "keys"
        self.key_file.touch(0o600)
        self.add_key()
        self.startPatch(
            mock.patch.dict(os.environ, {identity.KEY_FILE_VARIABLE: str(self.key_file)})
        )

    def startPatch(self, patch):
        patch.start()
        self.addCleanup(patch.stop)

    def add_key(self):
        with self.key_file.open("a") as file:
            file.write(f"{secrets.token_hex(32)}\n")

    def stored(self, record):
        """The row as the database has it."""
        self.env.flush_all()
        self.env.cr.execute(f"SELECT * FROM {record._table} WHERE id = %s", [record.id])
        names = [column.name for column in self.env.cr.description]
        return dict(zip(names, self.env.cr.fetchone(), strict=True))


@tagged("post_install", "-at_install", "union_assist")
class TestHouseholdIdentity(IdentityCommon):
    def test_the_number_is_nowhere(self):
        number = make_number(1)
        household = self.make_household("ID-1", identity_number=number, head_name="Zhang")
        member = self.env["union.assist.household.member"].create(
            {"household_id": household.id, "name": "Zhang", "identity_number": make_number(2)}
        )
        for record, own in ((household, number), (member, make_number(2))):
            self.assertFalse(record.identity_number)
            row = self.stored(record)
            self.assertNotIn(own, str(row))
            self.assertEqual(row["identity_last4"], own[-4:])
            self.assertEqual(row["identity_version"], 1)
            self.assertEqual(row["identity_hash"], identity.fingerprint(own, identity.load_keys()))
        household.with_user(self.operator).write({"identity_number": make_number(3), "phone": "1"})
        text = str(household.message_ids.read()) + str(
            household.message_ids.tracking_value_ids.read()
        )
        for part in (number, make_number(3), make_number(3)[-4:], "Zhang"):
            self.assertNotIn(part, text)

    def test_what_is_written_is_not_answered(self):
        household = self.env["union.assist.household"].with_user(self.operator)
        values = {"code": "ID-2", "region_id": self.county.id, "identity_number": make_number(1)}
        wanted = {"identity_number": {}, "identity_last4": {}}
        answer = household.web_save(values, wanted)[0]
        self.assertFalse(answer["identity_number"])
        self.assertEqual(answer["identity_last4"], make_number(1)[-4:])
        answer = household.browse(answer["id"]).web_save(
            {"identity_number": make_number(2)}, wanted
        )
        self.assertFalse(answer[0]["identity_number"])

    def test_an_empty_field_changes_nothing(self):
        household = self.make_household("ID-3", identity_number=make_number(1))
        before = self.stored(household)["identity_hash"]
        with Form(household) as form:
            form.persons = 3
        household.identity_number = False
        self.assertEqual(self.stored(household)["identity_hash"], before)

    def test_the_fingerprint_is_for_nobody(self):
        household = self.make_household("ID-4", identity_number=make_number(1))
        exporters = self.env.ref("base.group_allow_export")
        for user in (self.viewer, self.federation, self.official, self.operator, self.manager):
            user.group_ids |= exporters
            record = household.with_user(user)
            for name in ("identity_hash", "identity_version"):
                with self.subTest(user=user.login, field=name):
                    self.assertNotIn(name, record.fields_get())
                    self.assertNotIn(name, record.read()[0])
                    with self.assertRaises(AccessError):
                        record.read([name])
                    with self.assertRaises(AccessError):
                        record.search([(name, "!=", False)])
                    with self.assertRaises(AccessError):
                        record.write({name: False})
                    with self.assertRaises(AccessError):
                        record.formatted_read_group([], [name], ["__count"])
                    with self.assertRaises(AccessError):
                        record.search([], order=name)
                    with self.assertRaises(AccessError):
                        record.export_data([name])

    def test_last_digits_follow_from_the_number(self):
        household = self.make_household("ID-5", identity_number=make_number(1))
        with self.assertRaises(AccessError):
            household.with_user(self.operator).identity_last4 = "0000"
        self.assertTrue(household.fields_get()["identity_last4"])

    def test_wrong_numbers(self):
        right = make_number(1)
        for number, words in (
            (right[:-2], "18 characters"),
            (right[:15], "15 digits"),
            (right[:6] + "19991340" + right[14:], "date of birth"),
            (right[:-1] + ("1" if right[-1] != "1" else "2"), "does not fit"),
        ):
            with (
                self.subTest(words),
                self.assertRaisesRegex(ValidationError, words) as caught,
                self.cr.savepoint(),
            ):
                self.make_household("ID-6", identity_number=number)
            self.assertIn("ID-6", str(caught.exception))
            self.assertNotIn(number, str(caught.exception))
        warning = self.env["union.assist.household"].onchange(
            {"identity_number": right[:-2]}, ["identity_number"], {"identity_number": {}}
        )["warning"]
        self.assertIn("18 characters", warning["message"])

    def test_nobody_is_registered_twice(self):
        number = make_number(1)
        first = self.make_household("ID-7", identity_number=number)
        first.active = False
        spaced = f"{number[:6]} {number[6:]}".lower()
        members = self.env["union.assist.household.member"]
        with self.assertRaisesRegex(ValidationError, "ID-8.*household ID-7"), self.cr.savepoint():
            self.make_household("ID-8", identity_number=spaced)
        second = self.make_household("ID-9")
        person = {"household_id": second.id, "name": "Li"}
        with self.assertRaisesRegex(ValidationError, "household ID-7"), self.cr.savepoint():
            members.create({**person, "identity_number": number})
        members.create({**person, "identity_number": make_number(2)})
        with self.assertRaisesRegex(ValidationError, "member of household ID-9") as caught:
            second.identity_number = make_number(2)
        self.assertNotIn("Li", str(caught.exception))
        with self.assertRaisesRegex(ValidationError, "is that of"), self.cr.savepoint():
            members.create([{**person, "identity_number": make_number(3)}] * 2)
        first.identity_number = number  # one's own again
        second.identity_number = make_number(4)

    def test_another_county_is_not_named(self):
        self.make_household("FAR-1", region_id=self.other_county.id, identity_number=make_number(1))
        own = self.make_household("NEAR-1").with_user(self.official)
        with self.assertRaisesRegex(ValidationError, "another county") as caught:
            own.identity_number = make_number(1)
        self.assertNotIn("FAR-1", str(caught.exception))
        with self.assertRaisesRegex(ValidationError, "FAR-1"), self.cr.savepoint():
            own.with_user(self.operator).identity_number = make_number(1)

    def test_search(self):
        number = make_number(1)
        household = self.make_household("ID-10", identity_number=number)
        self.env["union.assist.household.member"].create(
            {"household_id": household.id, "name": "Li", "identity_number": make_number(2)}
        )
        far = self.make_household(
            "FAR-2", region_id=self.other_county.id, identity_number=make_number(3)
        )
        model = self.env["union.assist.household"]
        for user in (self.operator, self.official, self.manager):
            for text in (number, f" {number.lower()}", make_number(2)):
                found = model.with_user(user).search([("identity_number", "=", text)])
                self.assertEqual(found, household)
            self.assertIn(
                household, model.with_user(user).search([("identity_last4", "=", number[-4:])])
            )
            none = model.with_user(user).search([("identity_number", "=", False)])
            self.assertNotIn(household, none)
        found = [("identity_number", "=", make_number(3))]
        self.assertEqual(model.with_user(self.operator).search(found), far)
        self.assertFalse(model.with_user(self.official).search(found))
        with self.assertRaisesRegex(UserError, "does not fit"):
            wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
            model.with_user(self.operator).search([("identity_number", "=", wrong)])
        for user in (self.viewer, self.federation):
            for name, value in (("identity_number", number), ("identity_last4", number[-4:])):
                with self.assertRaises(AccessError):
                    model.with_user(user).search([(name, "=", value)])

    def test_a_number_is_not_kept_in_a_saved_search(self):
        with self.assertRaisesRegex(ValidationError, "cannot be saved"):
            self.env["ir.filters"].with_user(self.operator).create(
                {
                    "name": "X",
                    "model_id": "union.assist.household",
                    "domain": f"[('identity_number', '=', '{make_number(1)}')]",
                    "user_ids": [(6, 0, self.operator.ids)],
                }
            )

    def test_without_a_key_everything_else_works(self):
        for path, words in ((None, "names no file"), ("/nowhere/keys", "does not exist")):
            with mock.patch.dict(os.environ):
                os.environ.pop(identity.KEY_FILE_VARIABLE)
                if path:
                    os.environ[identity.KEY_FILE_VARIABLE] = path
                household = self.make_household(f"NO-KEY-{bool(path)}", head_name="Wang")
                self.assertTrue(household.search([("identity_number", "=", False)]))
                with (
                    self.assertRaisesRegex(UserError, words) as caught,
                    self.cr.savepoint(),
                ):
                    household.identity_number = make_number(1)
            for part in (identity.KEY_FILE_VARIABLE, "docs/data.md"):
                self.assertIn(part, str(caught.exception))

    def test_other_keys_are_noticed(self):
        self.make_household("ID-11", identity_number=make_number(1))
        self.key_file.write_text("")
        self.add_key()
        for action in (
            lambda: self.make_household("ID-12", identity_number=make_number(2)),
            lambda: self.env["union.assist.household"].search(
                [("identity_number", "=", make_number(1))]
            ),
        ):
            with self.assertRaisesRegex(UserError, "not those"), self.cr.savepoint():
                action()
        rotation = self.env["union.assist.identity.rotation"].with_user(self.manager).create({})
        self.assertIn("not those", rotation.problem)
        self.assertEqual(rotation.registered_count, 1)
        with self.assertRaisesRegex(UserError, "tick the box"), self.cr.savepoint():
            rotation.action_forget()
        rotation.confirmed = True
        rotation.action_forget()
        self.make_household("ID-12", identity_number=make_number(1))

    def test_rotation(self):
        first = self.make_household("ID-13", identity_number=make_number(1))
        member = self.env["union.assist.household.member"].create(
            {"household_id": first.id, "name": "Li", "identity_number": make_number(2)}
        )
        self.add_key()
        # Both versions side by side: earlier ones are still found.
        self.make_household("ID-14", identity_number=make_number(3))
        for serial in (1, 2, 3):
            with self.assertRaisesRegex(ValidationError, "is that of"), self.cr.savepoint():
                self.make_household("ID-15", identity_number=make_number(serial))
        rotation = self.env["union.assist.identity.rotation"].with_user(self.manager).create({})
        self.assertEqual(
            (rotation.problem, rotation.key_count, rotation.registered_count), ("", 2, 3)
        )
        self.assertEqual(rotation.outdated_count, 2)
        rotation.action_advance()
        rotation.invalidate_recordset()
        self.assertEqual(rotation.outdated_count, 0)
        keys = identity.load_keys()
        for record, serial in ((first, 1), (member, 2)):
            row = self.stored(record)
            self.assertEqual(row["identity_version"], 2)
            self.assertEqual(row["identity_hash"], identity.fingerprint(make_number(serial), keys))
            with self.assertRaisesRegex(ValidationError, "is that of"), self.cr.savepoint():
                self.make_household("ID-16", identity_number=make_number(serial))
        for user in (self.operator, self.official, self.federation):
            with self.assertRaises(AccessError):
                rotation.with_user(user).action_advance()
            with self.assertRaises(AccessError):
                rotation.with_user(user).action_forget()

    def test_values_for_who_inserts_many(self):
        numbers = [make_number(1), None, make_number(2).lower()]
        model = self.env["union.assist.household"]
        values = model._prepare_identity_values(numbers)
        keys = identity.load_keys()
        self.assertEqual(values[0]["identity_hash"], identity.fingerprint(make_number(1), keys))
        self.assertEqual(
            values[1], {"identity_hash": None, "identity_version": None, "identity_last4": None}
        )
        self.assertEqual(values[2]["identity_last4"], make_number(2)[-4:])
        self.assertTrue(self.env["ir.config_parameter"].get_param(MARKS_PARAMETER))
        with self.assertRaisesRegex(ValidationError, "2 of 2"):
            model._prepare_identity_values([make_number(1), "1"])
        household = self.make_household("ID-17", identity_number=make_number(1))
        self.assertEqual(
            model._find_identities([make_number(1), make_number(2)]), {make_number(1): household}
        )

    def test_80_000_are_rotated_in_seconds(self):
        self.env.cr.execute(
            "INSERT INTO union_assist_household (code, region_id, persons, status, active,"
            " identity_hash, identity_version, identity_last4)"
            " SELECT 'MANY-' || n, %s, 1, 'registered', true,"
            " encode(sha256(n::text::bytea), 'hex'), 1, '0000' FROM generate_series(1, 80000) n",
            [self.county.id],
        )
        self.add_key()
        before = self.cr.sql_log_count
        self.assertEqual(self.env["union.assist.identity.mixin"]._advance_identities(), 80_000)
        self.assertLess(self.cr.sql_log_count - before, 20)
        self.env.cr.execute(
            "SELECT count(DISTINCT identity_hash) FROM union_assist_household"
            " WHERE identity_version = 2"
        )
        self.assertEqual(self.env.cr.fetchone()[0], 80_000)

    def test_same_queries_for_5_and_50(self):
        self.make_household("WARM", identity_number=make_number(999))

        def queries(count, start):
            values = [
                {
                    "code": f"Q-{start + n}",
                    "region_id": self.county.id,
                    "identity_number": make_number(start + n),
                }
                for n in range(count)
            ]
            return self.record_queries(lambda: self.env["union.assist.household"].create(values))

        queries(2, 100)
        self.assert_same_queries(queries(5, 200), queries(50, 300))
