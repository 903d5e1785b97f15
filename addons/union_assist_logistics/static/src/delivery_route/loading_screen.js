import { onWillStart, onWillUnmount } from "@odoo/owl";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";
import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";
import { session } from "@web/session";
import { Outbox } from "../inspection_entry/outbox";
import { MODEL, RouteScreen } from "./route_screen";
import { makeKey, signal } from "./signals";

/**
 * Loads a route carton by carton. A scan is judged at once by what the route takes, kept on the
 * device until the server has it, and never counts twice.
 */
export class LoadingScreen extends RouteScreen {
    static template = "union_assist_logistics.LoadingScreen";

    setup() {
        super.setup();
        this.makeKey = makeKey;
        this.scannable = isBarcodeScannerSupported();
        Object.assign(this.state, { code: "", waiting: 0, last: null, open: {} });
        this.outbox = new Outbox(`union_assist_loading-${session.db}-${user.userId}`, (entry) =>
            this.send(entry)
        );
        useBus(this.outbox, "changed", ({ detail }) => (this.state.waiting = detail.size));
        useBus(this.outbox, "refused", ({ detail }) => this.onRefused(detail));
        useBus(useService("barcode").bus, "barcode_scanned", ({ detail }) =>
            this.take(detail.barcode)
        );
        onWillStart(() => this.outbox.load());
        onWillUnmount(() => this.outbox.stop());
    }

    async show(id) {
        const shown = await super.show(id);
        if (shown) {
            this.applyPending();
        }
        return shown;
    }

    /** What was scanned here and is not answered yet is shown as loaded. */
    applyPending() {
        for (const entry of this.outbox?.entries || []) {
            if (entry.route !== this.state.route.id) {
                continue;
            }
            if (entry.line) {
                Object.assign(this.loose(entry.line) || {}, {
                    loaded: entry.quantity,
                    pending: true,
                });
            } else {
                Object.assign(this.carton(entry.code) || {}, { loaded: 1, pending: true });
            }
        }
    }

    get cartons() {
        return this.state.route.drops.flatMap((drop) => drop.cartons);
    }

    get looseLines() {
        return this.state.route.drops.flatMap((drop) => drop.loose);
    }

    /** The carton of this route that a code means: SSCC, also behind (00), or name. */
    carton(code) {
        const plain = code.replace(/\s/g, "").replace(/^\]C1/, "").replace("(00)", "00");
        const sscc = /^00\d{18}$/.test(plain) ? plain.slice(2) : plain;
        return this.cartons.find(
            (carton) =>
                carton.name === code.trim() || carton.name === sscc || carton.sscc === sscc
        );
    }

    loose(id) {
        return this.looseLines.find((line) => line.id === id);
    }

    isDone(item) {
        return item.quantity === undefined ? Boolean(item.loaded) : item.loaded >= item.quantity;
    }

    count(items) {
        return items.filter((item) => this.isDone(item)).length;
    }

    get done() {
        return this.count(this.cartons) + this.count(this.looseLines);
    }

    get total() {
        return this.cartons.length + this.looseLines.length;
    }

    say(kind, message) {
        this.state.last = { kind, message };
        signal(kind);
    }

    // ------------------------------------------------------------------
    // Scanning
    // ------------------------------------------------------------------

    async scan() {
        const code = await scanBarcode(this.env);
        if (code) {
            await this.take(code);
        }
    }

    async onCodeKeydown(ev) {
        if (ev.key === "Enter") {
            const code = ev.target.value;
            ev.target.value = "";
            await this.take(code);
        }
    }

    /** Take a scanned code: at once what is on the list, the rest by asking the server. */
    async take(code) {
        if (!this.state.route || !code.trim()) {
            return;
        }
        const moment = serializeDateTime(luxon.DateTime.now());
        const carton = this.carton(code);
        if (carton && this.isDone(carton)) {
            const { name, by, at } = carton;
            this.say(
                "bad",
                by
                    ? _t("%(name)s was loaded by %(by)s at %(at)s.", { name, by, at })
                    : _t("%s was scanned already.", name)
            );
            return;
        }
        if (carton) {
            Object.assign(carton, { loaded: 1, pending: true });
            this.say("good", `${carton.name} · ${carton.content}`);
            await this.outbox.put({ key: makeKey(), route: this.state.route.id, code, moment });
            return;
        }
        const answer = await this.call("assist_scan", [
            [this.state.route.id],
            makeKey(),
            code,
            moment,
        ]);
        if (!answer) {
            this.say(
                "bad",
                _t("%s is not on this route's list. Leave it: there is no connection to look up where it belongs.", code)
            );
            return;
        }
        this.say(answer.result === "loaded" ? "good" : "bad", answer.message);
        if (answer.result === "loaded") {
            await this.show(this.state.route.id);
        }
    }

    /** Confirm goods without a carton by their quantity. */
    async confirm(line, quantity) {
        const number = Number(quantity);
        if (Number.isNaN(number) || number < 0 || number > line.quantity) {
            this.say("bad", _t("Load between 0 and %s.", `${line.quantity} ${line.unit}`));
            return;
        }
        Object.assign(line, { loaded: number, pending: true });
        this.say("good", `${line.content} · ${number} ${line.unit}`);
        await this.outbox.put({
            key: makeKey(),
            route: this.state.route.id,
            line: line.id,
            quantity: number,
            moment: serializeDateTime(luxon.DateTime.now()),
        });
    }

    async send(entry) {
        let answer;
        const { key, route, code, line, quantity, moment } = entry;
        try {
            answer = line
                ? await this.orm.silent.call(MODEL, "assist_load_loose", [
                      [route],
                      key,
                      line,
                      quantity,
                      moment,
                  ])
                : await this.orm.silent.call(MODEL, "assist_scan", [[route], key, code, moment]);
        } catch (error) {
            this.state.offline = error instanceof ConnectionLostError;
            throw error;
        }
        this.state.offline = false;
        if (this.state.route?.id !== route) {
            return;
        }
        if (!["loaded", "already"].includes(answer.result)) {
            this.say("bad", answer.message);
        }
        // The last answer brings who loaded what when, others' cartons too.
        if (this.outbox.entries.length <= 1) {
            const shown = await this.orm.silent.call(MODEL, "assist_get_loading", [[route]]);
            this.state.route = shown;
        }
    }

    onRefused({ error }) {
        this.say("bad", error.data?.message || error.message);
        if (this.state.route) {
            this.show(this.state.route.id);
        }
    }

    async takeOff(carton) {
        const answer = await this.call("assist_take_off", [
            [this.state.route.id],
            carton.loading_id,
        ]);
        if (answer) {
            this.state.last = { kind: "good", message: answer.message };
            await this.show(this.state.route.id);
        }
    }

    async depart() {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await this.outbox.flush();
            if (this.outbox.size) {
                this.notification.add(
                    _t("%s scans are kept on this device until there is a connection again.", this.outbox.size),
                    { type: "warning" }
                );
                return;
            }
            const { id } = this.state.route;
            const action = await this.call("action_depart", [[id]]);
            if (action && typeof action === "object") {
                await this.action.doAction(action, { onClose: () => this.show(id) });
            } else if (action) {
                await this.show(id);
                this.say("good", _t("Departed."));
            }
        } finally {
            this.state.busy = false;
        }
    }

    openForm() {
        this.action.doAction("union_assist_logistics.action_delivery_route", {
            viewType: "form",
            props: { resId: this.state.route.id },
        });
    }
}

registry.category("actions").add("union_assist_logistics.loading_screen", LoadingScreen);
