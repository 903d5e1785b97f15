from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # ------------------------------------------------------------------
    # Packing rules
    # ------------------------------------------------------------------
    assist_packing_warning = fields.Text(
        "Over-Packaging", compute="_compute_assist_packing_warning"
    )

    @api.depends("order_line.product_id", "order_line.price_total", "order_line.product_uom_qty")
    def _compute_assist_packing_warning(self):
        found = self._assist_get_packing_findings()
        for order in self:
            order.assist_packing_warning = "\n".join(found.get(order, {}).get("all", ())) or False

    def _assist_get_packing_findings(self):
        """Check the gift packs of these orders by the rules that their sale price decides.

        A pack that costs nothing is a gift, to which these rules do not apply.

        :return: ``{order: {"all": [text], "block": [text]}}``
        """
        lines = self.order_line.filtered(
            lambda line: line.product_id.assist_is_gift_pack and line.product_uom_qty > 0
        )
        boms = self.env["mrp.bom"].sudo()
        found = {}
        if not lines:
            return found
        recipes = {
            company: boms._bom_find(group.product_id, company_id=company.id)
            for company, group in lines.grouped("company_id").items()
        }
        for line in lines:
            recipe = recipes[line.company_id][line.product_id]
            quantity = line.product_uom_id._compute_quantity(
                line.product_uom_qty, line.product_id.uom_id, round=False
            )
            price = line.currency_id._convert(
                line.price_total / quantity,
                line.company_id.currency_id,
                line.company_id,
                line.order_id.date_order or fields.Date.context_today(self),
            )
            if not recipe or price <= 0:
                continue
            checked = recipe.with_env(boms.env)._assist_check_rules(price, ("cost_share",))
            for finding in checked[recipe]:
                if finding["verdict"] not in ("fail", "unknown"):
                    continue
                text = f"{line.product_id.display_name}: {boms._assist_describe(finding)[2:]}"
                texts = found.setdefault(line.order_id, {"all": [], "block": []})
                texts["all"].append(text)
                if finding["action"] == "block" and finding["verdict"] == "fail":
                    texts["block"].append(text)
        return found

    def _confirmation_error_message(self):
        message = super()._confirmation_error_message()
        if message:
            return message
        refused = self._assist_get_packing_findings().get(self, {}).get("block")
        if refused:
            return self.env._(
                "At this price gift packs would be over-packaged:\n%(findings)s",
                findings="\n".join(refused),
            )
        return False

    def _action_confirm(self):
        result = super()._action_confirm()
        for order, texts in self._assist_get_packing_findings().items():
            order._message_log(body="\n".join(texts["all"]))
        return result
