import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A text that is one of the options that the record names in its field "choices". */
export class ChoiceField extends Component {
    static template = "union_assist_logistics.ChoiceField";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    get options() {
        return this.props.record.data.choices || [];
    }

    onChange(ev) {
        this.props.record.update({ [this.props.name]: ev.target.value || false });
    }
}

registry.category("fields").add("assist_choice", {
    component: ChoiceField,
    displayName: _t("Choice"),
    supportedTypes: ["char"],
    fieldDependencies: [{ name: "choices", type: "json" }],
});
