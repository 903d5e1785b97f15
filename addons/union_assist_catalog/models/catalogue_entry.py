from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class UnionAssistCatalogueEntry(models.Model):
    """A product in the recommended catalogue: listed or not, since when, why, what to do.

    Nobody writes entries: they follow from the criteria, or from a decision by hand that is
    recorded by :meth:`_decide`. Every time that one goes in or out is a movement.
    """

    _name = "union.assist.catalogue.entry"
    _description = "Catalogue Entry"
    _order = "listed desc, product_tmpl_id, id"
    _rec_name = "product_tmpl_id"

    catalogue_id = fields.Many2one(
        "union.assist.catalogue", required=True, index=True, ondelete="cascade"
    )
    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, index=True, ondelete="cascade"
    )
    image_128 = fields.Image(related="product_tmpl_id.image_128")
    company_id = fields.Many2one(related="product_tmpl_id.company_id", store=True, index=True)
    supplier_id = fields.Many2one(
        related="product_tmpl_id.assist_supplier_id", store=True, index=True, string="Supplier"
    )
    supplier_kind = fields.Selection(
        related="supplier_id.assist_supplier_kind", store=True, index=True
    )
    origin_id = fields.Many2one(
        related="product_tmpl_id.assist_origin_id", store=True, index=True, string="Place of Origin"
    )
    category_id = fields.Many2one(
        related="product_tmpl_id.categ_id", store=True, index=True, string="Category"
    )
    listed = fields.Boolean(required=True, default=False, readonly=True, index=True)
    listed_since = fields.Date(
        readonly=True, help="Day on which it went in; empty while it is out."
    )
    delisted_on = fields.Date(
        "Out since", readonly=True, index=True, help="Day on which it fell out of the catalogue."
    )
    evaluated_on = fields.Date(
        "Checked on", readonly=True, index=True, help="Last day on which the criteria were checked."
    )
    reason_ids = fields.One2many(
        "union.assist.catalogue.reason", "entry_id", "Criteria not Met", readonly=True
    )
    reasons = fields.Text(
        "Why Not",
        compute="_compute_reasons",
        help="The criteria that the product does not meet, in sentences.",
    )
    manual = fields.Selection(
        [("include", "Included by Hand"), ("exclude", "Excluded by Hand")],
        "Decision by Hand",
        readonly=True,
        index="btree_not_null",
    )
    manual_reason = fields.Text("Reason of the Decision", readonly=True)
    manual_until = fields.Date("Decided until", readonly=True, help="Last day of the decision.")
    manual_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    public_qr = fields.Binary(related="product_tmpl_id.assist_public_qr")
    movement_ids = fields.One2many(
        "union.assist.catalogue.movement", "entry_id", "Movements", readonly=True
    )

    _product_unique = models.UniqueIndex(
        "(catalogue_id, product_tmpl_id)", "This product has an entry in the catalogue already."
    )
    _manual_complete = models.Constraint(
        "CHECK (manual IS NULL OR (manual_until IS NOT NULL AND manual_reason <> ''))",
        "A decision by hand has a reason and a last day.",
    )

    @api.depends("product_tmpl_id.display_name")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = entry.product_tmpl_id.display_name

    @api.depends("reason_ids.explanation", "manual", "manual_reason")
    @api.depends_context("lang")
    def _compute_reasons(self):
        for entry in self:
            sentences = entry.reason_ids.mapped("explanation")
            if entry.manual == "exclude":
                sentences = [entry.manual_reason, *sentences]
            entry.reasons = "\n".join(sentences)

    def action_view_product(self):
        """Open the product of this entry."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "product.template",
            "res_id": self.product_tmpl_id.id,
            "view_mode": "form",
        }

    def action_open_public_page(self):
        """Open the page of this product that everybody sees."""
        return self.product_tmpl_id.action_open_public_page()

    def action_decide(self):
        """Ask for the reason and the last day of a decision by hand."""
        self._check_decider()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_decision"
            ),
            "context": {
                "default_entry_ids": self.ids,
                "default_kind": "exclude" if all(self.mapped("listed")) else "include",
            },
        }

    def action_end_decision(self):
        """End decisions by hand today: the criteria decide again."""
        self._check_decider()
        entries = self.sudo().filtered("manual")
        entries._clear_decision()
        for catalogue, its_entries in entries.grouped("catalogue_id").items():
            its_entries._evaluate(catalogue._today(), "manual")

    def _check_decider(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_groups(
            "union_assist_catalog.group_federation,union_assist_catalog.group_operator"
        ):
            raise AccessError(
                self.env._(
                    "Only the federation and the operator decide by hand what is recommended."
                )
            )

    def _decide(self, kind, reason, until):
        """Take entries in or out by hand, whatever the criteria say.

        :param str kind: ``include`` or ``exclude``
        :param str reason: why; kept in the history
        :param until: last day of the decision, today at the earliest
        """
        self._check_decider()
        if not (reason or "").strip() or not until:
            raise UserError(self.env._("A decision by hand has a reason and a last day."))
        user = self.env.user
        for catalogue, entries in self.sudo().grouped("catalogue_id").items():
            today = catalogue._today()
            if until < today:
                raise ValidationError(
                    self.env._("%s is over: the last day of a decision is still to come.", until)
                )
            entries.write(
                {
                    "manual": kind,
                    "manual_reason": reason.strip(),
                    "manual_until": until,
                    "manual_by_id": user.id,
                }
            )
            entries._evaluate(today, "manual")

    def _clear_decision(self):
        self.write(
            {
                "manual": False,
                "manual_reason": False,
                "manual_until": False,
                "manual_by_id": False,
            }
        )

    def _evaluate(self, date, trigger):
        """Check the criteria on a day and move what has to move, in a constant number of queries.

        :param str trigger: ``event``, ``nightly`` or ``manual``, kept on the movements
        """
        # Whatever list the change came from: archived criteria and evidence do not count.
        self = self.with_context(active_test=True)
        ended = self.filtered(lambda entry: entry.manual and entry.manual_until < date)
        ends = {entry.id: entry.manual_until for entry in ended}
        ended._clear_decision()
        criterion_model = self.env["union.assist.catalogue.criterion"]
        unmet = criterion_model.search([("active", "=", True)])._evaluate(
            self.product_tmpl_id, date
        )
        self._store_reasons(unmet)
        lists = {
            entry.id: entry.manual == "include"
            or (entry.manual != "exclude" and not unmet[entry.product_tmpl_id.id])
            for entry in self
        }
        # A new product that is not recommended yet has not moved, but says why from the start.
        moved = self.filtered(lambda entry: entry.listed != lists[entry.id])
        going_in = moved.filtered(lambda entry: lists[entry.id])
        going_out = moved - going_in
        going_in.write({"listed": True, "listed_since": date, "delisted_on": False})
        going_out.write({"listed": False, "listed_since": False, "delisted_on": date})
        decided = self.filtered("manual") if trigger == "manual" else self.browse()
        self.env["union.assist.catalogue.movement"].create(
            [
                {
                    "entry_id": entry.id,
                    "date": date,
                    "direction": "in" if lists[entry.id] else "out",
                    "trigger": trigger,
                    "user_id": self.env.uid,
                    "details": {
                        str(criterion): details
                        for criterion, details in unmet[entry.product_tmpl_id.id].items()
                    },
                    "note": entry.manual_reason,
                    "manual_until": entry.manual_until or ends.get(entry.id),
                }
                for entry in moved | decided
            ]
        )
        self.filtered(lambda entry: entry.evaluated_on != date).evaluated_on = date

    def _store_reasons(self, unmet):
        """Keep the reasons as evaluated, touching only those that changed."""
        reason_model = self.env["union.assist.catalogue.reason"]
        kept = {}
        gone = reason_model.browse()
        for reason in reason_model.search([("entry_id", "in", self.ids)]):
            details = unmet[reason.entry_id.product_tmpl_id.id].get(reason.criterion_id.id)
            if details == reason.details:
                kept[reason.entry_id.id, reason.criterion_id.id] = reason
            else:
                gone |= reason
        gone.unlink()
        reason_model.create(
            [
                {"entry_id": entry.id, "criterion_id": criterion_id, "details": details}
                for entry in self
                for criterion_id, details in unmet[entry.product_tmpl_id.id].items()
                if (entry.id, criterion_id) not in kept
            ]
        )
