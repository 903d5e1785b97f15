import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { judgeReading, parseReading } from "./limits";
import { shrinkPicture } from "./pictures";

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
        addPhoto: Function,
        removePhoto: Function,
        resolve: Function,
        go: Function,
        finish: Function,
    };

    setup() {
        this.state = useState({ readings: [], text: "", note: "", showNote: false, error: "" });
        this.cameraRef = useRef("camera");
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
            text: line.readings[index] || "",
            error: "",
        }));
        this.state.text = line.text;
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

    onText(ev) {
        this.state.text = ev.target.value;
        this.touched.add("text");
    }

    onNote(ev) {
        this.state.note = ev.target.value;
        this.touched.add("note");
    }

    answer(value) {
        this.state.error = "";
        if (value === "pass" && this.missing) {
            this.state.error = this.missing;
            return;
        }
        this.props.record(this.line, { answer: value, ...this.takeTexts() });
        this.onConforming(value === "pass");
    }

    /** Count the nonconforming units of the sample, never below none or above all. */
    count(defects) {
        this.state.error = "";
        const kept = Math.min(Math.max(defects, 0), this.line.sample_size);
        this.props.record(this.line, { defects: kept, ...this.takeTexts() });
    }

    onCount(ev) {
        const text = ev.target.value.normalize("NFKC").trim();
        if (/^\d+$/.test(text) && Number(text) <= this.line.sample_size) {
            this.count(Number(text));
        } else if (text) {
            this.state.error = _t("Enter a number from 0 to %s.", this.line.sample_size);
        } else {
            this.props.record(this.line, { defects: null });
        }
    }

    choose(choice) {
        this.props.record(this.line, { choice: choice.name, ...this.takeTexts() });
        this.onConforming(choice.pass);
    }

    /** What conforms needs no words: on to the next item. */
    onConforming(conforms) {
        if (conforms) {
            this.next();
        }
    }

    /** What an item needs before it can be found to conform. */
    get missing() {
        if (this.line.kind === "text" && !this.state.text.trim()) {
            return _t("Write down first what was found.");
        }
        if (this.line.kind === "photo" && !this.photos.length) {
            return _t("Take a photo first.");
        }
        return "";
    }

    takeTexts() {
        const result = {};
        for (const name of ["text", "note"]) {
            if (this.touched.delete(name)) {
                result[name] = this.state[name].trim();
            }
        }
        return result;
    }

    /** Take what was typed; returns whether all of it could be understood. */
    save() {
        if (!this.props.editable) {
            return true;
        }
        const result = this.takeTexts();
        if (this.touched.has("readings")) {
            const readings = this.state.readings.map(({ text }) => parseReading(text));
            const last = readings.findLastIndex(({ text }) => text);
            this.state.readings.forEach((reading, index) => {
                const { text, error } = readings[index];
                reading.error = error || (!text && index < last ? _t("Missing.") : "");
            });
            if (this.state.readings.some((reading) => reading.error)) {
                this.keep(result);
                return false;
            }
            this.touched.delete("readings");
            result.readings = readings.slice(0, last + 1).map(({ text }) => text);
        }
        this.keep(result);
        return true;
    }

    keep(result) {
        if (Object.keys(result).length) {
            this.props.record(this.line, result);
        }
    }

    // ------------------------------------------------------------------
    // Photos
    // ------------------------------------------------------------------

    async onPictures(ev) {
        this.state.error = "";
        const files = [...ev.target.files];
        ev.target.value = "";
        for (const file of files) {
            try {
                this.props.addPhoto(this.line, await shrinkPicture(file));
            } catch {
                this.state.error = _t("This file is no picture that the browser can read.");
            }
        }
    }

    get photos() {
        return [...this.line.photos, ...(this.line.pending_photos || [])];
    }

    photoUrl(photo) {
        return photo.id ? `/web/image/${photo.id}/200x200` : `data:image/jpeg;base64,${photo.data}`;
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
        return judgeReading(this.line, parseReading(reading.text));
    }

    /** What a reading is called: by the formula's names, or by its number. */
    label(index) {
        return this.line.reading_names[index] || index + 1;
    }

    /** The figure that decides, where it is not simply the reading. */
    get figure() {
        const { kind, value, judged_by, readings, unit, pending } = this.line;
        if (kind !== "measure" || pending || value === null || this.isCounted) {
            return "";
        }
        const plain = judged_by === "each" && readings.length === 1;
        return plain ? "" : `${Number(value.toFixed(6))} ${unit}`;
    }

    get sampleText() {
        return _t(
            "Inspect %(sample_size)s of %(sample_of)s %(sample_unit)s. With at most %(accept)s nonconforming the lot passes, from %(reject)s on it fails.",
            this.line
        );
    }

    get severity() {
        return { critical: _t("Critical"), major: _t("Major"), minor: _t("Minor") }[
            this.line.severity
        ];
    }

    /** Judged by the nonconforming units of the sample, or left out with the whole lot. */
    get isCounted() {
        return Boolean(this.line.skipped || this.line.sample_size);
    }

    get takesAnswer() {
        return ["pass_fail", "text", "photo"].includes(this.line.kind) && !this.isCounted;
    }

    get verdict() {
        return this.line.pending ? "" : this.line.verdict;
    }

    get verdictLabel() {
        return { pass: _t("Pass"), fail: _t("Fail"), skipped: _t("Left Out") }[this.verdict];
    }

    get isLast() {
        return this.props.index + 1 === this.props.total;
    }

    get mine() {
        const { readings, answer, choice, text, note, defects } = this.props.conflict.mine;
        const answers = { pass: _t("Conforms"), fail: _t("Does Not Conform") };
        const counted = defects ?? undefined;
        return [readings?.join(" · "), counted?.toString(), answers[answer], choice, text, note]
            .filter(Boolean)
            .join(" · ");
    }
}
