from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL


class UnionAssistTrace(models.AbstractModel):
    """Where lots come from and where they went, by the finished moves of the warehouse.

    One lot leads to another where production used the one for the other (gift packs of any
    number of levels): the links that Odoo keeps between finished move lines. Splits, repacking
    and transfers do not change the lot. Taking a pack apart again gives the parts back under
    their own lots, so that it leads to no new one.

    All of it is asked set by set in SQL; quantities are in each product's unit.
    """

    _name = "union.assist.trace"
    _description = "Trace of Lots"

    @api.model
    def _flush(self):
        for name in (
            "stock.move.line",
            "stock.move",
            "stock.picking",
            "stock.quant",
            "stock.lot",
            "stock.location",
            "res.partner",
        ):
            self.env[name].flush_model()

    @api.model
    def _get_locations(self, *usages):
        """Array of the locations of some kinds, as SQL: there are few of them."""
        return SQL("ARRAY(SELECT id FROM stock_location WHERE usage = ANY(%s))", list(usages))

    @api.model
    def _get_pairs(self, lot_ids, company, forward=True):
        """Statement of what was used for what, from lots on, level by level.

        A recursive query whose rows are pairs of finished move lines: ``(production_id,
        used_id, used_lot_id, used_qty, made_id, made_lot_id, made_qty)``. Rows found again are
        dropped, so that circles end.

        :param forward: from parts to what was made of them, or back
        """
        if forward:
            start, following = SQL("used"), SQL("made_lot_id")
        else:
            start, following = SQL("made"), SQL("used_lot_id")
        pairs = SQL(
            """
            SELECT made_move.production_id, used.id AS used_id, used.lot_id AS used_lot_id,
                   used.quantity_product_uom AS used_qty, made.id AS made_id,
                   made.lot_id AS made_lot_id, made.quantity_product_uom AS made_qty
              FROM stock_move_line used
              JOIN stock_move_line_consume_rel rel ON rel.produce_line_id = used.id
              JOIN stock_move_line made ON made.id = rel.consume_line_id
              JOIN stock_move made_move ON made_move.id = made.move_id
            """
        )
        rules = SQL(
            """
            used.state = 'done' AND made.state = 'done' AND made_move.unbuild_id IS NULL
               AND used.company_id = %(company)s AND made.company_id = %(company)s
               AND used.lot_id IS NOT NULL AND made.lot_id IS NOT NULL
            """,
            company=company.id,
        )
        return SQL(
            """
            pairs AS (
                %(pairs)s WHERE %(start)s.lot_id = ANY(%(lots)s) AND %(rules)s
                 UNION
                %(pairs)s JOIN pairs ON pairs.%(following)s = %(start)s.lot_id WHERE %(rules)s
            )
            """,
            pairs=pairs,
            start=start,
            following=following,
            lots=list(lot_ids),
            rules=rules,
        )

    @api.model
    def _read_pairs(self, lot_ids, company, forward=True):
        """Rows of :meth:`_get_pairs`."""
        if not lot_ids:
            return []
        self._flush()
        return self.env.execute_query(
            SQL(
                "WITH RECURSIVE %s SELECT production_id, used_id, used_lot_id, used_qty, made_id,"
                " made_lot_id, made_qty FROM pairs",
                self._get_pairs(lot_ids, company, forward),
            )
        )

    @api.model
    def _get_levels(self, lot_ids, company):
        """Return lots and all that was made of them.

        :return: ``{lot id: level}``; 0 for the lots themselves, and what is reached in several
            ways has the lowest level
        """
        made = defaultdict(set)
        for _production, _used, used_lot, _quantity, _made, made_lot, _qty in self._read_pairs(
            lot_ids, company
        ):
            made[used_lot].add(made_lot)
        levels = dict.fromkeys(lot_ids, 0)
        front = set(lot_ids)
        while front:
            front = {lot for used in front for lot in made[used]} - levels.keys()
            level = max(levels.values()) + 1
            levels.update(dict.fromkeys(front, level))
        return levels

    @api.model
    def _get_places(self, lot_ids, company):
        """Return how much of lots is where.

        :return: ``{lot id: {place: quantity}}`` with the places ``stock``, ``undecided`` (Input
            and Quality Control), ``apart`` (reject and quarantine locations), and of these
            three ``packed`` (in packages) and ``taken`` (picked for unfinished transfers);
            ``delivered`` is what recipients have: delivered and not returned
        """
        if not lot_ids:
            return {}
        self._flush()
        places = defaultdict(lambda: defaultdict(float))
        rows = self.env.execute_query(
            SQL(
                """
                WITH before AS (
                    SELECT place.id
                      FROM stock_location place
                      JOIN stock_location zone
                        ON starts_with(place.parent_path, zone.parent_path)
                      JOIN stock_warehouse warehouse
                        ON zone.id IN (warehouse.wh_input_stock_loc_id,
                                       warehouse.wh_qc_stock_loc_id)
                     WHERE warehouse.lot_stock_id != zone.id
                )
                SELECT quant.lot_id,
                       CASE WHEN place.assist_is_reject OR place.assist_is_quarantine THEN 'apart'
                            WHEN place.id IN (SELECT id FROM before) THEN 'undecided'
                            ELSE 'stock' END,
                       quant.package_id IS NOT NULL, SUM(quant.quantity)
                  FROM stock_quant quant JOIN stock_location place ON place.id = quant.location_id
                 WHERE quant.lot_id = ANY(%(lots)s) AND quant.company_id = %(company)s
                   AND place.usage IN ('internal', 'transit')
              GROUP BY 1, 2, 3
                 UNION ALL
                SELECT line.lot_id, 'taken', FALSE, SUM(line.quantity_product_uom)
                  FROM stock_move_line line
                 WHERE line.lot_id = ANY(%(lots)s) AND line.company_id = %(company)s
                   AND line.picked AND line.state NOT IN ('done', 'cancel')
                   AND line.location_id != ALL(%(outside)s)
              GROUP BY 1
                 UNION ALL
                SELECT line.lot_id, 'delivered', FALSE,
                       SUM(CASE WHEN line.location_dest_id = ANY(%(customers)s)
                                THEN line.quantity_product_uom
                                ELSE -line.quantity_product_uom END)
                  FROM stock_move_line line
                 WHERE line.lot_id = ANY(%(lots)s) AND line.company_id = %(company)s
                   AND line.state = 'done'
                   AND (line.location_dest_id = ANY(%(customers)s))
                       != (line.location_id = ANY(%(customers)s))
              GROUP BY 1
                """,
                lots=list(lot_ids),
                company=company.id,
                customers=self._get_locations("customer"),
                outside=self._get_locations("supplier", "customer", "inventory", "production"),
            )
        )
        for lot_id, place, packed, quantity in rows:
            places[lot_id][place] += quantity
            if packed:
                places[lot_id]["packed"] += quantity
        return places
