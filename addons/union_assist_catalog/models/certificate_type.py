import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.certificates import NUMBER_CHECKS, parse_days


class UnionAssistCertificateType(models.Model):
    """A kind of document that vouches for a supplier or for its goods.

    What a document of this kind must carry is data here: who issues it, how its number
    reads, whether and how long it holds, and when its holder is reminded.
    """

    _name = "union.assist.certificate.type"
    _description = "Document Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="By which rules and imports know the type.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    scope = fields.Selection(
        [("supplier", "Supplier"), ("product", "Product")],
        "Vouches for",
        required=True,
        default="supplier",
        help="A document of a supplier holds for all of its goods, one of products for those"
        " named on it.",
    )
    level = fields.Selection(
        [("county", "County"), ("prefecture", "City"), ("province", "Province")],
        "Certified by",
        help="Level that certifies assistance products; empty for other documents.",
    )
    is_assist_certification = fields.Boolean(
        "Certifies Assistance Products",
        help="A product needs one of these to be in the recommended catalogue.",
    )
    is_per_batch = fields.Boolean(
        "For Each Batch",
        help="Issued for a batch of goods and asked for when the batch is delivered, not when"
        " the goods are ordered.",
    )
    is_public = fields.Boolean(
        "In the Public Catalogue",
        help="Documents of this type are shown with their number and last day on the public page"
        " of the goods that they vouch for.",
    )
    authority = fields.Char(
        "Issued by", translate=True, help="Proposed on new documents of this type."
    )
    number_label = fields.Char(
        "Name of the Number",
        translate=True,
        help="What the number is called on the document; empty when it has none.",
    )
    number_pattern = fields.Char(
        help="Regular expression that the whole number matches; empty when any will do."
    )
    number_check = fields.Selection(
        [
            ("food_licence", "Food Production Licence (GB/T 17710)"),
            ("credit_code", "Unified Social Credit Code (GB 32100)"),
        ],
        "Check Digit",
        help="Rule by which the last character of the number follows from the others.",
    )
    number_error = fields.Char(
        "Hint on the Number",
        translate=True,
        help="Shown to who enters a number that does not fit: how it reads and where to find it.",
    )
    is_expiry_required = fields.Boolean(
        "Expires", help="Documents of this type always name their last day."
    )
    validity_months = fields.Integer(
        "Usual Validity (Months)", help="Proposes the last day of a document; 0 proposes none."
    )
    has_annual_review = fields.Boolean(
        "Annual Review",
        help="Reviewed each year (年度复核): a document whose review is overdue does not hold.",
    )
    reminder_days = fields.Char(
        "Reminders (Days Before)",
        help="How many days before its last day the holder is reminded, for example 90, 30, 7."
        " Empty for none.",
    )
    description = fields.Text(translate=True, help="How it is applied for and what it requires.")
    source = fields.Text(required=True, translate=True, help="The document that says so.")
    certificate_count = fields.Integer("Documents", compute="_compute_certificate_count")

    _code_unique = models.UniqueIndex("(code)", "A document type with this code exists already.")
    _validity_not_negative = models.Constraint(
        "CHECK (validity_months >= 0)", "The usual validity is a number of months from 0 on."
    )

    def _compute_certificate_count(self):
        groups = self.env["union.assist.certificate"]._read_group(
            [("type_id", "in", self.ids)], ["type_id"], ["__count"]
        )
        counts = {kind.id: count for kind, count in groups}
        for kind in self:
            kind.certificate_count = counts.get(kind._origin.id, 0)

    def write(self, vals):
        result = super().write(vals)
        if {"is_assist_certification", "has_annual_review"} & vals.keys():
            self.env["union.assist.catalogue"]._mark_stale()
        return result

    @api.constrains("number_pattern")
    def _check_number_pattern(self):
        for kind in self.filtered("number_pattern"):
            try:
                re.compile(kind.number_pattern)
            except re.error as error:
                raise ValidationError(
                    self.env._(
                        "The number pattern of “%(type)s” is no regular expression: %(error)s.",
                        type=kind.name,
                        error=error,
                    )
                ) from error

    @api.constrains("reminder_days")
    def _check_reminder_days(self):
        for kind in self:
            try:
                parse_days(kind.reminder_days)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "The reminders of “%(type)s” are whole numbers of days with commas"
                        " between them, for example 90, 30, 7.",
                        type=kind.name,
                    )
                ) from error

    @api.constrains("is_per_batch", "scope")
    def _check_batch_scope(self):
        if any(kind.is_per_batch and kind.scope != "product" for kind in self):
            raise ValidationError(
                self.env._("A document for each batch vouches for products, not for a supplier.")
            )

    def _get_reminder_days(self):
        """Return the days of this type's reminders, the earliest reminder first."""
        return parse_days(self.reminder_days)

    def _get_number_error(self, number):
        """Say what is wrong with a number of this type; False when it fits.

        :param str number: as :meth:`_normalize_number` returns it
        """
        self.ensure_one()
        fits = not self.number_pattern or re.fullmatch(self.number_pattern, number)
        if fits and self.number_check:
            fits = NUMBER_CHECKS[self.number_check](number)
        if fits:
            return False
        return self.env._(
            "“%(number)s” is no valid %(label)s. %(hint)s",
            number=number,
            label=self.number_label or self.env._("number"),
            hint=self.number_error or "",
        ).strip()

    def _normalize_number(self, number):
        """Return a number as it is compared: without outer blanks; coded ones bare, in capitals."""
        number = (number or "").strip()
        if self.number_check:
            number = "".join(number.split()).upper()
        return number

    def action_view_certificates(self):
        """Open the documents of this type."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_catalog.action_certificate"
        )
        return {
            **action,
            "domain": [("type_id", "=", self.id)],
            "context": {"default_type_id": self.id},
        }
