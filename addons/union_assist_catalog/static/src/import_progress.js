import { Component, onWillUnmount, useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const WAITING = ["checking", "writing"];
const DELAY = 2000;

/**
 * Shows how far the work on an import has come, and loads the form again until it is done.
 */
export class ImportProgress extends Component {
    static template = "union_assist_catalog.ImportProgress";
    static props = { ...standardWidgetProps };

    setup() {
        useEffect(
            (waiting) => {
                if (waiting) {
                    this.timer = setInterval(() => this.reload(), DELAY);
                    return () => clearInterval(this.timer);
                }
            },
            () => [this.waiting]
        );
        onWillUnmount(() => clearInterval(this.timer));
    }

    get waiting() {
        return WAITING.includes(this.props.record.data.state);
    }

    get percent() {
        return this.props.record.data.progress;
    }

    async reload() {
        if (!this.loading) {
            this.loading = true;
            try {
                await this.props.record.load();
            } finally {
                this.loading = false;
            }
        }
    }
}

registry.category("view_widgets").add("union_assist_import_progress", {
    component: ImportProgress,
});
