from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class DocumentNeed(NamedTuple):
    """A document that a rule asks for, and the one that answers it best on the day.

    ``goods`` are the products that need it; ``product`` is the one that the document itself
    has to name, empty where it vouches for the supplier. ``status`` is ``valid`` or
    ``expiring`` where the document holds, else ``expired``, ``not_yet``, ``submitted`` (waits
    for verification) or ``missing``.
    """

    rule: models.BaseModel
    goods: models.BaseModel
    holder: models.BaseModel
    product: models.BaseModel
    certificate: models.BaseModel
    status: str

    @property
    def is_met(self):
        """Whether a verified document answers the need on the day."""
        return self.status in ("valid", "expiring")

    @property
    def is_blocking(self):
        """Whether orders wait for the document; those of a batch are asked for on delivery."""
        return not self.rule.is_per_batch and not self.is_met

    @property
    def date_end(self):
        """Last valid day of the best document; ``False`` without one or without an end."""
        return self.certificate.date_end


class UnionAssistDocumentRule(models.Model):
    """Which documents goods of a class need, or the suppliers of such goods."""

    _name = "union.assist.document.rule"
    _description = "Document Rule"
    _order = "goods_class_id, scope desc, is_per_batch, id"

    goods_class_id = fields.Many2one(
        "union.assist.goods.class",
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: goods of every class. Products without a goods class need nothing.",
    )
    type_ids = fields.Many2many(
        "union.assist.certificate.type",
        "union_assist_document_rule_type_rel",
        "rule_id",
        "type_id",
        "Any of These",
        required=True,
        help="One document of any of these types is enough.",
    )
    scope = fields.Selection(
        [("supplier", "Supplier"), ("product", "Product")],
        "Asked of",
        compute="_compute_scope",
        store=True,
        help="As its document types vouch for a supplier or for products.",
    )
    is_per_batch = fields.Boolean(
        "For Each Batch",
        compute="_compute_is_per_batch",
        store=True,
        readonly=False,
        help="Asked for when a batch is delivered; orders do not wait for it.",
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("Until", help="Last day; empty while it goes on.")
    source = fields.Text(required=True, translate=True, help="The document that says so.")
    active = fields.Boolean(default=True)

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a rule is not before its first day.",
    )

    @api.depends("type_ids.scope")
    def _compute_scope(self):
        for rule in self:
            rule.scope = rule.type_ids[:1].scope

    @api.depends("type_ids")
    def _compute_is_per_batch(self):
        for rule in self:
            rule.is_per_batch = bool(rule.type_ids) and all(
                kind.is_per_batch for kind in rule.type_ids
            )

    @api.depends("goods_class_id.name", "type_ids.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for rule in self:
            goods = rule.goods_class_id.name or self.env._("All goods")
            rule.display_name = f"{goods}: {rule._get_types_name()}"

    @api.constrains("type_ids")
    def _check_types(self):
        for rule in self:
            if len(set(rule.type_ids.mapped("scope"))) != 1:
                raise ValidationError(
                    self.env._(
                        "A rule names at least one document type, and all of them vouch for the"
                        " supplier or all for products. Make two rules of “%(rule)s”.",
                        rule=rule.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env["union.assist.catalogue"]._mark_stale()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.env["union.assist.catalogue"]._mark_stale()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["union.assist.catalogue"]._mark_stale()
        return result

    def _get_types_name(self):
        """Name the types of which one is enough."""
        return self.env._(" or ").join(self.type_ids.mapped("name"))

    @api.model
    def _get_in_force_domain(self, date):
        """Domain of the rules that hold on ``date``."""
        return Domain("date_from", "<=", date) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", date)
        )

    @api.model
    def _get_needs(self, goods, date):
        """Say which documents goods need on a day and which of them are in place.

        Records are read with all rights: who may order goods need not read documents.

        :param goods: pairs of who sells them (``res.partner``, may be empty) and the product
            (``product.template``; empty for what is asked of any assistance supplier)
        :return: ``{(supplier, product): [DocumentNeed]}`` with every pair as a key, in a number
            of queries that does not grow with the pairs
        """
        rules = self.sudo().search(self._get_in_force_domain(date))
        asked = {
            pair: [(rule, *rule._get_subject(*pair)) for rule in rules if rule._concerns(pair[1])]
            for pair in ((seller.sudo(), product.sudo()) for seller, product in goods)
        }
        found = self._find_certificates([need for needs in asked.values() for need in needs])
        empty = self.env["union.assist.certificate"].sudo()
        result = {}
        for pair, needs in asked.items():
            result[pair] = []
            for rule, holder, product in needs:
                candidates = empty.concat(
                    *(found.get((holder.id, product.id, kind.id), empty) for kind in rule.type_ids)
                )
                ranked = sorted(candidates, key=lambda document: document._get_rank(date))
                best = ranked[-1] if ranked else empty
                status = best._get_status(date) if best else "missing"
                result[pair].append(DocumentNeed(rule, pair[1], holder, product, best, status))
        return result

    @api.model
    def _merge_needs(self, needs):
        """Return each needed document once, with all the goods that need it."""
        merged = {}
        for need in needs:
            key = (need.rule.type_ids, need.rule.is_per_batch, need.holder, need.product)
            if key in merged:
                need = merged[key]._replace(goods=merged[key].goods | need.goods)
            merged[key] = need
        return list(merged.values())

    def _concerns(self, product):
        """Whether the rule asks something of a product; of none, what suppliers need."""
        if not product:
            return self.scope == "supplier" and not self.goods_class_id
        goods_class = product.assist_goods_class_id
        return bool(goods_class) and self.goods_class_id in (
            goods_class,
            goods_class.browse(),
        )

    def _get_subject(self, seller, product):
        """Return whose document is asked for, and of which product.

        What is asked of every supplier is asked of who sells; what goods of a class need is
        asked of who makes them.
        """
        if self.scope == "supplier" and not self.goods_class_id:
            return seller, product.browse()
        maker = product.assist_supplier_id or seller
        return maker, product if self.scope == "product" else product.browse()

    @api.model
    def _find_certificates(self, needs):
        """Return documents by ``(holder id, product id or False, type id)``."""
        found = {}
        kinds = {kind for rule, _holder, _product in needs for kind in rule.type_ids.ids}
        holders = {holder.id for _rule, holder, _product in needs}
        documents = (
            self.env["union.assist.certificate"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", holders),
                    ("type_id", "in", kinds),
                    ("state", "in", ("submitted", "verified")),
                ]
            )
        )
        for document in documents:
            products = document.product_tmpl_ids.ids if document.scope == "product" else [False]
            for product_id in products:
                key = (document.partner_id.id, product_id, document.type_id.id)
                found[key] = found.get(key, documents.browse()) | document
        return found
