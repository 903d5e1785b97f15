import io
import re
from datetime import timedelta

from psycopg2 import IntegrityError
from pypdf import PdfReader
from reportlab.lib.units import mm

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .delivery_route_common import DeliveryRouteCommon
from .test_note_copies import read_codes

SHEET = "union_assist_logistics.action_report_driver_sheet"


@tagged("post_install", "-at_install", "union_assist")
class TestDeliveryRoute(DeliveryRouteCommon):
    # -- planning --------------------------------------------------------------------------

    def test_states_from_draft_to_done(self):
        route = self._make_route(self._make_packed(self.unit))
        self.assertEqual(route.assist_route_state, "draft")
        self.assertTrue(route.name.startswith("PS"))
        self.assertEqual(route.assist_date, route.company_id._assist_today())
        self.assertEqual((route.assist_plate, route.assist_driver), ("陕A12345", "王师傅"))
        route.action_confirm()
        self.assertEqual(route.assist_route_state, "loading")
        with self.assertRaisesRegex(UserError, "not on its way"):
            route.action_finish()
        self._load_all(route)
        self.assertIs(route.action_depart(), True)
        self.assertEqual(route.assist_route_state, "departed")
        self.assertEqual(route.picking_ids.mapped("state"), ["done"])
        self.assertEqual(route.picking_ids.assist_vehicle, "陕A12345")
        self.assertEqual(route.picking_ids.assist_driver, "王师傅")
        self.assertEqual(route.picking_ids.assist_proof_state, "departed")
        self.assertEqual(route.assist_departed_by_id, self.keeper)
        route.action_finish()
        self.assertEqual(route.assist_route_state, "done")

    def test_form(self):
        """A route is made as a user makes it: vehicle and deliveries."""
        picking = self._make_packed(self.unit)
        form = Form(
            self.env["stock.picking.batch"]
            .with_user(self.keeper)
            .with_context(default_assist_is_route=True),
            "union_assist_logistics.view_delivery_route_form",
        )
        form.assist_vehicle_id = self.vehicle
        form.picking_type_id = self.warehouse.out_type_id
        form.picking_ids.add(picking)
        route = form.save()
        self.assertTrue(route.assist_is_route)
        self.assertEqual(route.picking_ids, picking)
        self.assertEqual(picking.assist_stop, 1)

    def test_deliveries_to_one_address_are_one_drop(self):
        pickings = self.env["stock.picking"].concat(
            *(self._make_packed(partner) for partner in (self.unit, self.far, self.unit))
        )
        route = self._make_route(pickings)
        self.assertEqual(pickings.mapped("assist_stop"), [1, 2, 1])
        self.assertEqual(route.assist_drop_count, 2)
        # Two contacts at the same street are one stop, too.
        contacts = self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "parent_id": self.far.id,
                    "type": "delivery",
                    "street": "一路1号",
                    "zip": "719000",
                    "city": "榆林市",
                    "state_id": self.far.state_id.id,
                }
                for name in ("南门", "北门")
            ]
        )
        more = self.env["stock.picking"].concat(
            *(self._make_packed(partner) for partner in contacts)
        )
        more.batch_id = route
        self.assertEqual(more.mapped("assist_stop"), [2, 2])

    def test_order_by_hand_and_by_proposal(self):
        far, near, unit = (self._make_packed(p) for p in (self.far, self.near, self.unit))
        route = self._make_route(far + near + unit)
        self.assertEqual([p.assist_stop for p in (far, near, unit)], [1, 2, 3])
        # Dragged: the client writes the numbers of those that moved.
        route.write(
            {
                "picking_ids": [
                    Command.update(unit.id, {"assist_stop": 1}),
                    Command.update(far.id, {"assist_stop": 2}),
                    Command.update(near.id, {"assist_stop": 3}),
                ]
            }
        )
        self.assertEqual([p.assist_stop for p in (unit, far, near)], [1, 2, 3])
        answer = route.action_propose_stops()
        self.assertEqual([p.assist_stop for p in (near, unit, far)], [1, 2, 3])
        self.assertIn("postal code", answer["params"]["message"])
        self.assertIn("postal code", route.message_ids[0].body)
        self.near.zip = False
        answer = route.action_propose_stops()
        self.assertEqual([p.assist_stop for p in (unit, far, near)], [1, 2, 3])
        self.assertIn("莲湖工会", answer["params"]["message"])

    def test_ready_deliveries_are_added_from_the_search(self):
        route = self._make_route(self._make_packed(self.unit))
        ready, other = self._make_packed(self.far), self._make_packed(self.near)
        action = route.action_add_ready()
        found = self.env["stock.picking"].with_user(self.keeper).search(action["domain"])
        self.assertLessEqual(ready + other, found)
        self.assertNotIn(route.picking_ids, found)
        found.browse(ready.id).with_context(assist_route_id=route.id).action_add_to_route()
        self.assertEqual(ready.batch_id, route)
        self.assertEqual(ready.assist_stop, 2)
        opened = other.with_user(self.keeper).action_make_route()
        self.assertTrue(self.env["stock.picking.batch"].browse(opened["res_id"]).assist_is_route)
        with self.assertRaisesRegex(UserError, "Open a route"):
            ready.action_add_to_route()

    def test_load_against_capacity(self):
        route = self._make_route(self._make_packed(self.unit, cartons=3, quantity=100))
        self.assertEqual(route.assist_load_weight, 600)
        self.assertEqual(route.assist_weight_share, 60)
        self.assertFalse(route.assist_warning)
        package_type = self.env["stock.package.type"].create(
            {
                "name": "Box",
                "packaging_length": 1000,
                "width": 2000,
                "height": 2000,
                "base_weight": 1,
            }
        )
        route._assist_get_lines().result_package_id.package_type_id = package_type
        route.invalidate_recordset()
        self.assertEqual(route.assist_load_weight, 603)
        self.assertEqual(route.assist_load_volume, 12)
        self.assertIn("12.0 m³", route.assist_warning)
        route.action_confirm()
        self._load_all(route)
        action = route.action_depart()
        wizard = self.env[action["res_model"]].with_user(self.keeper)
        wizard = wizard.with_context(**action["context"]).create({})
        self.assertFalse(wizard.line_ids)
        with self.assertRaisesRegex(UserError, "say why"):
            wizard.action_confirm()
        wizard.overload_reason = "Short way, allowed by the manager"
        wizard.action_confirm()
        self.assertEqual(route.assist_route_state, "departed")
        self.assertEqual(route.assist_overload_reason, "Short way, allowed by the manager")

    def test_what_a_route_needs(self):
        picking = self._make_packed(self.unit)
        route = self._make_route(picking)
        route.write({"assist_vehicle_id": False, "assist_carrier_id": False})
        with self.assertRaisesRegex(UserError, "vehicle or a carrier"):
            route.action_confirm()
        route.write({"assist_carrier_id": self.far.id, "assist_waybill": "SF123"})
        unready = self._make_order({self._make_product("缺货", 1): 1}).picking_ids
        unready.batch_id = route
        with self.assertRaisesRegex(UserError, "not ready"):
            route.action_confirm()
        unready.batch_id = False
        route.action_confirm()
        self.assertEqual(route.assist_route_state, "loading")
        receipt_type = self.warehouse.in_type_id
        with self.assertRaises(UserError):
            self.env["stock.picking.batch"].create(
                {"assist_is_route": True, "picking_type_id": receipt_type.id}
            )

    def test_vehicles(self):
        self.assertEqual(self.vehicle.name, "陕A12345")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.vehicle.create({"name": "陕A 12345"})
        self._make_route(self._make_packed(self.unit))
        self.assertEqual(self.vehicle.route_count, 1)
        self.assertEqual(len(self.vehicle.search([("name", "=", "陕A12345")])), 1)
        self.assertNotEqual(self.vehicle.copy().name, self.vehicle.name)

    # -- loading -----------------------------------------------------------------------------

    def test_only_what_belongs_on_it_is_loaded(self):
        mine, other, alone = (self._make_packed(p) for p in (self.unit, self.far, self.near))
        route, elsewhere = self._make_route(mine), self._make_route(other)
        carton = mine.move_line_ids.result_package_id[0]
        self.assertEqual(self._scan(route, carton.name), "closed")
        route.action_confirm()
        self.assertEqual(self._scan(route, carton.name), "loaded")
        self.assertEqual(self._scan(route, carton.name), "already")
        self.assertEqual(self._scan(route, "NO SUCH CARTON"), "unknown")
        answer = route.assist_scan("foreign-carton", other.move_line_ids.result_package_id[0].name)
        self.assertEqual(answer["result"], "foreign")
        self.assertIn(elsewhere.name, answer["message"])
        self.assertIn("榆林工会", answer["message"])
        answer = route.assist_scan("carton-no-route", alone.move_line_ids.result_package_id[0].name)
        self.assertEqual(answer["result"], "foreign")
        self.assertIn("no route", answer["message"])
        gone = self._make_packed(self.near)
        gone.move_ids.picked = True
        gone.button_validate()
        self.assertEqual(self._scan(route, gone.move_line_ids.result_package_id[0].name), "gone")
        empty = self.env["stock.package"].create({"name": "EMPTY"})
        self.assertEqual(self._scan(route, empty.name), "unready")
        self.assertEqual(route.assist_loaded_count, 1)
        loading = route.assist_loading_ids
        self.assertEqual((loading.loaded_by_id, loading.package_id), (self.keeper, carton))

    def test_the_same_scan_counts_once(self):
        """A device that got no answer sends again; the moment of the scan is kept."""
        picking = self._make_packed(self.unit)
        route = self._make_route(picking)
        route.action_confirm()
        name = picking.move_line_ids.result_package_id[0].name
        moment = fields.Datetime.now() - timedelta(hours=2)
        first = route.assist_scan("the-same-key", name, fields.Datetime.to_string(moment))
        again = route.assist_scan("the-same-key", name, fields.Datetime.to_string(moment))
        self.assertEqual((first["result"], again["result"]), ("loaded", "loaded"))
        self.assertEqual(len(route.assist_loading_ids), 1)
        self.assertEqual(route.assist_loading_ids.loaded_at, moment)
        # Neither a clock that runs ahead nor rubbish makes a moment of the future.
        other = picking.move_line_ids.result_package_id[1].name
        route.assist_scan("another-key", other, "2999-01-01 00:00:00")
        self.assertLessEqual(route.assist_loading_ids[0].loaded_at, fields.Datetime.now())
        for key in (None, "short", "x" * 65, 7):
            with self.subTest(key=key), self.assertRaises(ValidationError):
                route.assist_scan(key, name)

    def test_taken_off_and_loaded_again(self):
        picking = self._make_packed(self.unit)
        route = self._make_route(picking)
        route.action_confirm()
        name = picking.move_line_ids.result_package_id[0].name
        self._scan(route, name)
        self.assertEqual(route.assist_take_off(route.assist_loading_ids.id)["result"], "off")
        self.assertEqual(route.assist_loaded_count, 0)
        self.assertEqual(self._scan(route, name), "loaded")
        self.assertEqual(route.assist_loaded_count, 1)
        self.assertEqual(len(route.assist_loading_ids), 2, "the first stays on record")

    def test_codes_of_cartons(self):
        """The name as printed, and the eighteen digits with and without their identifier."""
        picking = self._make_packed(self.unit, cartons=1)
        package = picking.move_line_ids.result_package_id
        package.name = "106141411234567897"
        route = self._make_route(picking)
        route.action_confirm()
        for code in (
            "106141411234567897",
            "00106141411234567897",
            "(00)106141411234567897",
            "]C100106141411234567897",
            " 00 1061 4141 1234 5678 97 ",
        ):
            with self.subTest(code=code):
                self.assertEqual(self._scan(route, code), "loaded")
                route.assist_take_off(
                    route.assist_loading_ids.filtered(lambda loading: not loading.taken_off).id
                )
        self.assertEqual(self._scan(route, ""), "unknown")
        self.assertEqual(self._scan(route, "%"), "unknown")

    def test_goods_without_a_carton(self):
        picking = self._make_order({self.tea: 10}, partner=self.unit).picking_ids
        route = self._make_route(picking)
        route.action_confirm()
        line = picking.move_line_ids

        def load(quantity):
            self.scans = getattr(self, "scans", 0) + 1
            return route.assist_load_loose(f"loose-{self.scans:05}", line.id, quantity)["result"]

        self.assertEqual(load(11), "refused")
        for quantity in (-1, float("nan"), float("inf"), "four", None):
            self.assertEqual(load(quantity), "refused")
        self.assertEqual(self._scan(route, "SSCC\x00"), "unknown")
        self.assertEqual(load(4), "loaded")
        self.assertEqual(route._assist_get_missing(), {line: 6.0})
        self.assertEqual(load(10), "loaded")
        self.assertFalse(route._assist_get_missing())
        self.assertEqual(load(0), "loaded")
        self.assertEqual(route._assist_get_missing(), {line: 10.0})
        foreign = self._make_order({self.tea: 1}).picking_ids.move_line_ids
        self.assertEqual(
            route.assist_load_loose("foreign-line", foreign.id, 1)["result"], "foreign"
        )

    # -- departing ---------------------------------------------------------------------------

    def _depart(self, route, reason="Damaged", target=None):
        action = route.action_depart()
        self.assertIsInstance(action, dict)
        wizard = self.env[action["res_model"]].with_user(self.keeper)
        wizard = wizard.with_context(**action["context"]).create({})
        wizard.line_ids.write({"reason": reason, "target_id": target and target.id})
        wizard.action_confirm()

    def test_nothing_is_left_behind_unexplained(self):
        whole, part, none = (self._make_packed(p) for p in (self.unit, self.far, self.near))
        route = self._make_route(whole + part + none)
        route.action_confirm()
        for package in (whole + part[0]).move_line_ids.result_package_id[:3]:
            self._scan(route, package.name)
        with self.assertRaisesRegex(UserError, "Say why"):
            self._depart(route, reason=" ")
        with self.assertRaisesRegex(UserError, "not said where it goes"):
            route._assist_depart()
        self.assertEqual(route.assist_route_state, "loading")
        self._depart(route)
        self.assertEqual((whole.state, part.state, none.state), ("done", "done", "assigned"))
        self.assertEqual(sum(part.move_ids.mapped("quantity")), 10)
        backorder = part.backorder_ids
        self.assertEqual(backorder.move_ids.product_uom_qty, 10)
        self.assertFalse(backorder.batch_id.assist_is_route)
        self.assertFalse(none.batch_id.assist_is_route)
        self.assertEqual(route.picking_ids, whole + part)
        self.assertIn("Damaged", none.message_ids.filtered("body")[0].body)
        self.assertEqual(route.assist_drop_count, 2)

    def test_the_rest_goes_with_another_route(self):
        part, none = self._make_packed(self.far), self._make_packed(self.near)
        route, other = self._make_route(part + none), self._make_route(self.env["stock.picking"])
        route.action_confirm()
        self._scan(route, part.move_line_ids.result_package_id[0].name)
        self._depart(route, target=other)
        self.assertEqual(part.state, "done")
        self.assertEqual(other.picking_ids, none + part.backorder_ids)
        self.assertEqual(sorted(other.picking_ids.mapped("assist_stop")), [1, 2])

    def test_part_of_loose_goods(self):
        picking = self._make_order({self.tea: 10, self.rice: 5}, partner=self.unit).picking_ids
        route = self._make_route(picking)
        route.action_confirm()
        tea = picking.move_line_ids.filtered(lambda line: line.product_id == self.tea)
        route.assist_load_loose("four-of-ten", tea.id, 4)
        self._depart(route)
        self.assertEqual(picking.move_ids.filtered("quantity").mapped("quantity"), [4.0])
        self.assertEqual(
            sorted(picking.backorder_ids.move_ids.mapped("product_uom_qty")), [5.0, 6.0]
        )

    def test_an_empty_vehicle_does_not_depart(self):
        route = self._make_route(self._make_packed(self.unit))
        route.action_confirm()
        with self.assertRaisesRegex(UserError, "Nothing is loaded"):
            self._depart(route)

    def test_no_way_around_the_route(self):
        """Goods of a route leave with its vehicle, whoever validates and with what context."""
        picking, other = self._make_packed(self.unit), self._make_packed(self.far)
        route = self._make_route(picking + other)
        as_keeper = picking.with_user(self.keeper)
        for state in ("draft", "loading"):
            self.assertEqual(route.assist_route_state, state)
            picking.move_ids.picked = True
            for context in ({}, {"skip_backorder": True, "batches_to_validate": route.ids}):
                with self.assertRaisesRegex(UserError, route.name):
                    as_keeper.with_context(**context).button_validate()
            with self.assertRaisesRegex(UserError, route.name):
                as_keeper.sudo()._action_done()
            if state == "draft":
                route.action_confirm()
        self.assertIsInstance(route.action_done(), dict)
        self.assertEqual(set((picking + other).mapped("state")), {"assigned"})
        for values in (
            {"assist_departed_at": fields.Datetime.now()},
            {"assist_finished_at": fields.Datetime.now()},
            {"assist_loading_ids": [Command.clear()]},
        ):
            with self.assertRaises(AccessError):
                route.write(values)
        # Off the route it is a delivery like others.
        picking.batch_id = False
        picking.move_ids.picked = True
        as_keeper.button_validate()
        self.assertEqual(picking.state, "done")

    def test_after_departure_nothing_changes(self):
        picking, late = self._make_packed(self.unit), self._make_packed(self.far)
        route = self._make_route(picking)
        route.action_confirm()
        self._load_all(route)
        route.action_depart()
        name = picking.move_line_ids.result_package_id[0].name
        self.assertEqual(self._scan(route, name), "closed")
        self.assertEqual(route.assist_take_off(route.assist_loading_ids[0].id)["result"], "closed")
        for change in (
            lambda: route.write({"picking_ids": [Command.link(late.id)]}),
            lambda: late.with_user(self.keeper).write({"batch_id": route.id}),
            route.action_cancel,
            route.action_depart,
            route.action_propose_stops,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()

    def test_a_delivery_that_changes_routes_is_loaded_anew(self):
        picking = self._make_packed(self.unit)
        route, other = self._make_route(picking), self._make_route(self._make_packed(self.far))
        route.action_confirm()
        self._load_all(route)
        picking.batch_id = other
        self.assertTrue(all(route.assist_loading_ids.mapped("taken_off")))
        other.action_confirm()
        self.assertEqual(
            self._scan(other, picking.move_line_ids.result_package_id[0].name), "loaded"
        )

    def test_expired_lots_stay(self):
        picking = self._make_packed(self.unit)
        self.lots[self.tea].removal_date = fields.Datetime.now() - timedelta(days=1)
        route = self._make_route(picking)
        route.action_confirm()
        self._load_all(route)
        with self.assertRaisesRegex(UserError, picking.name), self.cr.savepoint():
            route.action_depart()
        self.assertEqual(route.assist_route_state, "loading")

    # -- cold chain ----------------------------------------------------------------------------

    def test_temperatures(self):
        self.tea.write(
            {"assist_cold_chain": True, "assist_temperature_min": 0, "assist_temperature_max": 8}
        )
        self.rice.write(
            {"assist_cold_chain": True, "assist_temperature_min": 2, "assist_temperature_max": 10}
        )
        cold, warm = self._make_deliveries(1), self._make_order({self._warm(): 1}).picking_ids
        warm.partner_id = self.far
        route = self._make_route(cold + warm)
        self.assertTrue(route.assist_cold_chain)
        self.assertIn("not refrigerated", route.assist_warning)
        self.vehicle.cold_chain = True
        route.invalidate_recordset()
        self.assertFalse(route.assist_warning)
        record = route.assist_record_temperature
        self.assertEqual(record("too-early", "loading", 5)["result"], "closed")
        route.action_confirm()
        for index, line in enumerate(route._assist_get_lines()):
            route.assist_load_loose(f"line-number-{index}", line.id, line.quantity)
        with self.assertRaisesRegex(UserError, "temperature"):
            route.action_depart()
        self.assertEqual(record("measured-1", "loading", 1.5)["result"], "refused", "2 to 8")
        for value in (float("nan"), float("-inf"), "cold", None):
            self.assertEqual(
                record("measured-0", "loading", value, None, "Why")["result"], "refused"
            )
        self.assertFalse(route.assist_temperature_ids)
        self.assertEqual(
            record("measured-2", "loading", 1.5, None, "Door was open")["result"], "recorded"
        )
        reading = route.assist_temperature_ids
        self.assertEqual((reading.minimum, reading.maximum, reading.within), (2, 8, False))
        self.assertEqual(reading.reason, "Door was open")
        self.assertEqual(record("measured-3", "loading", 5)["result"], "recorded")
        self.assertEqual(record("measured-3", "loading", 5)["result"], "recorded")
        self.assertEqual(len(route.assist_temperature_ids), 2, "sent twice, recorded once")
        route.action_depart()
        self.assertEqual(record("measured-4", "loading", 5)["result"], "closed")
        with self.assertRaisesRegex(UserError, "某市教育工会"):
            route.action_finish()
        self.assertEqual(
            record("measured-5", "handover", 5, self.far.id)["result"], "closed", "not cooled"
        )
        self.assertEqual(record("measured-6", "handover", 8, self.unit.id)["result"], "recorded")
        with self.assertRaises(UserError):
            route.assist_temperature_ids.sudo().value = 3
        route.action_finish()
        self.assertEqual(route.assist_route_state, "done")

    def _warm(self):
        product = self._make_product("小米", 5)
        self._make_stock(product, "MILLET")
        return product

    def test_limits_make_sense(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.tea.product_tmpl_id.write({"assist_cold_chain": True, "assist_temperature_min": 8})
            self.env.flush_all()

    # -- papers and screens ------------------------------------------------------------------------

    def test_driver_sheet(self):
        self.unit.write({"assist_receive_from": 8.5, "assist_receive_to": 11.75})
        person = self.env["res.partner"].create(
            {"name": "张三", "phone": "13800000000", "street": "某路2号", "city": "西安市"}
        )
        pickings = self.env["stock.picking"].concat(
            *(self._make_packed(partner) for partner in (self.far, self.unit, person))
        )
        route = self._make_route(pickings)
        pdf, kind = (
            self.report.with_user(self.keeper).with_context(lang="zh_CN")._render(SHEET, route.ids)
        )
        self.assertEqual(kind, "pdf")
        pages = PdfReader(io.BytesIO(pdf)).pages
        self.assertEqual(len(pages), 1)
        self.assertAlmostEqual(float(pages[0].mediabox.width), 210 * mm, 2)
        self.assertAlmostEqual(float(pages[0].mediabox.height), 297 * mm, 2)
        text = re.sub(r"\s", "", pages[0].extract_text())
        for part in (
            "司机派送单",
            route.name,
            "陕A12345",
            "王师傅",
            "榆林工会",
            "某市教育工会",
            "08:30–11:45",
            "2箱",
            "40.0kg",
            "张三",
            "某路2号",
            "第1页共1页",
        ):
            self.assertIn(part, text)
        self.assertLess(text.index("榆林工会"), text.index("某市教育工会"))
        self.assertNotIn("13800000000", text, "a private person's telephone")
        self.assertNotIn("￥", text)
        self.assertEqual(read_codes(pdf)[0], {"Code128": route.name})
        for font in pages[0]["/Resources"]["/Font"].values():
            self.assertIn("/FontFile2", font.get_object()["/FontDescriptor"])

    def test_driver_sheet_of_many_stops(self):
        partners = self.env["res.partner"].create(
            [
                {"name": f"工会{index}号" * 5, "is_company": True, "street": f"路{index}号" * 6}
                for index in range(30)
            ]
        )
        pickings = self.env["stock.picking"].concat(
            *(self._make_order({self.tea: 1}, partner=partner).picking_ids for partner in partners)
        )
        route = self._make_route(pickings)
        pdf = self.report.with_context(lang="zh_CN")._render(SHEET, route.ids)[0]
        pages = [
            re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages
        ]
        self.assertGreater(len(pages), 2)
        for number, text in enumerate(pages, 1):
            self.assertIn(f"第{number}页共{len(pages)}页", text)
            self.assertIn("收货单位", text)
            self.assertEqual("30站" in text or "30个" in text, number == len(pages))

    def test_notes_in_the_order_of_stops(self):
        first, second = self._make_packed(self.far), self._make_packed(self.unit)
        route = self._make_route(second + first)
        route.action_propose_stops()
        action = route.action_print_notes()
        self.assertEqual(action["context"]["active_ids"], (second + first).ids)

    def test_screen_shows_no_more_than_needed(self):
        person = self.env["res.partner"].create(
            {"name": "张三", "phone": "13800000000", "street": "某路2号"}
        )
        route = self._make_route(self._make_packed(person) + self._make_packed(self.unit))
        shown = route.assist_get_loading()
        self.assertNotIn("13800000000", str(shown))
        self.assertNotIn("128", str(shown["drops"]), "no price")
        self.assertEqual([drop["unit"] for drop in shown["drops"]], ["张三", "某市教育工会"])
        self.assertEqual(len(shown["drops"][0]["cartons"]), 2)
        listed = route.assist_get_open_routes("loading")
        self.assertIn(route.id, [row["id"] for row in listed])
        self.assertNotIn(route.id, [row["id"] for row in route.assist_get_open_routes("handover")])

    def test_queries_do_not_grow_with_the_deliveries(self):
        """5 and 50 deliveries on a route: the same number of queries for list and screen."""

        def count(pickings):
            route = self._make_route(pickings)

            def work():
                route.assist_get_loading()
                route.read(["assist_load_weight", "assist_drop_count", "assist_warning"])

            return self.record_queries(work)

        pickings = self.env["stock.picking"].concat(
            *(self._make_packed(self.unit) for _index in range(57))
        )
        count(pickings[:2])
        self.assert_same_queries(count(pickings[2:7]), count(pickings[7:57]))

    # -- who may -----------------------------------------------------------------------------------

    def test_others_have_no_part_in_it(self):
        route = self._make_route(self._make_packed(self.unit))
        route.action_confirm()
        name = route._assist_get_lines().result_package_id[0].name
        for groups in ("base.group_portal", "union_assist_catalog.group_user", "base.group_user"):
            user = new_test_user(self.env, f"route_{groups}", groups)
            other = route.with_user(user)
            for call in (
                other.assist_get_loading,
                lambda other=other: other.assist_scan("a-key-of-others", name),
                lambda other=other: other.assist_take_off(1),
                lambda other=other: other.assist_load_loose("a-key-of-others", 1, 1),
                lambda other=other: other.assist_record_temperature("a-key", "loading", 1),
                other.action_depart,
                other.action_finish,
                other.action_confirm,
                lambda other=other: other.assist_get_open_routes("loading"),
                lambda user=user: self.report.with_user(user)._render(SHEET, route.ids),
            ):
                with self.subTest(groups=groups), self.assertRaises(AccessError):
                    call()
        for model in ("loading", "temperature"):
            with self.assertRaises(AccessError):
                self.env[f"union.assist.{model}"].with_user(self.keeper).create({})

    def test_other_companies_see_nothing(self):
        other = self.env["res.company"].create({"name": "另一公司"})
        user = new_test_user(
            self.env,
            "route_other",
            "stock.group_stock_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        route = self._make_route(self._make_packed(self.unit))
        with self.assertRaises(AccessError):
            route.with_user(user).assist_get_loading()
        self.assertFalse(self.env["union.assist.vehicle"].with_user(user).search([]))

    def test_plain_batches_are_as_before(self):
        picking = self._make_packed(self.unit)
        batch = self.env["stock.picking.batch"].create(
            {
                "picking_ids": [Command.link(picking.id)],
                "picking_type_id": self.warehouse.out_type_id.id,
            }
        )
        self.assertFalse(batch.assist_route_state)
        batch.action_confirm()
        picking.move_ids.picked = True
        batch.action_done()
        self.assertEqual((batch.state, picking.state), ("done", "done"))
        self.assertFalse(picking.assist_stop)
        with self.assertRaisesRegex(UserError, "no delivery route"):
            batch.assist_scan("key-of-a-batch", "X")
