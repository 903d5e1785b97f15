import functools
from base64 import b64encode
from contextlib import contextmanager
from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..tools.shelf_life import remaining_share
from .common import UnionAssistQualityCommon


@tagged("post_install", "-at_install", "union_assist")
class TestShelfLife(BaseCase):
    def test_share(self):
        made, ends = date(2026, 1, 1), date(2026, 4, 11)
        self.assertEqual((ends - made).days, 100)
        for day, share in (
            (made, 1.0),
            (date(2026, 2, 20), 0.5),
            (ends, 0.0),
            (date(2026, 5, 1), 0.0),
            (date(2025, 12, 1), 1.0),
        ):
            with self.subTest(day=day):
                self.assertAlmostEqual(remaining_share(made, ends, 0, day), share)

    def test_missing_dates(self):
        day = date(2026, 3, 2)
        # Only the day of expiry is shown: the product's shelf life says how much that is.
        self.assertAlmostEqual(remaining_share(None, date(2026, 4, 11), 80, day), 0.5)
        self.assertAlmostEqual(remaining_share(date(2026, 2, 20), None, 100, day), 0.9)
        self.assertIsNone(remaining_share(None, date(2026, 4, 11), 0, day))
        self.assertIsNone(remaining_share(None, None, 100, day))
        self.assertIsNone(remaining_share(date(2026, 3, 1), date(2026, 3, 1), 0, day))


class ArrivalCommon(UnionAssistQualityCommon):
    """Tea of the programme; one rule of each kind in use, for it alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["union.assist.arrival.rule"]
        cls.rules.search([]).active = False
        cls.supplier.write({"assist_supplier_kind": "sme"})
        cls.goods_class = cls.env.ref("union_assist_catalog.goods_class_tea")
        cls.tea.product_tmpl_id.write(
            {
                "assist_supplier_id": cls.supplier.id,
                "assist_own_goods_class_id": cls.goods_class.id,
                "use_expiration_date": True,
                "expiration_time": 100,
            }
        )
        cls.plan.active = False
        cls.today = cls.env.company._assist_today()

    @classmethod
    def rule(cls, name="Packaging", **vals):
        return cls.rules.create(
            {
                "name": name,
                "kind": "packaging",
                "action": "block",
                "date_from": "2020-01-01",
                "source": "Contract",
                "product_tmpl_ids": [(6, 0, cls.tea.product_tmpl_id.ids)],
                **vals,
            }
        )

    def prepare(self, lots, product=None, made=None):
        """Enter lots on a receipt that is not validated yet."""
        product = product or self.tea
        made = made or self.today - timedelta(days=10)
        common = {
            "location_id": self.supplier_location.id,
            "location_dest_id": self.warehouse.wh_input_stock_loc_id.id,
        }
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "partner_id": self.supplier.id,
                **common,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "product_uom_qty": sum(lots.values()),
                            "location_final_id": self.stock.id,
                            **common,
                        },
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            [
                {
                    "move_id": picking.move_ids.id,
                    "picking_id": picking.id,
                    "product_id": product.id,
                    "lot_name": name,
                    "quantity": quantity,
                    "assist_production_date": made,
                    "expiration_date": fields.Datetime.to_datetime(made) + timedelta(days=100),
                    **common,
                }
                for name, quantity in lots.items()
            ]
        )
        return picking

    def check(self, picking, name="Packaging", lot="A-1"):
        return picking.assist_arrival_check_ids.filtered(
            lambda check: check.name == name and check.lot_name == lot
        )

    def answer(self, check, value="pass", user=None, **vals):
        check.with_user(user or self.keeper).write({"answer": value, **vals})

    def lots(self, picking):
        return sorted(picking.assist_arrival_check_ids.mapped("lot_name"))

    @contextmanager
    def refused(self, error, text):
        """What is done inside is refused with a text, and undone."""
        with self.assertRaises(error) as caught:
            yield
        self.assertIn(text, str(caught.exception))

    def force(self, picking):
        """Finish a receipt past everything that only asks."""
        picking.move_ids.picked = True
        return picking.move_ids.with_context(
            skip_backorder=True, skip_expired=True, skip_arrival=True, assist_arrival=False
        )._action_done()


@tagged("post_install", "-at_install", "union_assist")
class TestArrival(ArrivalCommon):
    # ------------------------------------------------------------------
    # Inert
    # ------------------------------------------------------------------
    def test_nothing_without_rules_in_use(self):
        picking = self.prepare({"A-1": 10})
        self.assertFalse(picking.assist_arrival_count)
        self.assertIs(picking.button_validate(), True)

    def test_shipped_rules_are_not_in_use(self):
        data = self.env["ir.model.data"].search(
            [
                ("module", "=", "union_assist_logistics"),
                ("model", "=", "union.assist.arrival.rule"),
                ("name", "like", "arrival_rule_2025_"),
            ]
        )
        self.assertEqual(len(data), 14)
        records = self.rules.browse(data.mapped("res_id"))
        self.assertFalse(any(records.mapped("active")))

    def test_other_goods_are_not_checked(self):
        self.rule(product_tmpl_ids=False)
        picking = self.prepare({"A-1": 10}, product=self.rice)
        self.assertFalse(picking.assist_arrival_count)
        self.assertIs(picking.button_validate(), True)

    # ------------------------------------------------------------------
    # Checks follow the lots
    # ------------------------------------------------------------------
    def test_checks_are_made_when_lots_are_entered(self):
        self.rule()
        picking = self.prepare({"A-1": 10, "A-2": 5})
        self.assertEqual(
            sorted(picking.assist_arrival_check_ids.mapped("lot_name")), ["A-1", "A-2"]
        )
        self.assertEqual(picking.assist_arrival_state, "open")
        line = picking.move_line_ids.filtered(lambda line: line.lot_name == "A-2")
        line.lot_name = "A-3"
        self.assertEqual(
            sorted(picking.assist_arrival_check_ids.mapped("lot_name")), ["A-1", "A-3"]
        )

    def test_checked_lot_that_leaves_is_kept(self):
        self.rule()
        picking = self.prepare({"A-1": 10})
        check = self.check(picking)
        self.answer(check, "fail")
        picking.move_line_ids.lot_name = "A-2"
        self.assertFalse(check.active)
        self.assertEqual(check.answer, "fail")
        self.assertEqual(self.check(picking, lot="A-2").state, "open")
        picking.move_line_ids.lot_name = "A-1"
        self.assertTrue(check.active, "the name does not wash the failure off")
        self.assertEqual(check.state, "blocked")

    def test_goods_classes_and_days(self):
        other = self.env.ref("union_assist_catalog.goods_class_grain")
        self.rule("Other class", goods_class_ids=[(6, 0, other.ids)])
        self.rule("Past", date_to=self.today - timedelta(days=1))
        self.rule("To come", date_from=self.today + timedelta(days=1))
        self.rule("Now", goods_class_ids=[(6, 0, self.goods_class.ids)])
        picking = self.prepare({"A-1": 10})
        self.assertEqual(picking.assist_arrival_check_ids.mapped("name"), ["Now"])

    def test_label_edition_goes_by_production_date(self):
        ends = self.today - timedelta(days=30)
        self.rule("Old label", kind="label", date_to=ends)
        self.rule("New label", kind="label", date_from=ends + timedelta(days=1))
        old = self.prepare({"A-1": 1}, made=ends)
        new = self.prepare({"A-2": 1}, made=ends + timedelta(days=1))
        self.assertEqual(old.assist_arrival_check_ids.mapped("name"), ["Old label"])
        self.assertEqual(new.assist_arrival_check_ids.mapped("name"), ["New label"])

    def test_backorder_takes_its_checks_along(self):
        self.rule()
        picking = self.prepare({"A-1": 10})
        # Odoo keeps the lots of a whole move that waits, not those of a part of one.
        moved = picking.move_ids.copy({"product_uom_qty": 5, "picking_id": picking.id})
        picking.move_line_ids.copy(
            {"move_id": moved.id, "picking_id": picking.id, "lot_name": "A-2", "quantity": 5}
        )
        moved._action_confirm(merge=False)
        self.answer(self.check(picking))
        waiting = self.check(picking, lot="A-2")
        self.answer(waiting, "fail")
        (picking.move_ids - moved).picked = True
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        backorder = self.env["stock.picking"].search([("backorder_id", "=", picking.id)])
        self.assertEqual(picking.assist_arrival_check_ids.mapped("lot_name"), ["A-1"])
        self.assertEqual(backorder.move_line_ids.mapped("lot_name"), ["A-2"])
        self.assertEqual(waiting.picking_id, backorder)
        with self.refused(UserError, "A-2"):
            self.force(backorder)

    # ------------------------------------------------------------------
    # The rule at validation
    # ------------------------------------------------------------------
    def test_missing_checks_refuse(self):
        self.rule()
        picking = self.prepare({"A-1": 10})
        notice = picking.with_user(self.keeper).button_validate()
        self.assertEqual(notice["tag"], "display_notification")
        self.assertIn("lot A-1: Packaging", notice["params"]["message"])
        self.assertEqual(notice["params"]["next"]["res_model"], "union.assist.arrival.check")
        with self.refused(UserError, "lot A-1: Packaging (To Check)"):
            self.force(picking)

    def test_no_door(self):
        """Every way of finishing a receipt ends at the rule, whatever the context says."""
        self.rule()
        picking = self.prepare({"A-1": 10})
        keys = dict.fromkeys(
            ("skip_arrival", "skip_sanity_check", "skip_backorder", "button_validate_picking_ids"),
            True,
        )
        keys["button_validate_picking_ids"] = picking.ids
        picking.move_ids.picked = True
        with self.refused(UserError, "A-1"):
            picking.with_context(**keys)._action_done()
        with self.refused(UserError, "A-1"):
            self.force(picking)
        # Received under a lot that passed, then renamed or enlarged by another lot.
        self.answer(self.check(picking))
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        other = self.env["stock.lot"].create({"name": "A-9", "product_id": self.tea.id})
        with self.refused(UserError, "A-9"):
            picking.move_line_ids.lot_id = other
        with self.refused(UserError, "A-9"):
            picking.move_line_ids.copy({"lot_id": other.id, "lot_name": False, "quantity": 1})
        self.assertEqual(self.check(picking).lot_id.name, "A-1")

    def test_batch_and_immediate_transfer(self):
        self.rule()
        picking = self.prepare({"A-1": 10})
        batch = self.env["stock.picking.batch"].create({"picking_ids": [(6, 0, picking.ids)]})
        batch.action_confirm()
        batch.action_done()
        self.assertNotEqual(picking.state, "done")

    def test_warnings_only_warn(self):
        self.rule(action="warn")
        picking = self.prepare({"A-1": 10})
        self.answer(self.check(picking), "fail")
        self.assertEqual(picking.assist_arrival_state, "warned")
        self.assertIs(picking.button_validate(), True)

    def test_other_lots_go_on(self):
        self.rule()
        picking = self.prepare({"A-1": 10, "A-2": 5})
        self.answer(self.check(picking))
        self.answer(self.check(picking, lot="A-2"), "fail")
        picking.move_line_ids.filtered(lambda line: line.lot_name == "A-2").quantity = 0
        self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_blocked_is_not_conceded(self):
        self.rule()
        picking = self.prepare({"A-1": 10})
        check = self.check(picking)
        self.answer(check, "fail")
        with self.refused(UserError, "none can be given"):
            check.with_user(self.operator)._concede("Please")
        with self.refused(UserError, "Blocked"):
            self.force(picking)

    # ------------------------------------------------------------------
    # Concessions
    # ------------------------------------------------------------------
    def concede(self, check, user=None, reason="Repacked here"):
        self.env["union.assist.arrival.concede"].with_user(user or self.operator).create(
            {"check_ids": [(6, 0, check.ids)], "reason": reason}
        ).action_confirm()

    def test_concession(self):
        self.rule(action="concession")
        picking = self.prepare({"A-1": 10})
        check = self.check(picking)
        self.answer(check, "fail")
        self.assertEqual(check.state, "wanted")
        with self.refused(UserError, "Concession Needed"):
            self.force(picking)
        self.concede(check)
        self.assertEqual((check.state, check.conceded_by_id), ("conceded", self.operator))
        self.assertIn("Repacked here", picking.message_ids[0].body)
        # What is found again needs a concession again.
        self.answer(check, "fail", note="Wet")
        self.assertEqual(check.state, "wanted")
        self.concede(check)
        self.assertIs(picking.button_validate(), True)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_who_concedes(self):
        self.rule(action="concession")
        check = self.check(self.prepare({"A-1": 10}))
        manager = new_test_user(self.env, "arrival_manager", "union_assist_catalog.group_manager")
        self.answer(check, "fail", user=manager)
        with self.refused(AccessError, "somebody else"):
            self.concede(check, user=manager)
        for user in (self.keeper, self.inspector):
            with self.assertRaises(AccessError):
                self.concede(check, user=user)
            with self.assertRaises(AccessError):
                check.with_user(user)._concede("?")
        with self.refused(AccessError, "follow from its rule"):
            check.with_user(manager).write({"conceded_by_id": manager.id})

    # ------------------------------------------------------------------
    # Kinds
    # ------------------------------------------------------------------
    def test_temperature(self):
        self.rule("Temperature", kind="temperature")
        self.assertFalse(self.prepare({"A-1": 1}).assist_arrival_count, "no cold chain")
        self.tea.product_tmpl_id.write(
            {
                "assist_cold_chain": True,
                "assist_temperature_min": 0.0,
                "assist_temperature_max": 4.0,
            }
        )
        check = self.check(self.prepare({"A-1": 1}), "Temperature").with_user(self.keeper)
        self.assertEqual(check.requirement, "0 to 4 °C")
        self.assertFalse(check.verdict)
        for degrees, verdict in ((0.0, "pass"), (4.0, "pass"), (4.1, "fail"), (-0.1, "fail")):
            check.temperature = degrees
            self.assertEqual(check.verdict, verdict, degrees)

    def test_temperature_of_the_goods_class(self):
        """A class's limits stand in where the product has none of its own."""
        self.rule("Temperature", kind="temperature")
        self.goods_class.write({"cold_chain": True, "temperature_min": 2, "temperature_max": 8})
        check = self.check(self.prepare({"A-1": 1}), "Temperature")
        self.assertEqual(check.requirement, "2 to 8 °C")
        self.assertEqual(self.tea._assist_get_temperature_limits(), (2.0, 8.0))
        self.tea.product_tmpl_id.write(
            {
                "assist_cold_chain": True,
                "assist_temperature_min": -18,
                "assist_temperature_max": -15,
            }
        )
        check = self.check(self.prepare({"A-1": 1}), "Temperature")
        self.assertEqual(check.requirement, "-18 to -15 °C")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.goods_class.temperature_max = 1
            self.env.flush_all()

    def test_optional_production_date(self):
        """From GB 7718-2025 on, goods of half a year or more may show the expiry alone."""
        self.rule("Production date", kind="label", optional_days=180)
        check = self.check(self.prepare({"A-1": 1}), "Production date")
        self.answer(check, "missing")
        self.assertEqual(check.verdict, "fail", "100 days")
        self.tea.product_tmpl_id.expiration_time = 180
        check = self.check(self.prepare({"A-2": 1}), "Production date", "A-2")
        self.answer(check, "missing")
        self.assertEqual(check.verdict, "pass")
        rule = self.env.ref("union_assist_logistics.arrival_rule_2025_produced")
        self.assertEqual((rule.optional_days, str(rule.date_from)), (180, "2027-03-16"))
        old = self.env.ref("union_assist_logistics.arrival_rule_2011_produced")
        self.assertEqual((old.optional_days, str(old.date_to)), (0, "2027-03-15"))

    def test_remaining_shelf_life_at_expected_delivery(self):
        self.rule("Shelf life", kind="shelf_life", action="concession", share=50)
        picking = self.prepare({"A-1": 1})
        check = self.check(picking, "Shelf life")
        self.assertEqual((check.share_left, check.state), (90.0, "pass"))
        picking.assist_expected_delivery = self.today + timedelta(days=40)
        picking.action_view_assist_arrival_checks()
        self.assertEqual((check.share_left, check.state), (50.0, "pass"))
        picking.assist_expected_delivery = self.today + timedelta(days=41)
        picking.action_view_assist_arrival_checks()
        self.assertEqual((check.share_left, check.state), (49.0, "wanted"))
        self.assertIn("≥ 50 %", check.requirement)
        with self.refused(UserError, "Shelf life"):
            self.force(picking)
        self.concede(check)
        picking.assist_expected_delivery = self.today + timedelta(days=60)
        with self.refused(UserError, "Shelf life"):
            self.force(picking)

    def test_expected_delivery_of_the_order(self):
        self.rule("Left on receipt", kind="shelf_life", share=50, share_day="receipt")
        self.rule("Left at delivery", kind="shelf_life", share=50)
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "assist_expected_delivery": self.today + timedelta(days=70),
                "order_line": [(0, 0, {"product_id": self.tea.id, "product_qty": 5})],
            }
        )
        picking = self.prepare({"A-1": 5})
        line = order.order_line
        picking.move_ids.purchase_line_id = line
        picking.action_view_assist_arrival_checks()
        self.assertEqual(self.check(picking, "Left at delivery").share_left, 20.0)
        self.assertEqual(self.check(picking, "Left at delivery").state, "blocked")
        self.assertEqual(self.check(picking, "Left on receipt").share_left, 90.0)

    def test_shelf_life_without_dates(self):
        self.rule("Shelf life", kind="shelf_life", share=50)
        picking = self.prepare({"A-1": 1})
        picking.move_line_ids.write({"assist_production_date": False, "expiration_date": False})
        check = self.check(picking, "Shelf life")
        self.assertEqual((check.state, check.share_known), ("open", False))
        with self.refused(UserError, "To Check"):
            self.force(picking)

    def test_share_must_be_one(self):
        for share in (0, 101):
            with self.subTest(share=share), self.assertRaises(ValidationError):
                self.rule(kind="shelf_life", share=share)

    def test_documents_of_the_goods_class(self):
        """Fresh fruit brings its commitment certificate, of this lot; grain does not."""
        self.rule("Documents", kind="document")
        fruit = self.env.ref("union_assist_catalog.goods_class_fresh_fruit")
        kind = self.env.ref("union_assist_catalog.certificate_type_conformity")
        self.tea.product_tmpl_id.assist_own_goods_class_id = fruit
        picking = self.prepare({"A-1": 1})
        check = picking.assist_arrival_check_ids
        self.assertEqual(check.document_rule_id.type_ids, kind)
        self.answer(check)
        self.assertFalse(check.verdict, "ticked, but neither number nor file")
        with self.refused(UserError, check.name):
            self.force(picking)
        self.answer(check, number="HG-2026-1")
        self.assertEqual(check.verdict, "pass")
        self.assertIs(picking.button_validate(), True)
        self.tea.product_tmpl_id.assist_own_goods_class_id = self.env.ref(
            "union_assist_catalog.goods_class_grain"
        )
        needed = self.prepare({"A-2": 1}).assist_arrival_check_ids.document_rule_id.type_ids
        self.assertTrue(needed)
        self.assertNotIn(kind, needed)

    def test_document_of_the_batch_on_file(self):
        self.rule("Documents", kind="document")
        fruit = self.env.ref("union_assist_catalog.goods_class_fresh_fruit")
        self.tea.product_tmpl_id.assist_own_goods_class_id = fruit
        self.env["union.assist.certificate"].create(
            {
                "type_id": self.env.ref("union_assist_catalog.certificate_type_conformity").id,
                "partner_id": self.supplier.id,
                "product_tmpl_ids": [(6, 0, self.tea.product_tmpl_id.ids)],
                "batch": "A-1",
                "number": "HG-1",
                "date_from": self.today,
                "file": b64encode(b"%PDF-1.4\n%%EOF"),
                "file_name": "hg.pdf",
                "state": "verified",
            }
        )
        picking = self.prepare({"A-1": 1, "A-2": 1})
        states = {c.lot_name: c.state for c in picking.assist_arrival_check_ids}
        self.assertEqual(states, {"A-1": "pass", "A-2": "open"})

    # ------------------------------------------------------------------
    # Who, evidence, screens
    # ------------------------------------------------------------------
    @mute_logger("odoo.addons.base.models.ir_model")
    def test_who_records(self):
        self.rule()
        check = self.check(self.prepare({"A-1": 1}))
        for user in (self.keeper, self.inspector):
            self.answer(check, user=user)
            self.assertEqual(check.recorded_by_id, user)
        stock = new_test_user(self.env, "arrival_stock", "stock.group_stock_user")
        viewer = new_test_user(self.env, "arrival_viewer", "union_assist_catalog.group_user")
        for user in (self.operator, stock, viewer):
            with self.assertRaises(AccessError):
                self.answer(check, user=user)
            for method in ("action_pass", "action_fail"):
                with self.assertRaises(AccessError):
                    getattr(check.with_user(user), method)()
        for name, value in (("verdict", "pass"), ("action", "warn"), ("share_left", 100)):
            with self.subTest(field=name), self.assertRaises(AccessError):
                check.with_user(self.keeper).write({name: value})
        with self.assertRaises(AccessError):
            check.with_user(self.keeper).unlink()

    def test_stock_user_is_stopped_too(self):
        self.rule()
        picking = self.prepare({"A-1": 1})
        stock = new_test_user(self.env, "arrival_stock2", "stock.group_stock_user")
        notice = picking.with_user(stock).button_validate()
        self.assertEqual(notice["params"]["type"], "warning")

    def test_finished_receipt_keeps_its_checks(self):
        self.rule()
        picking = self.prepare({"A-1": 1})
        check = self.check(picking)
        self.answer(check)
        picking.button_validate()
        with self.refused(UserError, "is finished"):
            self.answer(check, "fail")
        with self.refused(UserError, "evidence"):
            check.unlink()

    def test_evidence_of_the_lot(self):
        self.plan.active = True
        self.rule()
        picking = self.prepare({"A-1": 1})
        self.answer(self.check(picking))
        picking.button_validate()
        inspection = self.lot("A-1").assist_inspection_ids
        self.assertEqual(inspection.arrival_check_ids, self.check(picking))
        view = self.env["union.assist.quality.inspection"].with_user(self.inspector)
        self.assertTrue(view.browse(inspection.id).arrival_check_ids.read(["name", "state"]))

    def test_rest_conforms(self):
        self.rule()
        self.rule("Net content", kind="label")
        self.rule("Shelf life", kind="shelf_life", share=50)
        picking = self.prepare({"A-1": 1, "A-2": 1})
        self.answer(self.check(picking), "fail")
        picking.with_user(self.keeper).action_assist_arrival_rest_conforms()
        self.assertEqual(self.check(picking).answer, "fail")
        self.assertEqual(self.check(picking, "Net content", "A-2").answer, "pass")

    def test_form_of_the_receipt(self):
        self.rule()
        picking = self.prepare({"A-1": 1})
        with Form(picking.with_user(self.keeper)) as form:
            with form.assist_arrival_check_ids.edit(0) as check:
                check.answer = "pass"
        self.assertEqual(self.check(picking).recorded_by_id, self.keeper)
        self.assertIs(picking.with_user(self.keeper).button_validate(), True)

    def test_other_company(self):
        self.rule()
        check = self.check(self.prepare({"A-1": 1}))
        company = self.env["res.company"].create({"name": "Other Depot"})
        other = new_test_user(
            self.env,
            "arrival_other",
            "union_assist_logistics.group_warehouse",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        with self.assertRaises(AccessError):
            check.with_user(other).read(["name"])

    # ------------------------------------------------------------------
    # Many lots
    # ------------------------------------------------------------------
    def test_queries_do_not_grow_with_lots(self):
        self.rule()
        self.rule("Net content", kind="label", action="warn")
        self.rule("Shelf life", kind="shelf_life", share=50)
        self.rule("Documents", kind="document", action="warn")
        checks = self.env["union.assist.arrival.check"]
        counts = []
        for size in (2, 5, 50):
            picking = self.prepare({f"Q{size}-{i}": 1 for i in range(size)})
            picking.with_user(self.keeper).action_assist_arrival_rest_conforms()
            counts.append(self.record_queries(functools.partial(checks._sync, picking)))
        self.assert_same_queries(counts[1], counts[2])


@tagged("post_install", "-at_install", "union_assist")
class TestArrivalLabReport(ArrivalCommon):
    """A lab report that was accepted answers the check that asks for one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind = cls.env.ref("union_assist_catalog.certificate_type_lab_report")
        cls.env["union.assist.document.rule"].search(
            [("goods_class_id", "in", (False, cls.goods_class.id))]
        ).active = False
        cls.env["union.assist.document.rule"].create(
            {
                "goods_class_id": cls.goods_class.id,
                "type_ids": [(6, 0, cls.kind.ids)],
                "is_per_batch": True,
                "date_from": "2020-01-01",
                "source": "Contract",
            }
        )
        cls.rule("Documents", kind="document")
        cls.laboratory = cls.env["union.assist.laboratory"].create(
            {"name": "Provincial Institute", "cma_number": "230000000001"}
        )

    def make_report(self, batch="A-1", **values):
        return (
            self.env["union.assist.lab.report"]
            .with_user(self.inspector)
            .create(
                {
                    "number": f"R-{batch}",
                    "laboratory_id": self.laboratory.id,
                    "supplier_id": self.supplier.id,
                    "product_id": self.tea.id,
                    "batch": batch,
                    "sampled_on": self.today,
                    "issued_on": self.today,
                    "file": b64encode(b"%PDF-1.4\n%%EOF"),
                    "file_name": "report.pdf",
                    "line_ids": [
                        (
                            0,
                            0,
                            {"item": "Lead", "result": "0.1", "unit": "mg/kg", "verdict": "pass"},
                        )
                    ],
                    **values,
                }
            )
        )

    def test_accepted_before_the_goods_arrive(self):
        report = self.make_report()
        self.assertFalse(report.problems)
        picking = self.prepare({"A-1": 1, "A-2": 1})
        check = picking.assist_arrival_check_ids.filtered(lambda c: c.lot_name == "A-1")
        self.assertEqual(check.state, "open", "handed in, and not checked by anybody yet")
        report.action_check()
        states = {c.lot_name: c.state for c in picking.assist_arrival_check_ids}
        self.assertEqual(states, {"A-1": "pass", "A-2": "open"})
        self.assertEqual(check.report_id, report)
        self.assertFalse(check.recorded_by_id, "nobody ticked it")
        for said in ("R-A-1", "Provincial Institute", str(self.today)):
            self.assertIn(said, check.requirement)
        later = self.prepare({"A-1": 1}).assist_arrival_check_ids
        self.assertEqual((later.state, later.report_id), ("pass", report))
        with self.refused(UserError, "A-2"):
            self.force(picking)

    def test_blanks_around_a_batch_do_not_hide_the_report(self):
        report = self.make_report(" A-1 ")
        report.action_check()
        picking = self.prepare({"A-1": 1})
        self.assertEqual(picking.assist_arrival_check_ids.report_id, report)
        other = self.make_report("A-9")
        other.batch = "A-2 "
        self.assertEqual(other.batch, "A-2")

    def test_received_lot_keeps_its_report(self):
        report = self.make_report()
        report.action_check()
        picking = self.prepare({"A-1": 1})
        self.assertIs(picking.button_validate(), True)
        check = picking.assist_arrival_check_ids
        self.assertEqual((check.state, check.report_id), ("pass", report))

    def test_what_does_not_answer(self):
        """Failing, of another batch or product, too old, or sampled before the lot was made."""
        old = self.today - timedelta(days=181)
        failing = {"item": "Lead", "result": "9", "unit": "mg/kg", "verdict": "fail"}
        self.make_report("A-1", line_ids=[(0, 0, failing)]).action_check()
        self.make_report("A-9").action_check()
        self.make_report("A-2", product_id=self.rice.id).action_check()
        self.make_report("A-3", sampled_on=old, issued_on=old).action_check()
        early = self.today - timedelta(days=11)
        self.make_report("A-4", sampled_on=early).action_check()
        picking = self.prepare({"A-1": 1, "A-2": 1, "A-3": 1, "A-4": 1})
        checks = picking.assist_arrival_check_ids
        self.assertEqual(len(checks), 4)
        self.assertEqual(set(checks.mapped("state")), {"open"})
        self.assertFalse(checks.report_id)

    def test_other_documents_are_not_answered(self):
        self.env["union.assist.document.rule"].search(
            [("goods_class_id", "=", self.goods_class.id)]
        ).type_ids = self.env.ref("union_assist_catalog.certificate_type_conformity")
        self.make_report().action_check()
        self.assertEqual(self.prepare({"A-1": 1}).assist_arrival_check_ids.state, "open")

    def test_found_not_to_conform_stays_so(self):
        picking = self.prepare({"A-1": 1})
        check = picking.assist_arrival_check_ids
        self.answer(check, answer="fail")
        self.make_report().action_check()
        self.assertEqual((check.state, check.report_id.number), ("blocked", "R-A-1"))

    def test_a_plan_demands_its_items_of_a_batch_too(self):
        self.plan.active = True
        self.plan.item_ids.filtered(lambda item: item.name == "Lead").report_required = True
        cadmium = {"item": "Cadmium", "result": "0.1", "unit": "mg/kg", "verdict": "pass"}
        report = self.make_report(line_ids=[(0, 0, cadmium)])
        self.assertIn("demands a report on Lead as well", report.problems)
        above = {"item": "Lead", "result": "5.1", "unit": "mg/kg", "verdict": "pass"}
        report = self.make_report("A-2", line_ids=[(0, 0, above)])
        self.assertIn("our limit is", report.problems)

    def test_accepted_report_is_not_about_a_lot_made_later(self):
        report = self.make_report("A-1")
        report.action_check()
        lot = self.env["stock.lot"].create(
            {
                "name": "A-1",
                "product_id": self.tea.id,
                "assist_production_date": self.today + timedelta(days=1),
            }
        )
        self.env["union.assist.lab.report"]._link_lots(lot)
        self.assertFalse(report.lot_ids)
        self.assertIn("the report is about another lot", report.message_ids[0].body)
        lot.assist_production_date = self.today
        self.env["union.assist.lab.report"]._link_lots(lot)
        self.assertEqual(report.lot_ids, lot)

    def test_queries_do_not_grow_with_reports(self):
        counts = []
        for size in (2, 5, 50):
            names = [f"Q{size}-{i}" for i in range(size)]
            for name in names:
                self.make_report(name).action_check()
            picking = self.prepare(dict.fromkeys(names, 1))
            self.assertEqual(set(picking.assist_arrival_check_ids.mapped("state")), {"pass"})
            checks = self.env["union.assist.arrival.check"]
            counts.append(self.record_queries(functools.partial(checks._sync, picking)))
        self.assert_same_queries(counts[1], counts[2])
