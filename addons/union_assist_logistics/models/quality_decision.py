from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

# What is noted on a decision while it is carried out.
CARRIED_FIELDS = frozenset(("carried_qty", "production_ids", "return_ids", "scrap_ids"))


class UnionAssistQualityDecision(models.Model):
    """What happens to a quantity of an inspected lot, decided by whom and why.

    Decisions are evidence: they are made once for the whole inspected quantity, by somebody
    who did not record its results, and never changed. A correction is a new inspection.
    """

    _name = "union.assist.quality.decision"
    _description = "Quality Decision"
    _order = "id"
    _rec_name = "inspection_id"
    _assist_kept_fields = CARRIED_FIELDS | {"decided_by_id", "decided_on"}

    inspection_id = fields.Many2one(
        "union.assist.quality.inspection", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="inspection_id.company_id", store=True, index=True)
    lot_id = fields.Many2one(related="inspection_id.lot_id", store=True, index=True)
    product_id = fields.Many2one(related="inspection_id.product_id", store=True, index=True)
    supplier_id = fields.Many2one(related="inspection_id.supplier_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("released", "Released"),
            ("conceded", "Released by Concession"),
            ("rejected", "Rejected"),
        ],
        "Decision",
        required=True,
    )
    quantity = fields.Float(required=True, digits="Product Unit")
    uom_id = fields.Many2one(related="inspection_id.uom_id", string="Unit")
    reason = fields.Char()
    # Concession
    partner_ids = fields.Many2many(
        "res.partner",
        "union_assist_quality_decision_partner_rel",
        string="Only for",
        help="Customers that the conceded goods may go to, with all their addresses. Empty:"
        " anybody.",
    )
    use = fields.Char(help="What the conceded goods may be used for.")
    date_until = fields.Date(
        "Until",
        index="btree_not_null",
        help="Last day of the concession: what is left of it then is blocked again.",
    )
    left_qty = fields.Float(
        "Left",
        compute="_compute_left_qty",
        search="_search_left_qty",
        digits="Product Unit",
        help="What lies in stock of the conceded quantity.",
    )
    has_ended = fields.Boolean(compute="_compute_left_qty", help="The last day is over.")
    # Rejection
    disposition = fields.Selection(
        [
            ("return", "Return to Supplier"),
            ("dispose", "Dispose"),
            ("downgrade", "Downgrade"),
        ],
        help="What becomes of the rejected goods.",
    )
    downgrade_product_id = fields.Many2one(
        "product.product", "Downgraded to", ondelete="restrict", help="Product of the lower grade."
    )
    carried_qty = fields.Float(
        "Carried out",
        readonly=True,
        digits="Product Unit",
        help="For how much of it the return, the scrap or the downgrade was made.",
    )
    return_ids = fields.Many2many(
        "stock.picking",
        "union_assist_quality_decision_return_rel",
        string="Returns",
        readonly=True,
    )
    scrap_ids = fields.Many2many(
        "stock.scrap",
        "union_assist_quality_decision_scrap_rel",
        string="Scraps",
        readonly=True,
    )
    production_ids = fields.Many2many(
        "mrp.production",
        "union_assist_quality_decision_production_rel",
        string="Downgrades",
        readonly=True,
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", required=True, readonly=True)
    decided_on = fields.Datetime(required=True, readonly=True)

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A decision is about a quantity above zero."
    )
    _reason_given = models.Constraint(
        "CHECK (kind = 'released' OR TRIM(COALESCE(reason, '')) != '')",
        "Say why: a concession or rejection needs a reason.",
    )
    _until_given = models.Constraint(
        "CHECK ((kind = 'conceded') = (date_until IS NOT NULL))",
        "A concession, and nothing else, has a last day.",
    )
    _disposition_given = models.Constraint(
        "CHECK ((kind = 'rejected') = (disposition IS NOT NULL))",
        "Rejected goods, and no others, are returned, disposed of or downgraded.",
    )
    _downgrade_product_given = models.Constraint(
        "CHECK ((COALESCE(disposition, '') = 'downgrade') = (downgrade_product_id IS NOT NULL))",
        "Name the product that the goods are downgraded to.",
    )

    @api.depends("kind", "quantity", "date_until")
    def _compute_left_qty(self):
        conceded = self.filtered(lambda decision: decision.kind == "conceded")
        left = conceded.lot_id._assist_get_concession_left()
        for decision in self:
            decision.left_qty = left.get(decision._origin.id, 0.0)
            decision.has_ended = bool(
                decision.date_until and decision.date_until < decision.company_id._assist_today()
            )

    def _search_left_qty(self, operator, value):
        conceded = self.search([("kind", "=", "conceded")])
        found = Domain("id", "in", conceded.filtered_domain([("left_qty", operator, value)]).ids)
        # Whatever is no concession has nothing left.
        if self.new({"kind": "released"}).filtered_domain([("left_qty", operator, value)]):
            found |= Domain("kind", "!=", "conceded")
        return found

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        """Decide on inspections: all decisions on one inspection are made in one call.

        Rejected goods are set apart at once, and what their disposition asks for is made: a
        return transfer, a scrap to confirm, or the downgrade itself.

        :raise AccessError: the user may not decide, or recorded results of the lot
        :raise UserError: results are not handed over, the quantities do not add up, or a
            failed lot would be released
        """
        if not self.env.user.has_group("union_assist_logistics.group_quality_decide"):
            raise AccessError(self.env._("You may not decide on inspected lots."))
        self.check_access("create")
        # What is checked is what is made, also where it comes from defaults of the context.
        vals_list = [self._add_missing_default_values(vals) for vals in vals_list]
        made = defaultdict(list)
        for vals in vals_list:
            made[vals.get("inspection_id")].append(vals)
        inspections = self.env["union.assist.quality.inspection"].browse(made)
        inspections.check_access("read")
        inspections._check_state("submitted")
        inspections._check_retests()
        for inspection in inspections:
            self._check_allowed(inspection, made[inspection.id])
        now = fields.Datetime.now()
        decisions = super().create(
            [
                {
                    **self._prepare_defaults(vals),
                    **vals,
                    "decided_by_id": self.env.uid,
                    "decided_on": now,
                    "carried_qty": 0.0,
                    "return_ids": False,
                    "scrap_ids": False,
                    "production_ids": False,
                }
                for vals in vals_list
            ]
        )
        decisions._check_downgrade()
        decisions._check_until()
        inspections.sudo().write({"state": "decided"})
        for inspection, parts in decisions.grouped("inspection_id").items():
            inspection.sudo()._message_log(body=parts._get_summary())
            parts._set_apart()
        decisions._remind_of_end()
        self.env["union.assist.nonconformity"]._create_for(
            [
                parts._prepare_nonconformity_vals()
                for _inspection, parts in decisions.filtered(
                    lambda decision: decision.kind != "released"
                )
                .grouped("inspection_id")
                .items()
            ]
        )
        return decisions

    def write(self, vals):
        if self and not (self.env.su and vals.keys() <= CARRIED_FIELDS):
            raise UserError(self.env._("A quality decision is evidence and is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A quality decision is evidence and is never deleted."))

    @api.model
    def _prepare_defaults(self, vals):
        """Values of a decision that its maker left open.

        :param vals: what the maker said
        """
        inspection = self.env["union.assist.quality.inspection"].browse(vals["inspection_id"])
        if vals.get("kind") == "conceded":
            return {"date_until": inspection._get_concession_end()}
        if vals.get("kind") == "rejected":
            return {"disposition": "return" if inspection._get_returnable() else "dispose"}
        return {}

    @api.model
    def _check_allowed(self, inspection, vals_list):
        """Refuse decisions that the results or the number of eyes do not allow.

        :param inspection: the inspection to decide on
        :param vals_list: values of all its decisions
        """
        if self.env.user in inspection.sudo()._get_inspectors():
            raise AccessError(
                self.env._(
                    "You recorded results of %(inspection)s: somebody else must decide on it.",
                    inspection=inspection.display_name,
                )
            )
        total = sum(vals.get("quantity", 0.0) for vals in vals_list)
        if inspection.uom_id.compare(total, inspection.quantity):
            raise UserError(
                self.env._(
                    "Inspection %(inspection)s is about %(quantity)s %(unit)s, but the decision is"
                    " about %(total)s. Released, conceded and rejected quantities must add up.",
                    inspection=inspection.display_name,
                    quantity=f"{inspection.quantity:g}",
                    unit=inspection.uom_id.name,
                    total=f"{total:g}",
                )
            )
        kinds = {vals.get("kind") for vals in vals_list}
        if inspection.safety_failed and kinds != {"rejected"}:
            raise UserError(
                self.env._(
                    "Lot %(lot)s failed a food safety item (%(items)s): the whole lot must be"
                    " rejected.",
                    lot=inspection.lot_id.name,
                    items=", ".join(
                        inspection.line_ids.filtered(
                            lambda line: line.safety and line.verdict == "fail"
                        ).mapped("name")
                    ),
                )
            )
        if inspection.result == "fail" and kinds == {"released"}:
            raise UserError(
                self.env._(
                    "Lot %(lot)s failed its inspection: release it by concession with a reason,"
                    " or reject it or a part of it.",
                    lot=inspection.lot_id.name,
                )
            )

    def _check_until(self):
        for decision in self.filtered("date_until"):
            if decision.date_until < decision.company_id._assist_today():
                raise UserError(
                    self.env._(
                        "A concession until %(day)s would be over already: name a day to come.",
                        day=decision.date_until,
                    )
                )

    def _check_downgrade(self):
        """A downgraded lot becomes another product of the same kind of unit."""
        for decision in self.filtered("downgrade_product_id"):
            product, target = decision.product_id, decision.downgrade_product_id
            if target == product or not target.is_storable:
                raise UserError(
                    self.env._(
                        "Rejected goods never get back into the stock of %(product)s: name another"
                        " stored product to downgrade lot %(lot)s to.",
                        product=product.display_name,
                        lot=decision.lot_id.name,
                    )
                )
            if not product.uom_id._has_common_reference(target.uom_id):
                raise UserError(
                    self.env._(
                        "%(product)s is counted in %(unit)s, %(target)s in %(other)s: one cannot"
                        " be turned into the other.",
                        product=product.display_name,
                        unit=product.uom_id.name,
                        target=target.display_name,
                        other=target.uom_id.name,
                    )
                )
            if decision.inspection_id.safety_failed and target.sudo().assist_supplier_id:
                raise UserError(
                    self.env._(
                        "Lot %(lot)s failed a food safety item: it cannot become %(target)s, which"
                        " is sold as an assistance product.",
                        lot=decision.lot_id.name,
                        target=target.display_name,
                    )
                )

    def _get_summary(self):
        """The decisions in one line, for the log of the inspection."""
        labels = dict(self._fields["kind"]._description_selection(self.env))
        dispositions = dict(self._fields["disposition"]._description_selection(self.env))
        texts = []
        for decision in self:
            text = f"{labels[decision.kind]}: {decision.quantity:g} {decision.uom_id.name}"
            details = [
                dispositions.get(decision.disposition),
                decision.downgrade_product_id.display_name,
                decision.reason,
                ", ".join(decision.partner_ids.mapped("name")),
                decision.use,
            ]
            if decision.date_until:
                details.append(self.env._("until %(day)s", day=decision.date_until))
            details = [str(detail) for detail in details if detail]
            texts.append(text + (f" ({'; '.join(details)})" if details else ""))
        return "; ".join(texts)

    def _remind_of_end(self):
        """Put the last day of concessions on the list of who granted them."""
        for decision in self.filtered("date_until"):
            decision.inspection_id.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=decision.date_until,
                summary=self.env._("Concession ends: what is left is blocked again"),
                user_id=decision.decided_by_id.id,
            )

    def _prepare_nonconformity_vals(self):
        """Values of the nonconformity of what was not simply released of one inspection."""
        inspection = self.inspection_id.sudo()
        rejected = any(decision.kind == "rejected" for decision in self)
        failed = inspection.line_ids.filtered(lambda line: line.verdict == "fail")
        ranks = ("minor", "major", "critical")
        severity = max(
            ["major" if rejected else "minor", *failed.mapped("severity")], key=ranks.index
        )
        texts = [self._get_summary()]
        if failed:
            texts.append(self.env._("Failed: %(items)s", items=", ".join(failed.mapped("name"))))
        return {
            "origin": "inspection",
            "inspection_id": inspection.id,
            "company_id": inspection.company_id.id,
            "picking_id": inspection.picking_id.id,
            "supplier_id": inspection.supplier_id.filtered("assist_supplier_kind").id,
            "lot_ids": [Command.set(inspection.lot_id.ids)],
            "product_id": inspection.product_id.id,
            "quantity": sum(self.mapped("quantity")),
            "severity": severity,
            "description": "\n".join(texts),
            "photo_ids": [Command.set(inspection.line_ids.photo_ids.ids)],
            "date": inspection.company_id._assist_today(),
        }

    # ------------------------------------------------------------------
    # Carrying rejections out
    # ------------------------------------------------------------------
    def _set_apart(self):
        """Move what these decisions on one inspection reject to Reject, at once.

        What is not reserved in the quality step yet follows when the step is finished.
        """
        inspection = self.inspection_id.sudo()
        rejected = self.filtered(lambda decision: decision.kind == "rejected")
        if not rejected:
            return
        if inspection.picking_id:
            inspection.picking_id._assist_set_rejected_apart(inspection.lot_id)
        else:
            inspection.lot_id._assist_move_to_reject(sum(rejected.mapped("quantity")))

    @api.model
    def _carry_out(self, lines):
        """Make returns, scraps and downgrades for goods that just came to Reject.

        :param lines: done move lines of lots into reject locations
        """
        # Rights: the warehouse moves goods, the decision was made by who may.
        self = self.sudo()
        lines = lines.sudo()
        pending = self.search([("kind", "=", "rejected"), ("lot_id", "in", lines.lot_id.ids)])
        pending = pending.filtered(
            lambda decision: decision.uom_id.compare(decision.quantity, decision.carried_qty) > 0
        )
        if not pending:
            return
        for line in lines:
            root = line.picking_id.assist_quality_root_id or line.picking_id
            left = line.quantity_product_uom
            for decision in pending.filtered(lambda d, lot=line.lot_id: d.lot_id == lot):
                origin = decision.inspection_id.origin_picking_id
                # What lay in stock came here by a bare move.
                if origin != root:
                    continue
                part = min(left, decision.quantity - decision.carried_qty)
                if decision.uom_id.compare(part, 0.0) <= 0:
                    continue
                left -= part
                made = getattr(decision, f"_carry_out_{decision.disposition}")(line, part)
                decision._note_carried_out(part, made)

    def _note_carried_out(self, quantity, made):
        """Keep on the decision what came of it; the decision itself stays as it was."""
        names = {
            "stock.picking": "return_ids",
            "stock.scrap": "scrap_ids",
            "mrp.production": "production_ids",
        }
        self.sudo().write(
            {
                "carried_qty": self.carried_qty + quantity,
                names[made._name]: [Command.link(record.id) for record in made],
            }
        )

    def _carry_out_return(self, line, quantity):
        """Make the return transfers of a rejected quantity to the vendor, ready to be finished.

        What no receipt is known of cannot go back: it is scrapped.

        :return: the transfers, or the scrap
        """
        pickings = self.env["stock.picking"]
        for move, part in self.inspection_id._get_returnable(quantity):
            pickings |= pickings._assist_return_rejected(move, line, part)
            quantity -= part
        if pickings and self.uom_id.compare(quantity, 0.0) <= 0:
            return pickings
        scrap = self._carry_out_dispose(line, quantity)
        if not pickings:
            return scrap
        self._note_carried_out(0.0, scrap)
        return pickings

    def _carry_out_dispose(self, line, quantity):
        """Make the scrap of a rejected quantity, for whoever destroys it to confirm.

        :return: ``stock.scrap``
        """
        tag = self.env.ref("union_assist_logistics.scrap_reason_rejected", raise_if_not_found=False)
        return self.env["stock.scrap"].create(
            {
                "company_id": self.company_id.id,
                "origin": f"{self.inspection_id.name}: {self.reason}",
                "product_id": self.product_id.id,
                "product_uom_id": self.uom_id.id,
                "lot_id": self.lot_id.id,
                "owner_id": line.owner_id.id,
                "location_id": line.location_dest_id.id,
                "scrap_qty": quantity,
                "scrap_reason_tag_ids": [Command.set(tag.ids if tag else [])],
            }
        )

    def _carry_out_downgrade(self, line, quantity):
        """Turn a rejected quantity into the product of the lower grade, under a lot of its own.

        :return: the manufacturing order that did it: it consumed the old lot and made the new
        """
        target = self.downgrade_product_id
        warehouse = line.location_dest_id.warehouse_id
        production = self.env["mrp.production"].create(
            {
                "company_id": self.company_id.id,
                "product_id": target.id,
                "product_qty": self.uom_id._compute_quantity(quantity, target.uom_id),
                "product_uom_id": target.uom_id.id,
                "bom_id": False,
                "picking_type_id": warehouse.manu_type_id.id,
                "location_src_id": line.location_dest_id.id,
                "location_dest_id": warehouse.lot_stock_id.id,
                "origin": self.inspection_id.name,
            }
        )
        # Known to the gate before goods move: no other production takes rejected goods.
        self._note_carried_out(0.0, production)
        raw = self.env["stock.move"].create(
            production._get_move_raw_values(self.product_id, quantity, self.uom_id)
        )
        production.action_confirm()
        raw.move_line_ids.unlink()
        raw.move_line_ids = [
            Command.create(
                {
                    "product_id": self.product_id.id,
                    "product_uom_id": self.uom_id.id,
                    "lot_id": self.lot_id.id,
                    "owner_id": line.owner_id.id,
                    "location_id": line.location_dest_id.id,
                    "location_dest_id": raw.location_dest_id.id,
                    "quantity": quantity,
                    "picked": True,
                }
            )
        ]
        raw.picked = True
        if target.tracking != "none":
            production.lot_producing_ids = self._get_downgrade_lot()
        production.qty_producing = production.product_qty
        production.with_context(skip_redirection=True).button_mark_done()
        return production

    def _get_downgrade_lot(self):
        """The lot of the lower grade: named as the old one, made and expiring as it does."""
        lots = self.env["stock.lot"]
        values = {
            "name": self.lot_id.name,
            "product_id": self.downgrade_product_id.id,
            "company_id": self.lot_id.company_id.id,
        }
        lot = lots.search([(name, "=", value) for name, value in values.items()], limit=1)
        return lot or lots.create(
            {
                **values,
                "assist_production_date": self.lot_id.assist_production_date,
                "expiration_date": self.lot_id.expiration_date,
            }
        )

    # ------------------------------------------------------------------
    # Concessions
    # ------------------------------------------------------------------
    def action_view_lot(self):
        """Open the lot of this decision."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.lot",
            "res_id": self.lot_id.id,
            "view_mode": "form",
        }

    def action_view_inspection(self):
        """Open the inspection of this decision."""
        self.ensure_one()
        return self.inspection_id._get_list_action(self.env._("Inspection"))
