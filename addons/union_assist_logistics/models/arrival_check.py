from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.shelf_life import remaining_share
from .arrival_rule import ACTIONS, KINDS

# What people enter; everything else follows from the rule and the goods.
RESULT_FIELDS = frozenset(("answer", "temperature", "measured", "number", "attachment_ids", "note"))
# The kind of document that an accepted lab report stands for.
LAB_REPORT = "union_assist_catalog.certificate_type_lab_report"


class UnionAssistArrivalCheck(models.Model):
    """One rule checked on one lot of a receipt: what was found, by whom, and what followed."""

    _name = "union.assist.arrival.check"
    _description = "Arrival Check"
    _order = "picking_id desc, product_id, lot_name, sequence, id"

    picking_id = fields.Many2one(
        "stock.picking", "Receipt", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(related="picking_id.partner_id", string="From")
    picking_state = fields.Selection(
        related="picking_id.state", string="Receipt Status", help="As it stands in stock."
    )
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="restrict"
    )
    lot_name = fields.Char("Lot", readonly=True)
    lot_id = fields.Many2one(
        "stock.lot", "Registered Lot", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    rule_id = fields.Many2one(
        "union.assist.arrival.rule",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    document_rule_id = fields.Many2one(
        "union.assist.document.rule", readonly=True, index="btree_not_null", ondelete="set null"
    )
    active = fields.Boolean(default=True, help="Off: the lot was taken out of the receipt again.")
    sequence = fields.Integer(readonly=True)
    name = fields.Char("Item", required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    action = fields.Selection(ACTIONS, "A Failure", required=True, readonly=True)
    edition = fields.Char("Standard and Edition", readonly=True)
    is_optional = fields.Boolean("May Be Missing", readonly=True)
    # What it is compared with
    temperature_min = fields.Float("At Least (°C)", digits=(16, 1), aggregator=None, readonly=True)
    temperature_max = fields.Float("At Most (°C)", digits=(16, 1), aggregator=None, readonly=True)
    share_required = fields.Float(
        "Required Share (%)", digits=(5, 2), aggregator=None, readonly=True
    )
    share_date = fields.Date("Judged for", readonly=True)
    share_left = fields.Float("Share Left (%)", digits=(5, 2), aggregator=None, readonly=True)
    share_known = fields.Boolean(readonly=True)
    certificate_id = fields.Many2one(
        "union.assist.certificate", "Document on File", readonly=True, index="btree_not_null"
    )
    report_id = fields.Many2one(
        "union.assist.lab.report",
        "Lab Report",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="An accepted report on the lot that answers the check by itself.",
    )
    requirement = fields.Char(compute="_compute_requirement")
    # Results
    answer = fields.Selection(
        [("pass", "Conforms"), ("fail", "Does Not Conform"), ("missing", "Not Shown")]
    )
    temperature = fields.Float("Measured (°C)", digits=(16, 1), aggregator=None)
    measured = fields.Boolean(help="The temperature was measured. Tick it by hand at 0 °C.")
    number = fields.Char(help="Of the document.")
    attachment_ids = fields.Many2many(
        "ir.attachment", "union_assist_arrival_check_attachment_rel", string="Files and Photos"
    )
    note = fields.Char("Remark")
    verdict = fields.Selection(
        [("pass", "Pass"), ("fail", "Fail")], compute="_compute_verdict", store=True
    )
    recorded_by_id = fields.Many2one("res.users", "Checked by", readonly=True)
    recorded_on = fields.Datetime("Checked on", readonly=True)
    conceded_by_id = fields.Many2one("res.users", "Conceded by", readonly=True)
    conceded_on = fields.Datetime(readonly=True)
    concession_reason = fields.Char("Reason of Concession", readonly=True)
    state = fields.Selection(
        [
            ("open", "To Check"),
            ("pass", "Pass"),
            ("conceded", "Conceded"),
            ("warned", "Warning"),
            ("wanted", "Concession Needed"),
            ("blocked", "Blocked"),
        ],
        "Status",
        compute="_compute_state",
        store=True,
    )

    _key_unique = models.UniqueIndex(
        "(picking_id, product_id, COALESCE(lot_name, ''), rule_id, COALESCE(document_rule_id, 0))",
        "This is checked on the lot already.",
    )

    @api.depends(
        "kind",
        "answer",
        "is_optional",
        "measured",
        "temperature",
        "temperature_min",
        "temperature_max",
        "share_known",
        "share_left",
        "share_required",
        "certificate_id",
        "report_id",
        "number",
        "attachment_ids",
    )
    def _compute_verdict(self):
        for check in self:
            check.verdict = check._get_verdict()

    def _get_verdict(self):
        """Judge what is known: "pass", "fail", or False while something is missing."""
        self.ensure_one()
        if self.kind == "temperature":
            if not self.measured:
                return False
            low, high = self.temperature_min, self.temperature_max
            return "pass" if low <= self.temperature <= high else "fail"
        if self.kind == "shelf_life":
            if not self.share_known:
                return False
            # Both are kept in hundredths of a percent.
            left, required = round(self.share_left, 2), round(self.share_required, 2)
            return "pass" if left >= required else "fail"
        if self.answer == "fail":
            return "fail"
        if self.kind == "document":
            if self.certificate_id or self.report_id:
                return "pass"
            shown = (self.number or "").strip() or self.attachment_ids
            return "pass" if self.answer == "pass" and shown else False
        if self.answer == "missing":
            return "pass" if self.is_optional else "fail"
        return self.answer

    @api.depends("verdict", "action", "conceded_by_id")
    def _compute_state(self):
        failed = {"block": "blocked", "concession": "wanted", "warn": "warned"}
        for check in self:
            if check.verdict == "fail":
                check.state = "conceded" if check.conceded_by_id else failed[check.action]
            else:
                check.state = check.verdict or "open"

    @api.depends(
        "kind",
        "temperature_min",
        "temperature_max",
        "share_required",
        "share_left",
        "share_known",
        "share_date",
        "is_optional",
        "certificate_id",
        "report_id",
    )
    @api.depends_context("lang")
    def _compute_requirement(self):
        for check in self:
            if check.kind == "temperature":
                check.requirement = self.env._(
                    "%(low)g to %(high)g °C", low=check.temperature_min, high=check.temperature_max
                )
            elif check.kind == "shelf_life" and check.share_known:
                check.requirement = self.env._(
                    "≥ %(required)g %% on %(date)s; left: %(left)g %%",
                    required=check.share_required,
                    date=check.share_date,
                    left=check.share_left,
                )
            elif check.kind == "shelf_life":
                check.requirement = self.env._("Enter the lot's dates on the receipt.")
            elif check.kind == "document" and check.certificate_id:
                check.requirement = self.env._("On file and in force")
            elif check.kind == "document" and check.report_id:
                report = check.report_id.sudo()
                check.requirement = self.env._(
                    "Accepted lab report %(number)s of %(date)s, %(laboratory)s",
                    number=report.number,
                    date=report.issued_on,
                    laboratory=report.laboratory_id.name,
                )
            elif check.kind == "document":
                check.requirement = self.env._("Its number or the file")
            elif check.is_optional:
                check.requirement = self.env._("May be missing")
            else:
                check.requirement = False

    @api.onchange("temperature")
    def _onchange_temperature(self):
        if self.temperature:
            self.measured = True

    # ------------------------------------------------------------------
    # Who may change what
    # ------------------------------------------------------------------
    def write(self, vals):
        """Record what was found, while the receipt is open; who did it is kept."""
        if self.env.su:
            return super().write(vals)
        frozen = vals.keys() - RESULT_FIELDS
        if frozen:
            raise AccessError(
                self.env._(
                    "These fields of an arrival check follow from its rule and the goods:"
                    " %(fields)s.",
                    fields=", ".join(sorted(frozen)),
                )
            )
        self.check_access("write")
        self._check_open()
        if "temperature" in vals:
            vals = {"measured": True, **vals}
        # A concession was for what was found before.
        self.sudo().write(
            {
                "recorded_by_id": self.env.uid,
                "recorded_on": fields.Datetime.now(),
                "conceded_by_id": False,
                "conceded_on": False,
                "concession_reason": False,
            }
        )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if self.filtered(lambda check: check.recorded_by_id or check.conceded_by_id):
            raise UserError(self.env._("What was checked on arrival is evidence and stays."))

    def _assist_get_closed(self):
        """Those of finished receipts: their files stay."""
        return self.filtered(lambda check: check.picking_id.state in ("done", "cancel"))

    def _check_open(self):
        closed = self.filtered(lambda check: check.picking_id.sudo().state in ("done", "cancel"))
        if closed:
            raise UserError(
                self.env._(
                    "Receipt %(receipt)s is finished: its arrival checks stay as they are.",
                    receipt=closed[0].picking_id.sudo().name,
                )
            )

    def action_pass(self):
        """Found to conform."""
        self.write({"answer": "pass"})
        return True

    def action_fail(self):
        """Found not to conform."""
        self.write({"answer": "fail"})
        return True

    def action_concede(self):
        """Open the dialog that allows failed checks."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Concede"),
            "res_model": "union.assist.arrival.concede",
            "view_mode": "form",
            "target": "new",
            "context": {"default_check_ids": self.ids},
        }

    def _concede(self, reason):
        """Allow failed checks although they failed.

        :raise AccessError: the user may not decide, or found the failure
        """
        if not self.env.user.has_group("union_assist_logistics.group_quality_decide"):
            raise AccessError(self.env._("You may not decide on lots that arrive."))
        self.check_access("read")
        self._check_open()
        for check in self.sudo():
            if check.state != "wanted":
                raise UserError(
                    self.env._(
                        "“%(item)s” of lot %(lot)s needs no concession, or none can be given.",
                        item=check.name,
                        lot=check.lot_name or check.product_id.display_name,
                    )
                )
            if check.recorded_by_id.id == self.env.uid:
                raise AccessError(
                    self.env._(
                        "You checked “%(item)s” of lot %(lot)s: somebody else must concede it.",
                        item=check.name,
                        lot=check.lot_name or check.product_id.display_name,
                    )
                )
        self.sudo().write(
            {
                "conceded_by_id": self.env.uid,
                "conceded_on": fields.Datetime.now(),
                "concession_reason": reason,
            }
        )
        bodies = {
            picking.id: self.env._(
                "Conceded on arrival: %(items)s (%(reason)s).",
                items=", ".join(f"{check.name} ({check.lot_name or '–'})" for check in checks),
                reason=reason,
            )
            for picking, checks in self.sudo().grouped("picking_id").items()
        }
        self.picking_id.sudo()._message_log_batch(bodies)

    # ------------------------------------------------------------------
    # Receiving
    # ------------------------------------------------------------------
    def _get_waited_for(self):
        """Those that keep their lots from being received."""
        return self.filtered(
            lambda check: (
                check.active
                and check.action != "warn"
                and check.state in ("open", "wanted", "blocked")
            )
        )

    def _check_received(self):
        """Refuse to receive lots whose checks are missing or failed.

        :raise UserError: naming receipts, lots and items
        """
        waiting = self._get_waited_for()
        if waiting:
            raise UserError(
                self.env._(
                    "%(receipts)s cannot be received. Arrival checks:\n%(lots)s\nRecord what is"
                    " missing; goods that fail are not received, or somebody who decides on lots"
                    " concedes what may be conceded. Other lots can go on: set the quantity of"
                    " these to 0.",
                    receipts=", ".join(waiting.picking_id.mapped("name")),
                    lots=waiting._say_lots(),
                )
            )

    def _say_lots(self):
        """Name lots with their items, a line for each lot."""
        states = dict(self._fields["state"]._description_selection(self.env))
        return "\n".join(
            self.env._(
                "%(product)s, lot %(lot)s: %(items)s",
                product=product.display_name,
                lot=lot_name or "–",
                items=", ".join(f"{check.name} ({states[check.state]})" for check in checks),
            )
            for (_picking, product, lot_name), checks in self.grouped(
                lambda check: check._get_goods_key()
            ).items()
        )

    # ------------------------------------------------------------------
    # Making checks for the lots of receipts
    # ------------------------------------------------------------------
    @api.model
    def _sync(self, pickings, is_settled=False):
        """Give the lots of receipts their checks; calling it again changes nothing.

        Checks of lots that left the receipts are switched off, those without a result
        removed. What follows from dates and documents on file is computed anew.

        :param pickings: receipts (``stock.picking``)
        :param is_settled: the goods are received: new dates are no finding of anybody
        :return: their checks, as superuser
        """
        self = self.sudo()
        pickings = pickings.sudo().with_prefetch()
        goods = {}
        for line in pickings.move_line_ids._assist_get_arriving():
            goods.setdefault(line._assist_get_arrival_key(), line)
        known = {
            (*check._get_goods_key(), check.rule_id, check.document_rule_id): check
            for check in self.with_context(active_test=False).search(
                [("picking_id", "in", pickings.ids)]
            )
        }
        missing, current = [], self.browse()
        for key, vals in self._prepare_checks(goods):
            check = known.get(key)
            if check:
                current |= check
                check._follow(vals, is_settled)
            else:
                missing.append(vals)
        gone = self.union(*known.values()) - current
        empty = gone.filtered(lambda check: not (check.recorded_by_id or check.conceded_by_id))
        (gone - empty).filtered("active").active = False
        empty.unlink()
        return current | self.create(missing)

    def _get_goods_key(self):
        """What the check is about, as ``stock.move.line._assist_get_arrival_key`` says it."""
        self.ensure_one()
        return self.picking_id, self.product_id, self.lot_name or ""

    def _follow(self, vals, is_settled):
        """Take over what the goods' dates and documents say now."""
        self.ensure_one()
        if is_settled and vals["share_known"] and not self.share_known:
            # The lot was registered without dates, and Odoo counted them from today.
            return
        names = (
            "active",
            "share_left",
            "share_known",
            "share_date",
            "certificate_id",
            "report_id",
            "is_optional",
            "temperature_min",
            "temperature_max",
        )
        before = self._convert_to_write({name: self[name] for name in names})
        changed = {name: vals[name] for name in names if before[name] != vals[name]}
        if not changed:
            return
        if self.kind == "shelf_life":
            changed.update(conceded_by_id=False, conceded_on=False, concession_reason=False)
        self.write(changed)

    @api.model
    def _prepare_checks(self, goods):
        """Yield (key, values) of all checks that some goods need.

        :param goods: ``{(picking, product, lot name): a move line of it}``
        """
        rules = self.env["union.assist.arrival.rule"].sudo()
        lang = self.env.company.partner_id.lang or self.env.lang
        found = {}
        for key, line in goods.items():
            company = line.company_id
            found[key] = rules._find(
                company,
                key[1].product_tmpl_id,
                line.assist_production_date,
                company._assist_today(),
            ).with_context(lang=lang)
        needs = self._get_document_needs(found, goods)
        reports = self._get_reports(needs, goods)
        for key, line in goods.items():
            picking, product, lot_name = key
            common = {
                "picking_id": picking.id,
                "company_id": line.company_id.id,
                "product_id": product.id,
                "lot_name": lot_name or False,
                "active": True,
                "document_rule_id": False,
                "certificate_id": False,
                "report_id": False,
                "share_left": 0.0,
                "share_known": False,
                "share_date": False,
                "share_required": 0.0,
                "is_optional": False,
                "temperature_min": 0.0,
                "temperature_max": 0.0,
            }
            for rule in found[key]:
                vals = {
                    **common,
                    "rule_id": rule.id,
                    "sequence": rule.sequence,
                    "name": rule.name,
                    "kind": rule.kind,
                    "action": rule.action,
                    "edition": rule.edition,
                }
                if rule.kind == "document":
                    for need in needs[key]:
                        document = need.rule.with_context(lang=lang)
                        certificate = self._get_document(need, lot_name)
                        report = reports.get(key)
                        if certificate or not self._is_lab_report(need):
                            report = None
                        yield (
                            (*key, rule, need.rule),
                            {
                                **vals,
                                "name": document._get_types_name(),
                                "document_rule_id": document.id,
                                "certificate_id": certificate.id,
                                "report_id": report and report.id,
                            },
                        )
                    continue
                vals.update(self._prepare_figures(rule, line))
                yield (*key, rule, self.env["union.assist.document.rule"]), vals

    @api.model
    def _prepare_figures(self, rule, line):
        """Return what a rule compares the goods of a move line with."""
        product = line.product_id.product_tmpl_id
        if rule.kind == "temperature":
            low, high = product._assist_get_temperatures() or (0.0, 0.0)
            return {
                "temperature_min": low,
                "temperature_max": high,
            }
        days = product.assist_shelf_life_days or (
            product.use_expiration_date and product.expiration_time
        )
        if rule.kind == "label":
            return {"is_optional": bool(rule.optional_days and days >= rule.optional_days)}
        if rule.kind != "shelf_life":
            return {}
        company = line.company_id
        day = company._assist_today()
        if rule.share_day == "delivery":
            day = max(line.picking_id._assist_get_expected_delivery() or day, day)
        expires = line.expiration_date
        if expires:
            expires = expires.astimezone(company._assist_get_zone()).date()
        share = remaining_share(line.assist_production_date, expires, days, day)
        return {
            "share_required": rule.share,
            "share_date": day,
            "share_known": share is not None,
            # Cut, not rounded up: a share that falls short by a trifle falls short.
            "share_left": int((share or 0.0) * 10000) / 100,
        }

    @api.model
    def _get_document_needs(self, found, goods):
        """Return ``{key: [DocumentNeed]}`` of the goods that a rule asks documents of."""
        pairs = {}
        for key, rules in found.items():
            if "document" in rules.mapped("kind"):
                seller = key[0].partner_id.commercial_partner_id
                pairs[key] = (seller, key[1].product_tmpl_id)
        by_day = {}
        for key in pairs:
            by_day.setdefault(goods[key].company_id._assist_today(), []).append(key)
        result = {}
        for day, keys in by_day.items():
            needs = self.env["union.assist.document.rule"]._get_needs(
                {pairs[key] for key in keys}, day
            )
            for key in keys:
                # What every supplier needs is asked before orders, not with the goods.
                result[key] = [need for need in needs[pairs[key]] if need.rule.goods_class_id]
        return result

    @api.model
    def _get_document(self, need, lot_name):
        """Return the document on file that answers a need; of a batch only that of the lot."""
        if not need.is_met:
            return need.certificate.browse()
        if need.rule.is_per_batch and (need.certificate.batch or "").strip() != lot_name:
            return need.certificate.browse()
        return need.certificate

    @api.model
    def _is_lab_report(self, need):
        """Whether a lab report is one of the documents that answer a need."""
        kind_id = self.env["ir.model.data"]._xmlid_to_res_id(LAB_REPORT)
        return kind_id in need.rule.type_ids.ids

    @api.model
    def _get_reports(self, needs, goods):
        """Return the accepted, passing lab reports on goods that need one, the newest of each.

        :return: ``{key: union.assist.lab.report}``
        """
        asked = {
            key: goods[key]
            for key, found in needs.items()
            if key[2] and any(map(self._is_lab_report, found))
        }
        return self.env["union.assist.lab.report"]._find_for_arrival(asked) if asked else {}

    @api.model
    def _follow_reports(self, reports):
        """Have the open receipts know which lab reports were accepted."""
        names = [*reports.lot_ids.mapped("name"), *reports.filtered("batch").mapped("batch")]
        checks = self.sudo().search(
            Domain("kind", "=", "document")
            & Domain("product_id", "in", reports.product_id.ids + reports.lot_ids.product_id.ids)
            & Domain("lot_name", "in", names)
            & Domain("picking_id.state", "not in", ("done", "cancel"))
        )
        if checks:
            self._sync(checks.picking_id)
