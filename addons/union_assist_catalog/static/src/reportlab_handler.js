import { registry } from "@web/core/registry";
import { download } from "@web/core/network/download";
import { user } from "@web/core/user";
import { getReportUrl } from "@web/webclient/actions/reports/utils";

/**
 * Downloads reports of the type "reportlab".
 *
 * @param {Object} action the report action
 * @param {Object} options
 * @param {Object} env
 * @returns {Promise<boolean>} whether the report was of this type
 */
export async function reportlabHandler(action, options, env) {
    if (action.report_type !== "reportlab") {
        return false;
    }
    env.services.ui.block();
    try {
        await download({
            url: "/report/download",
            data: {
                data: JSON.stringify([getReportUrl(action, "reportlab"), action.report_type]),
                context: JSON.stringify({ ...user.context, ...action.context }),
            },
        });
    } finally {
        env.services.ui.unblock();
    }
    return true;
}

registry.category("ir.actions.report handlers").add("reportlab", reportlabHandler);
