from odoo import api, fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    assist_supplier_id = fields.Many2one(
        "res.partner",
        "Assistance Supplier",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("assist_supplier_kind", "!=", False)],
        tracking=True,
        help="Supplier of the programme that makes these goods. With it the product becomes an"
        " assistance product with an entry in the recommended catalogue.",
    )
    assist_origin_id = fields.Many2one(
        "union.assist.region",
        "Place of Origin",
        index="btree_not_null",
        ondelete="restrict",
        help="County where the goods are grown or made.",
    )
    assist_own_goods_class_id = fields.Many2one(
        "union.assist.goods.class",
        "Own Goods Class",
        index="btree_not_null",
        ondelete="restrict",
        help="Set where the goods are of another class than their product category.",
    )
    assist_goods_class_id = fields.Many2one(
        "union.assist.goods.class",
        "Goods Class",
        compute="_compute_assist_goods_class_id",
        inverse="_inverse_assist_goods_class_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        help="Decides which documents the goods need. Follows from the product category unless"
        " another one is chosen; clear it to follow the category again.",
    )
    assist_certificate_ids = fields.Many2many(
        "union.assist.certificate",
        "union_assist_certificate_product_rel",
        "product_tmpl_id",
        "certificate_id",
        "Assistance Documents",
        copy=False,
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_certificate_count = fields.Integer(
        "Document Count",
        compute="_compute_assist_certificate_count",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_needs_html = fields.Html(
        "Documents Needed",
        compute="_compute_assist_needs_html",
        sanitize=False,
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
        help="Documents that the goods need today, and those that are in place.",
    )

    @api.depends("assist_own_goods_class_id", "categ_id.assist_effective_goods_class_id")
    def _compute_assist_goods_class_id(self):
        for product in self:
            product.assist_goods_class_id = (
                product.assist_own_goods_class_id
                or product.categ_id.assist_effective_goods_class_id
            )

    def _inverse_assist_goods_class_id(self):
        for product in self:
            inherited = product.categ_id.assist_effective_goods_class_id
            chosen = product.assist_goods_class_id
            product.assist_own_goods_class_id = chosen if chosen != inherited else False

    @api.depends("assist_certificate_ids")
    def _compute_assist_certificate_count(self):
        documents = self.env["union.assist.certificate"]
        groups = documents._read_group(
            [("product_tmpl_ids", "in", self._origin.ids)], ["product_tmpl_ids"], ["__count"]
        )
        counts = {product.id: count for product, count in groups}
        for product in self:
            product.assist_certificate_count = counts.get(product._origin.id, 0)

    @api.depends(
        "assist_supplier_id",
        "assist_goods_class_id",
        "assist_certificate_ids.state",
        "assist_certificate_ids.date_end",
    )
    @api.depends_context("company", "lang")
    def _compute_assist_needs_html(self):
        needs = self._assist_get_needs(self.env.company._assist_today())
        render = self.env["ir.qweb"]._render
        for product in self:
            rows = needs.get(product._origin.id)
            product.assist_needs_html = rows and render(
                "union_assist_catalog.document_needs", {"needs": rows, "product": product}
            )

    def _assist_get_needs(self, date):
        """Say which documents each product needs on a day and which are in place.

        :return: ``{template id: list of DocumentNeed}`` with every product as a key; a product
            without supplier or goods class needs nothing. The number of queries does not
            depend on the number of products.
        """
        goods = [
            (product.sudo().assist_supplier_id, product.sudo())
            for product in self._origin
            if product.sudo().assist_supplier_id
        ]
        needs = self.env["union.assist.document.rule"]._get_needs(goods, date)
        found = {product.id: rows for (_seller, product), rows in needs.items()}
        return {product.id: found.get(product.id, []) for product in self._origin}

    def _assist_missing_documents(self, date):
        """Return the standing documents that keep products from being ordered on a day.

        Those of their supplier that goods of their class need are among them; what is asked
        for with each batch is not: see :meth:`_assist_batch_documents`.

        :return: ``{template id: union.assist.certificate.type records}``, every product a key
        """
        types = self.env["union.assist.certificate.type"].sudo()
        return {
            product_id: types.union(*(need.rule.type_ids for need in needs if need.is_blocking))
            for product_id, needs in self._assist_get_needs(date).items()
        }

    def _assist_batch_documents(self, date):
        """Return the documents to be handed over with each batch delivered on a day.

        :return: ``{template id: union.assist.certificate.type records}``, every product a key
        """
        types = self.env["union.assist.certificate.type"].sudo()
        return {
            product_id: types.union(
                *(need.rule.type_ids for need in needs if need.rule.is_per_batch)
            )
            for product_id, needs in self._assist_get_needs(date).items()
        }

    def action_view_assist_certificates(self):
        """Open the documents that name this product."""
        self.ensure_one()
        self.env["union.assist.certificate"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_catalog.action_certificate"
        )
        return {
            **action,
            "domain": [("product_tmpl_ids", "in", self.ids)],
            "context": {
                "default_product_tmpl_ids": self.ids,
                "default_partner_id": self.assist_supplier_id.id,
            },
        }
