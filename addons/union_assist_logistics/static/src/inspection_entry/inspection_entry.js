import { Component, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";
import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { session } from "@web/session";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { InspectionItem } from "./inspection_item";
import { Outbox } from "./outbox";

// Pages without https have no crypto.randomUUID.
const uniqueKey = () => `${Date.now()}-${Math.random().toString(36).slice(2)}`;

const MODEL = "union.assist.inspection.entry";
const INSPECTION = "union.assist.quality.inspection";

/**
 * Quick entry of inspections with large fields: the inspections that wait, one of them, one item
 * at a time. What is entered is kept on the device until the server has it.
 */
export class InspectionEntry extends Component {
    static template = "union_assist_logistics.InspectionEntry";
    static components = { InspectionItem };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.scannable = isBarcodeScannerSupported();
        this.searchRef = useRef("search");
        this.state = useState({
            inspections: [],
            inspection: null,
            loads: 0,
            index: null, // of the item shown; null: all of them
            term: "",
            waiting: 0, // entries that are not answered yet
            offline: false,
            conflicts: {}, // by line: what another inspector recorded meanwhile
            busy: false,
        });
        this.outbox = new Outbox(`union_assist_inspection-${session.db}-${user.userId}`, (entry) =>
            this.send(entry)
        );
        useBus(this.outbox, "changed", ({ detail }) => (this.state.waiting = detail.size));
        useBus(this.outbox, "refused", ({ detail }) => this.onRefused(detail));
        useBus(useService("barcode").bus, "barcode_scanned", ({ detail }) =>
            this.open(detail.barcode)
        );
        onWillStart(async () => {
            const { resId, action } = this.props;
            const asked = resId || action.params?.inspection_id;
            await Promise.all([asked ? this.show(asked) : this.list(), this.outbox.load()]);
        });
        onWillUnmount(() => this.outbox.stop());
    }

    // ------------------------------------------------------------------
    // Reading
    // ------------------------------------------------------------------

    /** Run a call; a lost connection is shown and leaves everything as it is. */
    async call(method, args, model = MODEL) {
        try {
            const answer = await this.orm.silent.call(model, method, args);
            this.state.offline = false;
            return answer;
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.state.offline = true;
            return null;
        }
    }

    async list() {
        const inspections = await this.call("get_open_inspections", [this.state.term]);
        if (inspections) {
            this.state.inspections = inspections;
            this.state.inspection = null;
            this.state.index = null;
            this.props.updateActionState({ resId: false });
        }
    }

    async show(id) {
        const inspection = await this.call("get_inspection", [id]);
        if (inspection) {
            this.state.inspection = inspection;
            this.state.loads++;
            this.state.index = null;
            this.state.conflicts = {};
            this.applyPending();
            this.props.updateActionState({ resId: id });
        }
    }

    async refresh() {
        const { id } = this.state.inspection;
        const index = this.state.index;
        await this.show(id);
        this.state.index = index;
    }

    /** What was entered here and is not answered yet is shown as entered. */
    applyPending() {
        for (const entry of this.outbox.entries) {
            const line = this.line(entry.line);
            if (line) {
                this.overlay(line, entry.result);
            }
        }
    }

    /** Show on a line what was entered and is not answered yet. */
    overlay(line, { photos, removed_photos, ...result }) {
        Object.assign(line, result, { pending: true, error: "" });
        if (photos) {
            line.pending_photos = [...(line.pending_photos || []), ...photos];
        }
        if (removed_photos) {
            line.photos = line.photos.filter(({ id }) => !removed_photos.includes(id));
        }
    }

    line(id) {
        return this.state.inspection?.lines.find((line) => line.id === id);
    }

    async open(code) {
        const found = await this.find(code);
        if (found?.length === 1) {
            await this.show(found[0].id);
        } else if (found) {
            this.state.inspection = null;
            this.state.inspections = found;
        }
    }

    async find(code) {
        try {
            return await this.call("find_by_code", [code]);
        } catch (error) {
            this.notification.add(error.data?.message || error.message, { type: "danger" });
        }
    }

    async scan() {
        const code = await scanBarcode(this.env);
        if (code) {
            if ("vibrate" in window.navigator) {
                window.navigator.vibrate(100);
            }
            await this.open(code);
        }
    }

    /** Enter opens the lot whose whole number was typed or scanned; parts of it filter. */
    async onSearchKeydown(ev) {
        if (ev.key === "Enter") {
            this.state.term = ev.target.value.trim();
            await this.list();
            if (this.state.inspections.length === 1) {
                await this.show(this.state.inspections[0].id);
            } else if (this.state.term && !this.state.inspections.length) {
                await this.open(this.state.term);
            }
        }
    }

    async onSearch(ev) {
        this.state.term = ev.target.value.trim();
        await this.list();
    }

    // ------------------------------------------------------------------
    // Writing
    // ------------------------------------------------------------------

    /** Take what was entered of an item: kept first, sent then. */
    record(line, result, version = line.version) {
        delete this.state.conflicts[line.id];
        // A later entry replaces an earlier one that waits: it carries all that was entered.
        const key = `${line.id}`;
        const waiting = this.outbox.waiting(key);
        return this.put(key, line, { ...waiting?.result, ...result }, waiting?.version || version);
    }

    addPhoto(line, photo) {
        return this.put(`${line.id}-${uniqueKey()}`, line, { photos: [photo] });
    }

    removePhoto(line, photo) {
        return this.put(`${line.id}-${photo.id}`, line, { removed_photos: [photo.id] });
    }

    put(key, line, result, version) {
        this.overlay(line, result);
        const { id } = this.state.inspection;
        return this.outbox.put({ key, inspection: id, line: line.id, result, version });
    }

    async send(entry) {
        let answer;
        try {
            answer = await this.orm.silent.call(MODEL, "save_result", [
                entry.line,
                entry.result,
                entry.version,
            ]);
        } catch (error) {
            this.state.offline = error instanceof ConnectionLostError;
            throw error;
        }
        this.state.offline = false;
        const line = this.line(entry.line);
        if (answer.conflict) {
            this.onConflict(entry, answer);
        }
        if (line) {
            const newer = this.outbox.pending(
                (other) => other.line === entry.line && other !== entry
            );
            // What was typed while this one was on its way stays on the screen.
            Object.assign(line, answer.line, { pending: false, pending_photos: [], error: "" });
            for (const other of newer) {
                other.version = other.version && answer.line.version;
                this.overlay(line, other.result);
            }
            const { recorded, result, safety_failed } = answer;
            Object.assign(this.state.inspection, { recorded, result, safety_failed });
        }
    }

    onConflict(entry, answer) {
        if (this.line(entry.line)) {
            this.state.conflicts[entry.line] = { by: answer.conflict, mine: entry.result };
        }
        this.notification.add(
            _t(
                "%(who)s recorded “%(item)s” meanwhile. Yours was not saved: look at both and choose.",
                { who: answer.conflict, item: answer.line.name }
            ),
            { type: "warning", sticky: !this.line(entry.line) }
        );
    }

    onRefused({ entry, error }) {
        const line = this.line(entry.line);
        if (line) {
            line.pending = false;
            line.error = error.data?.message || error.message;
        }
        this.notification.add(error.data?.message || error.message, { type: "danger", sticky: true });
    }

    /** Of two results of an item, keep mine or the other inspector's. */
    resolve(line, mine) {
        const conflict = this.state.conflicts[line.id];
        delete this.state.conflicts[line.id];
        if (mine) {
            return this.record(line, conflict.mine);
        }
    }

    /** Everything entered is with the server; says what is not. */
    async sendAll() {
        await this.outbox.flush();
        const { id } = this.state.inspection;
        const left = this.outbox.pending((entry) => entry.inspection === id).length;
        if (left) {
            this.notification.add(
                _t("%s results are kept on this device until there is a connection again.", left),
                { type: "warning" }
            );
        }
        return !left;
    }

    async step(method, message) {
        if (this.state.busy) {
            return false;
        }
        this.state.busy = true;
        try {
            if (!(await this.sendAll())) {
                return false;
            }
            const done = await this.call(method, [[this.state.inspection.id]], INSPECTION);
            if (!done) {
                this.notification.add(_t("No connection: nothing was done. Try again."), {
                    type: "warning",
                });
                return false;
            }
            await this.refresh();
            if (message) {
                this.notification.add(message, { type: "success" });
            }
            return true;
        } finally {
            this.state.busy = false;
        }
    }

    passRemaining() {
        return this.step("action_pass_all");
    }

    /** Hand the results over; what is missing comes to the screen first. */
    async submit() {
        const missing = this.state.inspection.lines.findIndex((line) => !this.isDone(line));
        if (missing >= 0) {
            this.notification.add(
                _t("No result yet for “%s”.", this.state.inspection.lines[missing].name),
                { type: "warning" }
            );
            this.state.index = missing;
            return;
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("Hand Over for Decision"),
            body: _t("Somebody else decides on the lot. You do not change the results any more."),
            confirmLabel: _t("Hand Over"),
            confirm: async () => {
                if (await this.step("action_submit", _t("Handed over for decision."))) {
                    await this.list();
                }
            },
            cancel: () => {},
        });
    }

    async saveNote(ev) {
        const { inspection } = this.state;
        const note = ev.target.value.trim();
        if (note !== inspection.note) {
            const done = await this.call("write", [[inspection.id], { note }], INSPECTION);
            if (done) {
                inspection.note = note;
            } else {
                this.notification.add(_t("No connection: the remarks are not saved yet."), {
                    type: "warning",
                });
            }
        }
    }

    // ------------------------------------------------------------------
    // Moving about
    // ------------------------------------------------------------------

    back() {
        if (this.state.index !== null) {
            this.state.index = null;
        } else {
            this.list();
        }
    }

    go(index) {
        this.state.index = index >= 0 && index < this.state.inspection.lines.length ? index : null;
    }

    /** Begin with the first item that has no result. */
    start() {
        const first = this.state.inspection.lines.findIndex((line) => !this.isDone(line));
        this.go(Math.max(first, 0));
    }

    openLabReports() {
        return this.openFrom("action_view_lab_reports");
    }

    openSamples() {
        return this.openFrom("action_view_samples");
    }

    async openFrom(method) {
        const action = await this.call(method, [[this.state.inspection.id]], INSPECTION);
        if (action) {
            this.action.doAction(action);
        }
    }

    openForm() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: INSPECTION,
            res_id: this.state.inspection.id,
            views: [[false, "form"]],
        });
    }

    // ------------------------------------------------------------------
    // What the template asks
    // ------------------------------------------------------------------

    /** An item has a result: judged by the server, or entered and kept here. */
    isDone(line) {
        return Boolean(line.verdict || line.pending) && !this.state.conflicts[line.id];
    }

    get done() {
        return this.state.inspection.lines.filter((line) => this.isDone(line)).length;
    }

    percent(done, total) {
        return total ? Math.round((100 * done) / total) : 0;
    }

    date(text) {
        return text ? formatDate(deserializeDate(text)) : "";
    }

    quantity({ quantity, unit }) {
        return `${formatFloat(quantity, { trailingZeros: false })} ${unit}`;
    }

    /** The result of an item in few words, for the list of items. */
    brief(line) {
        if (line.skipped) {
            return _t("Left Out");
        }
        if (line.sample_size) {
            return line.defects === null ? "" : `${line.defects} / ${line.sample_size}`;
        }
        if (line.kind === "measure") {
            const several = line.readings.length > 1 && line.value !== null && !line.pending;
            const figures = several ? Number(line.value.toFixed(6)) : line.readings.join(" · ");
            return line.readings.length ? `${figures} ${line.unit}` : "";
        }
        const answers = { pass: _t("Conforms"), fail: _t("Does Not Conform") };
        return line.choice || line.text || answers[line.answer] || "";
    }
}

registry.category("actions").add("union_assist_logistics.inspection_entry", InspectionEntry);
