import io
from datetime import timedelta
from unittest.mock import patch

import psycopg2
from PIL import Image

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from ..hooks import uninstall_hook
from .edition_common import EditionCommon

TABLES = (
    "union_assist_catalogue_edition",
    "union_assist_catalogue_edition_line",
    "union_assist_catalogue_edition_picture",
)


@tagged("post_install", "-at_install", "union_assist")
class TestEdition(EditionCommon):
    def test_publishing_freezes_what_is_printed(self):
        edition = self.publish()
        self.assertEqual(edition.state, "published")
        self.assertEqual(edition.number, f"{self.today.year}-01")
        self.assertEqual(edition.series, "Test Catalogue")
        self.assertEqual(edition.published_by_id, self.env.user)
        self.assertEqual(
            (edition.entry_count, edition.category_count, edition.county_count), (2, 1, 1)
        )
        self.assertEqual(edition.supplier_count, 2)
        self.assertFalse(edition.previous_id)
        self.assertEqual(self.catalogue.last_edition_id, edition)
        line = self.line(edition, self.tea)
        expected = {
            "name": "紫阳富硒绿茶",
            "code": "TEA-1",
            "gtin": "6901234567892",
            "specification": "80 g",
            "price": 38.0,
            "unit": self.tea.uom_id.name,
            "category": "陕茶茗品",
            "county_code": "610924",
            "county": self.county.name,
            "supplier": "Tea Maker",
            "supplier_kind": "County SME",
            "storage": "阴凉干燥",
            "shelf_life_days": 540,
            "currency": self.env.company.currency_id.name,
        }
        self.assertEqual({name: line[name] for name in expected}, expected)
        self.tea.write({"name": "Renamed", "list_price": 1, "image_1920": self.make_picture("red")})
        self.tea_maker.name = "Renamed"
        self.catalogue.name = "Renamed"
        line.invalidate_recordset()
        self.assertEqual({name: line[name] for name in expected}, expected)
        self.assertEqual(edition._compute_checksum(), edition.checksum)

    def test_texts_are_in_the_language_of_the_edition(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.tea.with_context(lang="zh_CN").name = "绿茶"
        self.tea.with_context(lang="en_US").name = "Green Tea"
        chinese = self.publish(lang="zh_CN")
        english = self.publish(lang="en_US")
        self.assertEqual(self.line(chinese, self.tea).name, "绿茶")
        self.assertEqual(self.line(english, self.tea).name, "Green Tea")
        self.assertEqual(english.changed_count, 0, "a translation is no change")

    def test_households_only_from_the_smallest_published_count_on(self):
        households = [self.make_household(f"ED-{number}") for number in range(5)]
        for household in households[:4]:
            self.make_linkage(household, state="verified")
        self.assertEqual(self.line(self.publish(), self.tea).household_count, 0)
        self.make_linkage(households[4], state="verified")
        edition = self.publish()
        self.assertEqual(self.line(edition, self.tea).household_count, 5)
        self.assertEqual(self.line(edition, self.apples).household_count, 0)

    def test_no_printed_total_tells_what_is_kept_back(self):
        """Few households of another county would be the difference to what its pages publish."""
        elsewhere = self.env.ref("union_assist_catalog.region_610827")
        for number in range(5):
            self.make_linkage(self.make_household(f"ED-{number}"), state="verified")
        for number in range(5, 7):
            household = self.make_household(f"ED-{number}", region_id=elsewhere.id)
            self.make_linkage(household, state="verified")
        self.assertEqual(self.line(self.publish(), self.tea).household_count, 5)

    def test_certificate_of_the_highest_level_in_force(self):
        kinds = self.env["union.assist.certificate.type"].search([])
        county = kinds.filtered(lambda kind: kind.code == "assist_county")
        province = kinds.filtered(lambda kind: kind.code == "assist_province")
        model = self.env["union.assist.certificate"]
        values = {
            "partner_id": self.tea_maker.id,
            "product_tmpl_ids": [(6, 0, self.tea.ids)],
            "authority": "Office",
            "date_from": self.today - timedelta(days=30),
        }
        ends = self.today + timedelta(days=300)
        low, high, over = model.create(
            [
                {**values, "type_id": county.id, "number": "C-1", "date_to": ends},
                {**values, "type_id": province.id, "number": "P-1", "date_to": ends},
                {
                    **values,
                    "type_id": province.id,
                    "number": "P-0",
                    "date_to": self.today - timedelta(days=1),
                },
            ]
        )
        self.assertFalse(self.line(self.publish(), self.tea).certificate_type)
        (low | over)._write({"state": "verified"})
        (low | over).invalidate_recordset()
        line = self.line(self.publish(), self.tea)
        self.assertEqual((line.certificate_type, line.certificate_number), (county.name, "C-1"))
        self.assertEqual(line.certificate_date_to, ends)
        high._write({"state": "verified"})
        high.invalidate_recordset()
        edition = self.publish()
        self.assertEqual(self.line(edition, self.tea).certificate_number, "P-1")
        self.assertFalse(self.line(edition, self.apples).certificate_number)

    def test_pictures_are_kept_once(self):
        self.apples.image_1920 = self.tea.image_1920
        first = self.publish()
        picture = first.line_ids.picture_id
        self.assertEqual(len(picture), 1)
        content = picture._get_contents()[picture.id]
        image = Image.open(io.BytesIO(content))
        self.assertEqual((image.format, max(image.size)), ("JPEG", 400))
        count = picture.search_count([])
        self.assertEqual(self.publish().line_ids.picture_id, picture)
        self.assertEqual(picture.search_count([]), count)
        self.tea.image_1920 = self.make_picture("blue")
        edition = self.publish()
        self.assertNotEqual(self.line(edition, self.tea).picture_id, picture)
        self.assertEqual(self.line(edition, self.apples).picture_id, picture)

    def test_a_picture_that_cannot_be_printed_is_left_out(self):
        self.tea.image_1920 = b"PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="
        self.assertFalse(self.line(self.publish(), self.tea).picture_id)

    def test_numbers_have_no_gaps(self):
        last_year = self.today.replace(year=self.today.year - 1, month=12, day=30)
        numbers = [
            self.publish(date=day).number
            for day in (last_year, last_year, self.today, self.today, self.today)
        ]
        year = self.today.year
        self.assertEqual(
            numbers,
            [f"{year - 1}-01", f"{year - 1}-02", f"{year}-01", f"{year}-02", f"{year}-03"],
        )
        other = self.env["union.assist.catalogue"].create({"name": "Other"})
        other._refresh(self.tea)
        self.assertEqual(self.publish(catalogue_id=other.id).number, f"{year}-01")

    def test_a_failed_publication_takes_no_number(self):
        self.entry(self.tea).listed = self.entry(self.apples).listed = False
        draft = self.make_edition()
        with self.assertRaises(UserError), self.cr.savepoint():
            draft._publish()
        self.entry(self.tea).listed = True
        draft._publish()
        self.assertEqual(draft.ordinal, 1)
        with self.assertRaises(UserError):
            draft._publish()

    def test_date_follows_the_last_edition_and_is_not_to_come(self):
        self.publish(date=self.today - timedelta(days=3))
        for days in (-4, 1):
            draft = self.make_edition(date=self.today + timedelta(days=days))
            with self.assertRaises(ValidationError), self.cr.savepoint():
                draft._publish()
        # At ten past midnight in Shanghai it is still the day before in Greenwich.
        self.env.company.partner_id.tz = "Asia/Shanghai"
        draft = self.make_edition(date="2030-05-02")
        with self.assertRaises(ValidationError), self.cr.savepoint():
            with freeze_time("2030-05-01 15:59:00"):
                draft._publish()
        with freeze_time("2030-05-01 16:00:00"):
            draft._publish()
        self.assertEqual(draft.number, "2030-01")

    def test_publishing_takes_the_same_queries_for_any_number_of_products(self):
        def measure(count):
            for number in range(count):
                self.make_product(
                    f"Goods {count} {number}",
                    image_1920=self.make_picture((count, number, 7), (90, 80)),
                )
            draft = self.make_edition()
            return self.record_queries(lambda: draft._publish())

        measure(1)
        self.assert_same_queries(measure(5), measure(50))

    # -- what never changes ---------------------------------------------------------------

    def test_methods_refuse_to_change_a_published_edition(self):
        edition = self.publish().sudo()
        line = edition.line_ids[0]
        refused = (
            lambda: edition.write({"title": "Other"}),
            lambda: edition.write({"state": "draft"}),
            lambda: edition.write({"line_ids": [(5, 0, 0)]}),
            edition.unlink,
            lambda: line.write({"price": 1}),
            line.unlink,
            lambda: line.copy(
                {
                    "product_tmpl_id": self.env["product.template"]
                    .search([("id", "not in", edition.line_ids.product_tmpl_id.ids)], limit=1)
                    .id
                }
            ),
            lambda: edition.line_ids.picture_id.write({"image": False}),
            edition.line_ids.picture_id.unlink,
        )
        for attempt in refused:
            with self.subTest(attempt=attempt), self.assertRaises(UserError) as failure:
                attempt()
            self.assertTrue(str(failure.exception))
        with self.assertRaises(UserError):
            self.make_edition(state="published")
        with self.assertRaises(UserError):
            self.make_edition().write({"state": "published"})
        with self.assertRaises(UserError):
            self.make_edition().write({"number": "2020-99"})
        # What is not of the edition itself goes on.
        edition.message_post(body="Sent to the printer")
        edition.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid)

    def test_drafts_can_be_changed_and_deleted(self):
        draft = self.make_edition()
        draft.write({"title": "Other", "date": self.today})
        self.assertEqual(draft.copy().state, "draft")
        draft.unlink()
        copy = self.publish().copy()
        self.assertEqual((copy.state, copy.number, len(copy.line_ids)), ("draft", False, 0))

    def attempt(self, query, *args):
        """Run SQL behind the back of the ORM; it must be refused by the guard."""
        with (
            self.subTest(query=query),
            self.assertRaises(psycopg2.errors.IntegrityConstraintViolation) as failure,
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.cr.execute(query, args)
        self.assertIn("never changes", str(failure.exception))

    def test_the_database_refuses_to_change_a_published_edition(self):
        edition = self.publish()
        draft = self.make_edition()
        self.env.flush_all()
        line = edition.line_ids[0]
        picture = edition.line_ids.picture_id
        for column, value in (
            ("title", "x"),
            ("state", "draft"),
            ("number", "1"),
            ("note", "x"),
            ("entry_count", 9),
            ("published_by_id", None),
        ):
            self.attempt(
                f"UPDATE union_assist_catalogue_edition SET {column} = %s WHERE id = %s",
                value,
                edition.id,
            )
        self.attempt("DELETE FROM union_assist_catalogue_edition WHERE id = %s", edition.id)
        self.attempt("TRUNCATE union_assist_catalogue_edition CASCADE")
        lines = "union_assist_catalogue_edition_line"
        for name in line._get_printed_fields():
            if line._fields[name].type == "char":
                self.attempt(f"UPDATE {lines} SET {name} = 'x' WHERE id = %s", line.id)
        self.attempt(f"UPDATE {lines} SET price = 1 WHERE edition_id = %s", edition.id)
        self.attempt(f"UPDATE {lines} SET picture_id = NULL WHERE id = %s", line.id)
        self.attempt(f"UPDATE {lines} SET edition_id = %s WHERE id = %s", draft.id, line.id)
        self.attempt(f"DELETE FROM {lines} WHERE id = %s", line.id)
        self.attempt(f"TRUNCATE {lines} CASCADE")
        self.attempt(
            f"INSERT INTO {lines} (edition_id, sequence, product_tmpl_id, name, currency_id)"
            " VALUES (%s, 9, %s, 'x', %s)",
            edition.id,
            self.make_product("Smuggled").id,
            self.env.company.currency_id.id,
        )
        pictures = "union_assist_catalogue_edition_picture"
        self.attempt(f"UPDATE {pictures} SET image = NULL WHERE id = %s", picture.id)
        self.attempt(f"DELETE FROM {pictures} WHERE id = %s", picture.id)
        self.attempt(f"TRUNCATE {pictures} CASCADE")
        self.attempt(
            "INSERT INTO union_assist_catalogue_edition (catalogue_id, title, state, date, lang,"
            " publisher) VALUES (%s, 'x', 'published', now(), 'x', 'x')",
            self.catalogue.id,
        )
        self.env.invalidate_all()
        self.assertEqual(edition._compute_checksum(), edition.checksum)

    def test_the_database_lets_drafts_change(self):
        draft = self.make_edition()
        published = self.publish()
        self.env.flush_all()
        for query in (
            "UPDATE union_assist_catalogue_edition SET title = 'x' WHERE id = %s",
            # Who touched the record last says nothing of the edition.
            "UPDATE union_assist_catalogue_edition SET write_date = now()"
            f" WHERE id = {published.id} AND %s > 0",
            "DELETE FROM union_assist_catalogue_edition WHERE id = %s",
        ):
            self.cr.execute(query, [draft.id])
            self.assertEqual(self.cr.rowcount, 1)
        self.env.invalidate_all()

    def test_the_guards_come_back_with_every_update(self):
        def guards():
            self.cr.execute(
                "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger"
                " WHERE NOT tgisinternal AND tgenabled = 'O'"
                " AND tgrelid::regclass::text = ANY(%s) GROUP BY 1",
                [list(TABLES)],
            )
            return dict(self.cr.fetchall())

        self.assertEqual(guards(), dict.fromkeys(TABLES, 2))
        for table in TABLES:
            self.cr.execute(
                SQL(
                    "DROP TRIGGER %s ON %s",
                    SQL.identifier(f"{table}_guard_rows"),
                    SQL.identifier(table),
                )
            )
        for table in TABLES:
            self.env[table.replace("_", ".")].init()
        self.assertEqual(guards(), dict.fromkeys(TABLES, 2))

    def test_uninstalling_takes_the_guards_away(self):
        edition = self.publish()
        self.env.flush_all()
        uninstall_hook(self.env)
        self.cr.execute(
            "SELECT count(*) FROM pg_proc WHERE proname LIKE 'union_assist_catalogue_%_guard'"
        )
        self.assertEqual(self.cr.fetchone(), (0,))
        self.cr.execute(
            "UPDATE union_assist_catalogue_edition SET title = 'x' WHERE id = %s", [edition.id]
        )
        self.assertFalse(edition.line_ids)

    def test_a_refusal_of_the_database_reads_like_one_of_the_methods(self):
        edition = self.publish()
        self.env.flush_all()
        for record in (edition, edition.line_ids[0], edition.line_ids.picture_id):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.IntegrityError) as failure,
                self.cr.savepoint(),
            ):
                self.cr.execute(SQL("DELETE FROM %s", SQL.identifier(record._table)))
            message = record._sql_error_to_message(failure.exception)
            self.assertIn("never changes", message)
            self.assertNotIn("SQL", message)

    def test_products_of_an_edition_are_kept(self):
        self.publish()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError):
            with self.cr.savepoint():
                self.tea.unlink()
        self.tea.active = False

    # -- before publishing ---------------------------------------------------------------------

    def test_the_wizard_shows_what_would_be_published(self):
        self.publish()
        self.tea.list_price = 40
        self.make_product("New")
        self.entry(self.apples).listed = False
        draft = self.make_edition()
        self.assertEqual(draft.preview_count, 2)
        action = draft.with_user(self.federation).action_publish()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard = wizard.with_user(self.federation)
        self.assertEqual(
            (wizard.entry_count, wizard.added_count, wizard.removed_count, wizard.changed_count),
            (2, 1, 1, 1),
        )
        gaps = {gap.name: gap.product_count for gap in wizard.gap_ids}
        self.assertEqual(gaps["Without a picture"], 1)
        self.assertEqual(gaps["Without a certificate"], 2)
        gap = wizard.gap_ids.filtered(lambda gap: gap.name == "Without a picture")
        shown = self.env["product.template"].search(gap.action_view_products()["domain"])
        self.assertEqual(shown.name, "New")
        self.assertEqual(wizard.action_view_changes()["res_model"], "union.assist.catalogue.change")
        self.tea.list_price = 41
        with self.assertRaises(UserError):
            wizard.action_publish()
        self.assertEqual(draft.state, "draft")
        self.tea.list_price = 40
        wizard.action_publish()
        self.assertEqual(draft.state, "published")
        self.assertEqual(draft.published_by_id, self.federation)
        self.assertEqual(draft.changed_count, 1)

    def test_only_the_federation_publishes(self):
        draft = self.make_edition()
        for user in (self.viewer, self.official, self.operator):
            edition = draft.with_user(user)
            for step in (edition.action_publish, edition._publish):
                with self.assertRaises(AccessError):
                    step()
            with self.assertRaises(AccessError):
                edition.write({"title": "x"})
        draft.with_user(self.manager)._publish()

    def test_an_edition_of_another_company_is_not_seen(self):
        company = self.env["res.company"].create({"name": "Second"})
        self.catalogue.company_id = self.env.company
        edition = self.publish()
        self.federation.write({"company_id": company.id, "company_ids": [(6, 0, company.ids)]})
        for record in (edition, edition.line_ids[0]):
            with self.assertRaises(AccessError):
                record.with_user(self.federation).read(["display_name"])

    def test_who_publishes_at_the_same_time_is_repeated(self):
        """The number hangs on a row that both write, which the database lets only one do."""
        draft = self.make_edition()
        statements = []
        execute = type(self.cr).execute

        def record(cursor, query, *args, **kwargs):
            statements.append(str(query))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(type(self.cr), "execute", record):
            draft._publish()
        joined = "\n".join(statements)
        update = joined.index('UPDATE "union_assist_catalogue"')
        self.assertLess(update, joined.index('INSERT INTO "union_assist_catalogue_edition_line"'))

    def test_counts_on_catalogue_and_product(self):
        self.publish()
        self.make_edition()
        self.catalogue.invalidate_recordset()
        self.assertEqual(self.catalogue.edition_count, 2)
        self.assertEqual(self.tea.assist_edition_count, 1)
        for record, action in (
            (self.tea, "action_view_assist_editions"),
            (self.catalogue, "action_view_editions"),
        ):
            values = getattr(record.with_user(self.viewer), action)()
            self.assertTrue(self.env[values["res_model"]].search_count(values["domain"]))
