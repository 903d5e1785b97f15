from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from ..models.purchase_order import PENDING_STATES
from ..tools.caps import format_quantity, natural_step
from ..tools.split import Need, Source, propose_split


class UnionAssistCapSplit(models.TransientModel):
    """Lower an order to what its caps have left and request the rest from others with room.

    It proposes who could take what; whoever splits may change the quantities.
    """

    _name = "union.assist.cap.split"
    _description = "Split an Order over Suppliers with Room"

    order_id = fields.Many2one("purchase.order", required=True, readonly=True, ondelete="cascade")
    supplier_id = fields.Many2one(related="order_id.partner_id")
    currency_id = fields.Many2one(related="order_id.company_id.currency_id")
    line_ids = fields.One2many("union.assist.cap.split.line", "split_id", "Who Gets What")
    excess = fields.Monetary(
        "Still Above the Cap",
        compute="_compute_outcome",
        compute_sudo=True,
        help="How much this order would still take beyond its caps.",
    )
    amount_kept = fields.Monetary(
        "Stays with the Supplier", compute="_compute_outcome", compute_sudo=True
    )
    amount_moved = fields.Monetary("Goes to Others", compute="_compute_outcome", compute_sudo=True)
    unplaced = fields.Text("Not Placed", compute="_compute_outcome", compute_sudo=True)
    problems = fields.Text(compute="_compute_outcome", compute_sudo=True)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        order = self.env["purchase.order"].browse(values.get("order_id")).exists()
        if order and "line_ids" in fields:
            values["line_ids"] = [Command.create(row) for row in self._prepare_lines(order)]
        return values

    @api.model
    def _prepare_lines(self, order):
        """Return the rows of the proposal: for each line who keeps it, then who could take it."""
        order.check_access("read")
        order = order.sudo()
        order_lines = order.order_line.filtered(
            lambda line: line.product_id and line.product_qty > 0
        )
        offers = order_lines.product_id._assist_get_offers(
            order.company_id, order.company_id._assist_today()
        )
        uses = order._get_assist_uses()[order]
        use_of = {line: use for use in uses for line in use.claim.lines}
        needs, sources, rooms, found = [], {}, {}, {}
        for line in order_lines:
            use = use_of.get(line)
            needs.append(
                Need(
                    line.id,
                    line.product_qty,
                    use.get_price(line) if use else 0.0,
                    use and use.cap,
                    natural_step(line.product_qty, line.product_uom_id.rounding),
                )
            )
            unit = line.product_id.uom_id
            for offer in offers[line.product_id]:
                if offer.supplier == order.partner_id.commercial_partner_id:
                    continue
                if offer.cap and offer.cap.currency_id.compare_amounts(offer.cap.remaining, 0) <= 0:
                    continue
                rooms[offer.cap] = offer.cap.remaining
                found[line.id, offer.supplier.id] = offer
                sources.setdefault(line.id, []).append(
                    Source(
                        offer.supplier.id,
                        unit._compute_price(offer.cap_price, line.product_uom_id),
                        offer.cap or None,
                        unit._compute_quantity(offer.min_qty, line.product_uom_id, round=False),
                        unit._compute_quantity(offer.lot_size, line.product_uom_id, round=False),
                    )
                )
        excess = {use.cap: use.excess for use in uses}
        for _attempt in range(3):
            kept, placed = propose_split(needs, excess, sources, rooms)
            # What units take is not rounded as the whole order is: a cent may be left over.
            quantities = {line: kept[line.id] for line in order_lines}
            above = {
                use.cap: use.excess
                for use in order._get_assist_uses_of(quantities)
                if use.excess > 0
            }
            if not above:
                break
            excess = {cap: amount + above.get(cap, 0.0) for cap, amount in excess.items()}
        rows = []
        for line in order_lines:
            rows.append(
                {
                    "order_line_id": line.id,
                    "supplier_id": order.partner_id.id,
                    "is_kept": True,
                    "price_unit": line.price_unit_discounted / order.currency_rate,
                    "quantity": kept[line.id],
                }
            )
            for source in sources.get(line.id, ()):
                offer = found[line.id, source.key]
                rows.append(
                    {
                        "order_line_id": line.id,
                        "supplier_id": offer.seller.partner_id.id,
                        "has_cap": bool(offer.cap),
                        "room": offer.cap.remaining,
                        "price_unit": unit_price(offer, line),
                        "min_qty": source.minimum,
                        "lot_size": source.multiple,
                        "delay": offer.delay,
                        "quantity": placed.get((line.id, source.key), 0.0),
                    }
                )
        return rows

    @api.depends("line_ids.quantity", "order_id")
    def _compute_outcome(self):
        for split in self:
            order = split.order_id
            kept = split.line_ids.filtered("is_kept")
            quantities = {line.order_line_id._origin: line.quantity for line in kept}
            uses = order._origin._get_assist_uses_of(quantities)
            split.excess = sum(max(use.excess, 0.0) for use in uses)
            split.amount_kept = sum(kept.mapped("amount"))
            split.amount_moved = sum((split.line_ids - kept).mapped("amount"))
            split.unplaced = "\n".join(split._get_unplaced()) or False
            split.problems = "\n".join(split._get_problems()) or False

    def _get_unplaced(self):
        """Tell what of the order nobody gets."""
        lines = []
        for order_line, rows in self.line_ids.grouped("order_line_id").items():
            missing = order_line.product_qty - sum(rows.mapped("quantity"))
            if order_line.product_uom_id.compare(missing, 0.0) > 0:
                lines.append(
                    self.env._(
                        "%(product)s: %(quantity)s %(unit)s of %(ordered)s",
                        product=order_line.product_id.display_name,
                        quantity=format_quantity(missing),
                        unit=order_line.product_uom_id.name,
                        ordered=format_quantity(order_line.product_qty),
                    )
                )
        return lines

    def _get_problems(self):
        """Tell what stands against the quantities as they are."""
        problems = []
        for order_line, rows in self.line_ids.grouped("order_line_id").items():
            unit = order_line.product_uom_id
            names = {"product": order_line.product_id.display_name, "unit": unit.name}
            more = sum(rows.mapped("quantity")) - order_line.product_qty
            if unit.compare(more, 0.0) > 0:
                problems.append(
                    self.env._(
                        "%(product)s: %(quantity)s %(unit)s more than the order asks for.",
                        quantity=format_quantity(more),
                        **names,
                    )
                )
            for row in rows:
                supplier = row.supplier_id.display_name
                if unit.compare(row.quantity, 0.0) < 0:
                    problems.append(
                        self.env._(
                            "%(product)s: the quantity of %(supplier)s is negative.",
                            supplier=supplier,
                            **names,
                        )
                    )
                elif row.quantity and not row.is_kept:
                    if unit.compare(row.quantity, row.min_qty) < 0:
                        problems.append(
                            self.env._(
                                "%(product)s: %(supplier)s sells at least %(quantity)s %(unit)s.",
                                supplier=supplier,
                                quantity=format_quantity(row.min_qty),
                                **names,
                            )
                        )
                    if row.lot_size and unit.compare(
                        row.quantity, round(row.quantity / row.lot_size) * row.lot_size
                    ):
                        problems.append(
                            self.env._(
                                "%(product)s: %(supplier)s sells by %(quantity)s %(unit)s.",
                                supplier=supplier,
                                quantity=format_quantity(row.lot_size),
                                **names,
                            )
                        )
        return problems

    def action_split(self):
        """Lower the order and make the requests for quotation.

        :raise UserError: when quantities do not add up or a cap would still be exceeded
        :return: action that shows the order and the requests
        """
        requests = self._split()
        action = self.env["ir.actions.act_window"]._for_xml_id("purchase.purchase_rfq")
        action.update(
            display_name=self.env._("Split of %s", self.order_id.name),
            domain=[("id", "in", (self.order_id + requests).ids)],
            context={},
        )
        return action

    def action_split_confirm(self):
        """Split, and confirm the order with what it keeps."""
        self._split()
        order = self.order_id
        if order.state in ("draft", "sent"):
            result = order.button_confirm()
            if isinstance(result, dict):
                return result
        return {
            "type": "ir.actions.act_window",
            "res_model": "purchase.order",
            "res_id": order.id,
            "views": [(False, "form")],
        }

    def _split(self):
        """Do it, all or nothing, and return the requests for quotation."""
        self.ensure_one()
        order = self.order_id
        order.check_access("write")
        if order.state not in PENDING_STATES:
            raise UserError(
                self.env._("%s is not waiting to be confirmed: nothing is split.", order.name)
            )
        if self.line_ids.order_line_id.order_id - order:
            raise UserError(self.env._("Only lines of %s can be split.", order.name))
        if problems := self._get_problems():
            raise UserError(
                self.env._(
                    "%(order)s cannot be split like this:\n%(problems)s",
                    order=order.name,
                    problems="\n".join(problems),
                )
            )
        requests = self.env["purchase.order"].create(
            [
                self._prepare_request(supplier, rows)
                for supplier, rows in self.line_ids.filtered(
                    lambda row: not row.is_kept and row.quantity
                )
                .grouped("supplier_id")
                .items()
            ]
        )
        # Core prices a new line before it knows its unit.
        requests.order_line._compute_price_unit_and_date_planned_and_name()
        unplaced = self._get_unplaced()
        for row in self.line_ids.filtered("is_kept"):
            line = row.order_line_id
            if float_compare(row.quantity, line.product_qty, precision_digits=6) == 0:
                continue
            if row.quantity:
                # With the quantity alone a price would be looked up anew that was agreed on.
                line.write({"product_qty": row.quantity, "price_unit": line.price_unit})
            else:
                line.unlink()
        if not order.order_line.filtered("product_id"):
            order.button_cancel()
        exceeding = (order + requests).filtered("assist_cap_exceeded")
        if exceeding:
            raise UserError(
                self.env._(
                    "The purchase cap would still be exceeded by %s: lower its quantities.",
                    ", ".join(exceeding.partner_id.mapped("display_name")),
                )
            )
        self._post_messages(requests, unplaced)
        return requests

    def _prepare_request(self, supplier, rows):
        """Return the values of the request for quotation that a supplier gets."""
        order = self.order_id
        return {
            "partner_id": supplier.id,
            "company_id": order.company_id.id,
            "user_id": order.user_id.id,
            "origin": order.name,
            "picking_type_id": order.picking_type_id.id,
            "order_line": [
                Command.create(
                    {
                        "product_id": row.order_line_id.product_id.id,
                        "product_qty": row.quantity,
                        "product_uom_id": row.order_line_id.product_uom_id.id,
                        "analytic_distribution": row.order_line_id.analytic_distribution,
                    }
                )
                for row in rows
            ],
        }

    def _post_messages(self, requests, unplaced):
        order = self.order_id
        for request in requests:
            request.message_post_with_source(
                "mail.message_origin_link",
                render_values={"self": request, "origin": order},
                subtype_xmlid="mail.mt_note",
            )
        order._message_log_with_view(
            "union_assist_procure.message_cap_split",
            render_values={"requests": requests, "unplaced": unplaced},
        )


class UnionAssistCapSplitLine(models.TransientModel):
    """How much of a line stays with its supplier, or goes to another one."""

    _name = "union.assist.cap.split.line"
    _description = "Part of a Split Order Line"

    split_id = fields.Many2one(
        "union.assist.cap.split", required=True, index=True, ondelete="cascade"
    )
    order_line_id = fields.Many2one("purchase.order.line", required=True, ondelete="cascade")
    product_id = fields.Many2one(related="order_line_id.product_id")
    uom_id = fields.Many2one(related="order_line_id.product_uom_id")
    currency_id = fields.Many2one(related="split_id.currency_id")
    supplier_id = fields.Many2one("res.partner", required=True)
    is_kept = fields.Boolean("Stays")
    has_cap = fields.Boolean(readonly=True)
    room = fields.Monetary("Cap Left")
    price_unit = fields.Monetary("Unit Price")
    min_qty = fields.Float("Least Quantity", digits="Product Unit")
    lot_size = fields.Float(digits="Product Unit")
    delay = fields.Integer("Lead Time (Days)", help="From the confirmation to the receipt.")
    quantity = fields.Float(digits="Product Unit")
    amount = fields.Monetary(compute="_compute_amount")

    @api.depends("price_unit", "quantity")
    def _compute_amount(self):
        for line in self:
            line.amount = line.price_unit * line.quantity


def unit_price(offer, line):
    """Return the price of an offer per unit of an order line."""
    return offer.product.uom_id._compute_price(offer.price, line.product_uom_id)
