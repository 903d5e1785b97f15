import base64
import binascii

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.certificates import due_reminder, file_mimetype

# What an inspector vouches for when verifying: a change voids the verification.
VERIFIED_FIELDS = (
    "type_id",
    "partner_id",
    "product_tmpl_ids",
    "batch",
    "number",
    "authority",
    "date_from",
    "date_to",
    "review_due",
)

# What only the system writes: who vouched for the document.
SYSTEM_FIELDS = frozenset(("verified_by_id", "verified_on"))

# What the recommended catalogue depends on.
CATALOGUE_FIELDS = frozenset((*VERIFIED_FIELDS, "state", "active"))

# States in which a document is complete: somebody stands by it.
COMPLETE_STATES = ("submitted", "verified")

EXPIRY_ACTIVITY = "union_assist_catalog.activity_certificate_expiry"
STAFF = "base.group_user"
REMINDER_BATCH = 200

# Marks files of forms that were not accepted yet: forgotten after a day.
KEPT_UPLOAD = "upload of a supplier"


class UnionAssistCertificate(models.Model):
    """One document of a supplier or of its goods: what it says, its file, who checked it.

    Only verified documents count, and only from their first to their last day. A renewal is
    a document of its own that names the one it follows, so that it can be told at any time
    what held on which day.
    """

    _name = "union.assist.certificate"
    _inherit = ["mail.thread", "mail.activity.mixin", "union.assist.state.mixin"]
    _description = "Document"
    _order = "date_end, id desc"
    _assist_kept_fields = SYSTEM_FIELDS

    type_id = fields.Many2one(
        "union.assist.certificate.type",
        "Document Type",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    scope = fields.Selection(related="type_id.scope", store=True)
    is_per_batch = fields.Boolean(related="type_id.is_per_batch", store=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Supplier",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("assist_supplier_kind", "!=", False)],
        tracking=True,
        help="Who holds the document.",
    )
    region_id = fields.Many2one(related="partner_id.assist_region_id", store=True, index=True)
    company_id = fields.Many2one(related="partner_id.company_id", store=True, index=True)
    product_tmpl_ids = fields.Many2many(
        "product.template",
        "union_assist_certificate_product_rel",
        "certificate_id",
        "product_tmpl_id",
        "Products",
        help="Goods that the document names; a document of the supplier holds for all.",
    )
    batch = fields.Char(tracking=True, help="Batch of goods that the document was issued for.")
    number_label = fields.Char(related="type_id.number_label")
    number = fields.Char(index="btree_not_null", tracking=True)
    authority = fields.Char(
        "Issued by",
        compute="_compute_authority",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    date_from = fields.Date("From", tracking=True, help="First day on which it holds.")
    date_to = fields.Date("Until", tracking=True, help="Last day; empty when it never expires.")
    review_due = fields.Date(
        "Annual Review Due",
        tracking=True,
        help="The document no longer holds after this day until its review is recorded.",
    )
    has_annual_review = fields.Boolean(related="type_id.has_annual_review")
    date_end = fields.Date(
        "Last Valid Day",
        compute="_compute_date_end",
        store=True,
        index=True,
        help="Last day on which it holds: when it ends, or when its annual review is due.",
    )
    expiring_from = fields.Date(
        compute="_compute_date_end",
        store=True,
        help="Day of the first reminder, from which the document counts as expiring.",
    )
    validity = fields.Selection(
        [
            ("not_yet", "Not Yet Valid"),
            ("valid", "In Force"),
            ("expiring", "Expiring"),
            ("expired", "Expired"),
        ],
        compute="_compute_validity",
        search="_search_validity",
        help="By its dates, on the company's day; only verified documents count.",
    )
    days_left = fields.Integer(
        compute="_compute_validity", help="Days until the last valid day; negative once expired."
    )
    file = fields.Binary(attachment=True, copy=False, help="PDF, JPEG or PNG.")
    file_name = fields.Char(copy=False)
    has_file = fields.Boolean(compute="_compute_has_file", store=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("verified", "Verified"),
            ("revoked", "Revoked"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    reason = fields.Char(
        "Reason Given",
        copy=False,
        readonly=True,
        help="Why it was refused or revoked; the supplier reads it.",
    )
    verified_by_id = fields.Many2one(
        "res.users", "Verified by", readonly=True, copy=False, groups=STAFF
    )
    verified_on = fields.Datetime(readonly=True, copy=False)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        domain=[("share", "=", False)],
        copy=True,
        groups=STAFF,
        help="Reminded before it expires; empty: who verified it.",
    )
    predecessor_id = fields.Many2one(
        "union.assist.certificate",
        "Renewal of",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        help="The document that this one follows.",
    )
    successor_ids = fields.One2many("union.assist.certificate", "predecessor_id", "Renewals")
    is_renewed = fields.Boolean(
        "Renewed",
        compute="_compute_is_renewed",
        search="_search_is_renewed",
        help="A renewal was submitted or verified: nobody is reminded of this one any more.",
    )
    last_reminder = fields.Integer(
        readonly=True,
        copy=False,
        help="Days before the last one of the latest reminder given; 0 when there was none.",
    )
    note = fields.Text(groups=STAFF)
    active = fields.Boolean(default=True)

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "The last day of a document is not before its first day.",
    )
    _counted_idx = models.Index("(partner_id, type_id) WHERE state = 'verified'")

    # --------------------------------------------------
    # Computed
    # --------------------------------------------------

    @api.depends("type_id.name", "number", "partner_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for document in self:
            parts = (document.type_id.name, document.number, document.partner_id.name)
            document.display_name = " · ".join(part for part in parts if part)

    @api.depends("type_id")
    def _compute_authority(self):
        for document in self:
            document.authority = document.authority or document.type_id.authority

    @api.depends("date_to", "review_due", "type_id.has_annual_review", "type_id.reminder_days")
    def _compute_date_end(self):
        for document in self:
            review = document.review_due if document.type_id.has_annual_review else False
            days = document.type_id._get_reminder_days()
            end = min((day for day in (document.date_to, review) if day), default=False)
            document.date_end = end
            document.expiring_from = end and days and fields.Date.subtract(end, days=days[0])

    @api.depends("date_from", "date_end", "expiring_from")
    @api.depends_context("company")
    def _compute_validity(self):
        today = self.env.company._assist_today()
        for document in self:
            end = document.date_end
            document.days_left = (end - today).days if end else 0
            if document.date_from and document.date_from > today:
                document.validity = "not_yet"
            elif end and end < today:
                document.validity = "expired"
            elif document.expiring_from and document.expiring_from <= today:
                document.validity = "expiring"
            else:
                document.validity = "valid"

    def _search_validity(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._assist_today()
        started = Domain("date_from", "=", False) | Domain("date_from", "<=", today)
        expired = Domain("date_end", "<", today)
        near = Domain("expiring_from", "<=", today)
        domains = {
            "not_yet": ~started,
            "expired": started & expired,
            "expiring": started & ~expired & near,
            "valid": started & ~expired & ~near,
        }
        return Domain.OR(domains[name] for name in value if name in domains)

    @api.depends("file")
    def _compute_has_file(self):
        # Asked without reading the files, which may be large.
        attachments = (
            self.env["ir.attachment"]
            .sudo()
            .search_fetch(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "file"),
                    ("res_id", "in", self._origin.ids),
                ],
                ["res_id"],
            )
        )
        filed = set(attachments.mapped("res_id"))
        for document in self:
            if document == document._origin:
                document.has_file = document.id in filed
            else:  # on a form, not saved
                document.has_file = bool(document.file)

    @api.depends("successor_ids.state")
    def _compute_is_renewed(self):
        for document in self:
            states = document.sudo().successor_ids.mapped("state")
            document.is_renewed = any(state in COMPLETE_STATES for state in states)

    def _search_is_renewed(self, operator, value):
        if operator != "in":
            return NotImplemented
        renewals = self.sudo()._search(
            [("state", "in", COMPLETE_STATES), ("predecessor_id", "!=", False)]
        )
        renewed = Domain("id", "in", renewals.subselect("predecessor_id"))
        if True in value and False in value:
            return Domain.TRUE
        return renewed if True in value else ~renewed

    @api.onchange("type_id", "date_from")
    def _onchange_period(self):
        """Propose the last day and the review that are usual for the type."""
        if not self.date_from or self.state != "draft":
            return
        if self.type_id.validity_months and not self.date_to:
            self.date_to = (
                self.date_from
                + relativedelta(months=self.type_id.validity_months)
                - relativedelta(days=1)
            )
        if self.type_id.has_annual_review and not self.review_due:
            self.review_due = self.date_from + relativedelta(years=1)

    @api.onchange("number")
    def _onchange_number(self):
        if not self.number or not self.type_id:
            return None
        self.number = self.type_id._normalize_number(self.number)
        error = self.type_id._get_number_error(self.number)
        return (
            {"warning": {"title": self.env._("Check the number"), "message": error}}
            if (error)
            else None
        )

    # --------------------------------------------------
    # What a document must carry
    # --------------------------------------------------

    @api.constrains("partner_id")
    def _check_partner(self):
        for document in self:
            holder = document.partner_id
            if holder != holder.commercial_partner_id or not holder.assist_supplier_kind:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is no supplier of the programme. Choose the company or"
                        " cooperative itself, not a contact, and give it its supplier kind.",
                        partner=holder.display_name,
                    )
                )

    @api.constrains("predecessor_id", "type_id", "partner_id")
    def _check_predecessor(self):
        if self._has_cycle("predecessor_id"):
            raise ValidationError(self.env._("A document cannot be a renewal of itself."))
        for document in self.filtered("predecessor_id"):
            before = document.predecessor_id
            if (before.type_id, before.partner_id) != (document.type_id, document.partner_id):
                raise ValidationError(
                    self.env._(
                        "%(document)s cannot renew %(before)s: a renewal has the same type and"
                        " the same supplier.",
                        document=document.display_name,
                        before=before.display_name,
                    )
                )

    @api.constrains(
        "state",
        "type_id",
        "product_tmpl_ids",
        "batch",
        "number",
        "date_from",
        "date_to",
        "review_due",
        "file",
    )
    def _check_complete(self):
        """Hold what is submitted to what its type asks for; drafts may be incomplete."""
        for document in self.filtered(lambda document: document.state in COMPLETE_STATES):
            errors = document._get_errors()
            if errors:
                raise ValidationError(
                    self.env._(
                        "%(document)s cannot be submitted:\n%(errors)s",
                        document=document.display_name,
                        errors="\n".join(f"– {error}" for error in errors.values()),
                    )
                )

    def _get_errors(self):
        """Return what keeps the document from being submitted: ``{field name: sentence}``."""
        self.ensure_one()
        kind = self.type_id
        errors = {}
        if kind.number_label or self.number:
            if not self.number:
                errors["number"] = self.env._(
                    "Enter the %(label)s. %(hint)s",
                    label=kind.number_label,
                    hint=kind.number_error or "",
                ).strip()
            elif error := kind._get_number_error(self.number):
                errors["number"] = error
            elif kind.number_check == "credit_code" and self.partner_id.company_registry not in (
                False,
                self.number,
            ):
                errors["number"] = self.env._(
                    "The supplier is registered here with the code %(code)s: mend the one that"
                    " is wrong.",
                    code=self.partner_id.company_registry,
                )
        if not self.date_from:
            errors["date_from"] = self.env._("Enter the first day on which it holds.")
        if kind.is_expiry_required and not self.date_to:
            errors["date_to"] = self.env._("Enter the last day on which it holds.")
        elif self.date_from and self.date_to and self.date_to < self.date_from:
            errors["date_to"] = self.env._(
                "The last day of a document is not before its first day."
            )
        if kind.has_annual_review and not self.review_due:
            errors["review_due"] = self.env._("Enter when its next annual review is due.")
        if kind.scope == "product" and not self.product_tmpl_ids:
            errors["product_tmpl_ids"] = self.env._("Choose the products that it names.")
        if kind.is_per_batch and not self.batch:
            errors["batch"] = self.env._("Enter the batch of goods that it was issued for.")
        if not self.has_file:
            errors["file"] = self.env._("Attach the document as PDF, JPEG or PNG.")
        return errors

    @api.model
    def _get_file_limit(self):
        """Return how large a file may be, in bytes."""
        megabytes = self.env["union.assist.parameter"]._get_value("document_file_size")
        return int(megabytes * 1024 * 1024)

    @api.model
    def _get_file_error(self, content):
        """Say why a file cannot be taken; False when it can.

        :param bytes content: of the file; its name is not asked
        """
        if not file_mimetype(content):
            return self.env._(
                "This file is no PDF, JPEG or PNG, whatever its name says. Scan or photograph"
                " the document, or save it as PDF."
            )
        if len(content) > self._get_file_limit():
            return self.env._(
                "This file is larger than %(limit)s MB. Scan it again with a lower resolution.",
                limit=self._get_file_limit() // (1024 * 1024),
            )
        return False

    # --------------------------------------------------
    # CRUD
    # --------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        types = self.env["union.assist.certificate.type"]
        documents = super().create(
            [self._prepare_vals(vals, types.browse(vals.get("type_id"))) for vals in vals_list]
        )
        documents._refresh_catalogue()
        return documents

    def write(self, vals):
        kind = self.type_id[:1]
        if "type_id" in vals:
            kind = kind.browse(vals["type_id"])
        vals = self._prepare_vals(vals, kind)
        verified = self.browse()
        if "state" not in vals:
            verified = self.filtered(lambda document: document.state == "verified")
        before = {document: document._get_verified_values() for document in verified}
        concerned = CATALOGUE_FIELDS & vals.keys()
        holders, goods = self.partner_id, self.product_tmpl_ids
        result = super().write(vals)
        changed = verified.filtered(
            lambda document: "file" in vals or document._get_verified_values() != before[document]
        )
        changed._send_back(self.env._("What had been verified was changed."))
        if concerned:
            self._refresh_catalogue(holders, goods)
        return result

    def unlink(self):
        holders, goods = self.partner_id, self.product_tmpl_ids
        result = super().unlink()
        self.browse()._refresh_catalogue(holders, goods)
        return result

    def _refresh_catalogue(self, holders=None, products=None):
        """Bring catalogue entries up to date that rest on these documents.

        :param holders: suppliers of which documents held before a change
        :param products: products named on them before
        """
        catalogue = self.env["union.assist.catalogue"]
        goods = products or self.env["product.template"]
        catalogue._refresh(goods | self.product_tmpl_ids)
        # A document of a supplier names no goods: it holds for all of them.
        if holders and not goods:
            catalogue._refresh_suppliers(holders)
        unnamed = self.filtered(lambda document: not document.product_tmpl_ids)
        catalogue._refresh_suppliers(unnamed.partner_id)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if any(document.verified_on or document.state == "verified" for document in self):
            raise UserError(
                self.env._("A verified document is evidence: revoke or archive it instead.")
            )

    def copy_data(self, default=None):
        """Copy what the document says, not how long it held: that is on the next one."""
        vals_list = super().copy_data(default)
        for vals in vals_list:
            for name in ("date_from", "date_to", "review_due"):
                if name not in (default or {}):
                    vals.pop(name, None)
        return vals_list

    def _get_verified_values(self):
        return tuple(self[name] for name in VERIFIED_FIELDS)

    def _prepare_vals(self, vals, kind):
        """Check and complete what is written: numbers, files, who verified and when."""
        if forged := SYSTEM_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "Nobody enters %(fields)s of a document: they follow from its verification.",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env) for name in sorted(forged)
                    ),
                )
            )
        vals = dict(vals)
        if vals.get("number"):
            vals["number"] = kind._normalize_number(vals["number"])
        if vals.get("file"):
            try:
                content = base64.b64decode(vals["file"])
            except (binascii.Error, ValueError):
                content = b""
            if error := self._get_file_error(content):
                raise ValidationError(error)
        if "state" in vals:
            verified = vals["state"] == "verified"
            vals["last_reminder"] = 0
            if vals["state"] != "revoked":  # who had verified it remains of interest
                vals["verified_by_id"] = self.env.uid if verified else False
                vals["verified_on"] = fields.Datetime.now() if verified else False
        return vals

    # --------------------------------------------------
    # Steps
    # --------------------------------------------------

    def _send_back(self, reason):
        """Return verified documents to verification and say why in their log."""
        if not self:
            return
        self.write({"state": "submitted"})
        self._message_log_batch(bodies={document.id: reason for document in self})

    def _check_step(self, *states):
        self.check_access("write")
        self._check_state(*states)

    def action_submit(self):
        """Hand the documents in for verification."""
        self._check_step("draft", "revoked")
        self.write({"state": "submitted", "reason": False})

    def action_verify(self):
        """Vouch for the documents: from now on they count, on the days that they name."""
        self._check_step("submitted")
        self.write({"state": "verified", "reason": False})
        self.predecessor_id.activity_unlink([EXPIRY_ACTIVITY])

    def action_refuse(self):
        """Ask for the reason, then return the documents to who handed them in."""
        self._check_step("submitted")
        return self._ask_reason("refuse")

    def action_revoke(self):
        """Ask for the reason, then declare the documents void."""
        self._check_step("submitted", "verified")
        return self._ask_reason("revoke")

    def action_review(self):
        """Record that the annual review was passed: the next one is due a year later."""
        self._check_step("verified")
        for document in self:
            if not document.review_due:
                raise UserError(
                    self.env._("%(document)s has no annual review.", document=document.display_name)
                )
            document.write(
                {
                    "state": "verified",
                    "review_due": document.review_due + relativedelta(years=1),
                }
            )
        self.activity_unlink([EXPIRY_ACTIVITY])

    def action_renew(self):
        """Open a draft of the document that follows this one."""
        self.ensure_one()
        self.check_access("write")
        renewal = self.successor_ids.filtered(lambda document: document.state == "draft")[:1]
        if not renewal:
            renewal = self.copy(self._prepare_renewal())
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": renewal.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _prepare_renewal(self):
        """Return the values in which a renewal differs from this document."""
        self.ensure_one()
        vals = {"predecessor_id": self.id, "batch": False}
        if self.date_to:
            start = fields.Date.add(self.date_to, days=1)
            vals["date_from"] = start
            if months := self.type_id.validity_months:
                vals["date_to"] = start + relativedelta(months=months, days=-1)
            if self.type_id.has_annual_review:
                vals["review_due"] = start + relativedelta(years=1)
        return vals

    def action_open_file(self):
        """Show the file in the browser."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file",
            "target": "new",
        }

    def _ask_reason(self, step):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse") if step == "refuse" else self.env._("Revoke"),
            "res_model": "union.assist.certificate.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_step": step, "default_certificate_ids": self.ids},
        }

    def _refuse(self, reason):
        """Return submitted documents to draft with the reason why."""
        self._check_step("submitted")
        self.write({"state": "draft", "reason": reason})
        self._message_log_batch(
            bodies={
                document.id: self.env._("Refused: %(reason)s", reason=reason) for document in self
            }
        )

    def _revoke(self, reason):
        """Declare documents void with the reason why: from now on they do not count."""
        self._check_step("submitted", "verified")
        self.write({"state": "revoked", "reason": reason})
        self.activity_unlink([EXPIRY_ACTIVITY])
        self._message_log_batch(
            bodies={
                document.id: self.env._("Revoked: %(reason)s", reason=reason) for document in self
            }
        )

    # --------------------------------------------------
    # Uploads of suppliers
    # --------------------------------------------------

    @api.model
    def _submit_upload(self, vals, document=None):
        """Hand in what a supplier uploaded, or say what is wrong with it and keep nothing.

        The caller vouches that the values are those that a supplier may set, of its own.

        :param document: draft to complete; a new one is made without
        :return: the document handed in and ``{field name: sentence}``; one of them is empty
        """
        document = document or self.browse()
        savepoint = self.env.cr.savepoint()
        with savepoint:
            try:
                if document:
                    document.write(vals)
                else:
                    document = self.create(vals)
                errors = document._get_errors()
                if not errors:
                    document.action_submit()
            except ValidationError as error:
                errors = {"": str(error)}
            if errors:
                savepoint.rollback()
                self.env.invalidate_all()
                document = self.browse()
        return document, errors

    @api.model
    def _keep_upload(self, name, content):
        """Keep a file while its supplier mends the rest of the form; returns the attachment."""
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "res_model": self._name,
                "res_id": 0,
                "description": KEPT_UPLOAD,
                "access_token": self.env["ir.attachment"]._generate_access_token(),
            }
        )

    @api.model
    def _get_kept_upload(self, token):
        """Return the file that this user's form was sent with before, if it is still there."""
        attachments = self.env["ir.attachment"]
        if not token:
            return attachments
        return attachments.search(
            [
                ("access_token", "=", token),
                ("create_uid", "=", self.env.uid),
                ("res_model", "=", self._name),
                ("res_id", "=", 0),
                ("description", "=", KEPT_UPLOAD),
            ],
            limit=1,
        )

    @api.autovacuum
    def _gc_kept_uploads(self):
        self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", 0),
                ("description", "=", KEPT_UPLOAD),
                ("create_date", "<", fields.Datetime.subtract(fields.Datetime.now(), days=1)),
            ]
        ).unlink()

    # --------------------------------------------------
    # What counts, and reminders
    # --------------------------------------------------

    @api.model
    def _get_in_force_domain(self, date):
        """Domain of the documents that count on ``date``."""
        return Domain("state", "=", "verified") & self._get_period_domain(date)

    @api.model
    def _get_period_domain(self, date):
        return (Domain("date_from", "<=", date)) & (
            Domain("date_end", "=", False) | Domain("date_end", ">=", date)
        )

    def _get_status(self, date):
        """Return how the document stands on a day, as a ``DocumentNeed`` names it."""
        self.ensure_one()
        if self.state != "verified":
            return "submitted"
        if self.date_from > date:
            return "not_yet"
        if self.date_end and self.date_end < date:
            return "expired"
        return "expiring" if self.expiring_from and self.expiring_from <= date else "valid"

    def _get_rank(self, date):
        """Return a key by which the document that answers a need best on a day comes last."""
        order = ("expired", "not_yet", "submitted", "expiring", "valid")
        return order.index(self._get_status(date)), self.date_end or date.max, self.id

    @api.model
    def _cron_remind(self):
        """Remind of documents that end soon: their operator by an activity, their holder by mail.

        Each reminder that a type names is given once, none of a document whose renewal was
        handed in. Days are those of the company.
        """
        today = self.env.company._assist_today()
        documents = self.search(
            Domain("state", "=", "verified")
            & Domain("expiring_from", "<=", today)
            & Domain("date_end", ">=", today)
            & Domain("is_renewed", "=", False)
        )
        due = documents.filtered(lambda document: document._get_due_reminder(today))
        for start in range(0, len(due), REMINDER_BATCH):
            batch = due[start : start + REMINDER_BATCH]
            batch._remind(today)
            self.env["ir.cron"]._commit_progress(
                len(batch), remaining=len(due) - start - len(batch)
            )

    def _get_due_reminder(self, today):
        """Return the reminder to give today, in days before the last one, or None."""
        self.ensure_one()
        return due_reminder(
            (self.date_end - today).days, self.type_id._get_reminder_days(), self.last_reminder
        )

    def _remind(self, today):
        """Give the reminders that are due, in a number of queries that does not grow."""
        for days, documents in self.grouped(
            lambda document: document._get_due_reminder(today)
        ).items():
            documents.write({"last_reminder": days})
        self._make_expiry_activities(today)
        reachable = self.filtered("partner_id.email")
        if reachable:
            template = self.env.ref("union_assist_catalog.mail_template_certificate_expiry")
            template.send_mail_batch(reachable.ids)

    def _make_expiry_activities(self, today):
        activity_type = self.env.ref(EXPIRY_ACTIVITY)
        fallback = self._get_fallback_user()
        vals_list = []
        for document in self:
            user = document._get_responsible_user() or fallback
            texts = document.with_context(lang=user.lang)
            summary = texts.env._(
                "%(document)s: %(days)s days left",
                document=texts.display_name,
                days=(document.date_end - today).days,
            )
            note = texts.env._("Ask the supplier for the renewal and verify it.")
            if not document.partner_id.email:
                note = texts.env._(
                    "The supplier has no e-mail address and was not reminded: call it."
                )
            vals_list.append(
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": document.id,
                    "user_id": user.id,
                    "date_deadline": document.date_end,
                    "summary": summary,
                    "note": note,
                    "automated": True,
                }
            )
        # Another reminder of the same document takes the place of the one before.
        self.activity_unlink([EXPIRY_ACTIVITY])
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    def _get_responsible_user(self):
        """Return who looks after the document, if that is still somebody of the staff."""
        self.ensure_one()
        users = (self.user_id, self.verified_by_id, self.partner_id.user_id)
        return next(
            (user for user in users if user.active and user._is_internal()),
            self.env["res.users"],
        )

    @api.model
    def _get_fallback_user(self):
        """Return the operator who gets what nobody is responsible for."""
        operators = self.env.ref("union_assist_catalog.group_operator").all_user_ids
        people = operators.filtered(lambda user: user.active and user._is_internal())
        return (people - self.env.ref("base.user_root")).sorted("id")[:1] or self.env.user
