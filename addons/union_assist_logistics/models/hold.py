from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

HOLD_GROUPS = (
    "union_assist_logistics.group_inspector",
    "union_assist_logistics.group_quality_decide",
)

# What follows from holding and lifting; the rest is written while the hold is a draft.
STEP_FIELDS = frozenset(
    (
        "name",
        "state",
        "held_by_id",
        "held_on",
        "lifted_by_id",
        "lifted_on",
        "lift_reason",
        "line_ids",
        "stopped_picking_ids",
    )
)


class UnionAssistHold(models.Model):
    """Goods that stay where they are until somebody else lifts the hold.

    A hold names lots, or everything that a supplier produced or harvested in a span of days,
    or everything of one receipt; what was made of these lots (gift packs of any level) is on
    hold with them, and so are lots that arrive later and belong to it. The rule itself is
    ``stock.move.line._assist_check_hold``.
    """

    _name = "union.assist.hold"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Hold"
    _order = "id desc"
    _check_company_auto = True
    _assist_kept_fields = STEP_FIELDS

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    scope = fields.Selection(
        [
            ("lot", "Lots"),
            ("origin", "Supplier and Days"),
            ("receipt", "Receipt"),
        ],
        "Covers",
        required=True,
        default="lot",
    )
    lot_ids = fields.Many2many(
        "stock.lot", "union_assist_hold_lot_rel", string="Lots", check_company=True
    )
    supplier_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("assist_supplier_kind", "!=", False)],
    )
    product_tmpl_ids = fields.Many2many(
        "product.template",
        "union_assist_hold_product_rel",
        string="Products",
        help="Only lots of these products; empty: all that the supplier delivers.",
    )
    date_from = fields.Date("Produced or Harvested from")
    date_to = fields.Date("Until", help="Last day; empty: the first day alone.")
    picking_id = fields.Many2one(
        "stock.picking",
        "Receipt",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain=[("picking_type_code", "=", "incoming")],
    )
    reason = fields.Text(required=True, help="What is suspected, and since when.")
    state = fields.Selection(
        [("draft", "Draft"), ("held", "On Hold"), ("lifted", "Lifted")],
        "Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    held_by_id = fields.Many2one("res.users", "Held by", readonly=True, copy=False)
    held_on = fields.Datetime(readonly=True, copy=False)
    lifted_by_id = fields.Many2one("res.users", "Lifted by", readonly=True, copy=False)
    lifted_on = fields.Datetime(readonly=True, copy=False)
    lift_reason = fields.Text("Why Lifted", readonly=True, copy=False)
    line_ids = fields.One2many(
        "union.assist.hold.line", "hold_id", "Lots on Hold", readonly=True, copy=False
    )
    lot_count = fields.Integer("Number of Lots", compute="_compute_counts")
    preview = fields.Char(
        compute="_compute_preview", help="What the hold would cover now, before it is set."
    )
    stopped_picking_ids = fields.Many2many(
        "stock.picking",
        "union_assist_hold_picking_rel",
        string="Transfers Stopped",
        readonly=True,
        copy=False,
        help="Unfinished transfers that had reserved or picked goods of these lots.",
    )
    recall_ids = fields.One2many("union.assist.recall", "hold_id", "Recalls")
    recall_count = fields.Integer("Number of Recalls", compute="_compute_counts")
    stopped_count = fields.Integer("Number of Transfers", compute="_compute_counts")

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "The last day is not before the first one.",
    )

    @api.depends("line_ids", "stopped_picking_ids", "recall_ids")
    def _compute_counts(self):
        for hold in self:
            hold.lot_count = len(hold.line_ids)
            hold.stopped_count = len(hold.stopped_picking_ids)
            hold.recall_count = len(hold.recall_ids)

    @api.depends(
        "scope", "lot_ids", "supplier_id", "product_tmpl_ids", "date_from", "date_to", "picking_id"
    )
    def _compute_preview(self):
        trace = self.env["union.assist.trace"]
        for hold in self:
            hold.preview = False
            if hold.state != "draft":
                continue
            seeds = hold._get_seed_ids()
            levels = trace._get_levels(seeds, hold.company_id)
            if levels:
                hold.preview = self.env._(
                    "%(lots)s lots, and %(made)s made of them",
                    lots=len(seeds),
                    made=len(levels) - len(seeds),
                )
            else:
                hold.preview = self.env._("No lot yet; lots that arrive later are held as well.")

    @api.depends("name", "reason")
    def _compute_display_name(self):
        for hold in self:
            reason = (hold.reason or "").strip().split("\n")[0]
            if len(reason) > 60:
                reason = reason[:59] + "…"
            hold.display_name = f"{hold.name} · {reason}" if reason else hold.name

    # ------------------------------------------------------------------
    # Who may change what
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        self._check_steps(*vals_list)
        sequence = self.env["ir.sequence"].sudo()
        return super().create(
            [{**vals, "name": sequence.next_by_code(self._name) or "/"} for vals in vals_list]
        )

    def write(self, vals):
        self._check_steps(vals)
        if not self.env.su and any(not name.startswith(("message_", "activity_")) for name in vals):
            for hold in self:
                if hold.state != "draft":
                    raise UserError(
                        self.env._(
                            "%(hold)s is in force or was: what it covers and why stays as it is."
                            " Lift it, or set another one.",
                            hold=hold.name,
                        )
                    )
        return super().write(vals)

    def _check_steps(self, *vals_list):
        if not self.env.su and any(STEP_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._("A hold is set and lifted by its buttons, not by writing its fields.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_draft(self):
        if any(hold.state != "draft" for hold in self):
            raise UserError(self.env._("A hold that was set is evidence and is never deleted."))

    @api.constrains("scope", "lot_ids", "supplier_id", "date_from", "picking_id")
    def _check_scope(self):
        for hold in self:
            missing = {
                "lot": not hold.lot_ids and self.env._("the lots"),
                "origin": not (hold.supplier_id and hold.date_from)
                and self.env._("the supplier and the first day"),
                "receipt": not hold.picking_id and self.env._("the receipt"),
            }[hold.scope]
            if missing:
                raise ValidationError(
                    self.env._("Say what the hold covers: %(missing)s.", missing=missing)
                )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------
    def action_hold(self):
        """Put everything that these drafts cover on hold, wherever it is.

        Open reservations are given back, but for goods that were picked already: these stay
        with their transfers, which cannot be finished with them.
        """
        self._check_may_hold()
        self.check_access("write")
        for hold in self:
            if hold.state != "draft":
                raise UserError(self.env._("%(hold)s was set already.", hold=hold.name))
        # Nothing of it is sudo before this line.
        for hold in self.sudo():
            hold.write(
                {
                    "state": "held",
                    "held_by_id": self.env.uid,
                    "held_on": fields.Datetime.now(),
                }
            )
            hold._cover(hold._get_seed_ids())
        return True

    def action_lift(self):
        """Open the dialog that asks why the hold is lifted."""
        self.ensure_one()
        self._check_may_lift()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Lift the Hold"),
            "res_model": "union.assist.hold.lift",
            "view_mode": "form",
            "target": "new",
            "context": {"default_hold_id": self.id},
        }

    def _lift(self, reason):
        """Lift these holds; what no other hold covers is free again.

        :param reason: why, kept with the hold
        """
        self._check_may_lift()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the hold is lifted."))
        holds = self.sudo()
        holds.write(
            {
                "state": "lifted",
                "lifted_by_id": self.env.uid,
                "lifted_on": fields.Datetime.now(),
                "lift_reason": reason,
            }
        )
        holds.line_ids.held = False
        self.env.flush_all()
        bodies = {}
        for hold in holds:
            for lot in hold.line_ids.lot_id:
                bodies[lot.id] = self.env._(
                    "Hold %(hold)s lifted: %(reason)s", hold=hold.name, reason=reason
                )
        self.env["stock.lot"].sudo().browse(bodies)._message_log_batch(bodies)
        stopped = holds.stopped_picking_ids.filtered(
            lambda picking: picking.state in ("confirmed", "waiting", "assigned")
        )
        stopped.move_ids.filtered(
            lambda move: move.state in ("confirmed", "waiting", "partially_available")
        )._action_assign()

    def _check_may_hold(self):
        if not any(map(self.env.user.has_group, HOLD_GROUPS)):
            raise AccessError(
                self.env._("Only inspectors and who decides on lots may put goods on hold.")
            )

    def _check_may_lift(self):
        if not self.env.user.has_group("union_assist_logistics.group_quality_decide"):
            raise AccessError(self.env._("Only who decides on lots may lift a hold."))
        self.check_access("read")
        for hold in self:
            if hold.state != "held":
                raise UserError(self.env._("%(hold)s is not in force.", hold=hold.name))
            if hold.held_by_id == self.env.user:
                raise AccessError(
                    self.env._(
                        "You set %(hold)s: somebody else must lift it.", hold=hold.display_name
                    )
                )

    # ------------------------------------------------------------------
    # What a hold covers
    # ------------------------------------------------------------------
    def _get_seed_ids(self, within=None):
        """Return the ids of the lots that this hold names, not of what was made of them.

        :param within: ids of the only lots to look at; all where it is missing
        """
        self.ensure_one()
        if self.scope == "lot":
            found = set(self.lot_ids._origin.ids)
            return sorted(found if within is None else found & set(within))
        self.env["union.assist.trace"]._begin()
        for name in ("union.assist.lot.source", "union.assist.weigh.ticket", "product.template"):
            self.env[name].flush_model()
        chosen = SQL("TRUE") if within is None else SQL("lot.id = ANY(%s)", list(within))
        if self.scope == "receipt":
            picking = self.picking_id._origin
            if not picking:
                return []
            query = SQL(
                """
                SELECT DISTINCT lot.id FROM stock_lot lot
                  JOIN stock_move_line line ON line.lot_id = lot.id
                 WHERE line.picking_id = %s AND line.state = 'done' AND %s ORDER BY 1
                """,
                picking.id,
                chosen,
            )
        else:
            supplier = self.supplier_id._origin.commercial_partner_id
            if not (supplier and self.date_from):
                return []
            products = self.product_tmpl_ids._origin.ids
            zone = self.company_id._assist_get_zone().zone
            query = SQL(
                """
                SELECT lot.id FROM stock_lot lot
                  JOIN product_product product ON product.id = lot.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE %(chosen)s
                   AND (lot.company_id IS NULL OR lot.company_id = %(company)s)
                   AND (%(any_product)s OR template.id = ANY(%(products)s))
                   AND (lot.assist_production_date BETWEEN %(first)s AND %(last)s
                        OR EXISTS (
                           SELECT 1 FROM union_assist_lot_source source
                             JOIN union_assist_weigh_ticket ticket ON ticket.id = source.ticket_id
                            WHERE source.lot_id = lot.id
                              AND (ticket.date AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                                  BETWEEN %(first)s AND %(last)s))
                   AND (template.assist_supplier_id = %(supplier)s
                        OR EXISTS (
                           SELECT 1 FROM union_assist_lot_source source
                             JOIN union_assist_weigh_ticket ticket ON ticket.id = source.ticket_id
                            WHERE source.lot_id = lot.id AND ticket.supplier_id = %(supplier)s)
                        OR EXISTS (
                           SELECT 1 FROM stock_move_line line
                             JOIN stock_picking picking ON picking.id = line.picking_id
                             JOIN res_partner partner ON partner.id = picking.partner_id
                            WHERE line.lot_id = lot.id AND line.state = 'done'
                              AND line.location_id = ANY(%(vendors)s)
                              AND partner.commercial_partner_id = %(supplier)s))
              ORDER BY 1
                """,
                chosen=chosen,
                company=self.company_id.id,
                any_product=not products,
                products=products,
                first=self.date_from,
                last=self.date_to or self.date_from,
                zone=zone,
                supplier=supplier.id,
                vendors=self.env["union.assist.trace"]._get_locations("supplier"),
            )
        return [lot_id for (lot_id,) in self.env.execute_query(query)]

    def _cover(self, seed_ids):
        """Put lots and what was made of them on hold; called with all rights.

        :param seed_ids: ids of lots that this hold names
        """
        self.ensure_one()
        levels = self.env["union.assist.trace"]._get_levels(seed_ids, self.company_id)
        known = set(self.line_ids.lot_id.ids)
        fresh = {lot_id: level for lot_id, level in levels.items() if lot_id not in known}
        if not fresh:
            return
        self.env["union.assist.hold.line"].create(
            [
                {"hold_id": self.id, "lot_id": lot_id, "level": level}
                for lot_id, level in fresh.items()
            ]
        )
        # Before the stock is touched: who asks at that moment sees the hold, or waits for it.
        self.env.flush_all()
        lots = self.env["stock.lot"].browse(fresh)
        lots._assist_lock_for_hold()
        # Whoever moved these lots since this transaction began wrote to the same rows: setting
        # the hold fails to serialize and is replayed, and sees where the goods are now.
        self.env.cr.execute(
            SQL(
                "UPDATE stock_quant SET lot_id = lot_id WHERE lot_id = ANY(%s) AND company_id = %s",
                list(fresh),
                self.company_id.id,
            )
        )
        body = self.env._("On hold by %(hold)s: %(reason)s", hold=self.name, reason=self.reason)
        lots._message_log_batch(dict.fromkeys(lots.ids, body))
        self._stop_transfers(lots)

    def _stop_transfers(self, lots):
        """Give reservations of lots back, and note the transfers that wait with them."""
        lines = self.env["stock.move.line"].search(
            Domain("lot_id", "in", lots.ids)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("state", "not in", ("done", "cancel"))
        )
        lines = lines.filtered(lambda line: not line._assist_may_go_on_hold())
        pickings = lines.picking_id
        self.stopped_picking_ids = [Command.link(picking.id) for picking in pickings]
        names = {
            picking.id: ", ".join(
                lines.filtered(lambda line, p=picking: line.picking_id == p).lot_id.mapped("name")
            )
            for picking in pickings
        }
        pickings._message_log_batch(
            {
                picking.id: self.env._(
                    "Lots %(lots)s are on hold by %(hold)s: they do not go on with this transfer.",
                    lots=names[picking.id],
                    hold=self.name,
                )
                for picking in pickings
            }
        )
        # Goods in the quality step go on being inspected and decided where they are.
        steps = pickings._assist_get_quality_steps()
        lines.filtered(lambda line: not line.picked and line.picking_id not in steps).unlink()

    @api.model
    def _extend(self, lots):
        """Put lots that arrived or changed on the holds that they belong to.

        :param lots: ``stock.lot``
        """
        for hold in self.sudo().search([("state", "=", "held"), ("scope", "!=", "lot")]):
            seeds = hold._get_seed_ids(within=lots.ids)
            if seeds:
                hold._cover(seeds)

    @api.model
    def _extend_to_made(self, lots, company):
        """Put lots that were just made on the holds of what they were made of."""
        self.env["stock.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT held.hold_id, made.lot_id, held.level + 1
                  FROM stock_move_line made
                  JOIN stock_move made_move ON made_move.id = made.move_id
                  JOIN stock_move used_move
                    ON used_move.raw_material_production_id = made_move.production_id
                  JOIN stock_move_line used ON used.move_id = used_move.id AND used.state = 'done'
                  JOIN union_assist_hold_line held ON held.lot_id = used.lot_id AND held.held
                   AND held.company_id = made.company_id
                 WHERE made.lot_id = ANY(%s) AND made.company_id = %s AND made.state = 'done'
                   AND NOT EXISTS (
                       SELECT 1 FROM union_assist_hold_line known
                        WHERE known.hold_id = held.hold_id AND known.lot_id = made.lot_id)
                """,
                lots.ids,
                company.id,
            )
        )
        for hold_id, lot_id, level in rows:
            hold = self.sudo().browse(hold_id)
            if lot_id not in hold.line_ids.lot_id.ids:
                self.env["union.assist.hold.line"].sudo().create(
                    {"hold_id": hold_id, "lot_id": lot_id, "level": level}
                )

    # ------------------------------------------------------------------
    # Views
    # ------------------------------------------------------------------
    def action_view_stopped(self):
        """Open the transfers that wait with goods of this hold."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Transfers Stopped"),
            "res_model": "stock.picking",
            "view_mode": "list,form",
            "domain": [("id", "in", self.stopped_picking_ids.ids)],
        }

    def action_recall(self):
        """Open a new recall of what is on hold."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Recall"),
            "res_model": "union.assist.recall",
            "view_mode": "form",
            "context": {"default_hold_id": self.id, "default_reason": self.reason},
        }

    def action_view_recalls(self):
        """Open the recalls made from this hold."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_recall"
        )
        return {
            **action,
            "domain": [("hold_id", "=", self.id)],
            "context": {"default_hold_id": self.id},
        }
