from collections import defaultdict
from datetime import timedelta

import pytz

from odoo import api, fields, models


class StockLot(models.Model):
    _inherit = "stock.lot"

    assist_production_date = fields.Date("Production Date")
    assist_inspection_ids = fields.One2many(
        "union.assist.quality.inspection", "lot_id", "Inspections"
    )
    assist_inspection_count = fields.Integer(
        "Inspection Count", compute="_compute_assist_quality", compute_sudo=True
    )
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
        country = company.partner_id.country_id.code
        zone = pytz.timezone(
            company.partner_id.tz or (pytz.country_timezones.get(country) or ["UTC"])[0]
        )
        moments = [self.create_date] + ([fields.Datetime.now()] if today else [])
        days = {pytz.utc.localize(moment).astimezone(zone).date() for moment in moments}
        return plans._get_applicable_ids(self.product_id, company, days)

    def action_view_assist_inspections(self):
        """Open the inspections of these lots."""
        return self.assist_inspection_ids._get_list_action(self.env._("Inspections"))
