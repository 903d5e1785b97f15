from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare

from ..tools.weighing import WEIGHT_DIGITS


class UnionAssistLotSource(models.Model):
    """How much of a weigh ticket went into a lot: which households are in it."""

    _name = "union.assist.lot.source"
    _description = "Weigh Ticket in a Lot"
    _order = "lot_id desc, id"
    _rec_name = "ticket_id"

    lot_id = fields.Many2one("stock.lot", required=True, index=True, ondelete="cascade")
    ticket_id = fields.Many2one(
        "union.assist.weigh.ticket", required=True, index=True, ondelete="restrict"
    )
    household_id = fields.Many2one(related="ticket_id.household_id", store=True, index=True)
    region_id = fields.Many2one(related="ticket_id.region_id", store=True, index=True)
    supplier_id = fields.Many2one(related="ticket_id.supplier_id")
    company_id = fields.Many2one(related="ticket_id.company_id", store=True, index=True)
    quantity = fields.Float(
        "Quantity (jin)", required=True, digits=(16, WEIGHT_DIGITS), help="Of the ticket's weight."
    )

    _ticket_unique = models.UniqueIndex(
        "(lot_id, ticket_id)", "The weigh ticket is in this lot already: change its quantity."
    )
    _quantity_positive = models.Constraint("CHECK (quantity > 0)", "The quantity is above 0.")

    @api.constrains("lot_id", "ticket_id", "quantity")
    def _check_source(self):
        for source in self.sudo():
            ticket, lot = source.ticket_id, source.lot_id
            if ticket.state not in ("confirmed", "paid"):
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is not confirmed: only goods that were weighed in go into a"
                        " lot.",
                        ticket=ticket.name,
                    )
                )
            if ticket.product_id not in (
                lot.product_id | lot.product_id.product_tmpl_id.assist_crop_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is about %(crop)s, and lot %(lot)s of %(product)s is not made"
                        " from it. Set the crop on the product if it is.",
                        ticket=ticket.name,
                        crop=ticket.product_id.display_name,
                        lot=lot.name,
                        product=lot.product_id.display_name,
                    )
                )
            if lot.company_id and lot.company_id != ticket.company_id:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s and lot %(lot)s are of different companies.",
                        ticket=ticket.name,
                        lot=lot.name,
                    )
                )
            if float_compare(ticket.lot_quantity, ticket.quantity, WEIGHT_DIGITS) > 0:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s has %(quantity)s jin; its lots would have %(fed)s jin of it."
                        " At most %(rest)s jin go into lot %(lot)s.",
                        ticket=ticket.name,
                        quantity=f"{ticket.quantity:g}",
                        fed=f"{ticket.lot_quantity:g}",
                        rest=f"{ticket.quantity - ticket.lot_quantity + source.quantity:g}",
                        lot=lot.name,
                    )
                )

    def write(self, vals):
        if {"lot_id", "ticket_id"} & vals.keys():
            raise UserError(
                self.env._("Remove the weigh ticket from the one lot and add it to the other.")
            )
        return super().write(vals)
