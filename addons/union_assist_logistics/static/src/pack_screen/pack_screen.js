import { Component, onWillStart, useRef, useState } from "@odoo/owl";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";
import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "union.assist.pack.screen";

/**
 * Packing an order into cartons on a phone: scan goods, say how many, next carton. The server
 * refuses what does not belong; nothing is kept here that it has not taken.
 */
export class PackScreen extends Component {
    static template = "union_assist_logistics.PackScreen";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.scannable = isBarcodeScannerSupported();
        this.codeRef = useRef("code");
        this.quantityRef = useRef("quantity");
        this.state = useState({
            transfers: [],
            transfer: null,
            carton: null, // id of the one that is being filled; null: the next goods open one
            kind: "", // of new cartons
            line: null, // what was scanned and waits for its quantity
            term: "",
            error: "",
            busy: false,
            offline: false,
        });
        useBus(useService("barcode").bus, "barcode_scanned", ({ detail }) =>
            this.onCode(detail.barcode)
        );
        onWillStart(() => {
            const { resId, action } = this.props;
            const asked = resId || action.params?.picking_id;
            return asked ? this.show(asked) : this.list();
        });
    }

    // ------------------------------------------------------------------
    // Talking with the server
    // ------------------------------------------------------------------

    /** Run a call; a refusal stays on the screen, a lost connection changes nothing. */
    async call(method, args) {
        if (this.state.busy) {
            return null;
        }
        this.state.busy = true;
        this.state.error = "";
        try {
            const answer = await this.orm.silent.call(MODEL, method, args);
            this.state.offline = false;
            return answer;
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                this.state.offline = true;
                this.state.error = _t("No connection: this was not saved. Try again.");
            } else {
                this.state.error = error.data?.message || error.message;
                window.navigator.vibrate?.([100, 80, 100]);
            }
            return null;
        } finally {
            this.state.busy = false;
        }
    }

    async list() {
        const transfers = await this.call("get_transfers", [this.state.term]);
        if (transfers) {
            Object.assign(this.state, { transfers, transfer: null, line: null, carton: null });
            this.props.updateActionState({ resId: false });
        }
    }

    async show(id) {
        const transfer = await this.call("get_transfer", [id]);
        if (transfer) {
            this.state.line = null;
            this.take(transfer);
            this.state.carton = transfer.cartons.at(-1)?.id || null;
            this.props.updateActionState({ resId: id });
        }
    }

    take(transfer) {
        this.state.transfer = transfer;
        if (!transfer.cartons.some((carton) => carton.id === this.state.carton)) {
            this.state.carton = null;
        }
    }

    get id() {
        return this.state.transfer.id;
    }

    get carton() {
        return this.state.transfer.cartons.find((carton) => carton.id === this.state.carton);
    }

    get done() {
        return !this.state.transfer.lines.length;
    }

    // ------------------------------------------------------------------
    // Scanning
    // ------------------------------------------------------------------

    async scan() {
        const code = await scanBarcode(this.env);
        if (code) {
            window.navigator.vibrate?.(100);
            await this.onCode(code);
        }
    }

    /** What the camera, a scanner or the keyboard read. */
    async onCode(code) {
        code = (code || "").trim();
        if (!code) {
            return;
        }
        if (!this.state.transfer) {
            this.state.term = code;
            await this.list();
            if (this.state.transfers.length === 1) {
                await this.show(this.state.transfers[0].id);
            }
            return;
        }
        const found = await this.call("find_by_code", [this.id, code]);
        if (found?.carton) {
            this.choose(found.carton);
        } else if (found) {
            this.ask(found.lines[0]);
        }
    }

    onCodeKeydown(ev) {
        if (ev.key === "Enter") {
            const code = ev.target.value;
            ev.target.value = "";
            return this.onCode(code);
        }
    }

    // ------------------------------------------------------------------
    // Packing
    // ------------------------------------------------------------------

    ask(id) {
        this.state.error = "";
        this.state.line = this.state.transfer.lines.find((line) => line.id === id) || null;
    }

    choose(id) {
        this.state.carton = id;
        this.state.line = null;
    }

    next() {
        this.choose(null);
        this.notification.add(_t("The next goods go into a new carton."), { type: "info" });
    }

    step(amount) {
        const input = this.quantityRef.el;
        const left = this.state.line.quantity;
        const value = (Number(input.value.replace(",", ".")) || 0) + amount;
        input.value = String(Math.min(Math.max(value, Math.min(1, left)), left));
    }

    async pack() {
        const { line, carton, kind } = this.state;
        const quantity = Number(this.quantityRef.el.value.trim().replace(",", "."));
        if (!Number.isFinite(quantity)) {
            this.state.error = _t("Enter a quantity in figures.");
            return;
        }
        const answer = await this.call("pack", [
            this.id,
            line.id,
            quantity,
            carton,
            Number(kind) || null,
        ]);
        if (answer) {
            this.state.line = null;
            this.state.carton = answer.carton;
            this.take(answer.transfer);
        }
    }

    async run(method, args = []) {
        const transfer = await this.call(method, [this.id, ...args]);
        if (transfer) {
            this.take(transfer);
        }
        return transfer;
    }

    /** Close the carton with the weight that was entered. */
    async close(ev) {
        const weight = Number(ev.target.form.weight.value.trim().replace(",", ".")) || 0;
        if (await this.run("weigh", [this.state.carton, weight])) {
            this.choose(null);
        }
    }

    print(report, ids) {
        return this.action.doAction({
            type: "ir.actions.report",
            report_type: "reportlab",
            report_name: `union_assist_logistics.${report}`,
            report_file: `union_assist_logistics.${report}`,
            context: { active_ids: ids },
        });
    }

    printAll(report) {
        return this.print(
            report,
            this.state.transfer.cartons.map((carton) => carton.id)
        );
    }

    async finish() {
        const answer = await this.call("finish", [this.id]);
        if (answer && answer !== true) {
            await this.action.doAction(answer, { onClose: () => this.list() });
        } else if (answer) {
            this.notification.add(_t("%s is packed.", this.state.transfer.name), {
                type: "success",
            });
            await this.list();
        }
    }

    back() {
        if (this.state.line) {
            this.state.line = null;
            this.state.error = "";
            return;
        }
        this.state.term = "";
        return this.list();
    }

    openTransfer() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "stock.picking",
            res_id: this.id,
            views: [[false, "form"]],
        });
    }

    // ------------------------------------------------------------------
    // Formatting
    // ------------------------------------------------------------------

    number(value) {
        return formatFloat(value, { trailingZeros: false, digits: [16, 3] });
    }

    date(value) {
        return value ? formatDate(deserializeDate(value)) : "";
    }

    percent(part, whole) {
        return whole ? Math.round((100 * part) / whole) : 0;
    }
}

registry.category("actions").add("union_assist_logistics.pack_screen", PackScreen);
