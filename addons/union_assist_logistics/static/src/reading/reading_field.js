import { useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { FloatField, floatField } from "@web/views/fields/float/float_field";

const COMMIT_KEYS = new Set(["Enter", "Tab"]);

/**
 * A measured value that is empty until it was measured, so that "0" can be a result.
 * The record says in its field "recorded" whether there is a value.
 */
export class ReadingField extends FloatField {
    setup() {
        super.setup();
        useEffect(
            (input) => {
                if (!input) {
                    return;
                }
                // The input is rewritten when it is committed: remember what was typed.
                let typed = null;
                const onInput = () => (typed = input.value.trim());
                const onCommit = (ev) => {
                    if (typed !== null && (ev.type === "change" || COMMIT_KEYS.has(ev.key))) {
                        this.onTyped(typed);
                        typed = null;
                    }
                };
                input.addEventListener("input", onInput);
                input.addEventListener("change", onCommit);
                input.addEventListener("keydown", onCommit);
                return () => {
                    input.removeEventListener("input", onInput);
                    input.removeEventListener("change", onCommit);
                    input.removeEventListener("keydown", onCommit);
                };
            },
            () => [this.inputRef.el]
        );
    }

    get formattedValue() {
        return this.value || this.props.record.data.recorded ? super.formattedValue : "";
    }

    parse(value) {
        return value.trim() ? super.parse(value) : 0;
    }

    /** Zero and empty are the same number: only what was typed tells them apart. */
    onTyped(text) {
        const recorded = text !== "";
        if (!this.value && recorded !== this.props.record.data.recorded) {
            this.props.record.update({ recorded });
        } else if (this.value && !recorded) {
            this.props.record.update({ [this.props.name]: 0, recorded });
        }
    }
}

export const readingField = {
    ...floatField,
    component: ReadingField,
    extractProps: (...args) => ({ ...floatField.extractProps(...args), trailingZeros: false }),
    additionalClasses: ["o_field_float"],
};

registry.category("fields").add("assist_reading", readingField);
