from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

# Kept by the steps, never by hand.
SYSTEM_FIELDS = frozenset(("name", "state", "discarded_by_id", "discarded_on"))
DISCARD_ACTIVITY = "union_assist_logistics.activity_retention_discard"
REMINDER_BATCH = 500


class UnionAssistRetentionSample(models.Model):
    """A sample of a lot that is kept until its goods are eaten, for when one falls ill (留样)."""

    _name = "union.assist.retention.sample"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Retention Sample"
    _order = "keep_until, id"
    _check_company_auto = True
    _assist_kept_fields = SYSTEM_FIELDS

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    lot_id = fields.Many2one(
        "stock.lot",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
    )
    product_id = fields.Many2one(related="lot_id.product_id", store=True, index=True)
    production_date = fields.Date(related="lot_id.assist_production_date")
    expiration_date = fields.Datetime(related="lot_id.expiration_date")
    inspection_id = fields.Many2one(
        "union.assist.quality.inspection",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('lot_id', '=', lot_id)]",
        help="The inspection that it was taken at.",
    )
    quantity = fields.Float(required=True, default=1.0, digits="Product Unit", tracking=True)
    uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        required=True,
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    place = fields.Char(required=True, tracking=True, help="Room, cabinet and shelf.")
    taken_by_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user, tracking=True
    )
    taken_on = fields.Date(
        required=True, default=lambda self: self.env.company._assist_today(), tracking=True
    )
    keep_until = fields.Date(
        required=True,
        compute="_compute_keep_until",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
        help="Last day; by default the lot's expiry, and the shortest time of the rule values.",
    )
    state = fields.Selection(
        [("kept", "Kept"), ("discarded", "Discarded")],
        "Status",
        required=True,
        readonly=True,
        copy=False,
        default="kept",
        index=True,
        tracking=True,
    )
    is_due = fields.Boolean(
        "To Discard", compute="_compute_is_due", search="_search_is_due", help="Its time is over."
    )
    discarded_by_id = fields.Many2one("res.users", readonly=True, copy=False, tracking=True)
    discarded_on = fields.Date(readonly=True, copy=False, tracking=True)
    note = fields.Char("Remarks")

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a retention sample is above zero."
    )
    _period_order = models.Constraint(
        "CHECK (keep_until >= taken_on)",
        "A retention sample is kept until the day it was taken at least.",
    )
    _name_unique = models.UniqueIndex("(name)", "This number is given to another sample.")

    # ------------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------------
    @api.depends("lot_id")
    def _compute_uom_id(self):
        for sample in self:
            sample.uom_id = sample.lot_id.product_uom_id or sample.uom_id

    @api.depends("lot_id", "taken_on")
    def _compute_keep_until(self):
        for sample in self:
            taken_on = sample.taken_on or sample.company_id._assist_today()
            days = self.env["union.assist.parameter"]._get_value("retention_days", taken_on)
            shortest = taken_on + timedelta(days=int(days))
            expiry = sample.lot_id.expiration_date
            if expiry:
                zone = sample.company_id._assist_get_zone()
                shortest = max(shortest, pytz.utc.localize(expiry).astimezone(zone).date())
            sample.keep_until = shortest

    @api.depends("state", "keep_until")
    @api.depends_context("company")
    def _compute_is_due(self):
        today = self.env.company._assist_today()
        for sample in self:
            sample.is_due = sample.state == "kept" and (sample.keep_until or today) < today

    @api.model
    def _search_is_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        due = self._get_due_domain()
        if True in value and False in value:
            return Domain.TRUE
        return due if True in value else ~due

    @api.model
    def _get_due_domain(self):
        return Domain("state", "=", "kept") & Domain(
            "keep_until", "<", self.env.company._assist_today()
        )

    @api.depends("name", "lot_id.name", "product_id")
    def _compute_display_name(self):
        for sample in self:
            product = sample.sudo().product_id.display_name
            sample.display_name = " · ".join(
                part for part in (sample.name, product, sample.sudo().lot_id.name) if part
            )

    # ------------------------------------------------------------------
    # Who may change what
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env.ref("union_assist_logistics.sequence_retention_sample").sudo()
        return super().create(
            [
                {
                    **{name: value for name, value in vals.items() if name not in SYSTEM_FIELDS},
                    "name": sequence.next_by_id(),
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        frozen = vals.keys() & SYSTEM_FIELDS
        if frozen and not self.env.su:
            raise AccessError(
                self.env._(
                    "These fields of a retention sample are set by its steps: %(fields)s.",
                    fields=", ".join(sorted(frozen)),
                )
            )
        kept = {name for name in vals if not name.startswith(("message_", "activity_"))}
        if kept and not self.env.su:
            self._check_kept()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A retention sample is evidence and is never deleted: discard it instead.")
        )

    def _check_kept(self):
        gone = self.filtered(lambda sample: sample.state != "kept")
        if gone:
            raise UserError(
                self.env._(
                    "%(sample)s was discarded on %(date)s: nothing of it can change any more.",
                    sample=gone[0].display_name,
                    date=gone[0].discarded_on,
                )
            )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------
    def action_discard(self):
        """Note that these samples were thrown away today, by the user.

        :raise UserError: one is to be kept longer, or was discarded before
        """
        self.check_access("write")
        self._check_kept()
        early = self.filtered(lambda sample: not sample.is_due)
        if early:
            raise UserError(
                self.env._(
                    "%(sample)s is kept until %(date)s. Change that day first if it may go"
                    " earlier; the change stays in its log.",
                    sample=early[0].display_name,
                    date=early[0].keep_until,
                )
            )
        for company, samples in self.grouped("company_id").items():
            samples.sudo().write(
                {
                    "state": "discarded",
                    "discarded_by_id": self.env.uid,
                    "discarded_on": company._assist_today(),
                }
            )
        self.activity_feedback([DISCARD_ACTIVITY])
        return True

    def action_print_label(self):
        """Print the labels of these samples."""
        self.check_access("read")
        report = self.env.ref("union_assist_logistics.action_report_retention_label")
        return report.report_action(self.ids, config=False)

    # ------------------------------------------------------------------
    # Reminders
    # ------------------------------------------------------------------
    @api.model
    def _remind(self):
        """Ask who took a sample to discard it once its time is over; each once.

        Run by a scheduled action in every company.
        """
        for company in self.env["res.company"].search(Domain.TRUE):
            samples = self.with_company(company)
            due = samples.search(
                samples._get_due_domain()
                & Domain("company_id", "=", company.id)
                & ~Domain("activity_type_id", "=", self.env.ref(DISCARD_ACTIVITY).id),
                limit=REMINDER_BATCH,
            )
            for user, mine in due.grouped("taken_by_id").items():
                mine.activity_schedule(
                    DISCARD_ACTIVITY,
                    date_deadline=company._assist_today(),
                    user_id=user.id if user.active else self.env.ref("base.user_admin").id,
                )
