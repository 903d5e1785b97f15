import functools
import io
from datetime import timedelta

import zxingcpp
from freezegun import freeze_time
from PIL import Image
from pypdf import PdfReader

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.union_assist_catalog.tools.fonts import load_fonts

from ..tools.quality_certificate import Certificate, LotPart, render_certificates
from .common import UnionAssistQualityCommon

LOT_REPORT = "union_assist_logistics.action_report_lot_certificate"
DELIVERY_REPORT = "union_assist_logistics.action_report_delivery_certificate"


def read_text(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def make_part(count=3, **values):
    return LotPart(
        **{
            "facts": [("产品", "紫阳毛尖"), ("批号", "T-1"), ("规格", "250 g/袋")],
            "headings": ["序号", "检验项目", "标准要求", "检验结果", "单项判定", "依据标准"],
            "rows": [
                (str(number), f"铅 {number}", "≤ 5 mg/kg", "0.2 mg/kg", "合格", "GB 2762-2022")
                for number in range(1, count + 1)
            ],
            "conclusion": "结论：符合检验计划要求，准予放行。",
            "decision": [("检验人", "甲"), ("批准人", "乙")],
            **values,
        }
    )


def make_certificate(*parts, **values):
    return Certificate(
        **{
            "title": "质量合格证明",
            "company": "示例粮农集团",
            "facts": [("证书编号", "QI0001")],
            "lots": parts or [make_part()],
            "page_label": "第 %(page)s 页 共 %(pages)s 页",
            **values,
        }
    )


@tagged("post_install", "-at_install", "union_assist")
class TestCertificateLayout(BaseCase):
    def render(self, *certificates):
        return render_certificates(certificates, load_fonts(), "质量合格证明")

    def test_one_page_of_a4(self):
        reader = PdfReader(io.BytesIO(self.render(make_certificate())))
        self.assertEqual(len(reader.pages), 1)
        self.assertAlmostEqual(float(reader.pages[0].mediabox.width), 595.28, delta=0.01)
        self.assertAlmostEqual(float(reader.pages[0].mediabox.height), 841.89, delta=0.01)
        self.assertEqual(reader.metadata.title, "质量合格证明")
        text = reader.pages[0].extract_text()
        for expected in ("质量合格证明", "紫阳毛尖", "≤ 5 mg/kg", "准予放行", "第 1 页 共 1 页"):
            self.assertIn(expected, text)

    def test_fonts_are_embedded(self):
        for page in PdfReader(io.BytesIO(self.render(make_certificate()))).pages:
            for font in page["/Resources"]["/Font"].values():
                font = font.get_object()
                if "/FontDescriptor" in font:
                    self.assertIn("/FontFile2", font["/FontDescriptor"].get_object())
                else:
                    self.assertNotIn(font["/BaseFont"], page.extract_text())

    def test_heading_on_every_page_of_a_long_table(self):
        pdf = self.render(make_certificate(make_part(200)))
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
        self.assertGreater(len(pages), 3)
        for number, page in enumerate(pages, 1):
            self.assertIn("检验结果", page)
            self.assertIn(f"第 {number} 页 共 {len(pages)} 页", page)
        self.assertEqual(sum("准予放行" in page for page in pages), 1)

    def test_each_certificate_counts_its_own_pages(self):
        pdf = self.render(make_certificate(), make_certificate(make_part(100)))
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
        self.assertIn("第 1 页 共 1 页", pages[0])
        self.assertIn(f"第 1 页 共 {len(pages) - 1} 页", pages[1])

    def test_code_is_read_back(self):
        url = "https://example.org/assist/lot/abcdefghijklmnopqrstuv"
        part = make_part(url=url, url_label="扫码溯源")
        [picture] = PdfReader(io.BytesIO(self.render(make_certificate(part)))).pages[0].images
        [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.data)).convert("L"))
        self.assertEqual(code.text, url)

    def test_markup_in_names_is_text(self):
        part = make_part(facts=[("产品", "<b>A & B</b>")])
        self.assertIn("<b>A & B</b>", read_text(self.render(make_certificate(part))))


@tagged("post_install", "-at_install", "union_assist")
class TestQualityCertificate(UnionAssistQualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.env.company.partner_id | cls.union).lang = "en_US"

    def print_lots(self, lots, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.keeper)
        pdf, kind = reports._render(LOT_REPORT, lots.ids)
        self.assertEqual(kind, "pdf")
        return read_text(pdf)

    def print_delivery(self, pickings, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.keeper)
        return read_text(reports._render(DELIVERY_REPORT, pickings.ids)[0])

    def lots_in_stock(self, lots):
        step = self.receive(lots)
        for inspection in step.assist_inspection_ids:
            self.pass_lot(inspection)
        self.validate(step)
        self.validate(self.storage(step))
        return self.lot(next(iter(lots)))

    def deliver(self, quantity):
        self.warehouse.delivery_steps = "ship_only"
        delivery = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": self.union.id,
                "location_id": self.stock.id,
                "location_dest_id": self.customer_location.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "product_uom_qty": quantity,
                            "location_id": self.stock.id,
                            "location_dest_id": self.customer_location.id,
                        }
                    )
                ],
            }
        )
        delivery.action_confirm()
        delivery.action_assign()
        return delivery

    def test_lot(self):
        lot = self.lots_in_stock({"T-1": 10})
        lot.assist_production_date = "2026-03-01"
        text = self.print_lots(lot)
        inspection = lot.assist_inspection_ids
        for expected in (
            "Quality Certificate",
            self.env.company.name,
            "Green Tea",
            "T-1",
            "2026-03-01",
            "10 Units",
            "Tea Maker",
            "Tea on receipt (version 1)",
            inspection.name,
            "Lead",
            "≤ 5 mg/kg",
            "1 mg/kg",
            "conforms to the quality plan, released",
            self.inspector.name,
            self.operator.name,
            "Page 1 of 1",
        ):
            self.assertIn("".join(expected.split()), "".join(text.split()))
        self.assertNotIn("oncession", text)

    def test_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.company.partner_id.lang = "zh_CN"
        text = self.print_lots(self.lots_in_stock({"T-1": 10}))
        for expected in ("质量合格证明", "批号", "标准要求", "单项判定", "合格", "放行"):
            self.assertIn(expected, text)
        self.assertNotIn("Verdict", text)

    def make_report(self, lot, **values):
        laboratory = self.env["union.assist.laboratory"].create({"name": "Provincial Institute"})
        return self.env["union.assist.lab.report"].create(
            {
                "number": "R-2026-7",
                "laboratory_id": laboratory.id,
                "product_id": lot.product_id.id,
                "lot_ids": [Command.set(lot.ids)],
                "issued_on": "2026-03-02",
                "state": "checked",
                "checked_by_id": self.inspector.id,
                **values,
            }
        )

    def test_accepted_lab_reports_are_named(self):
        lot = self.lots_in_stock({"T-1": 10})
        self.assertNotIn("Lab Reports", self.print_lots(lot))
        self.make_report(lot)
        self.make_report(lot, number="R-WAITS", state="submitted", checked_by_id=False)
        self.env.invalidate_all()  # printed in a request of its own
        text = self.print_lots(lot)
        for expected in ("Lab Reports", "R-2026-7", "Provincial Institute", "2026-03-02"):
            self.assertIn(expected, text)
        self.assertNotIn("R-WAITS", text)

    def test_version_of_the_plan(self):
        newer = self.plan.browse(self.plan.action_new_version()["res_id"])
        newer.date_from = self.env.company._assist_today()
        text = self.print_lots(self.lots_in_stock({"T-1": 10}))
        self.assertIn("Tea on receipt (version 2)", text)

    def test_concession_is_said(self):
        step = self.receive({"T-1": 10})
        inspection = step.assist_inspection_ids
        self.record(inspection, moisture=9)
        self.decide(inspection, conceded=7, rejected=3, reason="Dried again before packing")
        text = self.print_lots(self.lot("T-1"))
        self.assertIn("does not conform to the quality plan in full; released by concession", text)
        self.assertIn("Dried again before packing", text)
        self.assertIn(inspection.decision_ids[0].date_until.isoformat(), text)
        self.assertIn("7 Units", text)
        self.assertIn("Fail", text)

    def concede(self, name, days=5, partners=None, quantity=10):
        step = self.receive({name: quantity})
        inspection = step.assist_inspection_ids
        self.record(inspection, moisture=9)
        decisions = self.env["union.assist.quality.decision"].with_user(self.operator)
        decisions.create(
            {
                "inspection_id": inspection.id,
                "kind": "conceded",
                "quantity": quantity,
                "reason": "Dried again",
                "date_until": self.env.company._assist_today() + timedelta(days=days),
                "partner_ids": [Command.set(partners.ids if partners else [])],
            }
        )
        self.validate(step)
        self.validate(self.storage(step))
        return self.lot(name)

    def later(self, days):
        day = self.env.company._assist_today() + timedelta(days=days)
        return freeze_time(fields.Datetime.to_datetime(day) + timedelta(hours=4))

    def test_concession_that_ended_is_no_release(self):
        lot = self.concede("T-1")
        ends = self.env.company._assist_today() + timedelta(days=5)
        with self.later(5):
            text = " ".join(self.print_lots(lot).split())
            self.assertIn("released by concession", text)
            self.assertNotIn("ended", text)
        with self.later(6):
            text = " ".join(self.print_lots(lot).split())
        self.assertNotIn("released by concession", text)
        self.assertIn(
            f"The concession of 10 Units ended on {ends}: what had not left by then is not"
            " released.",
            text,
        )

    def test_concession_for_some_is_said(self):
        person = self.env["res.partner"].create({"name": "Zhang San"})
        lot = self.concede("T-1", partners=self.union | person)
        text = " ".join(self.print_lots(lot).split())
        self.assertIn("10 Units were conceded for Workshop Union, – alone.", text)
        self.assertIn("Only for", text)
        self.assertNotIn("Zhang San", text)

    def test_delivery_against_a_concession_is_not_certified(self):
        other = self.env["res.partner"].create({"name": "Mine Union", "is_company": True})
        self.concede("T-1", partners=self.union)
        delivery = self.deliver(4)
        self.assertIn("released by concession", " ".join(self.print_delivery(delivery).split()))
        with self.later(6), self.assertRaisesRegex(UserError, "ended or is for other.*T-1"):
            self.print_delivery(delivery)
        delivery.partner_id = other
        with self.assertRaisesRegex(UserError, f"lots of {delivery.name} .*T-1"):
            self.print_delivery(delivery)
        delivery.partner_id = self.union
        self.validate(delivery)
        with self.later(6):
            # Delivered in time: the certificate says what was left of it then is not released.
            self.assertIn("4 Units", self.print_delivery(delivery))

    def test_queries_do_not_grow_with_lots(self):
        def lots(count):
            self.lots_in_stock({f"Q{count}-{number}": 2 for number in range(count)})
            return self.env["stock.lot"].search([("name", "=like", f"Q{count}-%")])

        report = self.env["report.union_assist_logistics.report_lot_certificate"]
        few, many = (
            self.record_queries(functools.partial(report._render_pdf, some.ids))
            for some in (lots(5), lots(50))
        )
        self.assert_same_queries(few, many)

    def test_queries_do_not_grow_with_the_lots_of_a_delivery(self):
        report = self.env["report.union_assist_logistics.report_delivery_certificate"]
        counts = []
        for size in (5, 50):
            self.lots_in_stock({f"Q{size}-{number}": 2 for number in range(size)})
            delivery = self.deliver(2 * size)
            self.assertEqual(len(delivery.move_line_ids.lot_id), size)
            counts.append(self.record_queries(functools.partial(report._render_pdf, delivery.ids)))
        self.assert_same_queries(*counts)

    def test_undecided_rejected_and_uninspected_lots_are_refused_by_name(self):
        step = self.receive({"T-OPEN": 5, "T-BAD": 6, "T-GOOD": 7})
        inspections = {i.lot_id.name: i for i in step.assist_inspection_ids}
        self.record(inspections["T-BAD"], lead=9)
        self.decide(inspections["T-BAD"], rejected=6)
        self.pass_lot(inspections["T-GOOD"])
        lots = step.assist_inspection_ids.lot_id
        lots |= self.env["stock.lot"].create({"name": "T-NONE", "product_id": self.rice.id})
        with self.assertRaises(UserError) as caught:
            self.print_lots(lots)
        message = str(caught.exception)
        self.assertIn("Not decided yet: Green Tea T-OPEN.", message)
        self.assertIn("Rejected: Green Tea T-BAD.", message)
        self.assertIn("Never inspected: Rice T-NONE.", message)
        self.assertNotIn("T-GOOD", message)
        self.assertIn("7 Units", self.print_lots(self.lot("T-GOOD")))

    def test_delivery(self):
        self.lots_in_stock({"T-1": 10, "T-2": 5})
        delivery = self.deliver(12)
        text = self.print_delivery(delivery)
        for expected in (delivery.name, "Workshop Union", "T-1", "T-2", "10 Units", "2 Units"):
            self.assertIn(expected, text)
        self.assertEqual(text.count("Conclusion: conforms"), 2, "each lot with its results")
        self.validate(delivery)
        self.assertIn("2 Units", self.print_delivery(delivery))

    def test_delivery_of_several_and_its_own_inspection(self):
        self.lots_in_stock({"T-1": 10})
        check = self.plan.copy(
            {
                "name": "Before delivery",
                "date_from": "2020-01-01",
                "picking_type_ids": [Command.set(self.warehouse.out_type_id.ids)],
            }
        )
        delivery, other = self.deliver(6), self.deliver(4)
        for picking in delivery | other:
            self.pass_lot(picking.assist_inspection_ids)
        text = self.print_delivery(delivery)
        self.assertEqual(text.count("Before delivery (version 1)"), 1, "its own alone")
        self.assertIn(check.name, self.print_delivery(delivery | other))

    def test_goods_without_a_plan_are_left_out(self):
        self.lots_in_stock({"T-1": 10})
        step = self.receive({"R-1": 4}, self.rice)
        self.validate(step)
        self.validate(self.storage(step))
        delivery = self.deliver(6)
        delivery.move_ids.create(
            {
                "picking_id": delivery.id,
                "product_id": self.rice.id,
                "product_uom_qty": 4,
                "location_id": self.stock.id,
                "location_dest_id": self.customer_location.id,
            }
        )
        delivery.action_confirm()
        delivery.action_assign()
        self.assertEqual(delivery.move_line_ids.lot_id, self.lot("T-1") | self.lot("R-1"))
        text = self.print_delivery(delivery)
        self.assertIn("Not covered by this certificate: Rice R-1.", " ".join(text.split()))
        delivery.move_line_ids.filtered(lambda line: line.product_id == self.tea).unlink()
        with self.assertRaisesRegex(UserError, f"No quality plan applied.*{delivery.name}"):
            self.print_delivery(delivery)

    def test_other_transfers_are_refused(self):
        step = self.receive({"T-1": 10})
        with self.assertRaisesRegex(UserError, step.name):
            self.print_delivery(step)

    def test_held_lot_is_refused(self):
        lot = self.lots_in_stock({"T-1": 10})
        self.env["union.assist.hold"].create(
            {"reason": "Mould found", "lot_ids": [Command.set(lot.ids)]}
        ).action_hold()
        with self.assertRaisesRegex(UserError, "On hold: Green Tea T-1"):
            self.print_lots(lot)

    def test_who_may_print(self):
        lot = self.lots_in_stock({"T-1": 10})
        self.assertIn("T-1", self.print_lots(lot, self.inspector))
        portal = new_test_user(self.env, "certificate_portal", "base.group_portal")
        stranger = new_test_user(self.env, "certificate_stranger", "base.group_user")
        for user in (portal, stranger):
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                self.print_lots(lot, user)
        company = self.env["res.company"].create({"name": "Other Depot"})
        other = new_test_user(
            self.env,
            "certificate_other",
            "union_assist_logistics.group_warehouse",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        # Lots are shared, inspections are not: nothing of another company's is certified.
        with self.assertRaisesRegex(UserError, "Never inspected"):
            self.print_lots(lot, other)
