import { Component, onWillStart, useState } from "@odoo/owl";
import { ConnectionLostError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

export const MODEL = "stock.picking.batch";

/** What the loading and the driver's screen have in common: the routes, and one of them. */
export class RouteScreen extends Component {
    static props = { ...standardActionServiceProps };
    static stage = "loading";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({
            routes: [],
            route: null,
            offline: false,
            busy: false,
            temperature: null, // of the form that is open: {partner, value, reason, message, key}
        });
        onWillStart(async () => {
            const { resId, action } = this.props;
            const asked = resId || action.params?.route_id || action.context?.active_id;
            await (asked ? this.show(asked) : this.list());
        });
    }

    /** Run a call; a lost connection is shown and leaves everything as it is. */
    async call(method, args) {
        try {
            const answer = await this.orm.silent.call(MODEL, method, args);
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
        const routes = await this.call("assist_get_open_routes", [this.constructor.stage]);
        if (routes) {
            this.state.routes = routes;
            this.state.route = null;
            this.props.updateActionState({ resId: false });
        }
    }

    async show(id) {
        const route = await this.call("assist_get_loading", [[id]]);
        if (route) {
            this.state.route = route;
            this.props.updateActionState({ resId: id });
        }
        return Boolean(route);
    }

    /** An address opens in the map of the phone: nothing is asked of anybody before the tap. */
    mapLink({ address, unit }) {
        return `geo:0,0?q=${encodeURIComponent(address || unit)}`;
    }

    phoneLink({ phone }) {
        return `tel:${phone.replace(/[^\d+]/g, "")}`;
    }

    // ------------------------------------------------------------------
    // Temperatures
    // ------------------------------------------------------------------

    askTemperature(makeKey, partner = null) {
        this.state.temperature = { partner, value: "", reason: "", message: "", key: makeKey() };
    }

    async saveTemperature() {
        const { partner, value, reason, key } = this.state.temperature;
        const number = Number(String(value).replace(",", ".").replace("−", "-"));
        if (String(value).trim() === "" || Number.isNaN(number)) {
            return;
        }
        const answer = await this.call("assist_record_temperature", [
            [this.state.route.id],
            key,
            this.constructor.stage,
            number,
            partner,
            reason,
        ]);
        if (!answer) {
            this.state.temperature.message = "";
            return;
        }
        if (answer.result === "recorded") {
            this.state.temperature = null;
            await this.show(this.state.route.id);
            this.notification.add(answer.message, { type: "success" });
        } else {
            this.state.temperature.message = answer.message;
        }
    }
}
