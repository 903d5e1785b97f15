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
    def _begin(self):
        """Make ready for statements about movements: what is in memory is written first."""
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
        # Compiling the statements would take longer than running them.
        self.env.cr.execute("SET LOCAL jit = off")

    @api.model
    def _get_locations(self, *usages):
        """Array of the locations of some kinds, as SQL: there are few of them."""
        return SQL("ARRAY(SELECT id FROM stock_location WHERE usage = ANY(%s))", list(usages))

    @api.model
    def _get_pairs(self, lot_ids, company, forward=True):
        """Statement of what was used for what, from lots on, level by level.

        A recursive query whose rows are the lots themselves, with ``front`` alone, and pairs of
        finished move lines: ``(production_id, used_id, used_lot_id, used_qty, made_id,
        made_lot_id, made_qty, front)``, where ``front`` is the lot that was reached. Rows found
        again are dropped, so that circles end.

        :param forward: from parts to what was made of them, or back
        """
        start, end = (SQL("used"), SQL("made")) if forward else (SQL("made"), SQL("used"))
        return SQL(
            """
            pairs AS (
                SELECT NULL::int AS production_id, NULL::int AS used_id, NULL::int AS used_lot_id,
                       NULL::numeric AS used_qty, NULL::int AS made_id, NULL::int AS made_lot_id,
                       NULL::numeric AS made_qty, UNNEST(%(lots)s::int[]) AS front
                 UNION
                SELECT step.*
                  FROM pairs
            CROSS JOIN LATERAL (
                    SELECT made_move.production_id, used.id, used.lot_id,
                           used.quantity_product_uom, made.id, made.lot_id,
                           made.quantity_product_uom, %(end)s.lot_id
                      FROM stock_move_line used
                      JOIN stock_move_line_consume_rel rel ON rel.produce_line_id = used.id
                      JOIN stock_move_line made ON made.id = rel.consume_line_id
                      JOIN stock_move made_move ON made_move.id = made.move_id
                     WHERE %(start)s.lot_id = pairs.front AND %(end)s.lot_id IS NOT NULL
                       AND used.state = 'done' AND made.state = 'done'
                       AND made_move.unbuild_id IS NULL
                       AND used.company_id = %(company)s AND made.company_id = %(company)s
                       -- Else every delivery of a lot would be looked up among what was used.
                       AND used.location_dest_id = ANY(%(production)s)
                       AND made.location_id = ANY(%(production)s)
                       -- Keeps it a look-up by each lot. Statistics do not tell how few lines
                       -- are productions: without it the whole table may be read.
                    OFFSET 0
                ) step
            )
            """,
            start=start,
            end=end,
            lots=list(lot_ids),
            company=company.id,
            production=self._get_locations("production"),
        )

    @api.model
    def _read_pairs(self, lot_ids, company, forward=True):
        """Rows of :meth:`_get_pairs` that are pairs, without ``front``."""
        if not lot_ids:
            return []
        self._begin()
        return self.env.execute_query(
            SQL(
                "WITH RECURSIVE %s SELECT production_id, used_id, used_lot_id, used_qty, made_id,"
                " made_lot_id, made_qty FROM pairs WHERE made_id IS NOT NULL",
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
        self._begin()
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

    # ------------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------------
    @api.model
    def _get_recipients(self, lot_ids, company):
        """List who has received lots or what was made of them, in one statement.

        :param lot_ids: ids of the lots that are looked for
        :return: dictionaries, by unit and day: ``partner_id`` (the unit), ``contact_id`` (the
            address delivered to), ``picking_id``, ``number`` (of the delivery note, else of the
            transfer), ``date``, ``lot_id``, ``quantity`` in the product's unit, ``on_way``
            (picked for a delivery that is not finished)
        """
        if not lot_ids:
            return []
        self._begin()
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE %(pairs)s,
                lots AS (SELECT DISTINCT front AS id FROM pairs),
                sent AS (
                    SELECT line.picking_id, line.lot_id, line.state != 'done' AS on_way,
                           CASE WHEN line.picking_id IS NULL THEN line.move_id END AS move_id,
                           SUM(line.quantity_product_uom) AS quantity, MAX(line.date) AS date
                      FROM lots
                CROSS JOIN LATERAL (
                        SELECT * FROM stock_move_line
                         WHERE lot_id = lots.id AND company_id = %(company)s
                           AND location_dest_id = ANY(%(customers)s)
                           AND location_id != ALL(%(customers)s)
                           AND (state = 'done' OR picked AND state != 'cancel')
                        OFFSET 0  -- by each lot, as above
                    ) line
                  GROUP BY 1, 2, 3, 4
                )
                SELECT partner.commercial_partner_id, partner.id, sent.picking_id,
                       COALESCE(picking.assist_note_number, picking.name),
                       CASE WHEN sent.on_way THEN picking.scheduled_date
                            ELSE COALESCE(picking.date_done, sent.date) END,
                       sent.lot_id, sent.quantity::float8, sent.on_way
                  FROM sent
             LEFT JOIN stock_picking picking ON picking.id = sent.picking_id
             LEFT JOIN stock_move move ON move.id = sent.move_id
             LEFT JOIN res_partner partner
                    ON partner.id = COALESCE(picking.partner_id, move.partner_id)
                 WHERE sent.quantity > 0
              ORDER BY 1, 5, 3, 6
                """,
                pairs=self._get_pairs(lot_ids, company),
                company=company.id,
                customers=self._get_locations("customer"),
            )
        )
        return [
            {
                "partner_id": partner_id,
                "contact_id": contact_id,
                "picking_id": picking_id,
                "number": number,
                "date": date,
                "lot_id": lot_id,
                "quantity": quantity,
                "on_way": on_way,
            }
            for partner_id, contact_id, picking_id, number, date, lot_id, quantity, on_way in rows
        ]

    @api.model
    def _get_contents(self, lot_ids, company):
        """Return how much of some lots is in one unit of them and of what was made of them.

        :return: ``{lot id: quantity}``: 1 for the lots themselves; for a pack what went in of
            them, over all levels, shared out evenly over what was made of its lot
        """
        used, made = defaultdict(dict), defaultdict(dict)
        for production, used_id, used_lot, used_qty, made_id, made_lot, qty in self._read_pairs(
            lot_ids, company
        ):
            used[production][used_id] = (used_lot, used_qty)
            made[production][made_id] = (made_lot, qty)
        contents = dict.fromkeys(lot_ids, 1.0)
        made_ids = {lot for lines in made.values() for lot, _qty in lines.values()}
        if not made_ids:
            return contents
        totals = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT lot_id, SUM(quantity_product_uom) FROM stock_move_line
                     WHERE lot_id = ANY(%s) AND state = 'done' AND company_id = %s
                       AND location_id = ANY(%s)
                  GROUP BY lot_id
                    """,
                    list(made_ids),
                    company.id,
                    self._get_locations("production"),
                )
            )
        )
        # Packs of packs: each round reaches one level further. Circles end with the rounds.
        for _level in range(len(made_ids)):
            before, inside = dict(contents), defaultdict(float)
            for production, lines in made.items():
                content = sum(
                    contents.get(lot, 0.0) * quantity for lot, quantity in used[production].values()
                )
                whole = sum(quantity for _lot, quantity in lines.values())
                for lot, quantity in lines.values():
                    if whole and totals.get(lot):
                        inside[lot] += content * quantity / whole / totals[lot]
            contents.update((lot, inside[lot]) for lot in inside if lot not in lot_ids)
            if contents == before:
                break
        return contents

    @api.model
    def _get_balance(self, lot_ids, company):
        """Return what came in of lots, what went out, and what is there: the mass balance.

        What came in and went out are finished moves, what is there is the stock itself: two
        sources that must agree.

        :return: ``{lot id: {name: quantity}}`` with ``received``, ``produced``, ``returned``
            (by recipients), ``found`` (stock counts), ``delivered``, ``consumed``,
            ``sent_back`` (to vendors), ``lost`` (scrap and stock counts) and ``in_stock``
        """
        balance = defaultdict(lambda: defaultdict(float))
        if not lot_ids:
            return balance
        self._begin()
        inward = {
            "supplier": "received",
            "production": "produced",
            "customer": "returned",
            "inventory": "found",
        }
        outward = {
            "supplier": "sent_back",
            "production": "consumed",
            "customer": "delivered",
            "inventory": "lost",
        }
        for lot_id, origin, target, quantity in self.env.execute_query(
            SQL(
                """
                SELECT line.lot_id, origin.usage, target.usage, SUM(line.quantity_product_uom)
                  FROM stock_move_line line
                  JOIN stock_location origin ON origin.id = line.location_id
                  JOIN stock_location target ON target.id = line.location_dest_id
                 WHERE line.lot_id = ANY(%(lots)s) AND line.state = 'done'
                   AND line.company_id = %(company)s
              GROUP BY 1, 2, 3
                 UNION ALL
                SELECT quant.lot_id, 'stock', 'stock', SUM(quant.quantity)
                  FROM stock_quant quant JOIN stock_location place ON place.id = quant.location_id
                 WHERE quant.lot_id = ANY(%(lots)s) AND quant.company_id = %(company)s
                   AND place.usage IN ('internal', 'transit')
              GROUP BY 1
                """,
                lots=list(lot_ids),
                company=company.id,
            )
        ):
            if origin == "stock":
                balance[lot_id]["in_stock"] = quantity
                continue
            if origin in inward:
                balance[lot_id][inward[origin]] += quantity
            if target in outward:
                balance[lot_id][outward[target]] += quantity
        return balance

    @api.model
    def _get_returns(self, picking_ids, lot_ids, company):
        """Return what recipients sent back of deliveries.

        :return: ``{(picking id, lot id): quantity}`` of finished returns of these deliveries
        """
        if not (picking_ids and lot_ids):
            return {}
        self._begin()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sent.picking_id, line.lot_id, SUM(line.quantity_product_uom)
                  FROM stock_move sent
                  JOIN stock_move back ON back.origin_returned_move_id = sent.id
                  JOIN stock_move_line line ON line.move_id = back.id AND line.state = 'done'
                 WHERE sent.picking_id = ANY(%(pickings)s) AND line.lot_id = ANY(%(lots)s)
                   AND line.company_id = %(company)s
                   AND line.location_id = ANY(%(customers)s)
              GROUP BY 1, 2
                """,
                pickings=list(picking_ids),
                lots=list(lot_ids),
                company=company.id,
                customers=self._get_locations("customer"),
            )
        )
        return {(picking_id, lot_id): quantity for picking_id, lot_id, quantity in rows}
