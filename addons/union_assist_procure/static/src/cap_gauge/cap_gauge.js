import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const COLORS = { open: "bg-success", near: "bg-warning", full: "bg-warning", over: "bg-danger" };

/** How much of a purchase cap is used: ordered, received and invoiced, one over the other. */
export class CapGauge extends Component {
    static template = "union_assist_procure.CapGauge";
    static props = { ...standardFieldProps };

    get color() {
        return COLORS[this.props.record.data.level] || "bg-secondary";
    }

    get rate() {
        return formatFloat(this.props.record.data[this.props.name], { digits: [16, 1] });
    }

    get layers() {
        const { amount, committed, received, invoiced, currency_id } = this.props.record.data;
        const whole = Math.max(amount, committed, received, invoiced) || 1;
        const layers = [
            [_t("Used"), committed, 40],
            [_t("Received"), received, 65],
            [_t("Invoiced"), invoiced, 100],
        ];
        return layers.map(([label, value, opacity]) => ({
            label: `${label}: ${formatMonetary(value, { currencyId: currency_id?.id })}`,
            style: `width: ${(100 * Math.max(value, 0)) / whole}%; opacity: ${opacity}%`,
        }));
    }

    get tooltip() {
        return this.layers.map((layer) => layer.label).join("\n");
    }
}

registry.category("fields").add("assist_cap_gauge", {
    component: CapGauge,
    displayName: _t("Purchase Cap Gauge"),
    supportedTypes: ["float"],
    fieldDependencies: [
        { name: "amount", type: "monetary" },
        { name: "committed", type: "monetary" },
        { name: "received", type: "monetary" },
        { name: "invoiced", type: "monetary" },
        { name: "level", type: "selection" },
        { name: "currency_id", type: "many2one", relation: "res.currency" },
    ],
});
