from collections import defaultdict
from datetime import datetime

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.layered import arrange
from ..tools.scanned import read_code

#: What a trace may begin with.
STARTS = (
    "stock.lot",
    "stock.package",
    "stock.picking",
    "purchase.order",
    "sale.order",
    "union.assist.farming.contract",
)
#: The picture shows as many packages and deliveries of their own; more are drawn together.
MAX_PACKAGES = 30
MAX_DELIVERIES = 40
#: Rows of the table on the screen; the export has them all.
MAX_ROWS = 1000
MAX_FOUND = 8


class UnionAssistTraceView(models.AbstractModel):
    """The trace screen: a picture and a table of where goods came from and went.

    For employees who may read lots. Of households there are counts, of recipients the names
    that stand on delivery notes, and there are no prices.
    """

    _name = "union.assist.trace.view"
    _description = "Trace Screen"

    # ------------------------------------------------------------------
    # Called by the screen
    # ------------------------------------------------------------------
    @api.model
    def get_trace(self, model, res_id):
        """Return the picture and the table of one record, for the screen.

        :param model: one of :data:`STARTS`
        :return: ``title``, ``layers`` (lists of nodes), ``edges``, ``rows``, ``total``
        :raise AccessError: when the user may not read lots or this record
        """
        trace = self._trace(model, res_id)
        rows = trace.pop("rows")
        return {**trace, "rows": rows[:MAX_ROWS], "total": len(rows)}

    @api.model
    def find(self, text):
        """Find what a trace may begin with by its number or name.

        :return: list of ``{"model", "id", "label", "kind"}``
        """
        self._check_may_trace()
        text = read_code(text)
        if not text:
            return []
        fields = {
            "stock.lot": ("name", "ref"),
            "stock.package": ("name",),
            "stock.picking": ("name", "assist_note_number"),
        }
        found = []
        for model in STARTS:
            records = self.env[model]
            if not records.has_access("read"):
                continue
            names = fields.get(model, ("name",))
            records = records.search(
                Domain.OR(Domain(name, "ilike", text) for name in names), limit=MAX_FOUND
            )
            kind = self._get_start_kinds()[model]
            found += [
                {"model": model, "id": record.id, "label": self._get_title(record), "kind": kind}
                for record in records
            ]
        return found

    # ------------------------------------------------------------------
    # Who, and from where
    # ------------------------------------------------------------------
    @api.model
    def _check_may_trace(self):
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may trace goods."))
        self.env["stock.lot"].check_access("read")

    @api.model
    def _get_start_kinds(self):
        return {
            "stock.lot": self.env._("Lot"),
            "stock.package": self.env._("Package"),
            "stock.picking": self.env._("Transfer"),
            "purchase.order": self.env._("Purchase Order"),
            "sale.order": self.env._("Sales Order"),
            "union.assist.farming.contract": self.env._("Farming Contract"),
        }

    @api.model
    def _get_title(self, record):
        if record._name == "stock.lot":
            return f"{record.product_id.display_name} · {record.name}"
        if record._name == "stock.picking" and record.assist_note_number:
            return f"{record.name} · {record.assist_note_number}"
        # The display name of a farming contract may be that of its household.
        return record.name

    @api.model
    def _trace(self, model, res_id):
        self._check_may_trace()
        if model not in STARTS:
            raise UserError(self.env._("A trace cannot begin with this kind of record."))
        record = self.env[model].browse(int(res_id)).exists()
        if not record:
            raise UserError(self.env._("The record does not exist any more."))
        record.check_access("read")
        company = record.company_id or self.env.company
        if company not in self.env.companies:
            raise AccessError(self.env._("The record is of another company."))
        graph = TraceGraph(self.sudo(), record.sudo(), company.sudo())
        graph.build()
        return {
            "title": self._get_title(record),
            "kind": self._get_start_kinds()[model],
            "model": model,
            "id": record.id,
            "layers": [
                [graph.nodes[key] for key in layer]
                for layer in arrange(list(graph.nodes), list(graph.edges))
            ],
            "edges": [
                {"from": origin, "to": target, "quantity": " + ".join(texts)}
                for (origin, target), texts in graph.get_edge_texts().items()
            ],
            "rows": graph.rows,
        }

    @api.model
    def _get_columns(self):
        """Titles of the columns of the table, in order."""
        return {
            "date": self.env._("Date"),
            "step": self.env._("Step"),
            "from": self.env._("From"),
            "to": self.env._("To"),
            "product": self.env._("Product"),
            "lot": self.env._("Lot"),
            "quantity": self.env._("Quantity"),
            "unit": self.env._("Unit"),
        }


class TraceGraph:
    """Builds the nodes, edges and rows of one trace, with a fixed number of queries."""

    def __init__(self, view, record, company):
        self.view = view
        self.env = view.env
        self.record = record
        self.company = company
        self.trace = self.env["union.assist.trace"]
        self.nodes, self.edges, self.rows = {}, {}, []
        # Edges that no row of the table stands for.
        self.implied = set()
        # Of which deliveries and packages the way on is asked for; None: of all.
        self.pickings = self.packages = None

    # -- where it begins -------------------------------------------------------------

    def build(self):
        start_ids = self._get_start_ids()
        backward = self.trace._read_pairs(start_ids, self.company, forward=False)
        forward = (
            self.trace._read_pairs(start_ids, self.company)
            if self.pickings is None and self.packages is None
            else []
        )
        ancestors = {row[2] for row in backward}
        self.onward = set(start_ids) | {row[5] for row in forward}
        everything = list(self.onward | ancestors)
        self.lots = self.env["stock.lot"].browse(sorted(everything))
        self.lots.fetch(["name", "product_id", "assist_production_date"])
        self.held = {lot for lot, _company in self.lots._assist_get_holds(self.company)}
        focus = f"lot:{self.record.id}" if self.record._name == "stock.lot" else None
        for lot in self.lots:
            self._add_node(
                f"lot:{lot.id}",
                "lot",
                lot.product_id.with_context(display_default_code=False).display_name,
                lot.name,
                lot,
                held=lot.id in self.held,
            )
        movements = self._read_movements(everything)
        self._read_names(movements, backward + forward)
        self._add_start()
        self._add_sources()
        self._add_productions(backward + forward)
        self._add_movements(movements)
        if self.pickings is None:
            self._add_stock()
        if focus:
            self.nodes[focus]["focus"] = True
        self._order_rows()

    def _get_start_ids(self):
        """Return the ids of the lots that the trace begins with."""
        record, name = self.record, self.record._name
        self.trace._begin()
        if name == "stock.lot":
            return record.ids
        lines = SQL(
            "SELECT DISTINCT lot_id FROM stock_move_line line WHERE lot_id IS NOT NULL"
            " AND company_id = %s AND state != 'cancel'",
            self.company.id,
        )
        if name == "stock.package":
            self.packages = self._get_package_family()
            query = SQL(
                "%s AND (package_id = ANY(%s) OR result_package_id = ANY(%s))",
                lines,
                self.packages,
                self.packages,
            )
        elif name == "stock.picking":
            if record.picking_type_code == "outgoing":
                self.pickings = set(record.ids)
            query = SQL("%s AND picking_id = %s", lines, record.id)
        elif name == "purchase.order":
            moves = record.order_line.move_ids.filtered(
                lambda move: move.location_id.usage == "supplier"
            )
            query = SQL("%s AND move_id = ANY(%s)", lines, moves.ids)
        elif name == "sale.order":
            moves = record.order_line.move_ids.filtered(
                lambda move: move.location_dest_id.usage == "customer"
            )
            self.pickings = set(moves.picking_id.ids)
            query = SQL("%s AND move_id = ANY(%s)", lines, moves.ids)
        else:
            self.env["union.assist.lot.source"].flush_model()
            query = SQL(
                "SELECT DISTINCT source.lot_id FROM union_assist_lot_source source"
                " JOIN union_assist_weigh_ticket ticket ON ticket.id = source.ticket_id"
                " WHERE ticket.contract_id = %s",
                record.id,
            )
        return [lot_id for (lot_id,) in self.env.execute_query(query)]

    def _get_package_family(self):
        """Return a package, what is packed in it, and what its goods were repacked into."""
        self.env["stock.package"].flush_model()
        self.env["stock.package.history"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE family(id) AS (
                    SELECT %s::int
                     UNION
                    SELECT inner_package.id FROM family JOIN LATERAL (
                        SELECT package.id FROM stock_package package
                         WHERE package.parent_package_id = family.id
                         UNION ALL
                        SELECT history.package_id FROM stock_package_history history
                         WHERE history.parent_dest_id = family.id
                            OR history.outermost_dest_id = family.id
                         UNION ALL
                        SELECT line.result_package_id FROM stock_move_line line
                         WHERE line.package_id = family.id AND line.state = 'done'
                           AND line.result_package_id IS NOT NULL
                    ) inner_package ON TRUE
                )
                SELECT id FROM family
                """,
                self.record.id,
            )
        )
        return [package_id for (package_id,) in rows]

    # -- reading ---------------------------------------------------------------------

    def _read_movements(self, lot_ids):
        """Read what came in, went out or was packed: dictionaries, the earliest first."""
        columns = (
            "lot_id",
            "origin",
            "target",
            "picking_id",
            "partner_id",
            "package_id",
            "result_id",
            "done",
            "quantity",
            "date",
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.lot_id, origin.usage, target.usage, line.picking_id,
                       COALESCE(picking.partner_id, move.partner_id), line.package_id,
                       line.result_package_id, line.state = 'done',
                       SUM(line.quantity_product_uom), MIN(line.date)
                  FROM stock_move_line line
                  JOIN stock_move move ON move.id = line.move_id
                  JOIN stock_location origin ON origin.id = line.location_id
                  JOIN stock_location target ON target.id = line.location_dest_id
             LEFT JOIN stock_picking picking ON picking.id = line.picking_id
                 WHERE line.lot_id = ANY(%(lots)s) AND line.company_id = %(company)s
                   AND (line.state = 'done'
                        OR line.picked AND line.state != 'cancel' AND target.usage = 'customer')
                   AND (origin.usage IN ('supplier', 'customer', 'inventory')
                        OR target.usage IN ('supplier', 'customer', 'inventory')
                        OR line.result_package_id IS NOT NULL
                           AND line.result_package_id IS DISTINCT FROM line.package_id)
              GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
              ORDER BY MIN(line.date), 4, 1
                """,
                lots=list(lot_ids),
                company=self.company.id,
            )
        )
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _read_names(self, movements, pairs):
        """Fetch the names of everything in one query a model."""

        def browse(model, ids):
            return self.env[model].browse(sorted(filter(None, ids))).with_prefetch()

        self.picking_of = {
            picking.id: picking
            for picking in browse("stock.picking", {row["picking_id"] for row in movements})
        }
        self.partner_of = {
            partner.id: partner
            for partner in browse("res.partner", {row["partner_id"] for row in movements})
        }
        self.package_of = {
            package.id: package
            for package in browse(
                "stock.package",
                {row[name] for row in movements for name in ("package_id", "result_id")}
                | set(self.packages or ()),
            )
        }
        self.production_of = {
            production.id: production
            for production in browse("mrp.production", {row[0] for row in pairs})
        }

    # -- nodes and edges -------------------------------------------------------------

    def _add_node(self, key, kind, label, sub="", record=None, **more):
        self.nodes.setdefault(
            key,
            {
                "key": key,
                "kind": kind,
                "label": label,
                "sub": sub or "",
                "model": record._name if record else False,
                "id": record.id if record else False,
                "focus": False,
                "held": False,
                **more,
            },
        )
        return key

    def _add_edge(self, origin, target, lot_id, quantity, step, date=None):
        edge = self.edges.setdefault((origin, target), defaultdict(float))
        lot = self.env["stock.lot"].browse(lot_id)
        edge[lot.product_uom_id] += quantity
        self.rows.append(
            {
                "date": date,
                "step": step,
                "from": self._say_node(origin),
                "to": self._say_node(target),
                "product": lot.product_id.with_context(display_default_code=False).display_name,
                "lot": lot.name,
                "quantity": quantity,
                "unit": lot.product_uom_id.name,
            }
        )

    def _say_node(self, key):
        node = self.nodes[key]
        return " · ".join(filter(None, (node["label"], node["sub"])))

    def get_edge_texts(self):
        """Return what the edges carry, in words: ``{(from, to): [quantity with unit]}``."""
        return {
            key: [f"{quantity:g} {unit.name}" for unit, quantity in sums.items() if quantity]
            for key, sums in self.edges.items()
        }

    def _say_partner(self, partner_id):
        """Name a unit or company; of an address the company, of a private person nobody."""
        partner = self.partner_of.get(partner_id)
        unit = partner and partner.commercial_partner_id
        return unit.name if unit and unit.is_company else ""

    def _add_start(self):
        """Draw what the trace begins with, unless it is a lot."""
        record, name = self.record, self.record._name
        if name == "purchase.order":
            self.start = self._add_node(
                "start", "order", record.name, self.env._("Purchase order"), record
            )
        elif name == "sale.order":
            self.start = self._add_node(
                "start", "order", record.name, self.env._("Sales order"), record
            )
        else:
            self.start = None
        if self.start:
            self.nodes[self.start]["focus"] = True

    def _add_sources(self):
        """Draw households as counts, by county, before the lots they are in."""
        contract = self.record if self.record._name == "union.assist.farming.contract" else None
        for lot, counties in self.lots._assist_get_household_counts().items():
            for county, households in counties.items():
                key = self._add_node(
                    f"households:{lot.id}:{county.id}",
                    "households",
                    self.env._("%(count)s households", count=households),
                    county.name,
                )
                edge = (key, f"lot:{lot.id}")
                self.edges.setdefault(edge, defaultdict(float))
                self.rows.append(
                    {
                        "date": None,
                        "step": self.env._("Harvest"),
                        "from": self._say_node(key),
                        "to": self._say_node(edge[1]),
                        "product": lot.product_id.display_name,
                        "lot": lot.name,
                        "quantity": 0.0,
                        "unit": "",
                    }
                )
                if contract:
                    start = self._add_node(
                        "start",
                        "order",
                        contract.name,
                        self.env._("Farming contract"),
                        contract,
                        focus=True,
                    )
                    self.edges.setdefault((start, key), defaultdict(float))

    def _add_productions(self, pairs):
        used, made = {}, {}
        for production, used_id, used_lot, used_qty, made_id, made_lot, quantity in pairs:
            used[used_id] = (production, used_lot, used_qty)
            made[made_id] = (production, made_lot, quantity)
        for rows, is_used in ((used, True), (made, False)):
            for production_id, lot_id, quantity in rows.values():
                if f"lot:{lot_id}" not in self.nodes:
                    continue
                production = self.production_of.get(production_id)
                key = self._add_node(
                    f"production:{production_id}",
                    "production",
                    production.name if production else self.env._("Production"),
                    self.env._("Production"),
                    production,
                )
                lot = f"lot:{lot_id}"
                date = production.date_finished if production else None
                if is_used:
                    self._add_edge(lot, key, lot_id, quantity, self.env._("Used"), date)
                else:
                    self._add_edge(key, lot, lot_id, quantity, self.env._("Made"), date)

    def _add_movements(self, movements):
        outward = [row for row in movements if self._goes_on(row)]
        shown = {id(row) for row in outward}
        packages = {
            row[name] for row in outward for name in ("package_id", "result_id") if row[name]
        }
        self.show_packages = len(packages) <= MAX_PACKAGES
        self._choose_units([row for row in outward if row["target"] == "customer"])
        for row in movements:
            if row["origin"] in ("supplier", "customer", "inventory") and row["done"]:
                self._add_inward(row)
            if id(row) in shown:
                self._add_outward(row)

    def _goes_on(self, row):
        """Whether the way on of a movement is part of what is asked for."""
        if row["lot_id"] not in self.onward:
            return False
        if self.pickings is not None:
            # The packing of what these deliveries took along is told by the deliveries.
            return row["picking_id"] in self.pickings and row["target"] == "customer"
        if self.packages is not None:
            return bool({row["package_id"], row["result_id"]} & set(self.packages))
        return True

    def _add_inward(self, row):
        picking = self.picking_of.get(row["picking_id"])
        partner = self._say_partner(row["partner_id"])
        lot = f"lot:{row['lot_id']}"
        if row["origin"] == "supplier":
            key = self._add_node(
                f"receipt:{row['picking_id'] or lot}",
                "receipt",
                partner or self.env._("Vendor"),
                picking.name if picking else self.env._("Receipt"),
                picking,
            )
            step = self.env._("Received")
        elif row["origin"] == "customer":
            if self.pickings is not None or self.packages is not None:
                return
            key = self._add_node(
                f"return:{row['picking_id'] or lot}",
                "return",
                self.env._("Returned: %(unit)s", unit=partner)
                if partner
                else self.env._("Returned"),
                picking.name if picking else "",
                picking,
            )
            step = self.env._("Returned")
        else:
            key = self._add_node(
                f"found:{lot}", "count", self.env._("Stock count"), self.env._("Added")
            )
            step = self.env._("Counted in")
        if picking and picking == self.record:
            self.nodes[key]["focus"] = True
        if row["origin"] == "supplier" and self.start and self.record._name == "purchase.order":
            if picking and picking.purchase_id == self.record:
                self.edges.setdefault((self.start, key), defaultdict(float))
        self._add_edge(key, lot, row["lot_id"], row["quantity"], step, row["date"])

    def _add_outward(self, row):
        """Draw a packing, delivery, return to the vendor, or loss."""
        lot_id, quantity, date = row["lot_id"], row["quantity"], row["date"]
        origin = f"lot:{lot_id}"
        if self.show_packages:
            if row["package_id"]:
                origin = self._add_package(row["package_id"])
            if row["result_id"] and row["result_id"] != row["package_id"]:
                result = self._add_package(row["result_id"])
                self._add_edge(origin, result, lot_id, quantity, self.env._("Packed"), date)
                origin = result
            elif row["package_id"] and not self._is_filled(origin, lot_id):
                # Packed in a transfer that is not shown: the carton still holds the lot.
                edge = (f"lot:{lot_id}", origin)
                self.implied.add(edge)
                self.edges.setdefault(edge, defaultdict(float))
                unit = self.env["stock.lot"].browse(lot_id).product_uom_id
                self.edges[edge][unit] += quantity
        picking = self.picking_of.get(row["picking_id"])
        if row["target"] == "customer" and row["origin"] != "customer":
            key = self._add_delivery(row, picking)
            step = self.env._("Delivered") if row["done"] else self.env._("On the way")
            self._add_edge(origin, key, lot_id, quantity, step, date)
        elif row["target"] == "supplier" and row["origin"] != "supplier":
            key = self._add_node(
                f"back:{row['picking_id'] or lot_id}",
                "return",
                self.env._("To vendor: %(vendor)s", vendor=self._say_partner(row["partner_id"])),
                picking.name if picking else "",
                picking,
            )
            self._add_edge(origin, key, lot_id, quantity, self.env._("Sent back"), date)
        elif row["target"] == "inventory" and row["origin"] != "inventory":
            key = self._add_node(f"lost:{lot_id}", "loss", self.env._("Scrapped or lost"))
            self._add_edge(origin, key, lot_id, quantity, self.env._("Scrapped or lost"), date)

    def _add_package(self, package_id):
        package = self.package_of[package_id]
        return self._add_node(
            f"package:{package_id}",
            "package",
            package.name,
            package.package_type_id.name or self.env._("Package"),
            package,
            focus=package == self.record,
        )

    def _is_filled(self, package, lot_id):
        return any(
            target == package and (origin == f"lot:{lot_id}" or origin.startswith("package:"))
            for origin, target in self.edges.keys() - self.implied
        )

    def _choose_units(self, rows):
        """Decide whether deliveries are drawn one by one, by unit, or the largest units only."""
        self.by_unit = len({row["picking_id"] for row in rows}) > MAX_DELIVERIES
        sums, deliveries = defaultdict(float), defaultdict(set)
        for row in rows:
            partner = self.partner_of.get(row["partner_id"])
            unit = partner.commercial_partner_id.id if partner else 0
            sums[unit] += row["quantity"]
            deliveries[unit].add(row["picking_id"])
        largest = sorted(sums, key=lambda unit: -sums[unit])
        if len(largest) > MAX_DELIVERIES:
            largest = largest[: MAX_DELIVERIES - 1]
        self.own_node = set(largest)
        self.deliveries_of = deliveries
        self.other_units = len(sums) - len(self.own_node)

    def _add_delivery(self, row, picking):
        partner = self.partner_of.get(row["partner_id"])
        name = self._say_partner(row["partner_id"]) or self.env._("Recipient")
        if not self.by_unit:
            number = picking.assist_note_number or picking.name if picking else ""
            key = self._add_node(
                f"delivery:{row['picking_id'] or row['lot_id']}",
                "delivery",
                name,
                number if row["done"] else self.env._("%(number)s, on the way", number=number),
                picking,
                focus=picking == self.record,
            )
            if self.start and self.record._name == "sale.order":
                self.edges.setdefault((key, self.start), defaultdict(float))
            return key
        unit = partner.commercial_partner_id.id if partner else 0
        if unit in self.own_node:
            return self._add_node(
                f"unit:{unit}",
                "delivery",
                name,
                self.env._("%(count)s deliveries", count=len(self.deliveries_of[unit])),
                partner.commercial_partner_id if partner else None,
            )
        return self._add_node(
            "unit:others",
            "delivery",
            self.env._("%(count)s other units", count=self.other_units),
            self.env._("see the table"),
        )

    def _add_stock(self):
        """Draw what is still there, by warehouse."""
        in_packages = (
            SQL("quant.package_id = ANY(%s)", self.packages)
            if self.packages is not None
            else SQL("TRUE")
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT quant.lot_id, quant.location_id, quant.package_id, SUM(quant.quantity)
                  FROM stock_quant quant JOIN stock_location place ON place.id = quant.location_id
                 WHERE quant.lot_id = ANY(%s) AND quant.company_id = %s
                   AND place.usage IN ('internal', 'transit') AND %s
              GROUP BY 1, 2, 3 HAVING SUM(quant.quantity) != 0 ORDER BY 1, 2, 3
                """,
                list(self.onward),
                self.company.id,
                in_packages,
            )
        )
        locations = self.env["stock.location"].browse({row[1] for row in rows})
        locations.fetch(["complete_name"])
        for lot_id, location_id, package_id, quantity in rows:
            location = self.env["stock.location"].browse(location_id)
            key = self._add_node(
                f"stock:{location_id}", "stock", location.complete_name, self.env._("In stock")
            )
            package = f"package:{package_id}"
            origin = package if package_id and package in self.nodes else f"lot:{lot_id}"
            self._add_edge(origin, key, lot_id, quantity, self.env._("In stock"))

    def _order_rows(self):
        zone = self.company._assist_get_zone()
        self.rows.sort(key=lambda row: (row["date"] is None, row["date"] or datetime.min))
        for row in self.rows:
            row["date"] = str(row["date"].astimezone(zone).date()) if row["date"] else ""
