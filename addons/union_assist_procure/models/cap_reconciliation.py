from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

BATCH_SIZE = 500


class UnionAssistCapReconciliation(models.Model):
    """A comparison of counters, ledger and orders: that they tell the same, or where they differ.

    Of every cap the counter must be the sum of its entries. Of every confirmed order the entries
    must add up to what it takes of each cap now, and those of any other order to nothing. A
    difference raises an alarm; setting it right posts entries that say so.
    """

    _name = "union.assist.cap.reconciliation"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Cap Reconciliation"
    _order = "date desc, id desc"
    _rec_name = "date"
    _mail_post_access = "read"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date = fields.Datetime(
        required=True, readonly=True, index=True, default=lambda self: fields.Datetime.now()
    )
    user_id = fields.Many2one(
        "res.users", "Run by", readonly=True, default=lambda self: self.env.uid
    )
    nightly = fields.Boolean(readonly=True, help="Run by itself, not by somebody.")
    date_from = fields.Date(
        "Periods from",
        readonly=True,
        help="Orders of periods that ended before this day were not counted again, unless their"
        " caps moved since the last run; counters were.",
    )
    cap_count = fields.Integer("Caps", readonly=True)
    order_count = fields.Integer("Orders", readonly=True)
    difference_count = fields.Integer("Number of Differences", readonly=True)
    line_ids = fields.One2many(
        "union.assist.cap.reconciliation.line", "reconciliation_id", "Differences", readonly=True
    )
    state = fields.Selection(
        [("clean", "No Difference"), ("different", "Differences"), ("corrected", "Corrected")],
        "Outcome",
        required=True,
        readonly=True,
        index=True,
        default="clean",
        tracking=True,
    )
    corrected_by_id = fields.Many2one("res.users", "Corrected by", readonly=True)
    corrected_on = fields.Datetime(readonly=True)

    @api.depends("date", "company_id")
    def _compute_display_name(self):
        for run in self:
            moment = fields.Datetime.context_timestamp(run, run.date) if run.date else None
            run.display_name = moment.strftime("%Y-%m-%d %H:%M") if moment else False

    # --------------------------------------------------
    # Running
    # --------------------------------------------------

    @api.model
    def _run_nightly(self):
        """Reconcile the caps of every company that has any."""
        groups = self.env["union.assist.cap"].sudo()._read_group([], ["company_id"])
        for (company,) in groups:
            today = company._assist_today()
            self._run(company, date_from=today.replace(month=1, day=1), nightly=True)

    @api.model
    def action_run(self):
        """Reconcile all caps of the company, of all periods, and open the outcome.

        :raise AccessError: when the user is no operator
        """
        if not self.env.user.has_group("union_assist_catalog.group_operator"):
            raise AccessError(self.env._("Only operators and administrators reconcile caps."))
        return self._run(self.env.company)._get_records_action()

    @api.model
    def _run(self, company, date_from=None, nightly=False):
        """Compare counters, ledger and orders of a company, and keep the outcome.

        :param date_from: leave out orders of periods that ended before this day, unless their
            caps moved since the last run; none by default
        :return: the ``union.assist.cap.reconciliation``
        """
        self.env.flush_all()
        runs = self.sudo().with_company(company)
        caps = runs.env["union.assist.cap"].search([("company_id", "=", company.id)])
        orders = runs._find_orders(company, caps, date_from)
        differences = runs._compare_counters(company) + runs._compare_orders(orders)
        run = runs.create(
            {
                "company_id": company.id,
                "user_id": self.env.uid,
                "nightly": nightly,
                "date_from": date_from,
                "cap_count": len(caps),
                "order_count": len(orders),
                "difference_count": len(differences),
                "state": "different" if differences else "clean",
                "line_ids": [fields.Command.create(difference) for difference in differences],
            }
        )
        if differences:
            run._raise_alarm()
        return run.with_env(self.env)

    def _find_orders(self, company, caps, date_from):
        """Return the orders that count or counted: those of the ledger, and all confirmed ones."""
        orders = self.env["purchase.order"]
        in_ledger = Domain("assist_entry_ids", "!=", False)
        confirmed = Domain("state", "=", "purchase") & Domain(
            "partner_id.commercial_partner_id.assist_supplier_kind", "!=", False
        )
        if date_from:
            running = caps.filtered(lambda cap: cap.date_to >= date_from)
            last = self.search([("company_id", "=", company.id)], limit=1)
            moved = Domain("assist_entry_ids.date", ">=", last.date) if last else in_ledger
            in_ledger = Domain("assist_entry_ids.cap_id", "in", running.ids) | moved
            # A day earlier: the company's day may begin before that of the database.
            first = min(running.mapped("date_from"), default=date_from)
            confirmed &= Domain("date_approve", ">=", fields.Date.subtract(first, days=1)) | Domain(
                "date_approve", "=", False
            )
        if self.env["union.assist.cap.policy"]._get_rules():
            in_ledger |= confirmed
        return orders.search(Domain("company_id", "=", company.id) & in_ledger, order="id")

    @api.model
    def _compare_counters(self, company):
        """Return the caps of a company whose counter is not the sum of their entries."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT cap.id, cap.committed, COALESCE(sum(entry.amount), 0) AS held
                  FROM union_assist_cap cap
                  LEFT JOIN union_assist_cap_entry entry ON entry.cap_id = cap.id
                 WHERE cap.company_id = %s
                 GROUP BY cap.id
                HAVING cap.committed <> COALESCE(sum(entry.amount), 0)
                 ORDER BY cap.id
                """,
                company.id,
            )
        )
        return [
            {"cap_id": cap_id, "counter": counter, "held": held, "difference": held - counter}
            for cap_id, counter, held in rows
        ]

    @api.model
    def _compare_orders(self, orders):
        """Return where the entries of orders are not what they take of caps now."""
        differences = []
        for order_ids in split_every(BATCH_SIZE, orders.ids):
            for order, cap, held, taken in orders.browse(order_ids)._get_assist_differences():
                differences.append(
                    {
                        "cap_id": cap.id,
                        "order_id": order.id,
                        "counter": cap.committed,
                        "held": held,
                        "taken": taken,
                        "difference": cap.currency_id.round(taken - held),
                    }
                )
            self.env.invalidate_all()
        return differences

    def _raise_alarm(self):
        """Put the differences before the administrators of the company."""
        self.ensure_one()
        managers = self.env.ref("union_assist_catalog.group_manager").all_user_ids.filtered(
            lambda user: self.company_id in user.company_ids
        )
        for user in managers:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=user.id,
                summary=self.env._("Caps and orders differ"),
                note=self.env._(
                    "%s differences between the counters, the ledger and the orders. Find out what"
                    " made them before you have them corrected.",
                    self.difference_count,
                ),
            )

    # --------------------------------------------------
    # Setting it right
    # --------------------------------------------------

    def action_correct(self):
        """Post entries that set the differences right, and say by whom.

        Orders are compared again: what has been settled since is left alone.

        :raise AccessError: when the user is no administrator
        """
        self.ensure_one()
        if not self.env.user.has_group("union_assist_catalog.group_manager"):
            raise AccessError(self.env._("Only administrators correct the cap ledger."))
        self.check_access("read")
        if self.state != "different":
            raise UserError(self.env._("There is nothing to correct in this reconciliation."))
        run = self.sudo()
        # First the counters: what is posted then moves them from where they belong. The database
        # takes no other value than the sum of the entries.
        self.env.cr.execute(
            SQL(
                """
                UPDATE union_assist_cap cap
                   SET committed = (SELECT COALESCE(sum(amount), 0)
                                      FROM union_assist_cap_entry WHERE cap_id = cap.id)
                 WHERE id = ANY(%s)
                """,
                run.line_ids.cap_id.ids,
            )
        )
        run.env["union.assist.cap"].invalidate_model(["committed"])
        run.line_ids.cap_id.modified(["committed"])
        entries = run.env["union.assist.cap.entry"].create(
            [
                order._prepare_assist_entry(
                    cap, "correction", "reconciliation", cap.currency_id.round(taken - held)
                )
                for order, cap, held, taken in run.line_ids.order_id._get_assist_differences()
            ]
        )
        run.write(
            {
                "state": "corrected",
                "corrected_by_id": self.env.uid,
                "corrected_on": fields.Datetime.now(),
            }
        )
        run.activity_feedback(["mail.mail_activity_data_warning"])
        run._message_log(
            body=self.env._("Corrected by %s entries in the ledger.", len(entries)),
            author_id=self.env.user.partner_id.id,
        )
        return entries._get_records_action(name=self.env._("Corrections"))
