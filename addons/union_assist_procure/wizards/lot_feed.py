from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class UnionAssistLotFeed(models.TransientModel):
    """Note which weigh tickets went into a lot, and how much of each."""

    _name = "union.assist.lot.feed"
    _description = "Put Weigh Tickets into a Lot"

    ticket_ids = fields.Many2many("union.assist.weigh.ticket", string="Weigh Tickets")
    allowed_ticket_ids = fields.Many2many(
        "union.assist.weigh.ticket",
        "union_assist_lot_feed_allowed_rel",
        compute="_compute_allowed_ticket_ids",
    )
    allowed_product_ids = fields.Many2many(
        "product.product", compute="_compute_allowed_product_ids"
    )
    lot_id = fields.Many2one(
        "stock.lot", required=True, domain="[('product_id', 'in', allowed_product_ids)]"
    )
    line_ids = fields.One2many(
        "union.assist.lot.feed.line",
        "feed_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.depends("ticket_ids")
    def _compute_allowed_product_ids(self):
        for feed in self:
            crops = feed.ticket_ids.product_id
            domain = Domain.TRUE
            if crops:
                domain = Domain("id", "in", crops.ids) | Domain(
                    "product_tmpl_id.assist_crop_id", "in", crops.ids
                )
            else:
                domain = Domain("tracking", "!=", "none")
            feed.allowed_product_ids = self.env["product.product"].search(domain)

    @api.depends("lot_id")
    def _compute_allowed_ticket_ids(self):
        for feed in self:
            product = feed.lot_id.product_id
            crops = product | product.product_tmpl_id.assist_crop_id
            found = self.env["union.assist.weigh.ticket"].search(
                [("product_id", "in", crops.ids), ("state", "in", ("confirmed", "paid"))]
            )
            feed.allowed_ticket_ids = found.filtered(
                lambda ticket: ticket.lot_quantity < ticket.quantity
            )

    @api.depends("ticket_ids")
    def _compute_line_ids(self):
        for feed in self:
            before = {line.ticket_id.id: line.quantity for line in feed.line_ids}
            feed.line_ids = [Command.clear()] + [
                Command.create(
                    {
                        "ticket_id": ticket._origin.id,
                        "quantity": before.get(
                            ticket._origin.id, ticket.quantity - ticket.lot_quantity
                        ),
                    }
                )
                for ticket in feed.ticket_ids
            ]

    def action_feed(self):
        """Note the quantities; a ticket that is in the lot already gets more of it there."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.quantity)
        if not lines:
            raise UserError(self.env._("Nothing goes into the lot: choose weigh tickets."))
        existing = self.lot_id.assist_source_ids.grouped("ticket_id")
        vals_list = []
        for line in lines:
            if source := existing.get(line.ticket_id):
                source.quantity += line.quantity
            else:
                vals_list.append(
                    {
                        "lot_id": self.lot_id.id,
                        "ticket_id": line.ticket_id.id,
                        "quantity": line.quantity,
                    }
                )
        self.env["union.assist.lot.source"].create(vals_list)
        return {"type": "ir.actions.act_window_close"}


class UnionAssistLotFeedLine(models.TransientModel):
    _name = "union.assist.lot.feed.line"
    _description = "Weigh Ticket to Put into a Lot"

    feed_id = fields.Many2one(
        "union.assist.lot.feed", required=True, index=True, ondelete="cascade"
    )
    ticket_id = fields.Many2one("union.assist.weigh.ticket", required=True, ondelete="cascade")
    household_id = fields.Many2one(related="ticket_id.household_id")
    day = fields.Date(related="ticket_id.day")
    payable_quantity = fields.Float(
        "Payable Weight (jin)", related="ticket_id.quantity", digits=(16, 2)
    )
    lot_quantity = fields.Float("In Lots (jin)", related="ticket_id.lot_quantity", digits=(16, 2))
    quantity = fields.Float("Quantity (jin)", digits=(16, 2))
