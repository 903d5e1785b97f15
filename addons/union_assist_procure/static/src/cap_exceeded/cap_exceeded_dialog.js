import { RedirectWarningDialog } from "@web/core/errors/error_dialogs";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** The refusal of an order that exceeds a purchase cap, with the way out as a button. */
export class CapExceededDialog extends RedirectWarningDialog {
    static template = "union_assist_procure.CapExceededDialog";

    setup() {
        super.setup();
        this.title = _t("Purchase Cap Exceeded");
        const [headline, ...lines] = this.message.split("\n");
        this.headline = headline;
        this.lines = lines.map((line) => ({
            text: line.replace(/^[•·]\s*/, ""),
            isItem: /^[•·]/.test(line),
        }));
    }
}

registry
    .category("error_dialogs")
    .add("odoo.addons.union_assist_procure.exceptions.CapExceeded", CapExceededDialog);
