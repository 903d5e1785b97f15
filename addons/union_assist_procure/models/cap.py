from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.caps import year_of

LEVELS = [
    ("none", "No Cap"),
    ("open", "Open"),
    ("near", "Nearly Used Up"),
    ("full", "Used Up"),
    ("over", "Exceeded"),
]


class UnionAssistCap(models.Model):
    """How much may be bought from a supplier in a year, and how much of it is committed.

    The amount is never stored: it follows from the policy and the heads verified today (in a
    past year, on its last day). ``committed`` is the sum of the ledger's entries, kept as a
    counter on the row, so that of two simultaneous confirmations one fails to serialize and
    is replayed on what the other one left.
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
    committed = fields.Monetary(
        "Used",
        required=True,
        default=0.0,
        readonly=True,
        help="What confirmed orders of the year take of the cap, after cancels and returns.",
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
    level = fields.Selection(
        LEVELS, "Status", compute="_compute_figures", compute_sudo=True, search="_search_level"
    )

    _period_unique = models.UniqueIndex(
        "(supplier_id, company_id, date_from)", "This supplier has a cap for this year already."
    )

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

    @api.depends("supplier_id", "date_from")
    def _compute_display_name(self):
        for cap in self:
            cap.display_name = f"{cap.supplier_id.display_name} {cap.date_from.year}"

    def _get_reference_date(self):
        """Return the day on which heads are counted: today, kept within the cap's year."""
        self.ensure_one()
        return min(max(fields.Date.context_today(self), self.date_from), self.date_to)

    @api.depends(
        "committed",
        "supplier_id.assist_supplier_kind",
        "supplier_id.assist_household_count",
        "supplier_id.assist_person_count",
    )
    def _compute_figures(self):
        policies = self.env["union.assist.cap.policy"]._get_all()
        for day, caps in self.grouped(lambda cap: cap._get_reference_date()).items():
            counts = caps.supplier_id._assist_counts(day)
            for cap in caps:
                policy = policies._match(cap.supplier_id, cap.company_id, day)
                households, persons = counts.get(cap.supplier_id.id, (0.0, 0.0))
                amount = policy._get_amount(households, persons) if policy else 0.0
                cap.policy_id = policy
                cap.households = households
                cap.persons = persons
                cap.amount = amount
                cap.remaining = cap.currency_id.round(amount - cap.committed) if policy else 0.0
                cap.use_rate = 100.0 * (
                    cap.committed / amount if amount else float(cap.committed > 0)
                )
                cap.level = policy and cap._get_level()

    def _get_level(self):
        if self.currency_id.compare_amounts(self.committed, self.amount) > 0:
            return "over"
        if self.currency_id.is_zero(self.amount):
            return "none"
        if self.currency_id.is_zero(self.remaining):
            return "full"
        return "near" if self.use_rate >= 100.0 * self.policy_id.near_rate else "open"

    def _search_level(self, operator, value):
        if operator != "in":
            return NotImplemented
        caps = self.search(Domain.TRUE).filtered(lambda cap: cap.level in value)
        return Domain("id", "in", caps.ids)

    @api.model
    def _open(self, keys):
        """Return the caps of ``(supplier, company, day)`` keys, made where missing.

        :return: ``{key: cap}``
        """
        periods = {key: (key[0].id, key[1].id, *year_of(key[2])) for key in keys}
        caps = self._find(periods.values())
        missing = {period for period in periods.values() if period not in caps}
        if missing:
            suppliers, companies, starts, ends = map(list, zip(*sorted(missing), strict=True))
            # Another transaction may be opening the same caps.
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO union_assist_cap
                           (supplier_id, company_id, date_from, date_to, committed,
                            create_uid, create_date, write_uid, write_date)
                    SELECT supplier_id, company_id, date_from, date_to, 0,
                           %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                      FROM unnest(%(suppliers)s, %(companies)s, %(starts)s, %(ends)s)
                           AS missing (supplier_id, company_id, date_from, date_to)
                        ON CONFLICT (supplier_id, company_id, date_from) DO NOTHING
                    """,
                    uid=self.env.uid,
                    suppliers=suppliers,
                    companies=companies,
                    starts=starts,
                    ends=ends,
                )
            )
            self.env["res.partner"].invalidate_model(["assist_cap_ids"])
            caps |= self._find(missing)
        return {key: caps[period] for key, period in periods.items()}

    def _find(self, periods):
        """Return ``{(supplier id, company id, from, until): cap}`` of those that exist."""
        periods = set(periods)
        caps = self.sudo().search(
            [
                ("supplier_id", "in", [period[0] for period in periods]),
                ("company_id", "in", [period[1] for period in periods]),
                ("date_from", "in", [period[2] for period in periods]),
            ]
        )
        found = {
            (cap.supplier_id.id, cap.company_id.id, cap.date_from, cap.date_to): cap for cap in caps
        }
        return {period: found[period] for period in periods & found.keys()}

    @api.model
    def _open_current(self):
        """Open the caps of this year for every supplier that a policy applies to today."""
        today = fields.Date.context_today(self)
        policies = self.env["union.assist.cap.policy"]._get_all()
        if not policies:
            return
        suppliers = self.env["res.partner"].sudo().search([("assist_supplier_kind", "!=", False)])
        self._open(
            [
                (supplier, company, today)
                for company in policies.company_id
                for supplier in suppliers
                if supplier.commercial_partner_id == supplier
                and policies._match(supplier, company, today)
            ]
        )

    @api.model
    def _preview(self, keys):
        """Return the caps of ``(supplier, company, day)`` keys without making any.

        A cap that does not exist yet is a record in memory with the same figures.
        """
        periods = {key: (key[0].id, key[1].id, *year_of(key[2])) for key in keys}
        caps = self._find(periods.values())
        names = ("supplier_id", "company_id", "date_from", "date_to")
        return {
            key: caps.get(period) or self.sudo().new(dict(zip(names, period, strict=True)))
            for key, period in periods.items()
        }

    @api.model
    def _get_for_products(self, pairs, company, day):
        """Return the cap that goods from suppliers count against on a day.

        In a number of queries that does not grow with the pairs.

        :param pairs: ``(supplier, product)`` pairs of ``res.partner`` and ``product.product``
        :return: ``{pair: cap}``; an empty record where no policy applies. A cap that is not
            opened yet is a record in memory, the same one for all pairs that share it.
        """
        pairs = list(pairs)
        policies = self.env["union.assist.cap.policy"]._get_all()
        keys = {}
        for pair in pairs:
            supplier = pair[0].commercial_partner_id
            if policies._match(supplier, company, day):
                keys[pair] = (supplier, company, day)
        caps = self._preview(keys.values())
        return {pair: caps[keys[pair]] if pair in keys else self.browse() for pair in pairs}

    def action_view_entries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_cap_entry"
        )
        action["domain"] = [("cap_id", "=", self.id)]
        return action
