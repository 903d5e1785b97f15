import functools
from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import UnionAssistCatalogCommon
from .test_certificate import PDF


class CatalogueCommon(UnionAssistCatalogCommon):
    """Products that meet every criterion, and a catalogue of the criteria under test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogue = cls.env.ref("union_assist_catalog.catalogue_recommended")
        cls.today = cls.env.company._assist_today()
        cls.admission = cls.env["union.assist.admission"].create({"supplier_id": cls.tea_maker.id})
        cls.set_admission("recommend", "admitted")
        cls.tea = cls.make_product("Tea")
        cls.make_evidence(cls.tea, 40.0)
        cls.certificate = cls.make_document("assist_county", product_tmpl_ids=[(6, 0, cls.tea.ids)])

    @classmethod
    def set_admission(cls, step, state):
        cls.env["union.assist.admission.event"].create(
            {
                "admission_id": cls.admission.id,
                "step": step,
                "state_from": cls.admission.state,
                "state_to": state,
                "date": cls.today,
                "user_id": cls.env.uid,
                "role": "federation",
            }
        )

    @classmethod
    def make_evidence(cls, product, price, **values):
        return cls.env["union.assist.price.evidence"].create(
            {
                "product_tmpl_id": product.id,
                "shop": "Shop",
                "price": price,
                "url": "https://example.com",
                **values,
            }
        )

    @classmethod
    def make_product(cls, name, **values):
        return cls.env["product.template"].create(
            {
                "name": name,
                "list_price": 38.0,
                "assist_supplier_id": cls.tea_maker.id,
                "assist_origin_id": cls.county.id,
                "assist_specification": "80 g",
                "assist_stock_statement": "in_stock",
                **values,
            }
        )

    @classmethod
    def entry(cls, product):
        return cls.env["union.assist.catalogue.entry"].search(
            [("catalogue_id", "=", cls.catalogue.id), ("product_tmpl_id", "=", product.id)]
        )

    @classmethod
    def make_document(cls, code, **values):
        kind = cls.env.ref(f"union_assist_catalog.certificate_type_{code}")
        return cls.env["union.assist.certificate"].create(
            {
                "type_id": kind.id,
                "partner_id": cls.tea_maker.id,
                "number": "TEST-1",
                "date_from": cls.today - timedelta(days=30),
                "date_to": cls.today + timedelta(days=3000),
                "review_due": cls.today + timedelta(days=3000) if kind.has_annual_review else False,
                "file": PDF,
                "state": "verified",
                **values,
            }
        )

    def run_nightly(self, catalogue=None):
        """Run the scheduled update; inside a test nothing is committed."""
        with patch.object(self.registry["ir.cron"], "_commit_progress", return_value=60.0):
            (catalogue or self.catalogue)._cron_update()

    @contextmanager
    def assertRefused(self, message):
        with self.assertRaises(ValidationError) as caught:
            yield
        self.assertIn(message, str(caught.exception))

    def assertOut(self, product, *codes):
        entry = self.entry(product)
        self.assertFalse(entry.listed)
        self.assertEqual(set(entry.reason_ids.criterion_id.mapped("code")), set(codes))
        return entry


@tagged("post_install", "-at_install", "union_assist")
class TestCatalogue(CatalogueCommon):
    def test_entry_comes_with_the_supplier(self):
        entry = self.entry(self.tea)
        self.assertTrue(entry.listed)
        self.assertFalse(entry.reason_ids)
        self.assertEqual(entry.listed_since, self.env.company._assist_today())
        self.assertEqual(entry.movement_ids.mapped("direction"), ["in"])
        self.assertEqual(
            (entry.supplier_id, entry.origin_id, entry.category_id),
            (self.tea_maker, self.county, self.tea.categ_id),
        )
        other = self.env["product.template"].create({"name": "Screws"})
        self.assertFalse(self.entry(other))
        other.write({"list_price": 3.0, "active": False})
        self.assertFalse(self.entry(other))

    def test_incomplete_product(self):
        self.tea.assist_specification = False
        entry = self.assertOut(self.tea, "complete")
        self.assertIn("Specification", entry.reasons)
        self.assertTrue(entry.reason_ids.remedy)
        self.tea.assist_specification = "100 g"
        self.assertTrue(entry.listed)
        self.assertEqual(entry.movement_ids.mapped("direction"), ["in", "out", "in"])
        self.assertIn("Specification", entry.movement_ids[1].explanation)
        self.tea.assist_supplier_id = False
        self.assertOut(self.tea, "complete")

    def test_product_not_on_sale(self):
        self.tea.sale_ok = False
        self.assertOut(self.tea, "on_sale")
        self.tea.sale_ok = True
        self.assertTrue(self.entry(self.tea).listed)
        self.tea.active = False
        self.assertIn("archived", self.assertOut(self.tea, "on_sale").reasons)

    def test_supplier_that_is_not_admitted(self):
        self.assertTrue(self.entry(self.tea).listed)
        self.set_admission("suspend", "suspended")
        entry = self.assertOut(self.tea, "supplier_in_force")
        self.assertIn(str(self.today), entry.reasons)
        self.set_admission("readmit", "admitted")
        self.assertTrue(entry.listed)
        self.set_admission("remove", "removed")
        self.assertIn("removed", self.assertOut(self.tea, "supplier_in_force").reasons)
        apples = self.make_product("Apples", assist_supplier_id=self.orchard.id)
        self.make_evidence(apples, 40.0)
        self.make_document(
            "assist_county",
            partner_id=self.orchard.id,
            product_tmpl_ids=[Command.set(apples.ids)],
        )
        self.assertIn("not applied", self.assertOut(apples, "supplier_admitted").reasons)
        self.env["union.assist.admission"].create({"supplier_id": self.orchard.id})
        self.env["union.assist.catalogue"]._refresh(apples)
        self.assertIn("Draft", self.assertOut(apples, "supplier_admitted").reasons)

    def test_certificate(self):
        entry = self.entry(self.tea)
        self.certificate._revoke("Forged")
        self.assertIn("no certificate", self.assertOut(self.tea, "certified").reasons)
        renewal = self.make_document(
            "assist_province", state="submitted", product_tmpl_ids=[Command.set(self.tea.ids)]
        )
        self.assertIn("waits for verification", self.assertOut(self.tea, "certified").reasons)
        renewal.action_verify()
        self.assertTrue(entry.listed)
        renewal.partner_id = self.orchard
        renewal.action_verify()
        self.assertOut(self.tea, "certified")

    def test_certificate_expires_at_the_turn_of_the_company_day(self):
        self.env.company.partner_id.tz = "Asia/Shanghai"
        self.certificate.date_to = date(2027, 3, 2)
        self.certificate.action_verify()
        with freeze_time("2027-03-02 15:59:00"):
            self.make_evidence(self.tea, 40.0)
            self.tea.assist_stock_statement = "in_stock"
            self.run_nightly()
            self.assertTrue(self.entry(self.tea).listed)
        with freeze_time("2027-03-02 16:00:00"):
            self.run_nightly()
            entry = self.assertOut(self.tea, "certified")
            self.assertIn("2027-03-02", entry.reasons)

    def test_documents(self):
        entry = self.entry(self.tea)
        self.tea.assist_goods_class_id = self.env.ref("union_assist_catalog.goods_class_tea")
        self.assertIn("missing", self.assertOut(self.tea, "documents").reasons)
        licence = self.make_document("food_licence", number="SC11464010500015")
        self.assertOut(self.tea, "documents")
        self.make_document("business_licence", number="91110000600037341L")
        self.assertTrue(entry.listed)
        licence.date_to = self.today - timedelta(days=1)
        self.assertIn("waits for verification", self.assertOut(self.tea, "documents").reasons)
        licence.action_verify()
        self.assertIn(str(licence.date_to), self.assertOut(self.tea, "documents").reasons)
        self.tea.assist_goods_class_id = False
        self.assertTrue(entry.listed)

    def test_changed_rules_are_followed_soon(self):
        category = self.env["product.category"].create({"name": "Tea"})
        self.tea.categ_id = category
        self.assertTrue(self.entry(self.tea).evaluated_on)
        category.assist_goods_class_id = self.env.ref("union_assist_catalog.goods_class_tea")
        self.assertFalse(self.entry(self.tea).evaluated_on)
        self.run_nightly()
        self.assertOut(self.tea, "documents")
        self.env["union.assist.document.rule"].search([]).active = False
        self.run_nightly()
        self.assertTrue(self.entry(self.tea).listed)

    def test_stock_and_season(self):
        self.tea.assist_stock_statement = "out_of_stock"
        self.assertEqual(self.tea.assist_stock_stated_on, self.today)
        self.assertOut(self.tea, "available")
        self.tea.assist_stock_statement = False
        self.assertFalse(self.tea.assist_stock_stated_on)
        self.assertIn("not stated", self.assertOut(self.tea, "available").reasons)
        self.tea.write({"assist_season_from": "10", "assist_season_to": "3"})
        for month, found in ((9, False), (10, True), (12, True), (1, True), (3, True), (4, False)):
            with self.subTest(month=month):
                day = date(2026, month, 15)
                self.assertEqual(self.tea._assist_in_season(day), found)
                self.assertEqual(not self.tea._assist_get_unavailability(day), found)
        self.tea.write({"assist_season_from": "4", "assist_season_to": "6"})
        self.assertTrue(self.tea._assist_in_season(date(2026, 6, 30)))
        self.assertFalse(self.tea._assist_in_season(date(2026, 7, 1)))
        self.tea.write({"assist_stock_statement": "out_of_stock"})
        self.assertTrue(self.tea._assist_get_unavailability(date(2026, 5, 1)))
        self.tea.write(
            {"assist_stock_statement": "in_stock", "assist_stock_stated_on": "2026-08-01"}
        )
        self.assertFalse(self.tea._assist_get_unavailability(date(2026, 9, 1)))
        self.tea.write({"assist_season_from": False, "assist_season_to": False})
        self.assertFalse(self.tea._assist_get_unavailability(date(2027, 1, 28)))
        late = self.tea._assist_get_unavailability(date(2027, 1, 29))
        self.assertEqual((late["why"], late["days"]), ("stale", 180))

    def test_price_evidence(self):
        evidence = self.tea.assist_price_evidence_ids
        evidence.active = False
        self.assertOut(self.tea, "price_evidence")
        evidence.active = True
        self.assertTrue(self.entry(self.tea).listed)
        cheaper = self.make_evidence(self.tea, 35.0)
        entry = self.assertOut(self.tea, "price_ratio")
        self.assertIn("1.09 times", entry.reasons)
        self.tea.list_price = 35.0
        self.assertTrue(entry.listed)
        self.tea.list_price = 38.0
        cheaper.unlink()
        self.assertTrue(entry.listed)

    def test_idle_goods(self):
        criterion = self.env.ref("union_assist_catalog.criterion_sold_lately")
        self.assertFalse(criterion.active)
        criterion.active = True
        with freeze_time(self.today + timedelta(days=181)):
            self.make_evidence(self.tea, 40.0)
            self.tea.assist_stock_statement = "in_stock"
            self.tea.invalidate_recordset()
            self.assertTrue(self.tea.assist_idle)
            self.assertIn(self.tea, self.tea.search([("assist_idle", "=", True)]))
            self.assertIn("Not sold since", self.assertOut(self.tea, "sold_lately").reasons)
            self.tea._assist_mark_sold(self.today + timedelta(days=181))
            self.assertTrue(self.entry(self.tea).listed)
            self.assertFalse(self.tea.assist_idle)
            self.assertNotIn(self.tea, self.tea.search([("assist_idle", "=", True)]))
            self.tea._assist_mark_sold(self.today)
            self.assertEqual(
                self.tea.assist_last_sold_on, self.today + timedelta(days=181), "never back"
            )

    def test_rule_of_ones_own(self):
        criterion = self.env["union.assist.catalogue.criterion"].create(
            {
                "name": "Keeps half a year",
                "domain": "[('assist_shelf_life_days', '>=', 180)]",
                "remedy": "Offer goods that keep longer.",
                "source": "Test",
            }
        )
        self.env["union.assist.catalogue"]._refresh(self.tea)
        self.assertIn("Keeps half a year", self.assertOut(self.tea, "domain").reasons)
        self.tea.assist_shelf_life_days = 200
        self.env["union.assist.catalogue"]._refresh(self.tea)
        self.assertTrue(self.entry(self.tea).listed)
        with self.assertRaises(ValidationError):
            criterion.domain = "[('no_such_field', '=', 1)]"
        criterion.domain = "[('assist_shelf_life_days', '>=', 300)]"
        self.assertFalse(self.entry(self.tea).evaluated_on)
        self.run_nightly()
        self.assertOut(self.tea, "domain")

    def test_decision_by_hand(self):
        entry = self.entry(self.tea)
        until = self.today + timedelta(days=3)
        decision = (
            self.env["union.assist.catalogue.decision"]
            .with_user(self.federation)
            .with_context(**entry.with_user(self.federation).action_decide()["context"])
            .create({"reason": "Samples were poor", "until": until})
        )
        self.assertEqual((decision.entry_ids, decision.kind), (entry, "exclude"))
        decision.action_apply()
        self.assertFalse(entry.listed)
        self.assertEqual(entry.manual_by_id, self.federation)
        self.assertIn("Samples were poor", entry.reasons)
        movement = entry.movement_ids[0]
        self.assertEqual(
            (movement.direction, movement.trigger, movement.note, movement.manual_until),
            ("out", "manual", "Samples were poor", until),
        )
        self.tea.list_price = 37.0
        self.assertFalse(entry.listed)
        entry.with_user(self.operator).action_end_decision()
        self.assertTrue(entry.listed)
        self.assertFalse(entry.manual)
        self.tea.assist_specification = False
        entry._decide("include", "Label comes later", until)
        self.assertTrue(entry.listed)
        self.assertTrue(entry.reason_ids)

    def test_decision_needs_reason_and_a_day_to_come(self):
        entry = self.entry(self.tea)
        with self.assertRaises(UserError):
            entry._decide("exclude", " ", self.today)
        with self.assertRaises(UserError):
            entry._decide("exclude", "Why", False)
        with self.assertRaises(ValidationError):
            entry._decide("exclude", "Why", self.today - timedelta(days=1))
        self.assertTrue(entry.listed)

    def test_decision_ends_at_the_turn_of_the_company_day(self):
        self.env.company.partner_id.tz = "Asia/Shanghai"
        with freeze_time("2027-03-01 04:00:00"):
            self.make_evidence(self.tea, 40.0)
            self.tea.assist_stock_statement = "in_stock"
            entry = self.entry(self.tea)
            entry._decide("exclude", "Recall", date(2027, 3, 2))
            self.assertFalse(entry.listed)
        with freeze_time("2027-03-02 15:59:00"):
            self.run_nightly()
            self.assertEqual(entry.evaluated_on, date(2027, 3, 2))
            self.assertEqual(entry.manual, "exclude")
            self.assertFalse(entry.listed)
        with freeze_time("2027-03-02 16:00:00"):
            self.run_nightly()
            self.assertEqual(entry.evaluated_on, date(2027, 3, 3))
            self.assertFalse(entry.manual)
            self.assertTrue(entry.listed)
            self.assertEqual(entry.movement_ids[0].trigger, "nightly")

    def test_nightly_moves_what_the_day_changes(self):
        self.env.company.partner_id.tz = "Asia/Shanghai"
        self.tea.write(
            {
                "assist_stock_statement": False,
                "assist_season_from": "9",
                "assist_season_to": "11",
            }
        )
        entry = self.entry(self.tea)
        with freeze_time("2027-11-30 04:00:00"):
            self.make_evidence(self.tea, 40.0)
            self.assertTrue(entry.listed)
        with freeze_time("2027-11-30 15:59:00"):
            self.run_nightly()
            self.assertTrue(entry.listed)
        with freeze_time("2027-11-30 16:00:00"):
            self.run_nightly()
            self.assertOut(self.tea, "available")
            self.assertEqual(entry.delisted_on, date(2027, 12, 1))
            self.assertEqual(entry.movement_ids[0].trigger, "nightly")
            count = self.env["union.assist.catalogue.movement"].search_count([])
            self.run_nightly()
            self.assertEqual(self.env["union.assist.catalogue.movement"].search_count([]), count)

    def test_nightly_makes_entries_that_are_missing(self):
        entry = self.entry(self.tea)
        entry.unlink()
        self.run_nightly()
        self.assertTrue(self.entry(self.tea).listed)

    def test_explanations_are_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        criterion = self.env.ref("union_assist_catalog.criterion_complete")
        criterion.with_context(lang="zh_CN").remedy = "补齐"
        self.tea.assist_specification = False
        entry = self.entry(self.tea)
        self.assertEqual(entry.with_context(lang="zh_CN").reason_ids.remedy, "补齐")

    def test_queries_do_not_grow(self):
        products = self.env["product.template"].concat(
            *(self.make_product(f"Tea {number}") for number in range(50))
        )
        for product in products:
            self.make_evidence(product, 40.0)
        self.certificate.product_tmpl_ids |= products
        self.certificate.action_verify()
        entries = self.env["union.assist.catalogue.entry"].search(
            [("product_tmpl_id", "in", products.ids)]
        )
        self.assertEqual(len(entries), 50)
        counts = []
        for size in (5, 50):
            for price in (41.0, 38.0):
                some = products[:size]
                self.env.cr.execute(
                    "UPDATE product_template SET list_price = %s WHERE id IN %s",
                    (price, some._ids),
                )
                self.env.invalidate_all()
                refresh = functools.partial(self.env["union.assist.catalogue"]._refresh, some)
                counts.append(self.record_queries(refresh))
        for few, many in zip(counts[:2], counts[2:], strict=True):
            self.assert_same_queries(few, many)
        self.assertTrue(all(entries.mapped("listed")))
        movements = entries.movement_ids.filtered(lambda line: line.direction == "out")
        self.assertEqual(len(movements), 55)

    def test_catalogue_of_a_company(self):
        company = self.env["res.company"].create({"name": "Second"})
        other = self.env["union.assist.catalogue"].create(
            {"name": "Second's", "company_id": company.id}
        )
        mine = self.make_product("Mine", company_id=company.id)
        theirs = self.make_product("Theirs", company_id=self.env.company.id)
        names = other.entry_ids.product_tmpl_id
        self.assertIn(mine, names)
        self.assertNotIn(theirs, names)
        self.run_nightly(other)
        self.assertIn(self.tea, other.entry_ids.product_tmpl_id, "shared by the companies")
        user = new_test_user(
            self.env,
            "assist_second",
            "union_assist_catalog.group_user",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        seen = self.env["union.assist.catalogue.entry"].with_user(user).search([])
        self.assertIn(mine, seen.product_tmpl_id)
        self.assertNotIn(theirs, seen.product_tmpl_id)


@tagged("post_install", "-at_install", "union_assist")
class TestCatalogueAccess(CatalogueCommon):
    """Nobody writes entries; who may read and decide, by role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_county = cls.env.ref("union_assist_catalog.region_610827")
        cls.apples = cls.make_product(
            "Apples",
            assist_supplier_id=cls.orchard.id,
            assist_origin_id=cls.other_county.id,
        )
        cls.tea.assist_specification = False
        cls.evidence = cls.make_evidence(cls.apples, 50.0)
        cls.portal, cls.stranger = (
            new_test_user(cls.env, login, "base.group_portal", partner_id=partner.id)
            for login, partner in (
                (
                    "assist_portal",
                    cls.env["res.partner"].create(
                        {"name": "Contact", "parent_id": cls.tea_maker.id}
                    ),
                ),
                ("assist_stranger", cls.env["res.partner"].create({"name": "Stranger"})),
            )
        )

    def test_who_sees_which_entries(self):
        both = self.entry(self.tea) | self.entry(self.apples)
        tea = self.entry(self.tea)
        self.entry(self.apples)._decide("exclude", "Recall", self.today)
        expected = {
            self.viewer: both,
            self.federation: both,
            self.operator: both,
            self.manager: both,
            self.official: tea,
            self.portal: tea,
            self.stranger: tea.browse(),
        }
        for user, entries in expected.items():
            with self.subTest(user=user.login):
                found = tea.with_user(user).search([("id", "in", both.ids)])
                self.assertEqual(found, entries.with_user(user))
                for name in ("reason_ids", "movement_ids"):
                    lines = both[name]
                    seen = lines.with_user(user).search([("id", "in", lines.ids)])
                    self.assertEqual(seen.entry_id, entries.with_user(user))
                    seen.mapped("explanation")
                for entry in entries - found:
                    with self.assertRaises(AccessError):
                        entry.with_user(user).read(["listed"])
        for user in (self.env.ref("base.public_user"), new_test_user(self.env, "assist_plain")):
            with self.assertRaises(AccessError):
                tea.with_user(user).read(["listed"])

    def test_nobody_writes_entries(self):
        entry = self.entry(self.tea)
        for user in (self.manager, self.operator, self.federation, self.official, self.portal):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    entry.with_user(user).write({"listed": True})
                with self.assertRaises(AccessError):
                    entry.with_user(user).unlink()
                with self.assertRaises(AccessError):
                    entry.movement_ids.with_user(user).write({"note": "Forged"})

    def test_who_decides(self):
        for user in (self.viewer, self.official, self.portal, self.stranger):
            with self.subTest(user=user.login):
                entry = self.entry(self.tea).with_user(user)
                for step in (entry.action_decide, entry.action_end_decision):
                    with self.assertRaises(AccessError):
                        step()
                with self.assertRaises(AccessError):
                    entry._decide("include", "Why", self.today)
        entry = self.entry(self.tea)
        for user in (self.federation, self.operator, self.manager):
            entry.with_user(user)._decide("include", "Why", self.today)
            self.assertEqual(entry.manual_by_id, user)

    def test_evidence_of_the_own_county(self):
        own = self.make_evidence(self.tea, 45.0)
        evidence = self.evidence.with_user(self.official)
        self.assertEqual(
            evidence.search([("id", "in", (own | self.evidence).ids)]), own.with_user(self.official)
        )
        with self.assertRaises(AccessError):
            evidence.read(["price"])
        values = {
            "product_tmpl_id": self.tea.id,
            "shop": "Market",
            "price": 44.0,
            "url": "https://example.com/market",
        }
        mine = evidence.create(values)
        self.assertEqual(mine.user_id, self.official)
        with self.assertRaises(AccessError):
            evidence.create({**values, "product_tmpl_id": self.apples.id})
        for user in (self.viewer, self.portal, self.stranger):
            with self.assertRaises(AccessError):
                evidence.with_user(user).create(values)
        self.evidence.with_user(self.federation).create(values)
        self.evidence.with_user(self.operator).unlink()

    def test_products_stay_readable_without_a_role(self):
        plain = new_test_user(self.env, "assist_plain")
        product = self.tea.with_user(plain)
        self.assertFalse(product.assist_listed)
        self.assertEqual(product.assist_price_ratio, 0.95)
        self.assertIn(self.tea, product.search([("assist_listed", "=", False)]))
        visible = [name for name in product.fields_get() if name.startswith("assist_")]
        self.assertNotIn("assist_price_evidence_ids", visible)
        product.read(visible)
        with self.assertRaises(AccessError):
            product.read(["assist_price_evidence_ids"])
        with self.assertRaises(AccessError):
            product.action_view_assist_entries()
