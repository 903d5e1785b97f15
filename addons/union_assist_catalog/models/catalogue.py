from odoo import api, fields, models
from odoo.fields import Domain


class UnionAssistCatalogue(models.Model):
    """The live recommended catalogue: which products are recommended today, and why.

    It has an entry for every assistance product. Criteria decide whether the entry is listed;
    a decision by hand with a reason and an end date goes before them. It follows events at
    once and the turn of the day by a scheduled action. What is published are its editions.
    """

    _name = "union.assist.catalogue"
    _description = "Recommended Catalogue"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        help="Holds the products of this company and those without one; all products when empty.",
    )
    entry_ids = fields.One2many("union.assist.catalogue.entry", "catalogue_id", "Entries")
    edition_ids = fields.One2many("union.assist.catalogue.edition", "catalogue_id", "Editions")
    edition_count = fields.Integer(compute="_compute_edition_count")
    last_edition_id = fields.Many2one(
        "union.assist.catalogue.edition",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The latest published edition.",
    )
    listed_count = fields.Integer("Listed", compute="_compute_counts")
    out_count = fields.Integer("Not Listed", compute="_compute_counts")

    def _compute_counts(self):
        groups = self.env["union.assist.catalogue.entry"]._read_group(
            [("catalogue_id", "in", self.ids)], ["catalogue_id", "listed"], ["__count"]
        )
        counts = {(catalogue.id, listed): count for catalogue, listed, count in groups}
        for catalogue in self:
            catalogue.listed_count = counts.get((catalogue.id, True), 0)
            catalogue.out_count = counts.get((catalogue.id, False), 0)

    @api.depends("edition_ids")
    def _compute_edition_count(self):
        groups = self.env["union.assist.catalogue.edition"]._read_group(
            [("catalogue_id", "in", self.ids)], ["catalogue_id"], ["__count"]
        )
        counts = {catalogue.id: count for catalogue, count in groups}
        for catalogue in self:
            catalogue.edition_count = counts.get(catalogue.id, 0)

    def action_view_editions(self):
        """Open the editions of this catalogue."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_edition"
            ),
            "domain": [("catalogue_id", "=", self.id)],
            "context": {"default_catalogue_id": self.id},
        }

    def action_view_entries(self):
        """Open the entries of this catalogue."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_entry"
            ),
            "domain": [("catalogue_id", "=", self.id)],
        }

    def action_update(self):
        """Evaluate all entries again, in the background."""
        self.check_access("write")
        self._mark_stale()

    def _today(self):
        self.ensure_one()
        return (self.company_id or self.env.company)._assist_today()

    def _get_product_domain(self):
        """Domain of the products that belong into this catalogue, archived ones included."""
        self.ensure_one()
        domain = Domain("assist_supplier_id", "!=", False)
        if self.company_id:
            domain &= Domain("company_id", "in", (False, self.company_id.id))
        return domain

    @api.model
    def _mark_stale(self):
        """Have every entry evaluated again soon, after a change of the criteria themselves."""
        evaluated = [("evaluated_on", "!=", False)]
        entries = self.env["union.assist.catalogue.entry"].sudo().search(evaluated)
        if entries:
            entries.evaluated_on = False
            self.env.ref("union_assist_catalog.cron_catalogue").sudo()._trigger()

    @api.model
    def _refresh(self, products, trigger="event"):
        """Bring the entries of products up to date in every catalogue, after something changed.

        Products that are no assistance goods and have no entry are left alone. The number of
        queries does not depend on the number of products.

        :param products: ``product.template`` records
        :param str trigger: what made the change: ``event``, ``nightly`` or ``manual``
        """
        if not products:
            return
        for catalogue in self.sudo().search([("active", "=", True)]):
            entries = catalogue._make_entries(products.sudo())
            entries._evaluate(catalogue._today(), trigger)

    @api.model
    def _refresh_suppliers(self, suppliers):
        """Bring the entries of all goods of suppliers up to date, after something changed."""
        products = self.env["product.template"].sudo().with_context(active_test=False)
        if suppliers := suppliers.sudo().filtered("assist_supplier_kind"):
            self._refresh(products.search([("assist_supplier_id", "in", suppliers.ids)]))

    def _make_entries(self, products):
        """Return the entries of products, new ones for products that have none yet."""
        self.ensure_one()
        entry_model = self.env["union.assist.catalogue.entry"]
        entries = entry_model.search(
            [("catalogue_id", "=", self.id), ("product_tmpl_id", "in", products.ids)]
        )
        missing = products.filtered_domain(self._get_product_domain()) - entries.product_tmpl_id
        return entries | entry_model.create(
            [{"catalogue_id": self.id, "product_tmpl_id": product.id} for product in missing]
        )

    @api.model
    def _cron_update(self, batch_size=1000):
        """Evaluate every entry that was not evaluated today: seasons and papers end by the day.

        Runs each hour, so that it follows the turn of the day in the zone of each company soon,
        and costs two queries when nothing is due.
        """
        cron = self.env["ir.cron"]
        entry_model = self.env["union.assist.catalogue.entry"]
        product_model = self.env["product.template"].with_context(active_test=False)
        for catalogue in self.search([("active", "=", True)]):
            today = catalogue._today()
            due = Domain("catalogue_id", "=", catalogue.id) & (
                Domain("evaluated_on", "=", False) | Domain("evaluated_on", "<", today)
            )
            new = catalogue._get_product_domain() & Domain(
                "assist_entry_ids", "not any", [("catalogue_id", "=", catalogue.id)]
            )
            while products := product_model.search(new, limit=batch_size, order="id"):
                catalogue._make_entries(products)
                cron._commit_progress(remaining=entry_model.search_count(due))
            while entries := entry_model.search(due, limit=batch_size, order="id"):
                entries._evaluate(today, "nightly")
                if not cron._commit_progress(len(entries), remaining=entry_model.search_count(due)):
                    return
                self.env.invalidate_all()

    def action_open_public_page(self):
        """Open the page of the recommended goods that everybody sees, in the user's language."""
        return {
            "type": "ir.actions.act_url",
            "url": f"/assist/catalogue?lang={self.env.lang}",
            "target": "new",
        }
