from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain

from .delivery_receipt_line import RECEIVED_KINDS

#: Set by acts alone.
ACT_FIELDS = frozenset(
    ("state", "agreed_by_id", "agreed_on", "done_on", "closed_by_id", "closed_on")
    + ("held_qty", "credit_note_id", "nonconformity_id", "receipt_line_id", "company_id", "name")
)
#: What happened, said when the case is opened; what to do about it, until it is agreed.
FACTS = frozenset(("picking_id", "move_id", "lot_id", "kind", "quantity", "remark"))
TERMS = frozenset(("responsibility", "responsible_id", "remedy", "goods_back"))

REMINDER_BATCH = 200


class UnionAssistDeliveryCase(models.Model):
    """What a receiver found short, damaged, wrong, near expiry, or refused, and what is done.

    Until the remedy is done, the quantity in question is not billed: ``held_qty`` is taken off
    the delivered quantity of the order. Then Odoo's own movements and credit notes say it.
    """

    _name = "union.assist.delivery.case"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Delivery Discrepancy"
    _order = "state_order, deadline, id desc"
    _check_company_auto = True
    _assist_kept_fields = ACT_FIELDS

    name = fields.Char("Case", readonly=True, copy=False, default="/")
    state = fields.Selection(
        [("open", "To Agree"), ("agreed", "Agreed"), ("done", "Done"), ("closed", "Closed")],
        default="open",
        # Columns of the kanban in the order of the steps.
        group_expand=True,
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    state_order = fields.Integer(compute="_compute_state_order", store=True)
    picking_id = fields.Many2one(
        "stock.picking",
        "Delivery",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('picking_type_code', '=', 'outgoing'), ('state', '=', 'done')]",
    )
    company_id = fields.Many2one(
        related="picking_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        related="picking_id.partner_id.commercial_partner_id",
        string="Receiving Unit",
        store=True,
        index=True,
    )
    receipt_line_id = fields.Many2one(
        "union.assist.delivery.receipt.line",
        "Reported in",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Line of the receipt that says so; empty where it was found later, or on paper.",
    )
    move_id = fields.Many2one(
        "stock.move",
        "Goods of the Delivery",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('picking_id', '=', picking_id), ('state', '=', 'done')]",
    )
    sale_line_id = fields.Many2one(related="move_id.sale_line_id", store=True, index=True)
    product_id = fields.Many2one(related="move_id.product_id", store=True, index=True)
    lot_id = fields.Many2one(
        "stock.lot",
        index="btree_not_null",
        domain="[('product_id', '=', product_id)]",
        check_company=True,
    )
    uom_id = fields.Many2one(
        "uom.uom", "Unit", compute="_compute_uom_id", store=True, precompute=True
    )
    kind = fields.Selection(
        [pair for pair in RECEIVED_KINDS if pair[0] != "received"],
        required=True,
        default="short",
        tracking=True,
    )
    quantity = fields.Float(digits="Product Unit", required=True, default=1.0, tracking=True)
    remark = fields.Char("What Was Found")
    photo_ids = fields.Many2many(
        related="receipt_line_id.photo_ids", string="Photographs", readonly=True
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible for the Case",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    deadline = fields.Date(
        compute="_compute_deadline", store=True, readonly=False, precompute=True, tracking=True
    )
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    reminded_on = fields.Date(readonly=True, copy=False)
    responsibility = fields.Selection(
        [
            ("supplier", "Supplier"),
            ("carrier", "Carrier"),
            ("warehouse", "Warehouse"),
            ("customer", "Receiver"),
        ],
        tracking=True,
        help="Who answers for it.",
    )
    responsible_id = fields.Many2one(
        "res.partner",
        "Supplier or Carrier",
        compute="_compute_responsible_id",
        store=True,
        readonly=False,
        help="To whom the cost is charged.",
    )
    remedy = fields.Selection(
        [
            ("resend", "Send Again"),
            ("exchange", "Exchange"),
            ("credit", "Credit"),
            ("write_off", "Write Off"),
            ("none", "None: Billed as Delivered"),
        ],
        tracking=True,
        help="Send again and exchange: a new delivery. Credit and write off: not billed, a"
        " credit note where it was. None: what the receiver says does not hold.",
    )
    goods_back = fields.Boolean(
        "Goods Come Back",
        compute="_compute_goods_back",
        store=True,
        readonly=False,
        help="A return waits in the warehouse for them. Otherwise they are lost, or left with"
        " the receiver, and are written off.",
    )
    cost = fields.Monetary(
        tracking=True, help="What it costs us: goods, freight, compensation; without taxes."
    )
    goods_value = fields.Monetary(
        compute="_compute_goods_value", help="At the price of the order, without taxes."
    )
    agreement = fields.Text(help="What was agreed with the receiver.")
    agreed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    agreed_on = fields.Datetime(readonly=True, copy=False)
    done_on = fields.Datetime(readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)
    move_ids = fields.One2many("stock.move", "assist_case_id", "Movements", readonly=True)
    return_ids = fields.One2many("stock.picking", compute="_compute_transfers", string="Returns")
    delivery_ids = fields.One2many(
        "stock.picking", compute="_compute_transfers", string="New Deliveries"
    )
    transfer_count = fields.Integer("Transfers", compute="_compute_transfers")
    credit_note_id = fields.Many2one("account.move", readonly=True, copy=False)
    nonconformity_id = fields.Many2one(
        "union.assist.nonconformity",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="What the supplier, who answers for it, is asked about.",
    )
    held_qty = fields.Float(
        "Not Billed",
        digits="Product Unit",
        compute="_compute_held_qty",
        store=True,
        help="Taken off the delivered quantity until the remedy is done.",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A case is about some goods: enter a quantity above 0."
    )
    _cost_positive = models.Constraint("CHECK (cost >= 0)", "Costs are not negative.")
    _receipt_line_unique = models.UniqueIndex(
        "(receipt_line_id) WHERE receipt_line_id IS NOT NULL",
        "This line of the receipt has a case already.",
    )

    # -- computed --------------------------------------------------------------------

    @api.depends("state")
    def _compute_state_order(self):
        order = [key for key, _label in self._fields["state"].selection]
        for case in self:
            case.state_order = order.index(case.state)

    @api.depends("move_id", "receipt_line_id")
    def _compute_uom_id(self):
        for case in self:
            case.uom_id = case.receipt_line_id.uom_id or case.move_id.product_uom

    @api.depends("picking_id")
    def _compute_deadline(self):
        parameter = self.env["union.assist.parameter"]
        for case in self:
            if not case.deadline and case.picking_id:
                today = case.picking_id.company_id._assist_today()
                days = parameter._get_value("delivery_case_days", today)
                case.deadline = today + timedelta(days=int(days))

    def _compute_is_overdue(self):
        today = self.env.company._assist_today()
        for case in self:
            case.is_overdue = bool(
                case.state in ("open", "agreed") and case.deadline and case.deadline < today
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator not in ("in", "not in") or set(value) - {True, False}:
            return NotImplemented
        overdue = Domain("state", "in", ("open", "agreed")) & Domain(
            "deadline", "<", self.env.company._assist_today()
        )
        wanted = set(value) if operator == "in" else {True, False} - set(value)
        if len(wanted) == 2:
            return Domain.TRUE
        if not wanted:
            return Domain.FALSE
        return overdue if True in wanted else ~overdue

    @api.depends("responsibility", "product_id")
    def _compute_responsible_id(self):
        for case in self:
            if case.responsibility == "supplier":
                case.responsible_id = case.product_id.assist_supplier_id
            elif case.responsibility == "carrier":
                case.responsible_id = case.responsible_id
            else:
                case.responsible_id = False

    @api.depends("kind", "remedy")
    def _compute_goods_back(self):
        for case in self:
            case.goods_back = case.kind == "refused" or case.remedy == "exchange"

    @api.depends("quantity", "uom_id", "sale_line_id.price_reduce_taxexcl")
    def _compute_goods_value(self):
        for case in self:
            line = case.sudo().sale_line_id
            value = 0.0
            if line and case.uom_id._has_common_reference(line.product_uom_id):
                ordered = case.uom_id._compute_quantity(
                    case.quantity, line.product_uom_id, round=False
                )
                value = ordered * line.price_reduce_taxexcl
            case.goods_value = value

    @api.depends("move_ids.picking_id")
    def _compute_transfers(self):
        for case in self:
            moves = case.move_ids
            back = moves.filtered(lambda move: move.location_id.usage == "customer")
            case.return_ids = back.picking_id
            case.delivery_ids = (moves - back).picking_id
            case.transfer_count = len(moves.picking_id)

    @api.depends("state", "remedy", "quantity", "uom_id", "move_ids.state", "move_ids.quantity")
    def _compute_held_qty(self):
        """Hold back what is in question and has not come back through a return."""
        for case in self:
            if case.remedy == "none" and case.state != "open":
                case.held_qty = 0.0
                continue
            left = case.quantity - case._get_done_qty(back=True)
            case.held_qty = max(case.uom_id.round(left), 0.0) if case.uom_id else left

    def _get_done_qty(self, back):
        """Return how much has come back, or was delivered anew, in the unit of the case."""
        self.ensure_one()
        total = 0.0
        for move in self.move_ids.filtered(lambda move: move.state == "done"):
            if back:
                counts = move.location_id.usage == "customer"
            else:
                counts = move.location_dest_id.usage == "customer"
            if counts:
                total += move.product_uom._compute_quantity(move.quantity, self.uom_id, round=False)
        return total

    # -- keeping ---------------------------------------------------------------------

    @api.constrains("move_id", "picking_id", "lot_id", "quantity")
    def _check_quantity(self):
        """No more of the goods can be wrong than were delivered."""
        others = self.search([("move_id", "in", self.move_id.ids)]).grouped("move_id")
        for move, cases in others.items():
            if cases.picking_id - move.picking_id:
                raise ValidationError(
                    self.env._(
                        "%(product)s is not of delivery %(delivery)s: choose goods of it.",
                        product=move.product_id.display_name,
                        delivery=(cases.picking_id - move.picking_id)[:1].name,
                    )
                )
            total = sum(
                case.uom_id._compute_quantity(case.quantity, move.product_uom, round=False)
                for case in cases
            )
            if move.product_uom.compare(total, move.quantity) > 0:
                raise ValidationError(
                    self.env._(
                        "Of %(product)s %(delivered)s %(unit)s were delivered; the cases are about"
                        " %(total)s. Enter no more than was delivered.",
                        product=move.product_id.display_name,
                        delivered=move.quantity,
                        unit=move.product_uom.name,
                        total=total,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(ACT_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(self._get_act_refusal())
        for vals in vals_list:
            vals["name"] = self.env["ir.sequence"].next_by_code(self._name)
        cases = super().create(vals_list)
        cases._touch_orders()
        return cases

    def write(self, vals):
        if not self.env.su:
            if ACT_FIELDS & vals.keys():
                raise AccessError(self._get_act_refusal())
            if (FACTS & vals.keys() and self.filtered("receipt_line_id")) or (
                (FACTS | TERMS) & vals.keys() and any(case.state != "open" for case in self)
            ):
                raise UserError(
                    self.env._(
                        "What the receipt says stays as it is, and what was agreed holds: reopen"
                        " a case before its remedy has begun, or open another one."
                    )
                )
        result = super().write(vals)
        if (FACTS | TERMS | {"state"}) & vals.keys():
            self._touch_orders()
        return result

    def _get_act_refusal(self):
        return self.env._("The state of a case follows from its buttons; it cannot be set.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reported(self):
        if any(case.receipt_line_id or case.state != "open" for case in self):
            raise UserError(
                self.env._(
                    "A case that the receiver reported, or that was agreed, is kept. Agree on the"
                    " remedy “None” where it does not hold."
                )
            )

    def unlink(self):
        lines = self.sudo().sale_line_id
        result = super().unlink()
        lines._assist_touch_delivered()
        return result

    def _touch_orders(self):
        """Let the orders count again what is delivered."""
        self.sudo().sale_line_id._assist_touch_delivered()

    def copy_data(self, default=None):
        if self:
            raise UserError(self.env._("Cases are not copied: open one for other goods."))
        return super().copy_data(default)

    # -- opening ---------------------------------------------------------------------

    @api.model
    def _create_for(self, receipt):
        """Open a case for each difference of a signed receipt."""
        picking = receipt.picking_id
        user = (
            picking._assist_get_responsible()
            or self.env["union.assist.certificate"]._get_fallback_user()
        )
        lines = receipt.line_ids.filtered(lambda line: line.kind != "received")
        cases = self.create(
            [
                {
                    "picking_id": picking.id,
                    "receipt_line_id": line.id,
                    "move_id": line.move_id.id,
                    "lot_id": line.lot_id.id,
                    "kind": line.kind,
                    "quantity": line.quantity,
                    "remark": line.remark,
                    "user_id": user.id,
                }
                for line in lines
            ]
        )
        cases._plan_activity()
        return cases

    def _plan_activity(self):
        for case in self:
            case.activity_schedule(
                "union_assist_logistics.activity_delivery_case",
                case.deadline,
                user_id=case.user_id.id or self.env.uid,
            )

    # -- acts ------------------------------------------------------------------------

    def action_agree(self):
        """Record what was agreed and begin the remedy: returns, new deliveries, write-offs."""
        self._check_operator()
        for case in self:
            case._check_can_agree()
        self.sudo().write(
            {"state": "agreed", "agreed_by_id": self.env.uid, "agreed_on": fields.Datetime.now()}
        )
        for case in self:
            case._begin_remedy()
        self._report_to_supplier()
        self._check_done()

    def _check_operator(self):
        self.check_access("write")
        if not self.env.user.has_group("union_assist_catalog.group_operator"):
            raise AccessError(self.env._("Only operators decide on discrepancies."))

    def _check_can_agree(self):
        if self.state != "open":
            raise UserError(self.env._("%(case)s is agreed already.", case=self.name))
        if not self.responsibility or not self.remedy:
            raise UserError(
                self.env._(
                    "Enter for %(case)s who is responsible and which remedy was agreed.",
                    case=self.name,
                )
            )
        if self.responsibility in ("supplier", "carrier") and not self.responsible_id:
            raise UserError(
                self.env._(
                    "Enter for %(case)s which supplier or carrier is responsible.", case=self.name
                )
            )
        limit = self.env["union.assist.parameter"]._get_value("delivery_case_approval")
        amount = max(self.cost, self.goods_value if self.remedy != "none" else 0.0)
        if amount > limit and not self.env.user.has_group("union_assist_catalog.group_manager"):
            raise UserError(
                self.env._(
                    "%(case)s is about %(amount)s, more than the %(limit)s that an operator may"
                    " agree on. Ask an administrator to agree.",
                    case=self.name,
                    amount=self.currency_id.format(amount),
                    limit=self.currency_id.format(limit),
                )
            )

    def _begin_remedy(self):
        """Make the transfers of what was agreed, by Odoo's own return and procurement."""
        self.ensure_one()
        if self.remedy == "none":
            return
        before = self.move_ids
        wizard = self.env["stock.return.picking"].create(
            {"picking_id": self.picking_id.id, "assist_case_id": self.id}
        )
        line = wizard.product_return_moves.filtered(lambda line: line.move_id == self.move_id)
        line.quantity = self.uom_id._compute_quantity(self.quantity, line.uom_id, round=False)
        if self.remedy in ("resend", "exchange"):
            wizard.action_create_exchanges()
        else:
            wizard.action_create_returns()
        self.invalidate_recordset(["move_ids"])
        [move] = (self.move_ids - before).filtered(
            lambda move: move.location_id.usage == "customer"
        )
        self._name_lot(move)
        if not self.goods_back:
            self._write_goods_off(move)

    def _name_lot(self, move):
        """Let the return take the lot that the case is about, out of its package."""
        if not self.lot_id:
            return
        sent = self.move_id.move_line_ids.filtered(lambda line: line.lot_id == self.lot_id)[:1]
        move.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            {
                "move_id": move.id,
                "picking_id": move.picking_id.id,
                "product_id": move.product_id.id,
                "lot_id": self.lot_id.id,
                "package_id": sent.result_package_id.id,
                "quantity": move.product_uom_qty,
                "product_uom_id": move.product_uom.id,
                "location_id": move.location_id.id,
                "location_dest_id": move.location_dest_id.id,
            }
        )

    def _write_goods_off(self, move):
        """Book goods that do not come back: off the receiver at once, then lost to us."""
        if not self.lot_id:
            move.quantity = move.product_uom_qty
        move.picked = True
        move.picking_id._action_done()
        self.env["stock.scrap"].create(
            {
                "product_id": move.product_id.id,
                "lot_id": self.lot_id.id,
                "scrap_qty": move.quantity,
                "product_uom_id": move.product_uom.id,
                "location_id": move.location_dest_id.id,
                "company_id": self.company_id.id,
                "origin": self.name,
            }
        ).do_scrap()

    def _report_to_supplier(self):
        """Open a nonconformity for what a supplier answers for.

        What the receiver wrote and photographed stays here: it may name or show persons.
        """
        cases = self.filtered(
            lambda case: (
                case.responsibility == "supplier"
                and case.responsible_id
                and not case.nonconformity_id
            )
        )
        vals_list = [case._prepare_nonconformity_vals() for case in cases]
        made = self.env["union.assist.nonconformity"]._create_for(vals_list)
        for case, nonconformity in zip(cases, made, strict=True):
            case.sudo().nonconformity_id = nonconformity

    def _prepare_nonconformity_vals(self):
        """Values of the nonconformity that the supplier is asked about."""
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        unit = self.product_id.uom_id
        return {
            "origin": "customer",
            "company_id": self.company_id.id,
            "picking_id": self.picking_id.id,
            "supplier_id": self.responsible_id.commercial_partner_id.id,
            "product_id": self.product_id.id,
            "lot_ids": [Command.set(self.lot_id.ids)],
            "quantity": self.uom_id._compute_quantity(self.quantity, unit, round=False),
            "severity": "minor" if self.kind in ("short", "near_expiry") else "major",
            "description": self.env._(
                "%(case)s, reported by the receiver: %(product)s, %(quantity)s %(unit)s %(kind)s.",
                case=self.name,
                product=self.product_id.display_name,
                quantity=f"{self.quantity:g}",
                unit=self.uom_id.name,
                kind=kinds[self.kind],
            ),
            "user_id": self.user_id.id or self.env.uid,
        }

    def action_view_nonconformity(self):
        """Open what the supplier is asked about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Nonconformity"),
            "res_model": "union.assist.nonconformity",
            "view_mode": "form",
            "res_id": self.nonconformity_id.id,
        }

    def action_credit(self):
        """Draft the credit note of what was invoiced and is neither received nor sent again."""
        self._check_operator()
        self.ensure_one()
        if self.state != "agreed" or not self._is_credit_missing():
            raise UserError(
                self.env._("Nothing of %(case)s was invoiced too much.", case=self.name)
            )
        line = self.sudo().sale_line_id
        quantity = min(line.qty_invoiced - line.qty_delivered, self._get_ordered_qty())
        values = line.order_id._prepare_invoice()
        values.update(
            move_type="out_refund",
            ref=self.name,
            invoice_line_ids=[Command.create(line._prepare_invoice_line(quantity=quantity))],
        )
        # Who may credit is decided here; operators need no right to invoices in general.
        self.sudo().credit_note_id = self.env["account.move"].sudo().create(values)
        return self.action_view_credit_note()

    def _get_ordered_qty(self):
        """The quantity in the unit of the order; of a kit, the sets that it spoils."""
        line = self.sudo().sale_line_id
        return line._assist_to_ordered(self.move_id, self.quantity, self.uom_id)

    def _is_credit_missing(self):
        """Whether more was invoiced than is delivered and held, and nothing credits it yet."""
        line = self.sudo().sale_line_id
        if not line or self.remedy in ("none", "resend", "exchange"):
            return False
        if line.product_id.invoice_policy != "delivery":
            return not self.credit_note_id and line.qty_invoiced > 0
        return line.product_uom_id.compare(line.qty_invoiced, line.qty_delivered) > 0

    def action_reopen(self):
        """Take an agreement back whose remedy has moved nothing yet."""
        self._check_operator()
        for case in self:
            if case.state != "agreed" or "done" in case.move_ids.mapped("state"):
                raise UserError(
                    self.env._(
                        "The remedy of %(case)s has begun: it cannot be agreed anew.",
                        case=case.name,
                    )
                )
            case.move_ids.filtered(lambda move: move.state != "cancel")._action_cancel()
        self.sudo().write({"state": "open", "agreed_by_id": False, "agreed_on": False})

    def action_done(self):
        """Say that the remedy is done; refused while something of it is missing."""
        self._check_operator()
        self._check_done()
        waiting = self.filtered(lambda case: case.state == "agreed")
        if waiting:
            raise UserError("\n".join(f"{case.name}: {case._get_missing()}" for case in waiting))

    def _check_done(self):
        """Mark the agreed cases as done of whose remedy nothing is missing."""
        done = self.sudo().filtered(lambda case: case.state == "agreed" and not case._get_missing())
        done.write({"state": "done", "done_on": fields.Datetime.now()})
        done.activity_feedback(["union_assist_logistics.activity_delivery_case"])

    def _get_missing(self):
        """Return what the remedy of an agreed case still waits for, or an empty text."""
        self.ensure_one()
        if self.remedy == "none":
            return ""
        if self.uom_id.compare(self._get_done_qty(back=True), self.quantity) < 0:
            return self.env._("the goods have not come back yet.")
        if self.remedy in ("resend", "exchange"):
            if self.uom_id.compare(self._get_done_qty(back=False), self.quantity) < 0:
                return self.env._("the new delivery has not left yet.")
        elif self._is_credit_missing():
            return self.env._("the credit note is missing, or not posted.")
        return ""

    def action_close(self):
        """Close cases whose remedy is done."""
        self._check_operator()
        self._check_done()
        unfinished = self.filtered(lambda case: case.state != "done")
        if unfinished:
            raise UserError(
                self.env._(
                    "Only cases whose remedy is done are closed; not: %(cases)s.",
                    cases=", ".join(unfinished.mapped("name")),
                )
            )
        self.sudo().write(
            {"state": "closed", "closed_by_id": self.env.uid, "closed_on": fields.Datetime.now()}
        )

    # -- screens ---------------------------------------------------------------------

    def action_view_transfers(self):
        """Open the returns and new deliveries of these cases."""
        pickings = self.move_ids.picking_id
        these = Domain("id", "in", pickings.ids)
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Transfers"),
            "res_model": "stock.picking",
            "view_mode": "list,form",
            "domain": list(these),
        }
        if len(pickings) == 1:
            action.update(view_mode="form", res_id=pickings.id)
        return action

    def action_view_credit_note(self):
        """Open the credit note of this case."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit Note"),
            "res_model": "account.move",
            "view_mode": "form",
            "res_id": self.credit_note_id.id,
        }

    # -- reminders -------------------------------------------------------------------

    @api.model
    def _cron_remind(self):
        """Remind of cases that are over their deadline: once, and again after as many days."""
        cron = self.env["ir.cron"]
        for company in self.env["res.company"].search(Domain.TRUE):
            today = company._assist_today()
            days = self.env["union.assist.parameter"]._get_value("delivery_case_days", today)
            again = today - timedelta(days=int(days))
            domain = (
                Domain("company_id", "=", company.id)
                & Domain("state", "in", ("open", "agreed"))
                & Domain("deadline", "<", today)
                & (Domain("reminded_on", "=", False) | Domain("reminded_on", "<=", again))
            )
            while cases := self.search(domain, limit=REMINDER_BATCH):
                cases.sudo().write({"reminded_on": today})
                cases._remind()
                if not cron._commit_progress(len(cases), remaining=self.search_count(domain)):
                    return

    def _remind(self):
        """Leave an activity with whoever is responsible, in place of the one before."""
        xmlid = "union_assist_logistics.activity_delivery_case"
        activity_type = self.env.ref(xmlid)
        self.activity_unlink([xmlid])
        fallback = self.env["union.assist.certificate"]._get_fallback_user()
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": model_id,
                    "res_id": case.id,
                    "user_id": (case.user_id.active and case.user_id or fallback).id,
                    "date_deadline": case.deadline,
                    "automated": True,
                }
                for case in self
            ]
        )
