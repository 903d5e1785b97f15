from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

# What people note about a recipient; the rest follows from the recall's steps.
NOTED_FIELDS = frozenset(("line_ids", "note"))


class UnionAssistRecallRecipient(models.Model):
    """A unit that received recalled goods: its notice, its answer, what came back."""

    _name = "union.assist.recall.recipient"
    _description = "Recipient of a Recall"
    _order = "recall_id desc, id"
    _rec_name = "partner_id"

    recall_id = fields.Many2one(
        "union.assist.recall", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="recall_id.company_id", store=True, index=True)
    recall_state = fields.Selection(related="recall_id.state", string="Recall Status")
    is_mock = fields.Boolean(related="recall_id.is_mock")
    partner_id = fields.Many2one(
        "res.partner", "Unit", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    contact_id = fields.Many2one(
        "res.partner",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Address that the goods were delivered to.",
    )
    lang = fields.Char(compute="_compute_contact", help="Language of the notice.")
    email = fields.Char(compute="_compute_contact")
    phone = fields.Char(compute="_compute_contact")
    line_ids = fields.One2many("union.assist.recall.line", "recipient_id", "Deliveries")
    line_count = fields.Integer("Number of Deliveries", compute="_compute_line_count")
    state = fields.Selection(
        [
            ("to_notify", "To Notify"),
            ("notified", "Notified"),
            ("answered", "Answered"),
        ],
        "Status",
        compute="_compute_state",
        store=True,
    )
    notified_on = fields.Datetime(readonly=True)
    notice_kind = fields.Selection([("mail", "Mail"), ("letter", "Letter")], readonly=True)
    answered_on = fields.Datetime(readonly=True)
    recovery_rate = fields.Float(
        "Recovered (%)",
        compute="_compute_recovery_rate",
        digits=(5, 1),
        help="Share of the recalled goods delivered to it that came back or was destroyed.",
    )
    return_ids = fields.One2many("stock.picking", "assist_recall_recipient_id", "Returns")
    note = fields.Char("Remark")

    _partner_unique = models.UniqueIndex("(recall_id, partner_id)")

    @api.depends("contact_id", "partner_id")
    def _compute_contact(self):
        for recipient in self:
            contact, unit = recipient.contact_id.sudo(), recipient.partner_id.sudo()
            recipient.lang = unit.lang or contact.lang or self.env.lang
            recipient.email = contact.email or unit.email
            recipient.phone = contact.phone or unit.phone

    @api.depends("line_ids")
    def _compute_line_count(self):
        for recipient in self:
            recipient.line_count = len(recipient.line_ids)

    @api.depends("notified_on", "answered_on")
    def _compute_state(self):
        for recipient in self:
            if recipient.answered_on:
                recipient.state = "answered"
            else:
                recipient.state = "notified" if recipient.notified_on else "to_notify"

    @api.depends("line_ids.destroyed_qty")
    def _compute_recovery_rate(self):
        # All lines at once: what came back is asked for in one query.
        self.line_ids.mapped("returned_qty")
        for recipient in self:
            recipient.recovery_rate = recipient.line_ids._get_recovery_rate()

    def write(self, vals):
        if not self.env.su and vals:
            frozen = vals.keys() - NOTED_FIELDS
            if frozen:
                raise AccessError(
                    self.env._(
                        "Recipients are found, notified and settled by the recall's steps, not by"
                        " hand (%(fields)s).",
                        fields=", ".join(sorted(frozen)),
                    )
                )
            self.recall_id._check_open()
        return super().write(vals)

    def action_return(self):
        """Make the returns of what these recipients still have, one for each delivery.

        Goods come back to the reject location of the warehouse that sent them. The quantity
        is what the recipient said it still has, else all that was not recovered yet.

        :return: action that opens the returns
        """
        self.check_access("write")
        self.recall_id._check_open()
        if any(self.mapped("is_mock")):
            raise UserError(self.env._("A mock recall takes nothing back."))
        returns = self.env["stock.picking"]
        for recipient in self:
            for picking, lines in recipient.line_ids.grouped("picking_id").items():
                if picking.state == "done":
                    returns |= recipient._make_return(picking, lines)
        if not returns:
            raise UserError(
                self.env._("Nothing is left to take back: returns were made, or all was recovered.")
            )
        return returns._assist_get_list_action(self.env._("Returns"))

    def _make_return(self, picking, lines):
        """Return what is to come back of one delivery; empty when nothing is."""
        self.ensure_one()
        waiting = self.return_ids.filtered(
            lambda record: record.return_id == picking and record.state not in ("done", "cancel")
        )
        wanted = {}
        for line in lines:
            quantity = min(line.answered_qty or line.open_qty, line.open_qty)
            underway = waiting.move_line_ids.filtered(
                lambda record, lot=line.lot_id: record.lot_id == lot
            )
            quantity -= sum(underway.mapped("quantity_product_uom"))
            if line.uom_id.compare(quantity, 0.0) > 0:
                wanted[line.lot_id] = quantity
        sent = picking.move_line_ids.filtered(lambda line: line.lot_id in wanted)
        parts = {}
        for line in sent:
            part = min(wanted[line.lot_id], line.quantity_product_uom)
            if line.product_id.uom_id.compare(part, 0.0) > 0:
                wanted[line.lot_id] -= part
                parts[line] = part
        if not parts:
            return self.env["stock.picking"]
        moves = self.env["stock.move"].union(*(line.move_id for line in parts))
        reject = picking.picking_type_id.warehouse_id._assist_get_reject_location()
        wizard = self.env["stock.return.picking"].create(
            {
                "picking_id": picking.id,
                "product_return_moves": [
                    Command.create(
                        {
                            "product_id": move.product_id.id,
                            "move_id": move.id,
                            "quantity": move.product_id.uom_id._compute_quantity(
                                sum(part for line, part in parts.items() if line.move_id == move),
                                move.product_uom,
                                round=False,
                            ),
                        }
                    )
                    for move in moves
                ],
            }
        )
        wizard.product_return_moves.filtered(lambda line: not line.quantity).unlink()
        back = wizard._create_return()
        back.move_line_ids.unlink()
        back.location_dest_id = reject
        back.move_ids.write({"location_dest_id": reject.id, "location_final_id": reject.id})
        self.env["stock.move.line"].create(
            [
                {
                    "move_id": back.move_ids.filtered(
                        lambda move, line=line: move.origin_returned_move_id == line.move_id
                    ).id,
                    "picking_id": back.id,
                    "product_id": line.product_id.id,
                    "product_uom_id": line.product_id.uom_id.id,
                    "lot_id": line.lot_id.id,
                    "quantity": part,
                    "location_id": back.location_id.id,
                    "location_dest_id": reject.id,
                }
                for line, part in parts.items()
            ]
        )
        back.sudo().write(
            {
                "assist_recall_recipient_id": self.id,
                "origin": self.env._("Recall %(recall)s", recall=self.recall_id.name),
            }
        )
        return back

    def action_view_returns(self):
        """Open the returns of these recipients."""
        self.check_access("read")
        return self.return_ids._assist_get_list_action(self.env._("Returns"))
