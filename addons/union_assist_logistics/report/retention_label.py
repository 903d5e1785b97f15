from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import format_date

from ..tools.retention_label import Label, render_labels


class RetentionLabelReport(models.AbstractModel):
    """Gathers what the labels of retention samples say."""

    _name = "report.union_assist_logistics.report_retention_label"
    _description = "Label of Retention Samples"

    def _render_pdf(self, docids, data=None):
        """Print the labels of these samples as one PDF, one label per page.

        :raise AccessError: when the user may not read one of the samples
        :raise UserError: when there is none, or no font is installed
        """
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may print labels."))
        samples = self.env["union.assist.retention.sample"].browse(docids).exists()
        if not samples:
            raise UserError(self.env._("Choose the samples whose labels to print."))
        samples.check_access("read")
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        title = samples.name if len(samples) == 1 else self.env._("Labels of Retention Samples")
        return render_labels((self._get_label(sample) for sample in samples.sudo()), fonts, title)

    def _get_label(self, sample):
        env = self.env
        rows = [
            (env._("Lot"), sample.lot_id.name),
            (env._("Made"), format_date(env, sample.production_date)),
            (env._("Quantity"), f"{sample.quantity:g} {sample.uom_id.name}"),
            (env._("Place"), sample.place),
            (
                env._("Taken"),
                f"{format_date(env, sample.taken_on)} {sample.taken_by_id.name or ''}".strip(),
            ),
            (env._("Keep until"), format_date(env, sample.keep_until)),
        ]
        return Label(
            code=sample.name,
            title=env._("Retention Sample"),
            product=sample.product_id.with_context(display_default_code=False).display_name,
            rows=tuple((caption, text) for caption, text in rows if text),
        )
