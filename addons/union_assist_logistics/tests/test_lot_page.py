from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.union_assist_procure.tests.farming_common import FarmingCommon

from .recall_common import RecallCommon

PREFIX = "/assist/lot/"


@tagged("post_install", "-at_install", "union_assist")
class TestLotPage(RecallCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.county = cls.env.ref("union_assist_catalog.region_610924")
        cls.supplier.write({"assist_supplier_kind": "sme", "assist_region_id": cls.county.id})
        cls.tea.product_tmpl_id.write(
            {
                "assist_supplier_id": cls.supplier.id,
                "assist_origin_id": cls.county.id,
                "list_price": 4711.5,
            }
        )
        cls.plan.active = True

    def path(self, lot):
        url = lot._assist_get_public_url()
        self.assertIn(PREFIX, url)
        return PREFIX + url.rsplit("/", 1)[1]

    def get(self, path, lang="en_US"):
        return self.url_open(path, headers={"Accept-Language": lang.replace("_", "-")})

    def released(self, name="T-1", quantity=10):
        step = self.receive({name: quantity})
        self.pass_lot(step.assist_inspection_ids)
        self.validate(step)
        self.validate(self.storage(step))
        return self.lot(name)

    def test_address(self):
        lot = self.released()
        path = self.path(lot)
        self.assertEqual(path, self.path(lot), "made once")
        self.assertRegex(path, rf"^{PREFIX}[A-Za-z0-9_-]{{22}}$")
        other = lot.copy({"name": "T-2"})
        self.assertFalse(other.assist_public_token)
        self.assertNotEqual(self.path(other), path)
        for wrong in (path[:-1] + "~", path[:-1], PREFIX + "1", PREFIX + "A" * 22, path + "x"):
            self.assertEqual(self.get(wrong).status_code, 404, wrong)

    def test_page(self):
        lot = self.released()
        lot.assist_production_date = "2026-03-01"
        union = self.deliver({lot: 2})
        page = self.get(self.path(lot))
        self.assertEqual(page.status_code, 200)
        for expected in ("Green Tea", "T-1", self.county.name, "Tea Maker", "Released", "Moisture"):
            self.assertIn(expected, page.text)
        for secret in (
            "4711",
            "Workshop Union",
            union.name,
            self.inspector.name,
            self.operator.name,
            "5.0",
        ):
            self.assertNotIn(secret, page.text)
        self.assertEqual(page.headers["X-Robots-Tag"], "noindex, nofollow")
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertNotIn("session_id", page.headers.get("Set-Cookie", ""))

    def test_not_released(self):
        self.receive({"T-1": 10})
        page = self.get(self.path(self.lot("T-1")))
        self.assertEqual(page.status_code, 200)
        self.assertIn("Not released", page.text)
        self.assertNotIn("Tea Maker", page.text)
        rejected = self.receive({"T-2": 10})
        waiting = rejected.assist_inspection_ids.filtered(lambda made: made.lot_id.name == "T-2")
        self.pass_lot(waiting, rejected=10)
        self.assertIn("Not released", self.get(self.path(self.lot("T-2"))).text)

    def test_accepted_lab_reports(self):
        lot = self.released()
        laboratory = self.env["union.assist.laboratory"].create({"name": "Provincial Institute"})
        pack = self.produce("P-1", 2, {lot: 4})
        common = {
            "laboratory_id": laboratory.id,
            "product_id": lot.product_id.id,
            "lot_ids": [(6, 0, lot.ids)],
            "issued_on": "2026-03-02",
            "note": "Ask Mrs. Wang",
            "checked_by_id": self.inspector.id,
        }
        line = {"item": "Lead", "result": "0.4711", "unit": "mg/kg", "verdict": "pass"}
        self.env["union.assist.lab.report"].create(
            [
                {**common, "number": "R-7", "state": "checked", "line_ids": [(0, 0, line)]},
                {**common, "number": "R-WAITS", "state": "submitted"},
                {**common, "number": "R-REFUSED", "state": "refused", "reason": "Wrong"},
            ]
        )
        for record in (lot, pack):
            page = self.get(self.path(record)).text
            for expected in ("Laboratory Tests", "Provincial Institute", "R-7", "March 2, 2026"):
                self.assertIn(expected, page)
            for secret in ("R-WAITS", "R-REFUSED", "0.4711", "Wang", self.inspector.name):
                self.assertNotIn(secret, page)
        self.assertIn("Green Tea T-1", self.get(self.path(pack)).text, "which part it is about")

    def test_items_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.company.partner_id.lang = "en_US"
        moisture = self.plan.item_ids.filtered(lambda item: item.name == "Moisture")
        moisture.with_context(lang="zh_CN").name = "水分"
        lot = self.released()
        self.assertIn("水分", self.get(self.path(lot), "zh_CN").text)
        self.assertIn("Moisture", self.get(self.path(lot)).text)

    def test_unknown(self):
        page = self.get(PREFIX + "A" * 22)
        self.assertEqual(page.status_code, 404)
        self.assertIn("This lot is not known", page.text)
        self.assertIn("no-store", page.headers["Cache-Control"])

    def test_past_its_date(self):
        lot = self.released()
        today = self.env.company._assist_today()
        for days, expected in ((0, False), (-1, True)):
            lot.expiration_date = fields.Datetime.to_datetime(today) + timedelta(days, hours=4)
            said = "past their date" in self.get(self.path(lot)).text
            self.assertEqual(said, expected, days)

    def test_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        lot = self.released()
        page = self.get(self.path(lot), "zh_CN")
        self.assertIn('lang="zh-CN"', page.text)
        self.assertIn('lang="en-US"', self.get(self.path(lot) + "?lang=en_US", "zh_CN").text)

    def test_warnings(self):
        lot = self.released()
        pack = self.produce("P-1", 2, {lot: 4})
        hold = self.hold(lot)
        for record in (lot, pack):
            self.assertIn("on hold", self.get(self.path(record)).text)
        recall = (
            self.env["union.assist.recall"]
            .with_user(self.operator)
            .create({"hold_id": hold.id, "reason": "Lead above the limit"})
        )
        recall.action_start()
        for record in (lot, pack):
            page = self.get(self.path(record))
            self.assertIn("being recalled", page.text)
            self.assertNotIn("Lead above the limit", page.text, "reasons are told to recipients")

    def test_a_mock_recall_warns_nobody(self):
        lot = self.released()
        recall = (
            self.env["union.assist.recall"]
            .with_user(self.operator)
            .create({"lot_ids": [(6, 0, lot.ids)], "reason": "Exercise", "is_mock": True})
        )
        recall.action_start()
        self.assertNotIn("recalled", self.get(self.path(lot)).text)

    def test_gift_pack_names_its_parts(self):
        lot = self.released()
        rice = self.stock_lot("R-1", 10, self.rice)
        pack = self.produce("P-1", 2, {lot: 4, rice: 2})
        box = self.produce("B-1", 1, {pack: 2}, self.box)
        page = self.get(self.path(box)).text
        for expected in ("Box of Packs", "Green Tea", "T-1", "Rice", "R-1", self.county.name):
            self.assertIn(expected, page)

    def test_queries_do_not_grow(self):
        def count(parts):
            lots = [self.stock_lot(f"R-{parts}-{number}", 10, self.rice) for number in range(parts)]
            pack = self.produce(f"P-{parts}", 1, dict.fromkeys(lots, 1))

            def work():
                self.env["union.assist.lot.public"].sudo()._get_page(pack.sudo())

            return self.record_queries(work)

        count(2)
        self.assert_same_queries(count(3), count(15))


@tagged("post_install", "-at_install", "union_assist")
class TestLotPageHouseholds(RecallCommon, FarmingCommon):
    def page(self, lot):
        return self.env["union.assist.lot.public"].sudo()._get_page(lot.sudo())

    def feed(self, lot, count):
        """Let households of the county have delivered what is in a lot."""
        households = self._create_households(count)
        contract = self._create_contract(households, supplier_id=self.other_supplier.id)
        contract.action_sign()
        tickets = self.env["union.assist.weigh.ticket"].create(
            [
                {"contract_id": contract.id, "household_id": household.id, "gross": 100}
                for household in households
            ]
        )
        tickets.action_confirm()
        self.env["union.assist.lot.source"].create(
            [{"lot_id": lot.id, "ticket_id": ticket.id, "quantity": 10} for ticket in tickets]
        )

    def test_too_few(self):
        lot = self.stock_lot("C-1", 50, self.crop)
        self.feed(lot, 4)
        [sentence] = self.page(lot)["households"]
        self.assertIn("too few", sentence)
        self.assertNotIn("4", sentence)
        self.assertNotIn(self.county.name, sentence)

    def test_enough_also_inside_a_pack(self):
        lot = self.stock_lot("C-1", 50, self.crop)
        self.feed(lot, 5)
        sentence = f"5 households of {self.county.name}"
        pack = self.produce("P-1", 2, {lot: 4})
        for record in (lot, pack):
            page = self.page(record)
            self.assertIn(sentence, page["households"][0])
            self.assertNotIn("Secret Name", str(page))
            self.assertNotIn("FARM-", str(page))

    def test_no_rule_publishes_nothing(self):
        lot = self.stock_lot("C-1", 50, self.crop)
        self.feed(lot, 5)
        self.env["union.assist.parameter"].search([("code", "=", "minimum_cell")]).unlink()
        self.assertIn("too few", self.page(lot)["households"][0])
