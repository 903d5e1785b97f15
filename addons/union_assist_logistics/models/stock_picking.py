import base64
import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from odoo.addons.web.controllers.utils import clean_action

from ..tools.cartons import Box, Item, propose_cartons
from .delivery_event import PROOF_STATES
from .stock_lot import HOLD_READERS

# Which backorders belong to a quality step: kept by making them, never by hand.
STEP_FIELDS = frozenset(("assist_quality_root_id",))
# What a printed note says about itself: kept by printing, never by hand.
NOTE_FIELDS = frozenset({"assist_note_number", "assist_note_token", "assist_note_prints"})
# What the proof of a delivery is made of: moved on by acts, never by hand.
PROOF_FIELDS = frozenset(
    ("assist_proof_state", "assist_proof_deadline", "assist_proof_reminded_on")
    + ("assist_proof_event_ids", "assist_token_date", "assist_receipt_pdf")
    + ("assist_receipt_ids", "assist_scan_ids", "assist_case_ids")
)
PROOF_BATCH = 200


class StockPicking(models.Model):
    _inherit = "stock.picking"
    _assist_kept_fields = STEP_FIELDS | NOTE_FIELDS | PROOF_FIELDS

    # ------------------------------------------------------------------
    # Quality control
    # ------------------------------------------------------------------
    assist_inspection_ids = fields.One2many(
        "union.assist.quality.inspection", "picking_id", "Inspections"
    )
    assist_inspection_count = fields.Integer(
        "Inspection Count", compute="_compute_assist_quality", compute_sudo=True
    )
    assist_quality_state = fields.Selection(
        [
            ("to_record", "Waiting for Results"),
            ("to_decide", "Waiting for Decision"),
            ("decided", "Decided"),
            ("rejected", "Partly or Wholly Rejected"),
        ],
        "Quality",
        compute="_compute_assist_quality",
        compute_sudo=True,
    )
    assist_quality_root_id = fields.Many2one(
        "stock.picking",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="First transfer of a chain of backorders of a quality step.",
    )

    @api.depends("assist_inspection_ids.state", "assist_inspection_ids.rejected_qty")
    def _compute_assist_quality(self):
        for picking in self:
            inspections = picking.assist_inspection_ids.filtered(
                lambda inspection: inspection.state != "cancel"
            )
            states = set(inspections.mapped("state"))
            picking.assist_inspection_count = len(inspections)
            if "draft" in states:
                picking.assist_quality_state = "to_record"
            elif "submitted" in states:
                picking.assist_quality_state = "to_decide"
            elif any(inspections.mapped("rejected_qty")):
                picking.assist_quality_state = "rejected"
            else:
                picking.assist_quality_state = "decided" if inspections else False

    def _assist_get_quality_steps(self):
        """The transfers among these in which goods are inspected.

        They are the quality step of their warehouse, and transfers of the operation types
        that plans name. Empty where no quality plan exists: then nothing here does anything.
        """
        index = self and self.env["union.assist.quality.plan"]._get_index()
        if not index:
            return self.browse()
        named = set().union(*(scope.picking_type_ids for scope in index))
        return self.filtered(
            lambda picking: (
                picking.picking_type_id.id in named
                or (picking.picking_type_id and picking.picking_type_id._assist_is_quality_step())
            )
        )

    def _assist_get_lot_needs(self):
        """What waits in these quality steps for inspection.

        :return: ``{(picking, lot): (quantity in the product's unit, a move line)}``
        """
        needs, applies = {}, {}
        lines = self.move_line_ids.with_prefetch()
        kinds = lines.lot_id._assist_get_supplier_kinds()
        for line in lines:
            lot = line.lot_id
            if not lot or line.state in ("done", "cancel") or line.quantity_product_uom <= 0:
                continue
            key = (lot, line.company_id, line.picking_id.picking_type_id)
            if key not in applies:
                applies[key] = lot._assist_get_plan_ids(
                    line.company_id, True, line.picking_id.picking_type_id, kinds.get(lot)
                )
            if not applies[key]:
                continue
            quantity, first = needs.get((line.picking_id, lot), (0.0, line))
            needs[line.picking_id, lot] = (quantity + line.quantity_product_uom, first)
        return needs

    def _assist_get_waiting_inspections(self):
        """Open inspections of the lots that validating these transfers would move."""
        waiting = self.env["union.assist.quality.inspection"]
        for picking in self:
            lines = picking.move_line_ids.filtered(
                lambda line: line.state not in ("done", "cancel") and line.quantity > 0
            )
            lines = lines.filtered("picked") or lines
            waiting |= picking.sudo().assist_inspection_ids.filtered(
                lambda inspection, lots=lines.lot_id: (
                    inspection.state in ("draft", "submitted") and inspection.lot_id in lots
                )
            )
        return waiting

    def _pre_action_done_hook(self):
        """Say kindly what a quality step waits for; the rule itself is in the moves."""
        notice = self._assist_get_arrival_notice()
        if notice:
            return notice
        steps = self._assist_get_quality_steps()
        if steps:
            self.env["union.assist.quality.inspection"]._sync_with_pickings(steps)
            waiting = steps._assist_get_waiting_inspections()
            if waiting:
                return {
                    "type": "ir.actions.client",
                    "tag": "display_notification",
                    "params": {
                        "type": "warning",
                        "sticky": True,
                        "title": self.env._("Not decided yet"),
                        "message": self.env._(
                            "%(pickings)s cannot be finished before its inspections are decided:"
                            " %(lots)s. Other lots can go on: set the quantity of these to 0.",
                            pickings=", ".join(waiting.picking_id.mapped("name")),
                            lots=", ".join(waiting.mapped("lot_id.name")),
                        ),
                        "next": waiting.with_env(self.env)._get_list_action(
                            self.env._("Inspections Waited for")
                        ),
                    },
                }
        return super()._pre_action_done_hook()

    def _create_backorder_picking(self):
        backorder = super()._create_backorder_picking()
        if self._assist_get_quality_steps():
            backorder.sudo().assist_quality_root_id = self.assist_quality_root_id or self
        return backorder

    def _create_backorder(self, backorder_moves=None):
        backorders = super()._create_backorder(backorder_moves=backorder_moves)
        self._assist_move_arrival_checks(backorders)
        # Without reservation at confirmation the backorder has no lots yet; with it, both
        # sides of a split have to share the inspections out.
        steps = (self | backorders)._assist_get_quality_steps()
        self.env["union.assist.quality.inspection"]._sync_with_pickings(steps)
        return backorders

    def action_assist_report_problem(self):
        """Open a new nonconformity about what was found on this transfer."""
        self.ensure_one()
        self.check_access("read")
        self.env["union.assist.nonconformity"].check_access("create")
        incoming = self.picking_type_code == "incoming"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Report a Problem"),
            "res_model": "union.assist.nonconformity",
            "view_mode": "form",
            "context": {
                "default_origin": "arrival" if incoming else "manual",
                "default_picking_id": self.id,
                "default_company_id": self.company_id.id,
                "default_supplier_id": self.partner_id.commercial_partner_id.filtered(
                    "assist_supplier_kind"
                ).id,
                "default_lot_ids": [Command.set(self.move_line_ids.lot_id.ids)],
                "default_product_id": self.move_ids.product_id[:1].id,
            },
        }

    def action_view_assist_nonconformities(self):
        """Open the nonconformities found on these transfers."""
        return self.assist_nonconformity_ids._get_list_action()

    assist_nonconformity_ids = fields.One2many(
        "union.assist.nonconformity", "picking_id", "Nonconformities"
    )
    assist_nonconformity_count = fields.Integer(
        "Nonconformity Count", compute="_compute_assist_nonconformity_count", compute_sudo=True
    )

    @api.depends("assist_nonconformity_ids")
    def _compute_assist_nonconformity_count(self):
        for picking in self:
            picking.assist_nonconformity_count = len(picking.assist_nonconformity_ids)

    def _assist_set_rejected_apart(self, lots):
        """Move what was rejected of lots in this open quality step to Reject, at once.

        It goes by a transfer of its own, so that the step stays as it is for the rest: it can
        still be changed, unreserved or cancelled, which Odoo refuses where a part is done. A
        step of which nothing else is left is finished itself.

        :param lots: lots that have just been decided on
        """
        self.ensure_one()
        lines = self.move_line_ids.filtered(
            lambda line: (
                line.lot_id in lots and line.state not in ("done", "cancel") and line.quantity > 0
            )
        )
        moves = self.env["stock.move"]
        for move, rejected in lines._assist_take_rejected().items():
            moves |= move._assist_send_to_reject(rejected) or move
        if not moves:
            return
        picking = self
        if self.move_ids.filtered(lambda move: move.state not in ("done", "cancel")) - moves:
            picking = self._create_backorder_picking()
            picking.write({"backorder_id": False, "batch_id": False})
            moves.picking_id = picking
            moves.move_line_ids.picking_id = picking
            self.message_post(
                body=self.env._(
                    "Rejected goods were set apart with %(picking)s.",
                    picking=picking._get_html_link(),
                )
            )
        picking.location_dest_id = moves.location_dest_id[:1]
        moves.picked = True
        picking._action_done()

    def _assist_return_rejected(self, receipt_move, line, quantity):
        """Prepare the return of rejected goods on their receipt, from where they lie.

        As Odoo's own dialog does, so that what goes back is neither billed nor counted against
        the cap; only that the rest of the receipt stays reserved in its quality step.

        :param receipt_move: move of the receipt that they came with
        :param line: move line that brought them to Reject
        :param quantity: in the product's unit
        :return: the transfer, ready to be finished when the goods are handed over
        """
        receipt = receipt_move.picking_id.with_company(receipt_move.company_id)
        wizard = self.env["stock.return.picking"].create({"picking_id": receipt.id})
        picking = self.search(
            [
                ("return_id", "=", receipt.id),
                ("location_id", "=", line.location_dest_id.id),
                ("state", "in", ("confirmed", "assigned")),
            ],
            limit=1,
        )
        if not picking:
            picking = receipt.copy(
                {
                    **wizard._prepare_picking_default_values(),
                    "location_id": line.location_dest_id.id,
                    "user_id": False,
                }
            )
            picking.message_post_with_source(
                "mail.message_origin_link",
                render_values={"self": picking, "origin": receipt},
                subtype_xmlid="mail.mt_note",
            )
        before = picking.move_ids
        returned = wizard.product_return_moves.filtered(lambda r: r.move_id == receipt_move)
        returned.quantity = quantity
        returned._process_line(picking)
        move = picking.move_ids - before
        # In the product's unit: a rejected part of a box need not be a whole box.
        unit = receipt_move.product_id.uom_id
        move.write({"product_uom": unit.id, "product_uom_qty": quantity})
        move._action_confirm(merge=False)
        move.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            {
                "move_id": move.id,
                "picking_id": picking.id,
                "product_id": move.product_id.id,
                "product_uom_id": unit.id,
                "lot_id": line.lot_id.id,
                "owner_id": line.owner_id.id,
                "quantity": quantity,
                "location_id": move.location_id.id,
                "location_dest_id": move.location_dest_id.id,
            }
        )
        return picking

    def action_view_assist_inspections(self):
        """Open the inspections of these transfers."""
        return self.assist_inspection_ids._get_list_action(self.env._("Inspections"))

    # ------------------------------------------------------------------
    # Cartons
    # ------------------------------------------------------------------
    assist_carton_ids = fields.One2many(
        "stock.package", "assist_picking_id", "Cartons", readonly=True
    )
    assist_carton_count = fields.Integer("Carton Count", compute="_compute_assist_carton_count")
    assist_can_pack = fields.Boolean(
        "Waits to Be Packed",
        compute="_compute_assist_can_pack",
        search="_search_assist_can_pack",
    )

    @api.depends("assist_carton_ids")
    def _compute_assist_carton_count(self):
        counts = dict(
            self.env["stock.package"]._read_group(
                [("assist_picking_id", "in", self.ids)], ["assist_picking_id"], ["__count"]
            )
        )
        for picking in self:
            picking.assist_carton_count = counts.get(picking._origin, 0)

    @api.depends("state", "picking_type_id")
    def _compute_assist_can_pack(self):
        for picking in self:
            warehouse = picking.picking_type_id.warehouse_id.sudo()
            three = warehouse.delivery_steps == "pick_pack_ship"
            step = warehouse.pack_type_id if three else warehouse.out_type_id
            picking.assist_can_pack = (
                picking.state == "assigned" and picking.picking_type_id == step
            )

    def _search_assist_can_pack(self, operator, value):
        if operator != "in":
            return NotImplemented
        warehouses = self.env["stock.warehouse"].search(Domain.TRUE)
        packing = warehouses.filtered(lambda record: record.delivery_steps == "pick_pack_ship")
        steps = packing.pack_type_id | (warehouses - packing).out_type_id
        waiting = Domain("picking_type_id", "in", steps.ids) & Domain("state", "=", "assigned")
        return Domain.OR(waiting if wanted else ~waiting for wanted in value)

    def _assist_propose_cartons(self):
        """Propose cartons for what is not packed yet, by weight and volume.

        :return: list of :class:`~..tools.cartons.Carton` whose keys are the ids of kinds of
            packages and of move lines
        :raise UserError: there are no kinds of cartons with limits, or goods that fit none
        """
        self.ensure_one()
        kinds = self.env["stock.package.type"].search(
            [("company_id", "in", (False, self.company_id.id))]
        )
        # Millimetres to litres.
        boxes = [
            Box(
                kind.id,
                max(kind.max_weight - kind.base_weight, 0.0) if kind.max_weight else 0.0,
                kind.packaging_length * kind.width * kind.height / 1_000_000,
            )
            for kind in kinds
            if kind.max_weight or (kind.packaging_length and kind.width and kind.height)
        ]
        if not boxes:
            raise UserError(
                self.env._(
                    "Cartons cannot be proposed: no package type has a maximum weight or inner"
                    " dimensions. Enter them under Inventory → Configuration → Package Types."
                )
            )
        lines = self.move_line_ids.filtered(
            lambda line: (
                line.state not in ("done", "cancel")
                and line.quantity > 0
                and not line.result_package_id
            )
        )
        items = [
            Item(
                line.id,
                line.quantity_product_uom,
                line.product_id.weight,
                line.product_id.volume * 1000,
                line.product_id.assist_carton_class or "",
            )
            for line in lines
        ]
        cartons, oversized = propose_cartons(items, boxes)
        if oversized:
            names = lines.browse([item.key for item in oversized]).product_id
            raise UserError(
                self.env._(
                    "%(products)s: one unit alone fits into no carton. Add a larger package"
                    " type, or correct weight and volume of the product.",
                    products=", ".join(names.mapped("display_name")),
                )
            )
        return cartons

    def action_assist_pack(self):
        """Open the page for packing this transfer into cartons."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "union_assist_logistics.action_pack_screen"
        )
        return {**action, "params": {"picking_id": self.id}}

    def action_view_assist_cartons(self):
        """Open the cartons of these transfers."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_carton"
        )
        return {**action, "domain": [("assist_picking_id", "in", self.ids)], "context": {}}

    # ------------------------------------------------------------------
    # Delivery note
    # ------------------------------------------------------------------
    assist_note_number = fields.Char(
        "Delivery Note",
        copy=False,
        readonly=True,
        help="Given without gaps, by company and year, when the note is first printed.",
    )
    assist_note_token = fields.Char(copy=False, readonly=True, groups=fields.NO_ACCESS)
    assist_note_prints = fields.Integer("Delivery Note Prints", copy=False, readonly=True)
    assist_vehicle = fields.Char("Vehicle", copy=False, help="Licence plate.")
    assist_driver = fields.Char("Driver", copy=False)

    _assist_note_number_unique = models.UniqueIndex(
        "(company_id, assist_note_number) WHERE assist_note_number IS NOT NULL",
        "Two deliveries of a company cannot have the same delivery note number.",
    )
    _assist_note_token_unique = models.UniqueIndex(
        "(assist_note_token) WHERE assist_note_token IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_note_fields(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_note_fields(vals)
        routes = self.batch_id.filtered("assist_is_route") if "batch_id" in vals else None
        result = super().write(vals)
        if routes is not None and (routes or self.batch_id.assist_is_route):
            self._assist_join_route(routes)
        return result

    def _check_note_fields(self, *vals_list):
        if not self.env.su and any(NOTE_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._("Delivery note numbers are given by printing; they cannot be set.")
            )
        if not self.env.su and any(STEP_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._("Which quality step a transfer belongs to follows from its backorders.")
            )
        if not self.env.su and any(PROOF_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._(
                    "The proof of a delivery follows from what was done with it: print, hand"
                    " over, sign, scan or close it; it cannot be set."
                )
            )

    def _assist_register_prints(self):
        """Count a print of each delivery; number those that are printed for the first time.

        Only the note's own fields and the log are written with elevated rights: who may
        read a delivery may print it.
        """
        self.check_access("read")
        today = fields.Date.context_today(self)
        numbers = {}
        fresh = self.sudo().filtered(lambda picking: not picking.assist_note_number)
        for company, pickings in fresh.grouped("company_id").items():
            drawn = company._assist_next_note_numbers(len(pickings), today)
            numbers.update(zip(pickings.ids, drawn, strict=True))
        bodies = {}
        for picking in self.sudo().with_context(mail_notrack=True):
            values = {"assist_note_prints": picking.assist_note_prints + 1}
            if picking.id in numbers:
                values["assist_note_number"] = numbers[picking.id]
                values |= self._assist_make_token()
            if picking.state != "done" and not picking.printed:
                # Goods ordered later go into a delivery of their own, not onto this note.
                values["printed"] = True
            picking.write(values)
            bodies[picking.id] = self.env._(
                "Delivery note %(number)s printed (print %(count)s).",
                number=picking.assist_note_number,
                count=picking.assist_note_prints,
            )
        self._message_log_batch(bodies)
        self._assist_mark_proof("printed", fields.Datetime.now())

    def _get_autoprint_report_actions(self):
        actions = super()._get_autoprint_report_actions()
        deliveries = self.filtered(
            lambda picking: (
                picking.picking_type_id.assist_auto_print_note
                and picking.picking_type_code == "outgoing"
            )
        )
        if deliveries:
            report = self.env.ref("union_assist_logistics.action_report_delivery_note")
            action = report.report_action(deliveries.ids, config=False)
            clean_action(action, self.env)
            actions.append(action)
        return actions

    # ------------------------------------------------------------------
    # Proof of delivery
    # ------------------------------------------------------------------
    assist_proof_state = fields.Selection(
        PROOF_STATES, "Proof of Delivery", readonly=True, copy=False, index="btree_not_null"
    )
    assist_proof_event_ids = fields.One2many(
        "union.assist.delivery.event", "picking_id", "Steps of the Proof", readonly=True
    )
    assist_proof_deadline = fields.Date(
        "Proof Expected by",
        readonly=True,
        copy=False,
        help="Signed or on paper; whoever is responsible is reminded after this day.",
    )
    assist_proof_reminded_on = fields.Date(readonly=True, copy=False)
    assist_proof_missing = fields.Boolean(
        "Proof Is Missing",
        compute="_compute_assist_proof_missing",
        search="_search_assist_proof_missing",
    )
    assist_token_date = fields.Datetime("Link Given on", readonly=True, copy=False)
    assist_link_end = fields.Date("Link Valid until", compute="_compute_assist_link_end")
    assist_receipt_ids = fields.One2many(
        "union.assist.delivery.receipt", "picking_id", "Signed Receipt", readonly=True
    )
    assist_receipt_pdf = fields.Binary(
        "Signed Receipt (PDF)",
        attachment=True,
        readonly=True,
        copy=False,
        groups="union_assist_catalog.group_operator,union_assist_logistics.group_warehouse",
    )
    assist_scan_ids = fields.One2many(
        "union.assist.delivery.scan",
        "picking_id",
        "Signed Paper",
        readonly=True,
        groups="union_assist_catalog.group_operator,union_assist_logistics.group_warehouse",
    )
    assist_case_ids = fields.One2many(
        "union.assist.delivery.case", "picking_id", "Discrepancies", readonly=True
    )
    assist_case_count = fields.Integer(
        "Discrepancy Count", compute="_compute_assist_case_count", compute_sudo=True
    )
    assist_open_case_count = fields.Integer(
        "Open Discrepancies", compute="_compute_assist_case_count", compute_sudo=True
    )

    @api.depends("assist_case_ids.state")
    def _compute_assist_case_count(self):
        counts, unfinished = {}, {}
        for picking, state, count in self.env["union.assist.delivery.case"]._read_group(
            [("picking_id", "in", self.ids)], ["picking_id", "state"], ["__count"]
        ):
            counts[picking.id] = counts.get(picking.id, 0) + count
            if state in ("open", "agreed"):
                unfinished[picking.id] = unfinished.get(picking.id, 0) + count
        for picking in self:
            picking.assist_case_count = counts.get(picking.id, 0)
            picking.assist_open_case_count = unfinished.get(picking.id, 0)

    def _compute_assist_proof_missing(self):
        missing = self.filtered_domain(self._get_proof_missing_domain())
        for picking in self:
            picking.assist_proof_missing = picking in missing

    @api.model
    def _search_assist_proof_missing(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._get_proof_missing_domain()

    @api.model
    def _get_proof_missing_domain(self):
        """Deliveries whose time for a signature or the signed paper is over."""
        return Domain("assist_proof_state", "in", ("printed", "departed", "delivered")) & Domain(
            "assist_proof_deadline", "<", self.env.company._assist_today()
        )

    # -- link --------------------------------------------------------------------------

    @api.model
    def _assist_make_token(self):
        """Return the values that give a delivery an address nobody can guess."""
        return {
            "assist_note_token": secrets.token_urlsafe(16),
            "assist_token_date": fields.Datetime.now(),
        }

    @api.depends("assist_token_date", "date_done", "scheduled_date", "state")
    def _compute_assist_link_end(self):
        """The link lasts some days after the delivery left, or after it was given anew."""
        parameter = self.env["union.assist.parameter"]
        for picking in self:
            given = picking.assist_token_date
            if not given or picking.state == "cancel":
                picking.assist_link_end = False
                continue
            left = picking.date_done if picking.state == "done" else picking.scheduled_date
            zone = picking.company_id._assist_get_zone()
            day = max(given, left or given).astimezone(zone).date()
            days = parameter._get_value("proof_link_days", day)
            picking.assist_link_end = day + timedelta(days=int(days))

    @api.model
    def _assist_find_by_token(self, token):
        """Return the delivery that a link stands for; none where it is unknown, over or revoked.

        With elevated rights: the link is the key.
        """
        picking = self.sudo().search([("assist_note_token", "=", token)], limit=1)
        end = picking.assist_link_end
        if not end or end < picking.company_id._assist_today():
            return picking.browse()
        return picking

    def action_assist_renew_link(self):
        """Give these deliveries new links: those on notes printed so far lead nowhere then."""
        self._assist_check_keeper()
        for picking in self.filtered("assist_note_number"):
            picking.sudo().write(self._assist_make_token())
        self._message_log_batch(
            {
                picking.id: self.env._(
                    "The link of the delivery note was given anew: print the note again."
                )
                for picking in self
            }
        )

    # -- steps -------------------------------------------------------------------------

    def _assist_mark_departed(self, moment):
        """Record that the vehicle left with these deliveries; later steps are not undone.

        :param moment: when it left, in UTC
        """
        self._assist_mark_proof("departed", moment)

    def _assist_mark_proof(self, kind, moment, note=False):
        """Record a step of the proof of those deliveries that have not come as far.

        A step may be left out: who signs has got the goods, whether or not somebody said
        that the vehicle left. Written with elevated rights: callers check theirs.

        :param kind: one of ``PROOF_STATES``
        :param moment: when it happened, in UTC
        :return: the deliveries that were moved on
        """
        order = [False, *(key for key, _label in PROOF_STATES)]
        behind = self.sudo().filtered(
            lambda picking: (
                picking.picking_type_code == "outgoing"
                and order.index(picking.assist_proof_state) < order.index(kind)
            )
        )
        behind.write({"assist_proof_state": kind})
        behind._assist_set_proof_deadline()
        user = self.env.user
        self.env["union.assist.delivery.event"].sudo().create(
            [
                {
                    "picking_id": picking.id,
                    "kind": kind,
                    "moment": moment,
                    "user_id": user.id if user._is_internal() else False,
                    "note": note,
                }
                for picking in behind
            ]
        )
        return behind.with_env(self.env)

    def _assist_set_proof_deadline(self):
        """Say until when the proof of those that have left is expected."""
        parameter = self.env["union.assist.parameter"]
        for picking in self:
            if picking.state != "done" or picking.assist_proof_deadline:
                continue
            if picking.assist_proof_state:
                zone = picking.company_id._assist_get_zone()
                day = picking.date_done.astimezone(zone).date()
                days = parameter._get_value("proof_reminder_days", day)
                picking.assist_proof_deadline = day + timedelta(days=int(days))

    def _action_done(self):
        self._assist_check_routes()
        result = super()._action_done()
        self.sudo()._assist_set_proof_deadline()
        cases = self.sudo().move_ids.assist_case_id
        if cases:
            cases._check_done()
        return result

    def _assist_check_keeper(self):
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("stock.group_stock_user")):
            raise AccessError(self.env._("Only the warehouse and operators do this."))

    def action_assist_mark_delivered(self):
        """Record that these deliveries were handed over; the signature may follow."""
        self._assist_check_keeper()
        unready = self.filtered(
            lambda picking: picking.state != "done" or picking.picking_type_code != "outgoing"
        )
        if unready:
            raise UserError(
                self.env._(
                    "Only deliveries that have left can be handed over; not: %(names)s.",
                    names=", ".join(unready.mapped("name")),
                )
            )
        self._assist_mark_proof("delivered", fields.Datetime.now())

    def action_assist_close_proof(self):
        """Close the proof of deliveries that are signed for, with no case left open."""
        self.check_access("write")
        if not self.env.user.has_group("union_assist_catalog.group_operator"):
            raise AccessError(self.env._("Only operators close the proof of a delivery."))
        unsigned = self.filtered(
            lambda picking: picking.assist_proof_state not in ("signed", "returned", "closed")
        )
        if unsigned:
            raise UserError(
                self.env._(
                    "These deliveries are neither signed for nor is their signed paper back:"
                    " %(names)s.",
                    names=", ".join(unsigned.mapped("name")),
                )
            )
        disputed = self.filtered("assist_open_case_count")
        if disputed:
            raise UserError(
                self.env._(
                    "Discrepancies of these deliveries are not done yet: %(names)s.",
                    names=", ".join(disputed.mapped("name")),
                )
            )
        self._assist_mark_proof("closed", fields.Datetime.now())
        self.sudo()._assist_drop_reminders()

    def _assist_can_be_signed(self):
        """Whether the receiver may sign: the goods have left, and no proof is there yet."""
        self.ensure_one()
        return self.state == "done" and self.assist_proof_state in (
            "printed",
            "departed",
            "delivered",
        )

    def _assist_get_responsible(self):
        """Return who looks after the proof of this delivery, if that is somebody of the staff."""
        self.ensure_one()
        users = (self.user_id, self.sale_id.user_id)
        return next(
            (user for user in users if user.active and user._is_internal()),
            self.env["res.users"],
        )

    def _assist_keep_scan(self, name, content):
        """Keep the signed paper of this delivery; the same file is kept once.

        :param content: the file: a picture (JPEG, PNG, WebP) or a PDF
        """
        self.ensure_one()
        scans = self.env["union.assist.delivery.scan"].sudo()
        digest = hashlib.sha256(content).hexdigest()
        if not scans.search_count([("picking_id", "=", self.id), ("digest", "=", digest)]):
            scans.create(
                {
                    "name": name,
                    "picking_id": self.id,
                    "file": base64.b64encode(content),
                    "digest": digest,
                    "user_id": self.env.uid,
                }
            )
        self._assist_mark_proof("returned", fields.Datetime.now())
        self.sudo()._assist_drop_reminders()

    # -- page --------------------------------------------------------------------------

    def _assist_get_page_values(self):
        """Return what the receiver's page shows: goods and unit; no prices, no persons."""
        self.ensure_one()
        report = self.env["report.union_assist_logistics.report_delivery_note"].sudo()
        self._assist_prefetch_goods()
        values = report._get_public_values(self)
        receipts = self.env["union.assist.delivery.receipt"].sudo()
        kinds = receipts.line_ids._fields["kind"]._description_selection(self.env)
        receipt = self.assist_receipt_ids
        signable = not receipt and self._assist_can_be_signed()
        rows = receipts._get_rows(self) if signable else []
        values |= {
            "signable": signable,
            "rows": [self._assist_get_page_row(report, row) for row in rows],
            "goods": receipts._get_rows_digest(rows),
            "kinds": [pair for pair in kinds if pair[0] != "received"],
            "lang_code": self.env.lang,
            "receipt": receipt and self._assist_get_page_receipt(report, receipt, dict(kinds)),
            "link_end": self.assist_link_end.isoformat(),
        }
        values["note"]["token"] = self.assist_note_token
        if receipt:
            values["note"]["state"] = self.env._("Signed")
            values["note"]["badge"] = "success"
        return values

    def _assist_prefetch_goods(self):
        """Read at once what the rows of a note are made of, which are looked at one by one."""
        lines = self.move_line_ids.with_prefetch()
        lines.mapped("product_uom_id.name")
        lines.mapped("lot_id.name")
        lines.mapped("move_id.sale_line_id.product_uom_id")
        lines.product_id.with_context(display_default_code=False).mapped("display_name")

    def _assist_get_page_row(self, report, row):
        zone = self.company_id._assist_get_zone()
        return {
            **report._describe(row.product, row.lot, zone, {}),
            "quantity": row.quantity,
            "shown": report._format_quantity(row.quantity),
            "unit": row.uom.name,
            "step": row.uom.rounding,
        }

    def _assist_get_page_receipt(self, report, receipt, kinds):
        zone = self.company_id._assist_get_zone()
        rows = []
        for lines in receipt.line_ids.grouped("row").values():
            good = lines.filtered(lambda line: line.kind == "received")
            rows.append(
                {
                    **report._describe(good.product_id, good.lot_id, zone, {}),
                    "sent": report._format_quantity(good.sent_qty),
                    "received": report._format_quantity(good.quantity),
                    "unit": good.uom_id.name,
                    "differences": [
                        {
                            "kind": kinds[line.kind],
                            "quantity": report._format_quantity(line.quantity),
                            "remark": line.remark or "",
                            "photos": len(line.photo_ids),
                        }
                        for line in lines - good
                    ],
                }
            )
        signed = report._local(receipt.signed_on, zone)
        return {
            "rows": rows,
            "remark": receipt.remark or "",
            "signed": signed.strftime("%Y-%m-%d %H:%M"),
            "digest": receipt.digest,
        }

    # -- screens -----------------------------------------------------------------------

    def action_view_assist_cases(self):
        """Open the discrepancies of these deliveries."""
        of_these = Domain("picking_id", "in", self.ids)
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Discrepancies"),
            "res_model": "union.assist.delivery.case",
            "view_mode": "list,kanban,form",
            "domain": list(of_these),
            "context": {"default_picking_id": self.id} if len(self) == 1 else {},
        }
        if len(self) == 1 and len(self.assist_case_ids) == 1:
            action.update(views=[(False, "form")], res_id=self.assist_case_ids.id)
        return action

    def action_view_assist_receipt(self):
        """Open what the receiver signed for."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Signed Receipt"),
            "res_model": "union.assist.delivery.receipt",
            "view_mode": "form",
            "res_id": self.assist_receipt_ids.id,
        }

    def action_assist_download_receipt(self):
        """Download the receipt that was signed."""
        self.ensure_one()
        if not self.assist_receipt_pdf:
            raise UserError(self.env._("%(name)s has no signed receipt.", name=self.name))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/stock.picking/{self.id}/assist_receipt_pdf"
            f"?download=1&filename={self.assist_note_number}.pdf",
            "target": "download",
        }

    # -- reminders ---------------------------------------------------------------------

    @api.model
    def _assist_cron_remind_proof(self):
        """Remind of deliveries without signature or signed paper: one activity each."""
        cron = self.env["ir.cron"]
        for company in self.env["res.company"].search(Domain.TRUE):
            company_self = self.with_company(company)
            domain = (
                company_self._get_proof_missing_domain()
                & Domain("company_id", "=", company.id)
                & Domain("assist_proof_reminded_on", "=", False)
            )
            while pickings := self.search(domain, limit=PROOF_BATCH):
                pickings._assist_remind_proof(company._assist_today())
                if not cron._commit_progress(len(pickings), remaining=self.search_count(domain)):
                    return

    def _assist_remind_proof(self, today):
        self.sudo().write({"assist_proof_reminded_on": today})
        activity_type = self.env.ref("union_assist_logistics.activity_delivery_proof")
        fallback = self.env["union.assist.certificate"]._get_fallback_user()
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": model_id,
                    "res_id": picking.id,
                    "user_id": (picking._assist_get_responsible() or fallback).id,
                    "date_deadline": today,
                    "automated": True,
                }
                for picking in self
            ]
        )

    def _assist_drop_reminders(self):
        """The proof is there: nobody needs to ask for it any more."""
        self.activity_unlink(["union_assist_logistics.activity_delivery_proof"])

    # ------------------------------------------------------------------
    # Delivery routes
    # ------------------------------------------------------------------
    assist_stop = fields.Integer(
        "Stop",
        copy=False,
        help="Place in the order of the route; deliveries to one address share it.",
    )
    assist_receive_window = fields.Char(
        "Receives Goods", compute="_compute_assist_receive_window", compute_sudo=True
    )

    def _compute_assist_receive_window(self):
        for picking in self:
            partner = picking.partner_id
            picking.assist_receive_window = partner and partner._assist_get_receive_window()

    def _assist_get_drop_key(self):
        """Return what deliveries to the same place have in common."""
        partner = self.partner_id
        if partner.street:
            return (
                partner.commercial_partner_id.id,
                partner.state_id.id,
                partner.zip or "",
                partner.city or "",
                partner.street,
                partner.street2 or "",
            )
        return partner.id

    def _assist_get_place(self):
        """Return what orders drops: province, postal code, town, street; unknown ones last."""
        partner = self.partner_id
        return (
            partner.state_id.code or "~",
            partner.zip or "~",
            partner.city or "~",
            partner.street or "~",
            partner.name or "",
            self.id,
        )

    def _assist_get_drop_values(self):
        """Return who receives a drop and where: of a private person name and address only."""
        partner = self.partner_id
        report = self.env["report.union_assist_logistics.report_delivery_note"]
        return {
            "unit": partner.commercial_partner_id.name or "",
            "contact": report._get_contact(partner),
            "phone": report._get_phone(partner),
            "address": report._get_address(partner),
            "window": self.assist_receive_window or "",
        }

    def _assist_join_route(self, old_routes):
        """Append deliveries to their route's stops; what was loaded elsewhere is taken off."""
        for picking in self:
            route = picking.batch_id
            if not route.assist_is_route:
                picking.assist_stop = 0
                continue
            if route.assist_departed_at:
                raise UserError(
                    self.env._("%(route)s left already: choose another one.", route=route.name)
                )
            others = route.picking_ids - picking
            key = picking._assist_get_drop_key()
            same = [
                other
                for other in others
                if other.assist_stop and other._assist_get_drop_key() == key
            ]
            picking.assist_stop = (
                same[0].assist_stop if same else max(others.mapped("assist_stop"), default=0) + 1
            )
        self.env["union.assist.loading"].sudo().search(
            [
                ("route_id", "in", old_routes.ids),
                ("picking_id", "in", self.ids),
                ("taken_off", "=", False),
            ]
        )._take_off()

    def _get_possible_batches_domain(self):
        # What is on a vehicle is people's choice.
        return super()._get_possible_batches_domain() & Domain("assist_is_route", "=", False)

    def _assist_check_routes(self):
        """Let goods of a route leave with its vehicle only."""
        routes = self.batch_id.filtered(
            lambda batch: batch.assist_is_route and not batch.assist_departed_at
        )
        if routes:
            raise UserError(
                self.env._(
                    "%(deliveries)s leave with %(routes)s: load it and let it depart, or take"
                    " them off it first.",
                    deliveries=", ".join(
                        self.filtered(lambda picking: picking.batch_id in routes).mapped("name")
                    ),
                    routes=", ".join(routes.mapped("name")),
                )
            )

    def action_add_to_route(self):
        """Put these deliveries on the route whose form the list was opened from."""
        self.check_access("write")
        route = self.env["stock.picking.batch"].browse(self.env.context.get("assist_route_id"))
        route = route.exists()
        if not route:
            raise UserError(self.env._("Open a route and add deliveries there."))
        route.check_access("write")
        route._assist_add(self)
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking.batch",
            "res_id": route.id,
            "views": [(self.env.ref("union_assist_logistics.view_delivery_route_form").id, "form")],
        }

    def action_make_route(self):
        """Make a route of these deliveries and open it."""
        self.check_access("write")
        if not self:
            raise UserError(self.env._("Choose the deliveries of the route."))
        route = self.env["stock.picking.batch"].create(
            {
                "assist_is_route": True,
                "company_id": self.company_id[:1].id,
                "picking_type_id": self.picking_type_id[:1].id,
                "picking_ids": [Command.link(picking.id) for picking in self],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking.batch",
            "res_id": route.id,
            "views": [(self.env.ref("union_assist_logistics.view_delivery_route_form").id, "form")],
        }

    # ------------------------------------------------------------------
    # Goods on hold
    # ------------------------------------------------------------------
    assist_held_lots = fields.Char(
        "Lots on Hold", compute="_compute_assist_held_lots", compute_sudo=True
    )

    @api.depends("state", "move_line_ids.lot_id")
    def _compute_assist_held_lots(self):
        """Name the lots on hold that these unfinished transfers carry or waited for."""
        lines = self.env["union.assist.hold.line"]
        holds = self.env["union.assist.hold"].search(
            [("state", "=", "held"), ("stopped_picking_ids", "in", self.ids)]
        )
        held = lines.search([("held", "=", True), ("lot_id", "in", self.move_line_ids.lot_id.ids)])
        for picking in self:
            texts = []
            if picking.state not in ("done", "cancel"):
                products = picking.move_ids.product_id
                stopped = holds.filtered(lambda hold, p=picking: p in hold.stopped_picking_ids)
                own = stopped.line_ids.filtered(
                    lambda line, goods=products: line.held and line.product_id in goods
                ) | held.filtered(
                    lambda line, p=picking: (
                        line.lot_id in p.move_line_ids.lot_id and line.company_id == p.company_id
                    )
                )
                texts = [
                    f"{line.product_id.display_name} {line.lot_id.name} ({line.hold_id.name})"
                    for line in own
                ]
            picking.assist_held_lots = ", ".join(texts) or False

    def action_assist_hold(self):
        """Open a new hold on what these receipts brought."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put on Hold"),
            "res_model": "union.assist.hold",
            "view_mode": "form",
            "context": {"default_scope": "receipt", "default_picking_id": self.id},
        }

    # ------------------------------------------------------------------
    # Arrival checks
    # ------------------------------------------------------------------
    assist_arrival_check_ids = fields.One2many(
        "union.assist.arrival.check", "picking_id", "Arrival Checks"
    )
    assist_arrival_count = fields.Integer(
        "Arrival Check Count", compute="_compute_assist_arrival", compute_sudo=True
    )
    assist_arrival_open_count = fields.Integer(compute="_compute_assist_arrival", compute_sudo=True)
    assist_arrival_state = fields.Selection(
        [
            ("open", "To Check"),
            ("wanted", "Concession Needed"),
            ("blocked", "Blocked"),
            ("warned", "Warning"),
            ("pass", "Checked"),
        ],
        "Arrival",
        compute="_compute_assist_arrival",
        compute_sudo=True,
    )
    assist_expected_delivery = fields.Date(
        "Reaches Recipients on",
        copy=False,
        help="When these goods are to be delivered on, for example for a festival; empty: as the"
        " order says. The shelf life that has to be left is judged for this day.",
    )

    @api.depends("assist_arrival_check_ids.state", "assist_arrival_check_ids.active")
    def _compute_assist_arrival(self):
        for picking in self:
            checks = picking.assist_arrival_check_ids
            states = set(checks.mapped("state"))
            picking.assist_arrival_count = len(checks)
            picking.assist_arrival_open_count = len(checks.filtered(lambda c: c.state == "open"))
            for state in ("blocked", "wanted", "open", "warned"):
                if state in states:
                    picking.assist_arrival_state = state
                    break
            else:
                picking.assist_arrival_state = "pass" if checks else False

    def _assist_get_expected_delivery(self):
        """Return the day that the goods of this receipt reach recipients; False if unknown."""
        self.ensure_one()
        dates = self.move_ids.purchase_line_id.order_id.mapped("assist_expected_delivery")
        return self.assist_expected_delivery or max(filter(None, dates), default=False)

    def _assist_get_arrival_notice(self):
        """Return the screen that says what receipts wait for, or nothing.

        :return: client action, ``None`` where no arrival check keeps goods from being received
        """
        rules = self.env["union.assist.arrival.rule"]
        receipts = self.filtered(lambda picking: picking.picking_type_code == "incoming")
        if not receipts or not rules._get_index():
            return None
        lines = receipts.move_line_ids.filtered(lambda line: line.quantity > 0)
        lines = lines.filtered("picked") or lines
        keys = {line._assist_get_arrival_key() for line in lines.sudo()._assist_get_arriving()}
        checks = self.env["union.assist.arrival.check"]._sync(receipts)
        waiting = checks.filtered(lambda check: check._get_goods_key() in keys)._get_waited_for()
        if not waiting:
            return None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Arrival checks first"),
                "message": waiting.with_env(self.env).sudo()._say_lots(),
                "next": waiting.picking_id.with_env(self.env).action_view_assist_arrival_checks(),
            },
        }

    def _assist_move_arrival_checks(self, backorders):
        """Let checks go with the lots that wait in a backorder."""
        if not self.env["union.assist.arrival.rule"]._get_index():
            return
        for backorder in backorders.sudo():
            origin = backorder.backorder_id
            lots = {line._assist_get_arrival_key()[1:] for line in backorder.move_line_ids}
            lots -= {line._assist_get_arrival_key()[1:] for line in origin.move_line_ids}
            origin.assist_arrival_check_ids.filtered(
                lambda check, lots=lots: check._get_goods_key()[1:] in lots
            ).picking_id = backorder

    def action_view_assist_arrival_checks(self):
        """Open the arrival checks of these receipts, made for the lots as they are now."""
        self.check_access("read")
        receipts = self.filtered(lambda picking: picking.state not in ("done", "cancel"))
        self.env["union.assist.arrival.check"]._sync(receipts)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_arrival_check"
        )
        action["domain"] = [("picking_id", "in", self.ids)]
        action["context"] = {"search_default_group_lot": 1}
        return action

    def action_assist_arrival_rest_conforms(self):
        """Mark label and packaging items that have no answer yet as conforming."""
        checks = self.assist_arrival_check_ids.filtered(
            lambda check: check.kind in ("label", "packaging") and not check.answer
        )
        checks.write({"answer": "pass"})
        return True

    # ------------------------------------------------------------------
    # Recalls
    # ------------------------------------------------------------------
    assist_recall_recipient_id = fields.Many2one(
        "union.assist.recall.recipient",
        "Recalled from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=HOLD_READERS,
        help="The recall that takes these goods back.",
    )

    def _assist_get_list_action(self, title):
        """Window action on these transfers."""
        action = {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "stock.picking",
            "view_mode": "list,form",
            "domain": [("id", "in", self.ids)],
            "context": {"create": False},
        }
        if len(self) == 1:
            action.update(res_id=self.id, view_mode="form")
        return action
