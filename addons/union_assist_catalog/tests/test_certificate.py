import base64
from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import GROUP, UnionAssistCatalogCommon

PDF = base64.b64encode(b"%PDF-1.4\n% a document\n%%EOF\n")
TYPE = "union_assist_catalog.certificate_type_"


class CertificateCommon(UnionAssistCatalogCommon):
    """A tea of one supplier, an apple of another, in China's time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        for name in ("tea_maker", "orchard", "county"):
            setattr(cls, name, getattr(cls, name).with_env(cls.env))
        for user in (cls.viewer, cls.federation, cls.official, cls.operator, cls.manager):
            user.lang = "en_US"
        cls.env.company.partner_id.write({"country_id": cls.env.ref("base.cn").id, "tz": False})
        (cls.tea_maker | cls.orchard).assist_region_id = cls.county
        cls.tea_maker.write({"email": "tea@example.com", "lang": "en_US"})
        cls.tea, cls.apple = cls.env["product.template"].create(
            [
                {
                    "name": "Tea",
                    "assist_supplier_id": cls.tea_maker.id,
                    "assist_goods_class_id": cls.goods_class("tea").id,
                },
                {
                    "name": "Apple",
                    "assist_supplier_id": cls.orchard.id,
                    "assist_goods_class_id": cls.goods_class("fresh_fruit").id,
                },
            ]
        )

    @classmethod
    def goods_class(cls, code):
        return cls.env.ref(f"union_assist_catalog.goods_class_{code}")

    @classmethod
    def kind(cls, code):
        return cls.env.ref(TYPE + code)

    @classmethod
    def make(cls, code="food_licence", supplier=None, products=None, state="verified", **values):
        """Make a document that holds from 2021 to 2026-06-30 unless told otherwise."""
        defaults = {
            "type_id": cls.kind(code).id,
            "partner_id": (supplier or cls.tea_maker).id,
            "date_from": "2021-07-01",
            "date_to": "2026-06-30",
            "file": PDF,
            "state": state,
        }
        if code == "food_licence":
            defaults["number"] = "SC11464010500015"
        if code == "business_licence":
            defaults["number"] = "91110000600037341L"
        if products:
            defaults["product_tmpl_ids"] = [(6, 0, products.ids)]
        return cls.env["union.assist.certificate"].create({**defaults, **values})

    def count_queries(self, call):
        return self.record_queries(call)


@tagged("post_install", "-at_install", "union_assist")
class TestCertificate(CertificateCommon):
    def test_a_document_is_complete_when_submitted(self):
        licence = self.env["union.assist.certificate"].create(
            {"type_id": self.kind("food_licence").id, "partner_id": self.tea_maker.id}
        )
        with self.assertRaises(ValidationError) as refused:
            licence.action_submit()
        for words in ("SC Number", "first day", "last day", "Attach"):
            self.assertIn(words, str(refused.exception))
        licence.write(
            {
                "number": " sc1146401050 0015 ",
                "date_from": "2021-07-01",
                "date_to": "2026-06-30",
                "file": PDF,
            }
        )
        licence.action_submit()
        self.assertEqual((licence.state, licence.number), ("submitted", "SC11464010500015"))
        self.assertTrue(licence.authority, "proposed by the type")

    def test_what_each_type_asks_for(self):
        for code, values, field in (
            ("food_licence", {"number": "SC11464010500016"}, "number"),
            ("food_licence", {"number": "SC1146401050001"}, "number"),
            ("food_licence", {"date_to": False}, "date_to"),
            ("business_licence", {"number": "91110000600037341M"}, "number"),
            ("assist_county", {"review_due": False, "products": self.tea}, "review_due"),
            ("organic", {"number": "1"}, "product_tmpl_ids"),
            ("lab_report", {"number": "1", "products": self.tea}, "batch"),
            ("food_licence", {"file": False}, "file"),
            ("food_licence", {"date_from": False}, "date_from"),
        ):
            with self.subTest(code=code, field=field):
                document = self.make(code, state="draft", **values)
                self.assertEqual(list(document._get_errors()), [field])
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    document.action_submit()
        self.assertFalse(self.make("business_licence", date_to=False)._get_errors())

    def test_a_licence_is_the_supplier_s_own(self):
        self.tea_maker.company_registry = "91350100M000100Y43"
        with self.assertRaisesRegex(ValidationError, "91350100M000100Y43"):
            self.make("business_licence")
        self.assertTrue(self.make("business_licence", number="91350100M000100Y43"))

    def test_only_documents_are_taken_whatever_their_name(self):
        page = base64.b64encode(b"<html><script>alert(1)</script></html>")
        with self.assertRaisesRegex(ValidationError, "no PDF, JPEG or PNG"):
            self.make(file=page, file_name="licence.pdf")
        limit = self.env["union.assist.parameter"].search([("code", "=", "document_file_size")])
        limit.value = 1
        large = base64.b64encode(b"%PDF-" + b"0" * 1024 * 1024)
        with self.assertRaisesRegex(ValidationError, "larger than 1 MB"):
            self.make(file=large)

    def test_the_holder_is_a_supplier(self):
        union = self.env["res.partner"].create({"name": "Union", "is_company": True})
        contact = self.env["res.partner"].create({"name": "C", "parent_id": self.tea_maker.id})
        for partner in union | contact:
            with self.assertRaises(ValidationError):
                self.make(supplier=partner)

    def test_verification_is_recorded(self):
        document = self.make(state="submitted")
        self.assertFalse(document.verified_by_id)
        document.with_user(self.operator).action_verify()
        self.assertEqual(document.verified_by_id, self.operator)
        self.assertTrue(document.verified_on)
        with self.assertRaises(UserError):
            document.action_verify()
        with self.assertRaises(UserError):
            document.unlink()
        for name, value in (("verified_by_id", 1), ("verified_on", "2021-01-01 00:00:00")):
            with self.assertRaises(UserError):
                document.write({name: value})
            with self.assertRaises(UserError):
                self.make(**{name: value})

    def test_a_change_of_what_was_verified_sends_it_back(self):
        for values in (
            {"number": "SC11333019700024"},
            {"date_to": "2027-01-01"},
            {"file": base64.b64encode(b"%PDF-other")},
            {"authority": "Somebody"},
        ):
            document = self.make()
            document.write(values)
            self.assertEqual(document.state, "submitted", values)
            self.assertFalse(document.verified_on)
            self.assertIn("was changed", document.message_ids[0].body)
        document = self.make("organic", products=self.tea, number="1")
        document.product_tmpl_ids |= self.apple
        self.assertEqual(document.state, "submitted")
        document = self.make()
        document.write({"note": "Seen", "number": document.number, "user_id": self.operator.id})
        self.assertEqual(document.state, "verified")

    def test_refusal_and_revocation_say_why(self):
        document = self.make(state="submitted")
        with self.assertRaises(UserError):
            self.make(state="draft").action_refuse()
        for step, state in (("refuse", "draft"), ("revoke", "revoked")):
            document.state = "submitted"
            action = getattr(document.with_user(self.operator), f"action_{step}")()
            wizard = Form(
                self.env[action["res_model"]]
                .with_user(self.operator)
                .with_context(**action["context"])
            )
            wizard.reason = "The scan cannot be read."
            wizard.save().action_apply()
            self.assertEqual(document.state, state)
            self.assertEqual(document.reason, "The scan cannot be read.")
            self.assertIn("cannot be read", document.message_ids[0].body)
        document.action_submit()
        self.assertFalse(document.reason)

    def test_validity_turns_with_the_day_in_china(self):
        document = self.make(date_to="2026-06-30")
        later = self.make(date_from="2026-07-01", date_to="2031-06-30")
        documents = document | later
        for moment, validity, days in (
            ("2026-03-31 15:59:59", ["valid", "not_yet"], 91),
            ("2026-03-31 16:00:00", ["expiring", "not_yet"], 90),
            ("2026-06-30 15:59:59", ["expiring", "not_yet"], 0),
            ("2026-06-30 16:00:00", ["expired", "valid"], -1),
        ):
            with freeze_time(moment), self.subTest(moment=moment):
                self.env.invalidate_all()
                self.assertEqual(documents.mapped("validity"), validity)
                self.assertEqual(document.days_left, days)
                for name in ("valid", "expiring", "expired", "not_yet"):
                    found = document.search([("validity", "=", name), ("id", "in", documents.ids)])
                    self.assertEqual(found, documents.filtered(lambda d, n=name: d.validity == n))
                found = document.search([("validity", "!=", "valid"), ("id", "in", documents.ids)])
                self.assertEqual(found, documents.filtered(lambda d: d.validity != "valid"))

    def test_an_overdue_review_ends_it(self):
        document = self.make(
            "assist_county", products=self.tea, review_due="2022-07-01", date_to="2024-06-30"
        )
        self.assertEqual(document.date_end, date(2022, 7, 1))
        with freeze_time("2022-06-20"):
            self.env.invalidate_all()
            self.assertEqual(document.validity, "expiring")
            document.with_user(self.official).action_review()
            self.assertEqual((document.state, document.validity), ("verified", "valid"))
            self.assertEqual(document.verified_by_id, self.official)
        self.assertEqual(document.date_end, date(2023, 7, 1))
        with self.assertRaises(UserError):
            self.make().action_review()

    def test_renewals_follow_each_other(self):
        document = self.make()
        action = document.action_renew()
        renewal = document.browse(action["res_id"])
        self.assertEqual(renewal.predecessor_id, document)
        self.assertEqual((renewal.state, renewal.number), ("draft", document.number))
        self.assertEqual(renewal.date_from, date(2026, 7, 1))
        self.assertEqual(renewal.date_to, date(2031, 6, 30), "five years, as usual for the type")
        self.assertFalse(renewal.has_file)
        self.assertEqual(document.action_renew()["res_id"], renewal.id, "not a second one")
        self.assertFalse(document.is_renewed)
        renewal.file = PDF
        renewal.action_submit()
        self.assertTrue(document.is_renewed)
        both = document | renewal
        self.assertEqual(both.search([("is_renewed", "=", True), ("id", "in", both.ids)]), document)
        self.assertEqual(both.search([("is_renewed", "=", False), ("id", "in", both.ids)]), renewal)
        with self.assertRaises(ValidationError):
            document.predecessor_id = renewal
        with self.assertRaises(ValidationError):
            self.make(supplier=self.orchard, predecessor_id=document.id)

    def test_queries_of_the_list_do_not_grow(self):
        documents = self.env["union.assist.certificate"].concat(
            *(self.make(number="SC11333019700024") for _i in range(50))
        )
        names = ["display_name", "validity", "days_left", "is_renewed", "has_file", "date_end"]

        def read(records):
            return lambda: records.read(names)

        read(documents[:1])()
        self.assert_same_queries(
            self.count_queries(read(documents[:5])), self.count_queries(read(documents))
        )

    def test_types_are_checked(self):
        kind = self.kind("lab_report")
        for values in (
            {"number_pattern": "("},
            {"reminder_days": "often"},
            {"scope": "supplier"},
        ):
            with self.assertRaises(ValidationError):
                kind.write(values)
        self.assertEqual(self.kind("food_licence")._get_reminder_days(), [90, 30, 7])
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            kind.create({"name": "Again", "code": kind.code, "source": "x"})

    def test_every_type_names_its_source(self):
        kinds = self.env["union.assist.certificate.type"].search([])
        self.assertTrue(all(kind.source for kind in kinds))
        self.assertEqual(
            kinds.filtered("level").mapped("level"), ["county", "prefecture", "province"]
        )


@tagged("post_install", "-at_install", "union_assist")
class TestCertificateAccess(CertificateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.make()
        cls.foreign = cls.make(supplier=cls.orchard)
        cls.portal = cls.make_portal("assist_tea", cls.tea_maker)
        stranger = cls.env["res.partner"].create({"name": "Nobody's"})
        cls.stranger = cls.make_portal("assist_stranger", stranger)
        cls.internal = new_test_user(cls.env, "assist_plain", "base.group_user")

    @classmethod
    def make_portal(cls, login, supplier):
        contact = cls.env["res.partner"].create({"name": login, "parent_id": supplier.id})
        return new_test_user(
            cls.env, login, "base.group_portal", password=login, partner_id=contact.id
        )

    def test_a_supplier_reads_its_own_and_writes_none(self):
        own = self.document.with_user(self.portal)
        self.assertEqual(own.search([]), self.document)
        self.assertTrue(own.read(["number", "file", "validity", "state", "reason"]))
        for name in ("verified_by_id", "user_id", "note"):
            with self.assertRaises(AccessError):
                own.read([name])
        with self.assertRaises(AccessError):
            self.foreign.with_user(self.portal).read(["number"])
        self.assertFalse(self.document.with_user(self.stranger).search([]))
        for step in ("submit", "verify", "refuse", "revoke", "review", "renew"):
            with self.subTest(step=step), self.assertRaises(AccessError):
                getattr(own, f"action_{step}")()
        with self.assertRaises(AccessError):
            own.write({"date_to": "2099-01-01"})

    def test_attachments_follow_their_document(self):
        files = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "union.assist.certificate"),
                    ("res_field", "=", "file"),
                    ("res_id", "in", (self.document | self.foreign).ids),
                ]
            )
        )
        self.assertEqual(len(files), 2)
        own = files.filtered(lambda file: file.res_id == self.document.id)
        other = files - own
        own.with_user(self.official).check_access("read")
        # In the portal a file is reached through its document only.
        for user, file in (
            (self.portal, own),
            (self.portal, other),
            (self.stranger, own),
            (self.internal, own),
            (self.env.ref("base.public_user"), own),
        ):
            with self.assertRaises(AccessError):
                file.with_user(user).check_access("read")

    def test_only_who_keeps_documents_takes_steps(self):
        self.document.state = "submitted"
        for user in (self.viewer, self.federation, self.internal, self.portal):
            for step in ("submit", "verify", "refuse", "revoke"):
                with self.subTest(user=user.login, step=step), self.assertRaises(AccessError):
                    getattr(self.document.with_user(user), f"action_{step}")()
        for user in (self.viewer, self.federation):
            self.assertTrue(self.document.with_user(user).read(["number", "file"]))
        self.document.with_user(self.official).action_verify()
        self.assertEqual(self.document.verified_by_id, self.official)

    def test_an_official_keeps_those_of_its_counties(self):
        self.official.assist_region_ids = self.env.ref("union_assist_catalog.region_610827")
        document = self.document.with_user(self.official)
        self.assertFalse(document.search([("id", "in", self.document.ids)]))
        with self.assertRaises(AccessError):
            document.read(["number"])
        with self.assertRaises(AccessError):
            document.action_revoke()
        with self.assertRaises(AccessError):
            self.make().with_user(self.official).copy()
        with self.assertRaises(AccessError):
            self.env["union.assist.certificate.decide"].with_user(self.official).create(
                {
                    "step": "revoke",
                    "certificate_ids": [(6, 0, self.document.ids)],
                    "reason": "x",
                }
            )
        self.assertEqual(self.document.state, "verified")

    def test_documents_of_another_company(self):
        company = self.env["res.company"].create({"name": "Second"})
        other = new_test_user(
            self.env,
            "assist_second_operator",
            f"{GROUP}operator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertTrue(self.document.with_user(other).read(["number"]))
        self.tea_maker.company_id = self.env.company
        self.assertFalse(self.document.with_user(other).search([("id", "=", self.document.id)]))
