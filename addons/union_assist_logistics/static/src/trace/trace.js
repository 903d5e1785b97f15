import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const WIDTH = 168;
const HEIGHT = 58;
// Between nodes of one layer, and between layers: there the quantities stand.
const GAP = 18;
const REACH = 92;
const STARTS = [
    "stock.lot",
    "stock.package",
    "stock.picking",
    "purchase.order",
    "sale.order",
    "union.assist.farming.contract",
];
const COLORS = {
    households: "#1f7a46",
    receipt: "#1a5276",
    lot: "#714b67",
    production: "#8a6d1d",
    package: "#5d6a61",
    delivery: "#a3191d",
    return: "#b9770e",
    loss: "#6c757d",
    count: "#6c757d",
    stock: "#2e86c1",
    order: "#343a40",
};

/** Where goods came from and where they went: a picture in layers, and a table. */
export class TraceScreen extends Component {
    static template = "union_assist_logistics.TraceScreen";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useService("ui");
        this.display = { controlPanel: {} };
        this.canvas = useRef("canvas");
        this.state = useState({
            trace: null,
            found: null,
            text: "",
            node: null,
            zoom: 1,
            filter: "",
            step: "",
        });
        this.search = useDebounced(() => this.find(), 250);
        const { params = {}, context = {} } = this.props.action;
        const model = params.model || context.active_model;
        const id = params.id || context.active_id;
        onWillStart(async () => {
            if (STARTS.includes(model) && id) {
                await this.load(model, id);
            }
        });
        useEffect(
            () => this.showFocus(),
            () => [this.state.trace]
        );
    }

    async load(model, id) {
        this.state.trace = await this.orm.call("union.assist.trace.view", "get_trace", [model, id]);
        Object.assign(this.state, { found: null, text: "", node: null, filter: "", step: "" });
        this.env.config.setDisplayName(_t("Trace: %s", this.state.trace.title));
    }

    async find() {
        const text = this.state.text.trim();
        const found = text
            ? await this.orm.call("union.assist.trace.view", "find", [text])
            : null;
        // Only what was typed last counts.
        if (text === this.state.text.trim()) {
            this.state.found = found;
        }
    }

    onSearch(ev) {
        this.state.text = ev.target.value;
        this.search();
    }

    // -- the picture ------------------------------------------------------------------

    /** Phones scroll down through the layers, wide screens to the right. */
    get upright() {
        return this.ui.isSmall;
    }

    get picture() {
        const { layers, edges } = this.state.trace;
        const across = this.upright ? WIDTH : HEIGHT;
        const along = this.upright ? HEIGHT : WIDTH;
        const widest = Math.max(...layers.map((layer) => layer.length), 1);
        const breadth = widest * (across + GAP);
        const places = {};
        const nodes = [];
        layers.forEach((layer, depth) => {
            const margin = (breadth - layer.length * (across + GAP) + GAP) / 2;
            layer.forEach((node, index) => {
                const position = margin + index * (across + GAP);
                const start = 8 + depth * (along + REACH);
                const [x, y] = this.upright ? [position, start] : [start, position];
                places[node.key] = { x, y };
                nodes.push({ ...node, x, y, color: COLORS[node.kind] });
            });
        });
        const length = 16 + layers.length * (along + REACH) - REACH;
        const [width, height] = this.upright ? [breadth, length] : [length, breadth];
        const labelled = edges.length <= 120;
        return {
            nodes,
            width,
            height,
            edges: edges.map((edge) => this.drawEdge(edge, places, labelled)),
        };
    }

    drawEdge(edge, places, labelled) {
        const from = places[edge.from];
        const to = places[edge.to];
        const [x1, y1, x2, y2] = this.upright
            ? [from.x + WIDTH / 2, from.y + HEIGHT, to.x + WIDTH / 2, to.y]
            : [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
        const [middleX, middleY] = [(x1 + x2) / 2, (y1 + y2) / 2];
        const path = this.upright
            ? `M${x1},${y1} C${x1},${middleY} ${x2},${middleY} ${x2},${y2}`
            : `M${x1},${y1} C${middleX},${y1} ${middleX},${y2} ${x2},${y2}`;
        // Near its end, where the edges into one node do not lie on each other yet.
        return {
            key: `${edge.from}>${edge.to}`,
            path,
            x: this.upright ? x1 + (x2 - x1) * 0.65 : x1 + (x2 - x1) * 0.65,
            y: y1 + (y2 - y1) * 0.72,
            label: labelled ? edge.quantity : "",
        };
    }

    clip(text, length) {
        // Chinese characters take twice the room of others.
        let room = length;
        let index = 0;
        for (const char of text || "") {
            room -= char.charCodeAt(0) > 0x2e80 ? 2 : 1;
            if (room < 0) {
                return text.slice(0, Math.max(index - 1, 1)) + "…";
            }
            index += char.length;
        }
        return text;
    }

    zoom(factor) {
        this.state.zoom = Math.min(2, Math.max(0.3, this.state.zoom * factor));
    }

    /** Bring what the trace begins with into sight. */
    showFocus() {
        const canvas = this.canvas.el;
        const focus = canvas?.querySelector(".o_assist_trace_focus");
        if (focus) {
            const [frame, place] = [canvas, focus].map((el) => el.getBoundingClientRect());
            // Only the picture moves, not the page around it.
            canvas.scrollLeft += place.left + place.width / 2 - frame.left - frame.width / 2;
            canvas.scrollTop += place.top + place.height / 2 - frame.top - frame.height / 2;
        }
    }

    select(node) {
        this.state.node = node;
    }

    canTrace(node) {
        return node.id && STARTS.includes(node.model) && !node.focus;
    }

    open(node) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: node.model,
            res_id: node.id,
            views: [[false, "form"]],
        });
    }

    // -- the table --------------------------------------------------------------------

    get steps() {
        return [...new Set(this.state.trace.rows.map((row) => row.step))];
    }

    get rows() {
        const text = this.state.filter.trim().toLowerCase();
        return this.state.trace.rows.filter(
            (row) =>
                (!this.state.step || row.step === this.state.step) &&
                (!text || Object.values(row).join(" ").toLowerCase().includes(text))
        );
    }

    get exportUrl() {
        const { model, id } = this.state.trace;
        return `/assist/trace/${model}/${id}.xlsx`;
    }
}

registry.category("actions").add("union_assist_trace", TraceScreen);
