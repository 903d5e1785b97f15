import base64
from datetime import timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import GROUP, UnionAssistQualityCommon

# The smallest file that is a PNG.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class UnionAssistNonconformityCommon(UnionAssistQualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.lang = "en_US"
        cls.supplier.write({"assist_supplier_kind": "sme", "email": "tea@example.com"})
        cls.rival = cls.env["res.partner"].create(
            {"name": "Oil Mill", "is_company": True, "assist_supplier_kind": "sme"}
        )
        cls.portal, cls.portal_rival = (
            new_test_user(
                cls.env,
                login,
                "base.group_portal",
                password=login,
                lang="en_US",
                partner_id=cls.env["res.partner"]
                .create({"name": f"Clerk {login}", "parent_id": partner.id})
                .id,
            )
            for login, partner in (("nc_tea", cls.supplier), ("nc_oil", cls.rival))
        )
        cls.chief = new_test_user(
            cls.env, "nc_chief", f"{GROUP}quality_decide", name="Secret Chief"
        )
        cls.cause = cls.env.ref("union_assist_logistics.nonconformity_cause_packing")
        cls.today = cls.env.company._assist_today()

    def find(self, **values):
        """Note a nonconformity by hand, as the operator."""
        return (
            self.env["union.assist.nonconformity"]
            .with_user(self.operator)
            .create(
                {
                    "description": "Bags torn",
                    "supplier_id": self.supplier.id,
                    "product_id": self.tea.id,
                    **values,
                }
            )
        )

    def close(self, record, user=None):
        record.sudo().write({"cause_id": self.cause.id, "corrective_action": "Repacked"})
        record.with_user(user or self.chief).action_close()


@tagged("post_install", "-at_install", "union_assist")
class TestNonconformity(UnionAssistNonconformityCommon):
    def test_a_rejection_opens_one(self):
        inspection = self.receive({"N-1": 10}).assist_inspection_ids
        self.record(inspection, lead=9)
        self.decide(inspection, rejected=10, reason="Lead above its limit")
        record = inspection.nonconformity_ids
        self.assertTrue(record.name.startswith("NC"))
        self.assertEqual((record.origin, record.state), ("inspection", "open"))
        self.assertEqual(record.severity, "critical")
        self.assertEqual((record.lot_ids, record.product_id), (inspection.lot_id, self.tea))
        self.assertEqual((record.supplier_id, record.quantity), (self.supplier, 10))
        self.assertEqual(record.user_id, self.operator)
        self.assertIn("Lead above its limit", record.description)
        self.assertIn("Failed: Lead", record.description)
        activity = record.activity_ids
        self.assertEqual(
            (activity.user_id, activity.date_deadline), (self.operator, record.deadline)
        )

    def test_a_concession_opens_one_and_a_release_none(self):
        first, second = self.receive({"N-2": 10, "N-3": 10}).assist_inspection_ids
        self.pass_lot(first)
        self.assertFalse(first.nonconformity_ids)
        self.pass_lot(second, conceded=10)
        self.assertEqual(second.nonconformity_ids.severity, "minor")

    def test_a_problem_on_arrival(self):
        receipt = self.receive({"N-4": 10}).move_ids.move_orig_ids.picking_id
        action = receipt.with_user(self.keeper).action_assist_report_problem()
        form = Form(
            self.env[action["res_model"]].with_user(self.keeper).with_context(**action["context"])
        )
        self.assertEqual(form.supplier_id, self.supplier)
        form.description = "Cartons wet"
        record = form.save()
        self.assertEqual((record.origin, record.lot_ids), ("arrival", self.lot("N-4")))
        self.assertEqual(receipt.assist_nonconformity_count, 1)

    def test_made_for_a_customers_case(self):
        """Whoever records the case need not have the right to make one."""
        user = new_test_user(self.env, "nc_stock", "stock.group_stock_user")
        record = (
            self.env["union.assist.nonconformity"]
            .with_user(user)
            ._create_for(
                [{"origin": "customer", "description": "Short", "supplier_id": self.supplier.id}]
            )
        )
        self.assertEqual((record.sudo().origin, record.sudo().user_id), ("customer", user))

    def test_closing_needs_cause_action_and_somebody_else(self):
        record = self.find()
        with self.assertRaisesRegex(UserError, "Fill in: Cause, Corrective Action"):
            record.with_user(self.chief).action_close()
        record.write({"cause_id": self.cause.id, "corrective_action": "Repacked"})
        with self.assertRaisesRegex(AccessError, "somebody else"):
            record.action_close()
        with self.assertRaisesRegex(AccessError, "decides on lots"):
            record.with_user(self.keeper).action_close()
        record.with_user(self.chief).action_close()
        self.assertEqual((record.state, record.closed_by_id), ("closed", self.chief))
        self.assertFalse(record.activity_ids)
        with self.assertRaisesRegex(UserError, "is closed"):
            record.description = "Nothing"
        record.with_user(self.chief).action_reopen()
        record.description = "Bags torn again"
        self.assertEqual(record.activity_ids.user_id, self.operator)

    def test_steps_are_not_written(self):
        record = self.find()
        for vals in (
            {"state": "closed"},
            {"closed_by_id": self.operator.id},
            {"sent_on": "2026-01-01 00:00:00"},
            {"inspection_id": False},
            {"answer_ids": [Command.create({"text": "?"})]},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                record.write(vals)
        with self.assertRaises(AccessError):
            self.find(state="closed")
        with self.assertRaises(AccessError):
            self.find(origin="inspection")

    def test_evidence_is_not_deleted(self):
        inspection = self.receive({"N-5": 10}).assist_inspection_ids
        self.pass_lot(inspection, rejected=10)
        with self.assertRaisesRegex(UserError, "is evidence"):
            inspection.nonconformity_ids.unlink()
        record = self.find()
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            record.unlink()
        record.sudo().unlink()

    def test_the_supplier_is_told_without_persons(self):
        record = self.find(user_id=self.chief.id)
        with self.assertRaisesRegex(UserError, "names no supplier"):
            self.find(supplier_id=False).action_send()
        with self.mock_mail():
            record.action_send()
        mail = self.env["mail.mail"].sudo().search([("model", "=", record._name)])
        mail = mail.filtered(lambda m: m.res_id == record.id and self.supplier in m.recipient_ids)
        self.assertEqual(mail.recipient_ids, self.supplier)
        self.assertIn(record.name, mail.subject)
        self.assertIn(f"/my/assist/nonconformities/{record.id}", mail.body_html)
        for person in (self.chief.name, self.operator.name):
            self.assertNotIn(person, mail.body_html)
        self.assertEqual(record.state, "sent")

    def mock_mail(self):
        return patch.object(self.env.registry["mail.mail"], "send", lambda *args, **kwargs: True)

    def test_late_answers_are_reminded_of(self):
        record = self.find(deadline=self.today - timedelta(days=1))
        record.action_send()
        self.assertTrue(record.is_late)
        model = self.env["union.assist.nonconformity"]
        self.assertIn(record, model.search([("is_late", "=", True)]))
        mails = self.env["mail.mail"].sudo()
        count = mails.search_count([("model", "=", model._name), ("res_id", "=", record.id)])
        cron = self.env.ref("union_assist_logistics.cron_nonconformity_remind")
        # The second run has nothing to say yet, the third has again.
        for days_before, expected in ((0, 1), (0, 1), (3, 2)):
            if days_before:
                record.sudo().reminded_on = self.today - timedelta(days=days_before)
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            now = mails.search_count([("model", "=", model._name), ("res_id", "=", record.id)])
            self.assertEqual(now - count, expected)
            self.assertEqual(record.sudo().reminded_on, self.today)

    # ------------------------------------------------------------------
    # Score and catalogue
    # ------------------------------------------------------------------
    def test_it_feeds_the_score(self):
        row = lambda: self.supplier.assist_score_ids.filtered(  # noqa: E731
            lambda score: score.part_id.code == "quality"
        )
        first, second = self.receive({"N-6": 100, "N-7": 10}).assist_inspection_ids.sorted("id")
        self.pass_lot(first, released=60, rejected=40)
        self.pass_lot(second)
        self.supplier._assist_update_scores()
        # (60 % + 100 %) / 2, less 5 points for the open major one
        self.assertAlmostEqual(row().value, 75)
        self.assertIn("80.0 % accepted of 2 inspected lots", row().basis)
        self.close(first.nonconformity_ids)
        self.assertAlmostEqual(row().value, 80)
        parameter = self.env.ref("union_assist_logistics.parameter_nonconformity_points_minor")
        parameter.value = 7
        self.find()
        self.assertAlmostEqual(row().value, 73)
        self.assertFalse(self.env.user.partner_id.assist_score_ids)
        self.rival._assist_update_scores()
        self.assertFalse(
            self.rival.assist_score_ids.filtered(lambda score: score.part_id.code == "quality")
        )

    def test_repeated_serious_ones_keep_a_product_out(self):
        template = self.tea.product_tmpl_id
        template.assist_supplier_id = self.supplier
        criterion = self.env.ref("union_assist_logistics.criterion_nonconformity")
        reason = lambda: template.assist_entry_ids.reason_ids.filtered(  # noqa: E731
            lambda record: record.criterion_id == criterion
        )
        first = self.find(severity="major")
        self.find(severity="minor")
        self.find(severity="critical", date=self.today - relativedelta(months=13))
        self.assertFalse(reason())
        second = self.find(severity="critical")
        self.assertIn("2 serious nonconformities in the last 12 months", reason().explanation)
        self.close(first)
        self.assertIn("1 of them not closed", reason().explanation)
        second.severity = "minor"
        self.assertFalse(reason())

    def test_as_many_queries_for_many_suppliers(self):
        suppliers = self.env["res.partner"].create(
            [
                {"name": f"S{index}", "is_company": True, "assist_supplier_kind": "sme"}
                for index in range(12)
            ]
        )
        for supplier in suppliers:
            self.find(supplier_id=supplier.id)

        def queries(records):
            return self.record_queries(lambda: records._assist_score_quality(records))

        self.assert_same_queries(queries(suppliers[:2]), queries(suppliers))

    def test_other_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Other Depot"})
        other = new_test_user(
            self.env,
            "nc_other",
            "union_assist_catalog.group_operator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        record = self.find()
        self.assertFalse(record.with_user(other).search([("id", "=", record.id)]))
        with self.assertRaises(AccessError):
            record.with_user(other).read(["name"])

    def test_what_a_supplier_reads_by_rpc(self):
        record = self.find()
        mine = record.with_user(self.portal)
        with self.assertRaises(AccessError):
            mine.read(["description"])
        record.action_send()
        mine.invalidate_recordset()
        self.assertEqual(mine.description, "Bags torn")
        for name in ("cause_note", "corrective_action", "user_id", "closed_by_id"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                mine.read([name])
        with mute_logger("odoo.addons.base.models.ir_model"):
            for method in ("action_send", "action_close", "action_reopen"):
                with self.subTest(method=method), self.assertRaises(AccessError):
                    getattr(mine, method)()
        with self.assertRaises(AccessError):
            record.with_user(self.portal_rival).read(["description"])


@tagged("post_install", "-at_install", "union_assist")
class TestNonconformityPortal(UnionAssistNonconformityCommon, HttpCase):
    def setUp(self):
        super().setUp()
        photo = (
            self.env["ir.attachment"]
            .with_user(self.operator)
            .create({"name": "torn.png", "raw": PNG, "res_model": "union.assist.nonconformity"})
        )
        self.nc = self.find(photo_ids=[Command.set(photo.ids)])
        self.photo = photo
        self.draft = self.find()
        self.nc.action_send()
        self.url = f"/my/assist/nonconformities/{self.nc.id}"

    def answer(self, files=None, token=True, **data):
        page = self.url_open(self.url).text.split('name="csrf_token" value="')
        if token and len(page) > 1:
            data["csrf_token"] = page[1].split('"')[0]
        return self.url_open(self.url + "/answer", data=data, files=files)

    def test_a_supplier_sees_its_own_that_were_sent(self):
        self.authenticate("nc_tea", "nc_tea")
        page = self.url_open("/my/assist/nonconformities").text
        self.assertIn(self.nc.name, page)
        self.assertNotIn(self.draft.name, page)
        page = self.url_open(self.url).text
        self.assertIn("Bags torn", page)
        self.assertNotIn(self.operator.name, page)
        self.assertEqual(self.url_open(f"{self.url}/file/{self.photo.id}").content, PNG)
        response = self.url_open(f"/my/assist/nonconformities/{self.draft.id}")
        self.assertEqual(response.status_code, 404)
        self.authenticate("nc_oil", "nc_oil")
        self.assertNotIn(self.nc.name, self.url_open("/my/assist/nonconformities").text)
        for path in (self.url, f"{self.url}/file/{self.photo.id}"):
            self.assertEqual(self.url_open(path).status_code, 404)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(self.url).url)

    def test_an_answer_with_a_file(self):
        self.authenticate("nc_tea", "nc_tea")
        response = self.answer(
            text="The sewing machine was worn; replaced.",
            severity="minor",
            state="closed",
            supplier_id=str(self.rival.id),
            files={"files": ("proof.png", PNG, "image/png")},
        )
        self.assertIn("Thank you", response.text)
        self.nc.invalidate_recordset()
        self.assertEqual(self.nc.state, "answered", "nothing but text and files is read")
        self.assertEqual(self.nc.supplier_id, self.supplier)
        answer = self.nc.answer_ids
        self.assertEqual(answer.text, "The sewing machine was worn; replaced.")
        self.assertEqual(answer.sudo().answered_by_id, self.portal)
        self.assertEqual(answer.attachment_ids.raw, PNG)
        self.assertEqual(answer.attachment_ids.res_model, answer._name)
        self.assertIn(self.operator, self.nc.activity_ids.user_id)
        with self.assertRaisesRegex(UserError, "kept as it is"):
            answer.sudo().text = "?"
        # Handed in once; asked again it may answer again.
        self.assertNotIn("o_assist_answer_submit", self.url_open(self.url).text)
        self.nc.action_send()
        self.assertIn("o_assist_answer_submit", self.url_open(self.url).text)

    def test_what_is_wrong_loses_nothing(self):
        self.authenticate("nc_tea", "nc_tea")
        page = self.answer(files={"files": ("proof.png", PNG, "image/png")}).text
        self.assertIn("Say what the cause was", page)
        self.assertIn("proof.png", page)
        page = self.answer(
            text="Worn machine", files={"files": ("x.pdf", b"MZ no pdf", "application/pdf")}
        ).text
        self.assertIn("x.pdf", page)
        self.assertIn("Worn machine", page)
        self.assertEqual(self.nc.state, "sent")
        self.assertFalse(self.nc.answer_ids)

    @mute_logger("odoo.http")
    def test_only_by_a_form_of_ours(self):
        self.authenticate("nc_tea", "nc_tea")
        self.assertEqual(self.answer(token=False, text="?").status_code, 400)
        self.assertEqual(self.url_open(self.url + "/answer?text=x").status_code, 405)
        self.authenticate("nc_oil", "nc_oil")
        self.assertEqual(self.answer(text="Not mine").status_code, 400)
        self.assertFalse(self.nc.answer_ids)
