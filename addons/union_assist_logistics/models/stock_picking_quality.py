from odoo import api, fields, models
from odoo.fields import Command


class StockPicking(models.Model):
    """Quality control of a transfer: its inspections and decisions, and what was rejected."""

    _inherit = "stock.picking"

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

    def _assist_get_decision_notice(self):
        """Return the screen that says which inspections a quality step waits for, or nothing.

        :return: client action, ``None`` where nothing waits for a decision
        """
        steps = self._assist_get_quality_steps()
        if not steps:
            return None
        self.env["union.assist.quality.inspection"]._sync_with_pickings(steps)
        waiting = steps._assist_get_waiting_inspections()
        if not waiting:
            return None
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

    def _create_backorder_picking(self):
        backorder = super()._create_backorder_picking()
        if self._assist_get_quality_steps():
            backorder.sudo().assist_quality_root_id = self.assist_quality_root_id or self
        return backorder

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
