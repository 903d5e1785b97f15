import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** What more heads would give, live while the numbers change; without scripts the form is sent. */
export class CapWhatIf extends Interaction {
    static selector = ".o_assist_what_if";
    dynamicContent = {
        input: { "t-on-input": this.debounced(this.onInput, 250) },
        _root: { "t-on-submit.prevent": this.onInput },
    };

    async onInput() {
        const data = new FormData(this.el);
        const figures = await this.waitFor(
            rpc(`/my/assist/cap/${data.get("cap_id")}/what_if`, {
                persons: data.get("persons") || 0,
                households: data.get("households") || 0,
            })
        );
        for (const [name, value] of Object.entries(figures)) {
            const el = this.el.querySelector(`[data-figure="${name}"]`);
            if (el) {
                el.textContent = value;
            }
        }
        this.el
            .querySelector("[data-figure=remaining_text]")
            .classList.toggle("text-danger", figures.remaining < 0);
    }
}

registry.category("public.interactions").add("union_assist_procure.cap_what_if", CapWhatIf);
