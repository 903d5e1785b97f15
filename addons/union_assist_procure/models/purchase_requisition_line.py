from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, float_compare

TERMS = ("product_id", "product_uom_id", "product_qty", "price_unit", "requisition_id")


class PurchaseRequisitionLine(models.Model):
    _inherit = "purchase.requisition.line"

    assist_call_ids = fields.One2many(
        "union.assist.call", "requisition_line_id", "Calls", readonly=True, copy=False
    )
    assist_currency_id = fields.Many2one(related="requisition_id.currency_id")
    assist_amount = fields.Monetary(
        "Agreed Amount", compute="_compute_assist_amount", currency_field="assist_currency_id"
    )
    assist_called_qty = fields.Float(
        "Called Off",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        digits="Product Unit",
        help="Ordered by confirmed orders on this agreement, without what was sent back.",
    )
    assist_called_amount = fields.Monetary(
        "Called Amount",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        currency_field="assist_currency_id",
    )
    assist_received_qty = fields.Float(
        "Received", compute="_compute_assist_fulfilment", compute_sudo=True, digits="Product Unit"
    )
    assist_received_amount = fields.Monetary(
        "Received Amount",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        currency_field="assist_currency_id",
    )
    assist_invoiced_qty = fields.Float(
        "Invoiced", compute="_compute_assist_fulfilment", compute_sudo=True, digits="Product Unit"
    )
    assist_invoiced_amount = fields.Monetary(
        "Invoiced Amount",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        currency_field="assist_currency_id",
    )
    assist_open_qty = fields.Float(
        "Still to Call",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        digits="Product Unit",
    )
    assist_open_amount = fields.Monetary(
        "Amount Still to Call",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        currency_field="assist_currency_id",
        help="At the agreed price.",
    )
    assist_fulfilment = fields.Float(
        "Fulfilled (%)",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        digits=(16, 1),
        help="Received part of the agreed quantity.",
    )

    @api.depends("price_unit", "product_qty")
    def _compute_assist_amount(self):
        for line in self:
            line.assist_amount = line.product_qty * line.price_unit

    @api.depends(
        "assist_call_ids.amount",
        "assist_call_ids.invoiced_qty",
        "assist_call_ids.quantity",
        "assist_call_ids.received_qty",
        "price_unit",
        "product_qty",
    )
    def _compute_assist_fulfilment(self):
        for line in self:
            called = called_amount = received = received_amount = 0.0
            invoiced = invoiced_amount = 0.0
            for call in line.assist_call_ids:
                price = call.amount / call.quantity if call.quantity else 0.0
                called += call.quantity
                called_amount += call.amount
                received += call.received_qty
                received_amount += call.received_qty * price
                invoiced += call.invoiced_qty
                invoiced_amount += call.invoiced_qty * price
            line.assist_called_qty = called
            line.assist_called_amount = called_amount
            line.assist_received_qty = received
            line.assist_received_amount = received_amount
            line.assist_invoiced_qty = invoiced
            line.assist_invoiced_amount = invoiced_amount
            line.assist_open_qty = max(line.product_qty - called, 0.0)
            line.assist_open_amount = line.assist_open_qty * line.price_unit
            line.assist_fulfilment = (
                100.0 * min(received / line.product_qty, 1.0) if line.product_qty else 0.0
            )

    # --------------------------------------------------
    # What holds of lines of subscriptions and intentions
    # --------------------------------------------------

    @api.constrains("product_id", "product_uom_id", "requisition_id")
    def _check_assist_product(self):
        """One line for each product, so that it is certain what an order calls off."""
        for agreement in self.requisition_id.filtered("assist_kind"):
            for product, lines in agreement.line_ids.grouped("product_id").items():
                if len(lines) > 1:
                    raise ValidationError(
                        self.env._(
                            "%(agreement)s agrees on %(product)s twice: put it on one line.",
                            agreement=agreement.name,
                            product=product.display_name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self._check_assist_amendment(lines.requisition_id)
        return lines

    def write(self, vals):
        changed = self.filtered(
            lambda line: (
                line.requisition_id.assist_kind
                and any(name in vals and line._assist_changes(name, vals[name]) for name in TERMS)
            )
        )
        if not changed:
            return super().write(vals)
        agreements = changed.requisition_id
        self._check_assist_amendment(agreements)
        before = {line: (line.product_qty, line.price_unit) for line in changed}
        for line in changed.filtered("assist_call_ids"):
            if any(
                name in vals and line._assist_changes(name, vals[name])
                for name in ("product_id", "product_uom_id", "requisition_id")
            ):
                raise UserError(
                    self.env._(
                        "%(product)s was called off %(agreement)s already: product and unit stay.",
                        product=line.product_id.display_name,
                        agreement=line.requisition_id.name,
                    )
                )
        result = super().write(vals)
        self._check_assist_amendment(changed.requisition_id)
        for line in changed:
            line._check_assist_called()
        self._assist_note_amendments(before)
        # The row that calls count on: of an amendment and a call at the same moment one fails
        # to serialize and is replayed.
        self.env.cr.execute(
            SQL(
                "UPDATE purchase_requisition SET assist_called = assist_called WHERE id IN %s",
                tuple(agreements.ids),
            )
        )
        return result

    def _assist_changes(self, name, value):
        """Return whether writing ``value`` would change the field."""
        field = self._fields[name]
        if field.type == "float":
            return float_compare(self[name], value or 0.0, precision_digits=6) != 0
        return self[name].id != (value or False)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_called_off(self):
        called = self.filtered("assist_call_ids")
        for line in called:
            raise UserError(
                self.env._(
                    "%(product)s was called off %(agreement)s by %(orders)s: the line stays.",
                    product=line.product_id.display_name,
                    agreement=line.requisition_id.name,
                    orders=", ".join(line.sudo().assist_call_ids.order_id.mapped("name")),
                )
            )
        self._check_assist_amendment(self.requisition_id)

    def _check_assist_amendment(self, agreements):
        """Refuse what would change a subscription that binds, except to an administrator."""
        binding = agreements.filtered(
            lambda agreement: (
                agreement.assist_kind == "subscription" and agreement.state in ("confirmed", "done")
            )
        )
        if binding and not self.env["union.assist.call"]._may_exceed_price():
            raise UserError(
                self.env._(
                    "The subscription %(agreement)s binds both sides: only an administrator"
                    " amends what was agreed.",
                    agreement=binding[0].name,
                )
            )

    def _check_assist_called(self):
        self.ensure_one()
        called = sum(self.sudo().assist_call_ids.mapped("quantity"))
        if (
            self.requisition_id.assist_kind == "subscription"
            and self.product_uom_id.compare(self.product_qty, called) < 0
        ):
            raise UserError(
                self.env._(
                    "%(product)s: %(called)s %(unit)s were called off %(agreement)s already,"
                    " it cannot be lowered to %(agreed)s.",
                    product=self.product_id.display_name,
                    called=f"{called:g}",
                    unit=self.product_uom_id.name,
                    agreement=self.requisition_id.name,
                    agreed=f"{self.product_qty:g}",
                )
            )

    def _assist_note_amendments(self, before):
        """Keep in the chatter what was agreed before."""
        for line, (quantity, price) in before.items():
            agreement = line.requisition_id
            if agreement.state == "draft" or (quantity, price) == (
                line.product_qty,
                line.price_unit,
            ):
                continue
            agreement.message_post(
                body=self.env._(
                    "%(product)s amended: %(old_quantity)s at %(old_price)s → %(quantity)s at"
                    " %(price)s",
                    product=line.product_id.display_name,
                    old_quantity=f"{quantity:g}",
                    old_price=f"{price:g}",
                    quantity=f"{line.product_qty:g}",
                    price=f"{line.price_unit:g}",
                )
            )

    def _assist_is_above(self, price):
        """Return whether a price per unit of this line is above the agreed one."""
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Product Price")
        return float_compare(price, self.price_unit, precision_digits=digits) > 0

    # --------------------------------------------------
    # Vendor prices and orders
    # --------------------------------------------------

    def _create_supplier_info(self):
        """An intention sets no price; that of a subscription holds while it does."""
        if self.requisition_id.assist_kind == "intention":
            return None
        result = super()._create_supplier_info()
        self._assist_date_supplier_info()
        return result

    def _assist_date_supplier_info(self):
        for agreement in self.requisition_id.filtered("assist_kind"):
            (self & agreement.line_ids).sudo().supplier_info_ids.write(
                {"date_start": agreement.date_start, "date_end": agreement.date_end}
            )

    def _prepare_purchase_order_line(self, name, product_qty=0.0, price_unit=0.0, taxes_ids=False):
        """Propose what is left to call off."""
        if self.requisition_id.assist_kind and not product_qty:
            product_qty = self.assist_open_qty
        return super()._prepare_purchase_order_line(
            name, product_qty=product_qty, price_unit=price_unit, taxes_ids=taxes_ids
        )
