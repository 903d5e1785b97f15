from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

SOURCE_GROUPS = "union_assist_catalog.group_user,union_assist_catalog.group_county"


class StockLot(models.Model):
    _inherit = "stock.lot"

    assist_source_ids = fields.One2many(
        "union.assist.lot.source", "lot_id", "Weigh Tickets", groups=SOURCE_GROUPS
    )
    assist_ticket_ids = fields.Many2many(
        "union.assist.weigh.ticket",
        string="Weigh Tickets in the Lot",
        compute="_compute_assist_ticket_ids",
        search="_search_assist_ticket_ids",
        groups=SOURCE_GROUPS,
    )
    assist_household_count = fields.Integer(
        "Households in It",
        compute="_compute_assist_household_count",
        compute_sudo=True,
        help="Households whose weigh tickets went into the lot.",
    )
    assist_county_ids = fields.Many2many(
        "union.assist.region",
        string="Counties",
        compute="_compute_assist_household_count",
        compute_sudo=True,
    )

    @api.depends("assist_source_ids.ticket_id")
    def _compute_assist_ticket_ids(self):
        for lot in self:
            lot.assist_ticket_ids = lot.assist_source_ids.ticket_id

    @api.model
    def _search_assist_ticket_ids(self, operator, value):
        return [("assist_source_ids.ticket_id", operator, value)]

    @api.depends("assist_source_ids.household_id")
    def _compute_assist_household_count(self):
        counts = self._origin._assist_get_household_counts()
        for lot in self:
            counties = counts.get(lot._origin, {})
            lot.assist_household_count = sum(counties.values())
            lot.assist_county_ids = self.env["union.assist.region"].union(*counties)

    def _assist_get_household_counts(self):
        """Count the households whose deliveries are in these lots, in one query.

        :return: ``{lot: {county: number of households}}``; each household is in one county, so
            that the counts of a lot add up to its households. Lots without weigh tickets are no
            keys. Codes and names are not part of it: it may be asked for anybody.
        """
        self.env["union.assist.lot.source"].flush_model()
        self.env["union.assist.region"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT source.lot_id, COALESCE(county.id, place.id),
                       COUNT(DISTINCT source.household_id)
                  FROM union_assist_lot_source AS source
                  JOIN union_assist_region AS place ON place.id = source.region_id
             LEFT JOIN union_assist_region AS county
                    ON county.level = 'county'
                   AND place.parent_path LIKE county.parent_path || '%%'
                 WHERE source.lot_id = ANY(%s)
              GROUP BY 1, 2
              ORDER BY 1, 3 DESC, 2
                """,
                list(self.ids),
            )
        )
        counts = defaultdict(dict)
        for lot_id, county_id, households in self.env.cr.fetchall():
            county = self.env["union.assist.region"].browse(county_id)
            counts[self.browse(lot_id)][county] = households
        return dict(counts)

    def action_assist_feed(self):
        """Open the choice of weigh tickets that went into this lot."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Weigh Tickets of the Lot"),
            "res_model": "union.assist.lot.feed",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lot_id": self.id},
        }
