import secrets
from collections import defaultdict
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class StockLot(models.Model):
    _inherit = "stock.lot"

    assist_production_date = fields.Date("Production Date")
    assist_inspection_ids = fields.One2many(
        "union.assist.quality.inspection", "lot_id", "Inspections"
    )
    assist_inspection_count = fields.Integer(
        "Inspection Count", compute="_compute_assist_quality", compute_sudo=True
    )
    assist_quality_planned = fields.Boolean(compute="_compute_assist_quality_planned")
    assist_quality_state = fields.Selection(
        [
            ("waiting", "Waiting for Decision"),
            ("released", "Released"),
            ("conceded", "Released by Concession"),
            ("partial", "Partly Rejected"),
            ("rejected", "Rejected"),
        ],
        "Quality",
        compute="_compute_assist_quality",
        compute_sudo=True,
    )

    @api.depends(
        "assist_inspection_ids.state",
        "assist_inspection_ids.released_qty",
        "assist_inspection_ids.conceded_qty",
        "assist_inspection_ids.rejected_qty",
    )
    def _compute_assist_quality(self):
        groups = defaultdict(list)
        for lot, state, *sums in self.env["union.assist.quality.inspection"]._read_group(
            [("lot_id", "in", self.ids), ("state", "!=", "cancel")],
            ["lot_id", "state"],
            ["__count", "released_qty:sum", "conceded_qty:sum", "rejected_qty:sum"],
        ):
            groups[lot].append((state, *sums))
        for lot in self:
            rows = groups.get(lot, [])
            lot.assist_inspection_count = sum(row[1] for row in rows)
            released, conceded, rejected = (sum(row[i] for row in rows) for i in (2, 3, 4))
            if any(row[0] != "decided" for row in rows):
                state = "waiting"
            elif rejected:
                state = "partial" if released or conceded else "rejected"
            elif conceded:
                state = "conceded"
            else:
                state = "released" if released else False
            lot.assist_quality_state = state

    @api.depends("product_id")
    @api.depends_context("company")
    def _compute_assist_quality_planned(self):
        for lot in self:
            lot.assist_quality_planned = bool(
                lot.create_date and lot._assist_get_plan_ids(self.env.company)
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Count the shelf life from the production date where that is known."""
        for vals in vals_list:
            produced = fields.Date.to_date(vals.get("assist_production_date"))
            if produced and "expiration_date" not in vals:
                product = self.env["product.product"].browse(vals["product_id"])
                if product.use_expiration_date:
                    vals["expiration_date"] = fields.Datetime.to_datetime(produced) + timedelta(
                        days=product.expiration_time
                    )
        return super().create(vals_list)

    def _assist_get_plan_ids(self, company, today=False):
        """Return the ids of the quality plans that apply to this lot in a company.

        :param company: whose goods they are (lots themselves may be shared)
        :param today: whether plans that began after the lot was registered apply too, as
            they do at the quality step
        """
        self.ensure_one()
        plans = self.env["union.assist.quality.plan"]
        if not plans._get_index():
            return ()
        # The day is the company's: a user's own time zone does not move a lot before a plan.
        zone = company._assist_get_zone()
        moments = [self.create_date] + ([fields.Datetime.now()] if today else [])
        days = {pytz.utc.localize(moment).astimezone(zone).date() for moment in moments}
        return plans._get_applicable_ids(self.product_id, company, days)

    def _assist_get_entered(self):
        """Count how much of these lots entered stock so far, less what was taken out again.

        Stock counts balance each other, and so do parts that go into production and come
        back. Deliveries, scrap and returns give no right to enter again.

        :return: ``{lot: quantity in the product's unit}``
        """
        entered = defaultdict(float)
        before = {}
        for lot, origin, target, is_count, quantity in (
            self.env["stock.move.line"]
            .sudo()
            ._read_group(
                [("lot_id", "in", self.ids), ("state", "=", "done")],
                ["lot_id", "location_id", "location_dest_id", "move_id.is_inventory"],
                ["quantity_product_uom:sum"],
            )
        ):
            for location in origin | target:
                if location not in before:
                    before[location] = location._assist_is_before_decision()
            from_outside = before[origin] or origin.usage == "production"
            counted_out = is_count and target.usage == "inventory"
            if from_outside and not before[target]:
                entered[lot] += quantity
            elif not from_outside and (target.usage == "production" or counted_out):
                entered[lot] -= quantity
        return entered

    def _assist_get_stock_quants(self):
        """What of these lots lies in stock: past the places for undecided goods."""
        quants = self.env["stock.quant"].search(
            [
                ("lot_id", "in", self.ids),
                ("location_id.usage", "=", "internal"),
                ("quantity", ">", 0),
                ("company_id", "=", self.env.company.id),
            ]
        )
        return quants.filtered(lambda quant: not quant.location_id._assist_is_before_decision())

    def action_assist_inspect(self):
        """Inspect what lies in stock undecided: made here, or there before its plan began.

        :return: action that opens the inspection
        :raise UserError: no plan applies, or nothing of the lot waits for a decision
        """
        self.ensure_one()
        inspections = self.env["union.assist.quality.inspection"]
        inspections.check_access("write")
        lot = self.sudo()
        waiting = inspections.search(
            [("lot_id", "=", self.id), ("state", "in", ("draft", "submitted"))]
        )
        if not waiting:
            if not lot._assist_get_plan_ids(self.env.company):
                raise UserError(
                    self.env._("No quality plan applies to lot %(lot)s.", lot=self.display_name)
                )
            on_hand = sum(lot._assist_get_stock_quants().mapped("quantity"))
            admitted = inspections._get_admitted([("lot_id", "=", self.id)], ["lot_id"])
            undecided = lot._assist_get_entered()[lot] - admitted.get((lot,), 0.0)
            quantity = min(on_hand, undecided)
            if lot.product_uom_id.compare(quantity, 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "Nothing of lot %(lot)s lies in stock undecided. Goods that arrive are"
                        " inspected in the quality step of their receipt.",
                        lot=self.display_name,
                    )
                )
            waiting = inspections.sudo().create(
                inspections.sudo()._prepare_vals(self.env.company, lot, quantity)
            )
        return waiting.sudo(False)._get_list_action(self.env._("Inspections"))

    def _assist_move_to_reject(self, quantity):
        """Set a quantity of this lot that lies in stock apart, at once.

        :param quantity: in the product's unit
        """
        self.ensure_one()
        moves = self.env["stock.move"].sudo()
        for quant in self.sudo()._assist_get_stock_quants():
            part = min(quantity, quant.quantity)
            if self.product_uom_id.compare(part, 0.0) <= 0:
                break
            quantity -= part
            reject = quant.location_id.warehouse_id._assist_get_reject_location()
            common = {
                "product_id": quant.product_id.id,
                "location_id": quant.location_id.id,
                "location_dest_id": reject.id,
                "company_id": quant.company_id.id,
            }
            line = {
                **common,
                "lot_id": self.id,
                "package_id": quant.package_id.id,
                "owner_id": quant.owner_id.id,
                "quantity": part,
                "product_uom_id": quant.product_uom_id.id,
                "picked": True,
            }
            moves |= moves.create(
                {
                    **common,
                    "origin": self.env._("Rejected: lot %(lot)s", lot=self.name),
                    "product_uom": quant.product_uom_id.id,
                    "product_uom_qty": part,
                    "location_final_id": reject.id,
                    "picked": True,
                    "move_line_ids": [Command.create(line)],
                }
            )
        moves._action_done()

    def action_view_assist_inspections(self):
        """Open the inspections of these lots."""
        return self.assist_inspection_ids._get_list_action(self.env._("Inspections"))

    # ------------------------------------------------------------------
    # Public page of the lot
    # ------------------------------------------------------------------
    assist_public_token = fields.Char(copy=False, readonly=True, groups=fields.NO_ACCESS)

    _assist_public_token_unique = models.UniqueIndex(
        "(assist_public_token) WHERE assist_public_token IS NOT NULL"
    )

    def _assist_get_public_url(self):
        """Return the address of the lot's public page, as QR codes on labels show it.

        The address cannot be guessed; it is made when it is first asked for, and stays.
        """
        self.ensure_one()
        lot = self.sudo()
        if not lot.assist_public_token:
            lot.with_context(mail_notrack=True).assist_public_token = secrets.token_urlsafe(16)
        return f"{lot.get_base_url()}/assist/lot/{lot.assist_public_token}"
