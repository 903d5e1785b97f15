from odoo import fields, models
from odoo.tools import SQL


class UnionAssistFarmingBalance(models.Model):
    """Harvests against demand, in jin of the crop: one row for each harvest, ticket and order.

    A harvest is expected in the middle of its window; what of it has not been delivered is still
    to come as long as its contract runs. Demand is what confirmed orders have not received yet,
    on the day they are planned for, and what subscriptions have still to call off, on their last
    day; intentions bind nobody and are left out. Orders for goods that are made from a crop are
    turned into that crop; other goods are weighed by their unit or by the weight of the product.
    Only crops that there are farming contracts for are compared.
    """

    _name = "union.assist.farming.balance"
    _description = "Harvest and Demand"
    _auto = False
    _order = "date, id"
    _rec_name = "product_id"
    _depends = {
        "union.assist.farming.contract": ["company_id", "product_id", "state", "supplier_id"],
        "union.assist.farming.schedule": [
            "contract_id",
            "date_from",
            "date_to",
            "expected_quantity",
            "kind",
        ],
        "union.assist.weigh.ticket": [
            "company_id",
            "contract_id",
            "day",
            "product_id",
            "quantity",
            "state",
            "supplier_id",
        ],
        "purchase.order": ["company_id", "partner_id", "state"],
        "purchase.order.line": [
            "date_planned",
            "order_id",
            "product_id",
            "product_qty",
            "product_uom_qty",
            "qty_received",
        ],
        "product.product": ["product_tmpl_id", "weight"],
        "product.template": ["assist_crop_id", "assist_crop_quantity", "uom_id"],
        "purchase.requisition": [
            "assist_kind",
            "company_id",
            "date_end",
            "date_start",
            "state",
            "vendor_id",
        ],
        "purchase.requisition.line": [
            "product_id",
            "product_qty",
            "product_uom_id",
            "requisition_id",
        ],
        "union.assist.call": ["quantity", "requisition_line_id"],
        "res.partner": ["commercial_partner_id"],
        "uom.uom": ["factor", "parent_path"],
    }

    kind = fields.Selection(
        [
            ("harvest", "Harvest"),
            ("delivery", "Delivery"),
            ("demand", "Open Order"),
            ("subscription", "Subscription"),
        ],
        "Origin",
        readonly=True,
    )
    product_id = fields.Many2one("product.product", "Crop", readonly=True)
    supplier_id = fields.Many2one("res.partner", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date(readonly=True)
    expected = fields.Float("Expected (jin)", readonly=True)
    delivered = fields.Float("Delivered (jin)", readonly=True)
    to_come = fields.Float("Still to Come (jin)", readonly=True)
    demand = fields.Float(
        "Demand (jin)",
        readonly=True,
        help="Ordered and not yet received, or subscribed and not yet called off.",
    )
    balance = fields.Float(
        "Left or Short (jin)", readonly=True, help="Still to come, less the demand."
    )
    contract_id = fields.Many2one("union.assist.farming.contract", readonly=True)
    order_id = fields.Many2one("purchase.order", readonly=True)
    requisition_id = fields.Many2one("purchase.requisition", "Subscription", readonly=True)

    @property
    def _table_query(self):
        jin = self.env.ref("union_assist_catalog.uom_jin")
        return SQL(
            """
            WITH harvest AS (
                SELECT schedule.id, schedule.contract_id,
                       schedule.date_from + (schedule.date_to - schedule.date_from) / 2 AS date,
                       schedule.expected_quantity AS expected,
                       COALESCE(SUM(ticket.quantity), 0) AS delivered
                  FROM union_assist_farming_schedule AS schedule
             LEFT JOIN union_assist_weigh_ticket AS ticket
                    ON ticket.contract_id = schedule.contract_id
                   AND ticket.state IN ('confirmed', 'paid')
                   AND ticket.day BETWEEN schedule.date_from AND schedule.date_to
                 WHERE schedule.kind = 'harvest'
              GROUP BY schedule.id
            ),
            goods AS (
                SELECT product.id, COALESCE(template.assist_crop_id, product.id) AS crop_id,
                       unit.factor AS unit_factor,
                       CASE WHEN template.assist_crop_id IS NOT NULL
                                 THEN template.assist_crop_quantity
                            WHEN split_part(unit.parent_path, '/', 1) = %(root)s
                                 THEN unit.factor / %(jin)s
                            ELSE product.weight * 2 END AS jin
                  FROM product_product AS product
                  JOIN product_template AS template ON template.id = product.product_tmpl_id
                  JOIN uom_uom AS unit ON unit.id = template.uom_id
                 WHERE COALESCE(template.assist_crop_id, product.id) IN (
                       SELECT contract.product_id
                         FROM union_assist_farming_contract AS contract
                        WHERE contract.state IN ('signed', 'delivering', 'closed'))
            ),
            item AS (
                SELECT harvest.id * 4 AS id, 'harvest' AS kind, contract.product_id,
                       contract.supplier_id, contract.company_id, harvest.date, harvest.expected,
                       0 AS delivered,
                       CASE WHEN contract.state = 'closed' THEN 0
                            ELSE GREATEST(harvest.expected - harvest.delivered, 0) END AS to_come,
                       0 AS demand, contract.id AS contract_id, NULL::int AS order_id,
                       NULL::int AS requisition_id
                  FROM harvest
                  JOIN union_assist_farming_contract AS contract
                    ON contract.id = harvest.contract_id
                 WHERE contract.state IN ('signed', 'delivering', 'closed')
             UNION ALL
                SELECT ticket.id * 4 + 1, 'delivery', ticket.product_id, ticket.supplier_id,
                       ticket.company_id, ticket.day, 0, ticket.quantity, 0, 0,
                       ticket.contract_id, NULL, NULL
                  FROM union_assist_weigh_ticket AS ticket
                 WHERE ticket.state IN ('confirmed', 'paid')
             UNION ALL
                SELECT line.id * 4 + 2, 'demand', goods.crop_id, partner.commercial_partner_id,
                       purchase.company_id,
                       (line.date_planned AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date,
                       0, 0, 0,
                       line.product_uom_qty * (line.product_qty - COALESCE(line.qty_received, 0))
                       / line.product_qty * goods.jin,
                       NULL, purchase.id, NULL
                  FROM purchase_order_line AS line
                  JOIN purchase_order AS purchase ON purchase.id = line.order_id
                  JOIN res_partner AS partner ON partner.id = purchase.partner_id
                  JOIN goods ON goods.id = line.product_id
                 WHERE purchase.state = 'purchase'
                   AND line.product_qty > COALESCE(line.qty_received, 0)
             UNION ALL
                SELECT line.id * 4 + 3, 'subscription', goods.crop_id,
                       partner.commercial_partner_id, agreement.company_id,
                       COALESCE(agreement.date_end, agreement.date_start, CURRENT_DATE),
                       0, 0, 0,
                       (line.product_qty - COALESCE(called.quantity, 0))
                       * unit.factor / goods.unit_factor * goods.jin,
                       NULL, NULL, agreement.id
                  FROM purchase_requisition_line AS line
                  JOIN purchase_requisition AS agreement ON agreement.id = line.requisition_id
                  JOIN res_partner AS partner ON partner.id = agreement.vendor_id
                  JOIN uom_uom AS unit ON unit.id = line.product_uom_id
                  JOIN goods ON goods.id = line.product_id
             LEFT JOIN (SELECT requisition_line_id, SUM(quantity) AS quantity
                          FROM union_assist_call
                      GROUP BY requisition_line_id) AS called
                    ON called.requisition_line_id = line.id
                 WHERE agreement.state = 'confirmed' AND agreement.assist_kind = 'subscription'
                   AND line.product_qty > COALESCE(called.quantity, 0)
            )
            SELECT item.*, item.to_come - item.demand AS balance FROM item
            """,
            zone=str(self.env.company._assist_get_zone()),
            root=jin.parent_path.split("/")[0],
            jin=jin.factor,
        )
