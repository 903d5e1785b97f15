import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command

from odoo.addons.web.controllers.utils import clean_action

from .delivery_event import PROOF_STATES
from .stock_lot import HOLD_READERS

# What a printed note says about itself: kept by printing, never by hand.
NOTE_FIELDS = frozenset({"assist_note_number", "assist_note_token", "assist_note_prints"})
# What the proof of a delivery is made of: moved on by acts, never by hand.
PROOF_FIELDS = frozenset({"assist_proof_state", "assist_proof_deadline", "assist_proof_event_ids"})


class StockPicking(models.Model):
    _inherit = "stock.picking"

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
        return super().write(vals)

    def _check_note_fields(self, *vals_list):
        if not self.env.su and any(NOTE_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._("Delivery note numbers are given by printing; they cannot be set.")
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
                values["assist_note_token"] = secrets.token_urlsafe(16)
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
