from math import inf

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

from ..tools.cap_rules import CapKey, categories_of, rule_of_cap
from ..tools.caps import year_of

LEVELS = [
    ("none", "No Cap"),
    ("open", "Open"),
    ("near", "Nearly Used Up"),
    ("full", "Used Up"),
    ("over", "Exceeded"),
]

MAX_HEADS = 1e9  # more people than there are; keeps figures finite


class UnionAssistCap(models.Model):
    """How much of some goods may be bought from a supplier in a period, and what is committed.

    A supplier has a cap for each policy that its goods follow: a policy that takes the place of
    another within the period goes on with the same cap when it is for the same goods.

    The amount is never stored: it follows from the policy and the heads verified today (in a
    past period, on its last day). ``committed`` is the sum of the ledger's entries, kept as a
    counter on the row by a trigger of the database, so that of two simultaneous confirmations
    one fails to serialize and is replayed on what the other one left.
    """

    _name = "union.assist.cap"
    _description = "Purchase Cap"
    _order = "date_from desc, supplier_id, id"
    _rec_names_search = ["supplier_id"]

    supplier_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("Until", required=True, readonly=True)
    scope = fields.Char(
        required=True,
        default="",
        readonly=True,
        help="Ids of the product categories of its goods, sorted; empty for all goods that no"
        " cap for their category takes.",
    )
    goods = fields.Char(compute="_compute_labels", compute_sudo=True)
    period_name = fields.Char("Period", compute="_compute_labels", compute_sudo=True)
    committed = fields.Monetary(
        "Used",
        required=True,
        default=0.0,
        readonly=True,
        help="What confirmed orders of the period take of the cap, after cancels and returns.",
    )
    entry_ids = fields.One2many("union.assist.cap.entry", "cap_id", "Ledger", readonly=True)
    policy_id = fields.Many2one(
        "union.assist.cap.policy", compute="_compute_figures", compute_sudo=True
    )
    households = fields.Float(
        "Verified Households", compute="_compute_figures", compute_sudo=True, digits=(12, 2)
    )
    persons = fields.Float(
        "Verified Persons", compute="_compute_figures", compute_sudo=True, digits=(12, 2)
    )
    amount = fields.Monetary("Cap", compute="_compute_figures", compute_sudo=True)
    remaining = fields.Monetary(
        compute="_compute_figures",
        compute_sudo=True,
        help="Cap less used; negative when heads fell away after the orders were confirmed.",
    )
    use_rate = fields.Float(
        "Use (%)", compute="_compute_figures", compute_sudo=True, digits=(16, 1)
    )
    received = fields.Monetary(
        compute="_compute_deliveries",
        compute_sudo=True,
        help="Goods received and kept, at the prices of the orders; with tax where the cap counts"
        " it.",
    )
    invoiced = fields.Monetary(
        compute="_compute_deliveries",
        compute_sudo=True,
        help="Posted bills less refunds for these orders; with tax where the cap counts it.",
    )
    level = fields.Selection(
        LEVELS, "Status", compute="_compute_figures", compute_sudo=True, search="_search_level"
    )

    _period_unique = models.UniqueIndex(
        "(supplier_id, company_id, date_from, date_to, scope)",
        "This supplier has a cap for these goods and this period already.",
    )

    def init(self):
        """Keep the counter from being set to anything but the sum of the ledger's entries."""
        self.env.cr.execute("""
            CREATE OR REPLACE FUNCTION union_assist_cap_guard() RETURNS trigger AS $$
            BEGIN
                IF NEW.committed <> (SELECT COALESCE(sum(amount), 0)
                                       FROM union_assist_cap_entry WHERE cap_id = NEW.id) THEN
                    RAISE EXCEPTION 'The counter of cap % is moved by its ledger alone.', NEW.id
                        USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
                END IF;
                RETURN NEW;
            END $$ LANGUAGE plpgsql;
            DROP TRIGGER IF EXISTS union_assist_cap_guard ON union_assist_cap;
            CREATE TRIGGER union_assist_cap_guard BEFORE UPDATE ON union_assist_cap FOR EACH ROW
                -- The ledger's own trigger is one level deep.
                WHEN (NEW.committed IS DISTINCT FROM OLD.committed AND pg_trigger_depth() = 0)
                EXECUTE FUNCTION union_assist_cap_guard()
        """)

    def write(self, vals):
        if vals:
            raise UserError(
                self.env._("A purchase cap is moved by its ledger alone: it is not written to.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_empty(self):
        if any(cap.entry_ids for cap in self):
            raise UserError(
                self.env._("This cap has a ledger, and the ledger is append-only: both stay.")
            )

    @api.depends("supplier_id", "date_from", "date_to", "scope")
    def _compute_display_name(self):
        for cap in self:
            parts = (cap.supplier_id.display_name, cap.period_name, cap.goods)
            cap.display_name = " ".join(part for part in parts if part)

    @api.depends("date_from", "date_to", "scope")
    @api.depends_context("lang")
    def _compute_labels(self):
        scopes = {cap: categories_of(cap.scope) for cap in self}
        categories = self.env["product.category"].browse(
            {category_id for ids in scopes.values() for category_id in ids}
        )
        names = {category.id: category.display_name for category in categories.exists()}
        seasons = {}
        if any((cap.date_from, cap.date_to) != year_of(cap.date_from) for cap in self):
            seasons = {
                (season.company_id, season.date_from, season.date_to): season.name
                for season in self.env["union.assist.season"].search(
                    [
                        ("company_id", "in", self.company_id.ids),
                        ("date_from", "in", self.mapped("date_from")),
                    ]
                )
            }
        for cap in self:
            cap.goods = ", ".join(names[id_] for id_ in scopes[cap] if id_ in names) or False
            if (cap.date_from, cap.date_to) == year_of(cap.date_from):
                cap.period_name = str(cap.date_from.year)
            else:
                days = (
                    f"{format_date(self.env, cap.date_from)} – {format_date(self.env, cap.date_to)}"
                )
                cap.period_name = seasons.get((cap.company_id, cap.date_from, cap.date_to), days)

    def _get_key(self):
        self.ensure_one()
        return CapKey(
            self.supplier_id.id, self.company_id.id, self.date_from, self.date_to, self.scope or ""
        )

    def _get_rule(self):
        """Return the rule that says how large the cap is, if any."""
        self.ensure_one()
        return rule_of_cap(
            self.env["union.assist.cap.policy"]._get_rules(),
            self.env["union.assist.season"]._get_spans(),
            self._get_key(),
            self.supplier_id.assist_supplier_kind,
            self._get_reference_date(),
        )

    def _get_reference_date(self):
        """Return the day on which heads are counted: today, kept within the cap's period."""
        self.ensure_one()
        return min(max(self.company_id._assist_today(), self.date_from), self.date_to)

    @api.depends(
        "committed",
        "supplier_id.assist_supplier_kind",
        "supplier_id.assist_household_count",
        "supplier_id.assist_person_count",
    )
    def _compute_figures(self):
        policies = self.env["union.assist.cap.policy"]
        rules = {cap: cap._get_rule() for cap in self}
        policy_ids = [rule.id for rule in rules.values() if rule]
        for day, caps in self.grouped(lambda cap: cap._get_reference_date()).items():
            counts = caps.supplier_id._assist_counts(day)
            for cap in caps:
                rule = rules[cap]
                households, persons = counts.get(cap.supplier_id.id, (0.0, 0.0))
                amount = rule.get_amount(households, persons) if rule else 0.0
                amount = cap.currency_id.round(amount)
                cap.policy_id = policies.browse(rule and rule.id).with_prefetch(policy_ids)
                cap.households = households
                cap.persons = persons
                cap.amount = amount
                cap.remaining = cap.currency_id.round(amount - cap.committed) if rule else 0.0
                cap.use_rate = 100.0 * (
                    cap.committed / amount if amount else float(cap.committed > 0)
                )
                cap.level = rule and cap._get_level(rule)

    @api.depends("committed")
    def _compute_deliveries(self):
        """Sum up what was received and billed of the orders that take of these caps.

        A line counts against the cap for its category that its order holds, else the one for
        all goods. One query for any number of caps.
        """
        for name, fnames in (
            ("purchase.order.line", ("qty_received", "price_total", "price_subtotal")),
            ("purchase.order", ("currency_rate",)),
            ("account.move.line", ("price_total", "price_subtotal", "purchase_line_id")),
            ("account.move", ("state", "move_type", "invoice_currency_rate")),
            ("product.template", ("categ_id",)),
        ):
            self.env[name].flush_model(fnames)
        caps = self._origin
        taxed = [cap.id for cap in caps if (rule := cap._get_rule()) and rule.tax_included]
        rows = self.env.execute_query(
            SQL(
                """
                WITH orders AS (
                         SELECT DISTINCT order_id FROM union_assist_cap_entry
                          WHERE cap_id = ANY(%(caps)s)
                     ),
                     held AS (
                         SELECT cap_id, order_id
                           FROM union_assist_cap_entry JOIN orders USING (order_id)
                          GROUP BY cap_id, order_id
                         HAVING sum(amount) <> 0
                     ),
                     lines AS (
                         SELECT DISTINCT ON (line.id)
                                line.id, cap.id AS cap_id, cap.id = ANY(%(taxed)s) AS taxed,
                                line.qty_received / NULLIF(orders.currency_rate, 0) AS quantity,
                                COALESCE(line.price_total / NULLIF(line.product_qty, 0),
                                         line.price_unit * (1 - line.discount / 100)) AS gross,
                                COALESCE(line.price_subtotal / NULLIF(line.product_qty, 0),
                                         line.price_unit * (1 - line.discount / 100)) AS net
                           FROM held
                           JOIN union_assist_cap cap ON cap.id = held.cap_id
                           JOIN purchase_order orders ON orders.id = held.order_id
                           JOIN purchase_order_line line ON line.order_id = orders.id
                           LEFT JOIN product_product product ON product.id = line.product_id
                           LEFT JOIN product_template template
                             ON template.id = product.product_tmpl_id
                           LEFT JOIN product_category category ON category.id = template.categ_id
                          WHERE line.display_type IS NULL
                            AND (cap.scope = ''
                                 OR string_to_array(cap.scope, ',')
                                    && string_to_array(category.parent_path, '/'))
                          ORDER BY line.id, cap.scope = '', cap.id
                     ),
                     bills AS (
                         SELECT lines.id,
                                sum(CASE move.move_type WHEN 'in_refund' THEN -1 ELSE 1 END
                                    * CASE WHEN lines.taxed THEN bill.price_total
                                           ELSE bill.price_subtotal END
                                    / NULLIF(move.invoice_currency_rate, 0)) AS amount
                           FROM lines
                           JOIN account_move_line bill ON bill.purchase_line_id = lines.id
                           JOIN account_move move ON move.id = bill.move_id
                          WHERE move.state = 'posted'
                            AND move.move_type IN ('in_invoice', 'in_refund', 'in_receipt')
                          GROUP BY lines.id
                     )
                SELECT lines.cap_id,
                       sum(lines.quantity * CASE WHEN lines.taxed THEN gross ELSE net END),
                       sum(bills.amount)
                  FROM lines LEFT JOIN bills USING (id)
                 GROUP BY lines.cap_id
                """,
                caps=caps.ids,
                taxed=taxed,
            )
        )
        sums = {cap_id: (received, invoiced) for cap_id, received, invoiced in rows}
        for cap in self:
            received, invoiced = sums.get(cap._origin.id, (0.0, 0.0))
            cap.received = cap.currency_id.round(float(received or 0.0))
            cap.invoiced = cap.currency_id.round(float(invoiced or 0.0))

    def _get_level(self, rule):
        if self.currency_id.compare_amounts(self.committed, self.amount) > 0:
            return "over"
        if self.currency_id.is_zero(self.amount):
            return "none"
        if self.currency_id.is_zero(self.remaining):
            return "full"
        return "near" if self.use_rate >= 100.0 * rule.near_rate else "open"

    def _search_level(self, operator, value):
        if operator != "in":
            return NotImplemented
        caps = self.search(Domain.TRUE).filtered(lambda cap: cap.level in value)
        return Domain("id", "in", caps.ids)

    # --------------------------------------------------
    # Finding and opening caps
    # --------------------------------------------------

    @api.model
    def _open(self, keys):
        """Return the caps of these keys, made where missing.

        :param keys: :class:`~..tools.cap_rules.CapKey`
        :return: ``{key: cap}``
        """
        keys = set(keys)
        caps = self._find(keys)
        if missing := sorted(keys - caps.keys()):
            suppliers, companies, starts, ends, scopes = map(list, zip(*missing, strict=True))
            # Another transaction may be opening the same caps.
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO union_assist_cap
                           (supplier_id, company_id, date_from, date_to, scope, committed,
                            create_uid, create_date, write_uid, write_date)
                    SELECT supplier_id, company_id, date_from, date_to, scope, 0,
                           %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                      FROM unnest(%(suppliers)s, %(companies)s, %(starts)s, %(ends)s, %(scopes)s)
                           AS missing (supplier_id, company_id, date_from, date_to, scope)
                        ON CONFLICT (supplier_id, company_id, date_from, date_to, scope) DO NOTHING
                    """,
                    uid=self.env.uid,
                    suppliers=suppliers,
                    companies=companies,
                    starts=starts,
                    ends=ends,
                    scopes=scopes,
                )
            )
            self.env["res.partner"].invalidate_model(["assist_cap_ids"])
            caps |= self._find(missing)
        return caps

    def _find(self, keys):
        """Return ``{key: cap}`` of those that exist, in one query."""
        keys = set(keys)
        if not keys:
            return {}
        caps = self.sudo().search_fetch(
            [
                ("supplier_id", "in", [key.supplier_id for key in keys]),
                ("company_id", "in", [key.company_id for key in keys]),
                ("date_from", "in", [key.date_from for key in keys]),
            ],
            [*CapKey._fields, "committed"],
        )
        found = {cap._get_key(): cap for cap in caps}
        return {key: found[key] for key in keys & found.keys()}

    @api.model
    def _preview(self, keys):
        """Return the caps of these keys without making any.

        A cap that does not exist yet is a record in memory with the same figures.

        :return: ``{key: cap}``
        """
        keys = set(keys)
        caps = self._find(keys)
        for key in keys - caps.keys():
            caps[key] = self.sudo().new(key._asdict())
        return caps

    @api.model
    def _preview_none(self, rule, supplier, day):
        """Return a cap in memory that has no room, for a day that no season covers."""
        return self.sudo().new(CapKey(supplier.id, rule.company_id, day, day, rule.scope)._asdict())

    @api.model
    def _open_current(self, suppliers=None):
        """Open the caps of this period for every supplier that a policy applies to today.

        :param suppliers: partners to look at; all of the programme by default
        """
        policies = self.env["union.assist.cap.policy"]
        companies = (
            self.env["res.company"]
            .sudo()
            .browse({rule.company_id for rule in policies._get_rules()})
        )
        if not companies:
            return
        if suppliers is None:
            suppliers = (
                self.env["res.partner"].sudo().search([("assist_supplier_kind", "!=", False)])
            )
        days = {company: company._assist_today() for company in companies}
        self._open(
            key
            for supplier in suppliers
            if supplier.assist_supplier_kind and supplier.commercial_partner_id == supplier
            for company in companies
            for key in policies._get_keys(supplier, company, days[company])
        )

    @api.model
    def _get_for_products(self, pairs, company, day):
        """Return the cap that goods from suppliers count against on a day.

        In a number of queries that does not grow with the pairs.

        :param pairs: ``(supplier, product)`` pairs of ``res.partner`` and ``product.product``
        :return: ``{pair: cap}``; an empty record where no policy applies. A cap that is not
            opened yet is a record in memory, the same one for all pairs that share it; where
            a policy goes by season and no season covers the day, one with no room.
        """
        pairs = list(pairs)
        policies = self.env["union.assist.cap.policy"]
        keys = {}
        caps = dict.fromkeys(pairs, self.browse())
        for pair in pairs:
            supplier = pair[0].commercial_partner_id._origin
            rules = policies._get_rules_in_force(supplier, company, day)
            rule = policies._pick_rule(rules, pair[1])
            if not rule:
                continue
            if key := policies._get_key(rule, supplier, day):
                keys[pair] = key
            else:
                caps[pair] = self._preview_none(rule, supplier, day)
        found = self._preview(keys.values())
        return {pair: found[keys[pair]] if pair in keys else cap for pair, cap in caps.items()}

    @api.model
    def action_reconcile(self):
        """Compare all caps of the company with their ledgers and orders, and open the outcome."""
        return self.env["union.assist.cap.reconciliation"].action_run()

    def action_view_entries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_cap_entry"
        )
        action["domain"] = [("cap_id", "=", self.id)]
        return action

    # --------------------------------------------------
    # Orders and overrides of a cap
    # --------------------------------------------------

    order_count = fields.Integer("Number of Orders", compute="_compute_counts", compute_sudo=True)
    override_count = fields.Integer(
        "Number of Overrides", compute="_compute_counts", compute_sudo=True
    )

    @api.depends("entry_ids")
    def _compute_counts(self):
        orders = dict(
            self.env["union.assist.cap.entry"]._read_group(
                [("cap_id", "in", self._origin.ids)], ["cap_id"], ["order_id:count_distinct"]
            )
        )
        overrides = dict(
            self.env["union.assist.cap.override"]._read_group(
                [("cap_id", "in", self._origin.ids)], ["cap_id"], ["__count"]
            )
        )
        for cap in self:
            cap.order_count = orders.get(cap._origin, 0)
            cap.override_count = overrides.get(cap._origin, 0)

    def action_view_orders(self):
        """Show the orders that the ledger of the cap knows."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("purchase.purchase_form_action")
        return {
            **action,
            "domain": [("id", "in", self.entry_ids.sudo().order_id.ids)],
            "context": {},
        }

    def action_view_overrides(self):
        """Show who let orders exceed the cap."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_cap_override"
        )
        return {**action, "domain": [("cap_id", "=", self.id)]}

    def action_what_if(self):
        """Open the dialog that tells what more heads would give."""
        self.ensure_one()
        return self.supplier_id.action_assist_what_if()

    # --------------------------------------------------
    # Caps that sank below what is committed
    # --------------------------------------------------

    @api.model
    def _check_over_soon(self):
        """Have the caps looked at once this transaction is through: heads or rules changed."""
        pending = self.env.cr.precommit.data
        if "assist_check_over" in pending or not self.env["union.assist.cap.policy"]._has_any():
            return
        pending["assist_check_over"] = True
        self.env.ref("union_assist_procure.ir_cron_check_over")._trigger()

    @api.model
    def _check_over(self):
        """Ask the buyers to see to suppliers above their caps, and take it back when they are not.

        A buyer is asked once, also when the activity was marked as done since; anew only after
        there was room in between.
        """
        today = self.env.company._assist_today()
        caps = self.sudo().search([("date_from", "<=", today), ("date_to", ">=", today)])
        over = caps._filter_sunk().grouped("supplier_id")
        activity_type = self.env.ref("union_assist_procure.activity_type_cap_over")
        activities = (
            self.env["mail.activity"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [("activity_type_id", "=", activity_type.id), ("res_model", "=", "res.partner")]
            )
        )
        settled = activities.filtered(
            lambda activity: activity.res_id not in {supplier.id for supplier in over}
        )
        for user, user_activities in settled.filtered("active").grouped("user_id").items():
            user_activities.with_context(lang=user.lang).action_feedback(
                feedback=self.with_context(lang=user.lang).env._(
                    "There is room under the purchase cap again."
                )
            )
        # Activities that are done are kept: they are the memory of who was asked.
        settled.unlink()
        asked = set((activities - settled).mapped("res_id"))
        buyers = self._get_buyers([supplier for supplier in over if supplier.id not in asked])
        for supplier, buyer in buyers.items():
            supplier.with_context(lang=buyer.lang).activity_schedule(
                "union_assist_procure.activity_type_cap_over",
                user_id=buyer.id,
                note=over[supplier].with_context(lang=buyer.lang)._describe_over(),
            )

    def _filter_sunk(self):
        """Return the caps that are exceeded by more than what was allowed to exceed them."""
        over = self.filtered(lambda cap: cap.level == "over")
        allowed = dict(
            self.env["union.assist.cap.entry"]
            .sudo()
            ._read_group(
                [("cap_id", "in", over.ids), ("kind", "=", "override")], ["cap_id"], ["amount:sum"]
            )
        )
        return over.filtered(
            lambda cap: (
                cap.currency_id.compare_amounts(cap.committed - allowed.get(cap, 0.0), cap.amount)
                > 0
            )
        )

    @api.model
    def _get_buyers(self, suppliers):
        """Return who sees to suppliers: ``{supplier: user}``.

        The buyer set on the supplier, else who placed the last order, else an administrator of
        the programme.
        """
        partners = self.env["res.partner"].union(*suppliers).sudo()
        last = {}
        groups = (
            self.env["union.assist.cap.entry"]
            .sudo()
            ._read_group([("supplier_id", "in", partners.ids)], ["supplier_id"], ["id:max"])
        )
        entries = self.env["union.assist.cap.entry"].sudo().browse(row[1] for row in groups)
        for entry in entries:
            last[entry.supplier_id] = entry.order_id.user_id
        managers = self.env.ref("union_assist_catalog.group_manager").sudo().all_user_ids
        managers = managers.filtered(lambda user: user.active and not user.share).sorted("id")
        return {
            supplier: next(
                (
                    user
                    for user in (supplier.buyer_id, last.get(supplier), managers[:1])
                    if user and user.active and not user.share
                ),
                self.env["res.users"],
            )
            for supplier in partners
        }

    def _describe_over(self):
        """Tell how far caps of one supplier are exceeded and what that means, as HTML."""
        return Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._(
                "More is committed than the cap allows. What was confirmed stays confirmed;"
                " nothing more can be confirmed until there is room again. Have more heads"
                " verified, lower open orders, or buy from others."
            ),
            Markup().join(
                Markup("<li>%s</li>")
                % self.env._(
                    "%(cap)s: cap %(amount)s (%(reason)s), used %(used)s, above by %(excess)s",
                    cap=cap.display_name,
                    amount=format_amount(self.env, cap.amount, cap.currency_id),
                    reason=cap.policy_id._describe_amount(cap.households, cap.persons),
                    used=format_amount(self.env, cap.committed, cap.currency_id),
                    excess=format_amount(self.env, -cap.remaining, cap.currency_id),
                )
                for cap in self
            ),
        )

    # --------------------------------------------------
    # What if
    # --------------------------------------------------

    def get_what_if(self, persons=0.0, households=0.0):
        """Return what the cap would be if more heads were verified.

        :param float persons: so many persons more than today; negative for fewer
        :param float households: so many households more
        :return: dict of ``persons``, ``households``, ``amount``, ``more``, ``remaining``, in
            the company's currency, and of the texts ``amount_text``, ``more_text``,
            ``remaining_text`` and ``reason``
        :raise AccessError: when the user may not see the cap
        :raise UserError: when a number is none
        """
        self.ensure_one()
        self.check_access("read")
        return self.sudo()._get_what_if(self._to_heads(persons), self._to_heads(households))

    @api.model
    def _to_heads(self, value):
        """Return a number of heads as a client sent it."""
        try:
            number = float(value or 0)
        except (TypeError, ValueError):
            number = inf
        if not abs(number) <= MAX_HEADS:
            raise UserError(
                self.env._("“%s” is no number of persons or households: enter one.", value)
            )
        return number

    def _get_what_if(self, persons, households):
        policy, rule = self.policy_id, self._get_rule()
        persons = max(self.persons + persons, 0.0)
        households = max(self.households + households, 0.0)
        amount = self.currency_id.round(rule.get_amount(households, persons)) if rule else 0.0
        figures = {
            "amount": amount,
            "more": self.currency_id.round(amount - self.amount),
            "remaining": self.currency_id.round(amount - self.committed),
        }
        return {
            **figures,
            **{
                f"{name}_text": format_amount(self.env, value, self.currency_id)
                for name, value in figures.items()
            },
            "persons": persons,
            "households": households,
            "reason": policy._describe_amount(households, persons) if policy else "",
        }
