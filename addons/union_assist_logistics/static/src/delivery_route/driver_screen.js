import { registry } from "@web/core/registry";
import { RouteScreen } from "./route_screen";
import { makeKey } from "./signals";

/** The driver's stops in their order: where to, whom to call, what to hand over. */
export class DriverScreen extends RouteScreen {
    static template = "union_assist_logistics.DriverScreen";
    static stage = "handover";

    setup() {
        super.setup();
        this.makeKey = makeKey;
    }
}

registry.category("actions").add("union_assist_logistics.driver_screen", DriverScreen);
