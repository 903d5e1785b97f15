from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

# Who sees holds and recalls: the warehouse, and quality control.
HOLD_READERS = (
    "stock.group_stock_user,union_assist_logistics.group_inspector,"
    "union_assist_logistics.group_quality_decide"
)


class StockLot(models.Model):
    """Lots on hold."""

    _inherit = "stock.lot"

    assist_hold_line_ids = fields.One2many(
        "union.assist.hold.line", "lot_id", "Holds", groups=HOLD_READERS
    )
    assist_held_by = fields.Char(
        "On Hold by",
        compute="_compute_assist_held_by",
        compute_sudo=True,
        help="Holds in force that cover the lot.",
    )
    assist_is_held = fields.Boolean(
        "On Hold",
        compute="_compute_assist_held_by",
        search="_search_assist_is_held",
        compute_sudo=True,
    )

    @api.depends("assist_hold_line_ids.held", "assist_hold_line_ids.hold_id.reason")
    @api.depends_context("allowed_company_ids")
    def _compute_assist_held_by(self):
        for lot in self:
            lines = lot.assist_hold_line_ids.filtered(
                lambda line: line.held and line.company_id in self.env.companies
            )
            lot.assist_held_by = ", ".join(lines.hold_id.mapped("display_name")) or False
            lot.assist_is_held = bool(lines)

    @api.model
    def _search_assist_is_held(self, operator, value):
        if operator != "in":
            return NotImplemented
        lines = self.env["union.assist.hold.line"].sudo()
        held = lines._search(
            [("held", "=", True), ("company_id", "in", self.env.companies.ids)]
        ).subselect("lot_id")
        return Domain.OR(Domain("id", "in" if wanted else "not in", held) for wanted in value)

    def _assist_get_holds(self, companies):
        """Return the hold in force of each of these lots that is held, the oldest one.

        :param companies: whose goods they are
        :return: ``{(lot id, company id): hold}``; one query
        """
        if not self:
            return {}
        lines = self.env["union.assist.hold.line"].sudo()
        lines.flush_model(["held", "lot_id", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lot_id, company_id, MIN(hold_id) FROM union_assist_hold_line
                 WHERE held AND lot_id = ANY(%s) AND company_id = ANY(%s)
              GROUP BY lot_id, company_id
                """,
                self.ids,
                companies.ids,
            )
        )
        holds = self.env["union.assist.hold"].sudo()
        return {(lot_id, company_id): holds.browse(hold) for lot_id, company_id, hold in rows}

    def _assist_lock_for_moving(self):
        """Wait for holds that are being set on these lots, and have those to come wait.

        Setting a hold writes to the lots' rows (:meth:`_assist_lock_for_hold`). Reading them
        with a lock of its own, a move of the goods either comes first, or fails to serialize
        and is replayed once the hold is there to be seen. Locks on stock records would not do:
        where one is taken, Odoo writes another one beside it instead of waiting.
        """
        if self.ids:
            self.env.execute_query(
                SQL("SELECT id FROM stock_lot WHERE id = ANY(%s) ORDER BY id FOR SHARE", self.ids)
            )

    def _assist_lock_for_hold(self):
        """Write to these lots' rows: see :meth:`_assist_lock_for_moving`."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE stock_lot SET product_id = lot.product_id
                  FROM (SELECT id, product_id FROM stock_lot WHERE id = ANY(%s)
                      ORDER BY id FOR NO KEY UPDATE) lot
                 WHERE stock_lot.id = lot.id
                """,
                self.ids,
            )
        )

    def action_assist_hold(self):
        """Open a new hold on these lots."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put on Hold"),
            "res_model": "union.assist.hold",
            "view_mode": "form",
            "context": {"default_scope": "lot", "default_lot_ids": [Command.set(self.ids)]},
        }
