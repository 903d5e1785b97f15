import { Component, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatReading, judgeReading, parseReading } from "./limits";

/** One item of an inspection in large fields. */
export class InspectionItem extends Component {
    static template = "union_assist_logistics.InspectionItem";
    static props = {
        line: Object,
        index: Number,
        total: Number,
        editable: Boolean,
        conflict: { type: Object, optional: true },
        record: Function,
        resolve: Function,
        go: Function,
        finish: Function,
    };

    setup() {
        this.state = useState({ readings: [], note: "", showNote: false });
        this.line = useState(this.props.line);
        this.touched = new Set(); // what was typed and is not handed on yet
        this.load();
        useEffect(
            () => {
                if (!this.touched.size) {
                    this.load();
                }
            },
            () => [this.line.version]
        );
    }

    load() {
        const { line } = this;
        const count = Math.max(line.reading_count || 1, line.readings.length, 1);
        this.state.readings = Array.from({ length: count }, (_, index) => ({
            text: formatReading(line.readings[index]),
            error: "",
        }));
        this.state.note = line.note;
        this.state.showNote = Boolean(line.note);
    }

    // ------------------------------------------------------------------
    // Entering
    // ------------------------------------------------------------------

    onReading(index, ev) {
        const reading = this.state.readings[index];
        reading.text = ev.target.value;
        reading.error = "";
        this.touched.add("readings");
    }

    onReadingKeydown(index, ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            const inputs = [...ev.target.closest(".o_assist_item").querySelectorAll("input.o_assist_reading")];
            if (inputs[index + 1]) {
                inputs[index + 1].focus();
            } else if (this.save()) {
                ev.target.blur();
            }
        }
    }

    addReading() {
        this.state.readings.push({ text: "", error: "" });
    }

    onNote(ev) {
        this.state.note = ev.target.value;
        this.touched.add("note");
    }

    answer(value) {
        this.props.record(this.line, { answer: value, ...this.takeNote() });
        // What conforms needs no words: on to the next item.
        if (value === "pass" && this.line.kind === "pass_fail") {
            this.next();
        }
    }

    takeNote() {
        if (!this.touched.delete("note")) {
            return {};
        }
        return { note: this.state.note.trim() };
    }

    /** Take what was typed; returns whether all of it could be understood. */
    save() {
        if (!this.props.editable) {
            return true;
        }
        const result = this.takeNote();
        if (this.touched.has("readings")) {
            const values = [];
            for (const reading of this.state.readings) {
                const { value, error } = parseReading(reading.text);
                reading.error = error;
                if (value !== null) {
                    values.push(value);
                }
            }
            if (this.state.readings.some((reading) => reading.error)) {
                return false;
            }
            this.touched.delete("readings");
            result.readings = values;
        }
        if (Object.keys(result).length) {
            this.props.record(this.line, result);
        }
        return true;
    }

    onBlur() {
        this.save();
    }

    // ------------------------------------------------------------------
    // Moving about
    // ------------------------------------------------------------------

    next() {
        if (this.save()) {
            if (this.props.index + 1 < this.props.total) {
                this.props.go(this.props.index + 1);
            } else {
                this.props.finish();
            }
        }
    }

    previous() {
        if (this.save()) {
            this.props.go(this.props.index - 1);
        }
    }

    // ------------------------------------------------------------------
    // What the template asks
    // ------------------------------------------------------------------

    /** At once, from the same limits as the server's judgement. */
    judge(reading) {
        const { value } = parseReading(reading.text);
        return value === null ? "" : judgeReading(this.line, value);
    }

    get verdict() {
        return this.line.pending ? "" : this.line.verdict;
    }

    get verdictLabel() {
        return { pass: _t("Pass"), fail: _t("Fail") }[this.verdict];
    }

    get isLast() {
        return this.props.index + 1 === this.props.total;
    }

    get mine() {
        const { readings, answer, note } = this.props.conflict.mine;
        const answers = { pass: _t("Conforms"), fail: _t("Does Not Conform") };
        return [readings?.join(" · "), answers[answer] || answer, note].filter(Boolean).join(" · ");
    }
}
