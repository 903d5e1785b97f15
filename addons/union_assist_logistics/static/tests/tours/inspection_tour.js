import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** What a scanner that works as a keyboard does. */
function scan(code) {
    for (const key of [...code, "Enter"]) {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    }
}

const send = XMLHttpRequest.prototype.send;

/** Until it is back, no request reaches the server. */
function loseConnection() {
    XMLHttpRequest.prototype.send = function () {
        setTimeout(() => this.dispatchEvent(new Event("error")));
    };
}

function restoreConnection() {
    XMLHttpRequest.prototype.send = send;
    window.dispatchEvent(new Event("online"));
}

const item = (name) => ({
    content: `The screen shows ${name}`,
    trigger: `.o_assist_item[data-item="${name}"]`,
});
const next = () => ({ trigger: ".o_assist_next", run: "click" });
const saved = () => ({
    content: "The server has everything",
    trigger: ".o_assist_entry:not(:has(.o_assist_waiting)):not(:has(.o_assist_offline))",
});

tours.add("union_assist_inspection_phone", {
    steps: () => [
        {
            content: "The lot waits in the list with its progress",
            trigger: ".o_assist_card[data-lot=PHONE-1]:contains(0 / 6)",
            run: () => scan("NO-SUCH-LOT"),
        },
        {
            content: "A wrong code is told",
            trigger: ".o_notification:contains(NO-SUCH-LOT)",
        },
        {
            trigger: ".o_assist_card[data-lot=PHONE-1]",
            run: () => scan("PHONE-1"),
        },
        {
            content: "The scanned lot is open",
            trigger: ".o_assist_head[data-state=draft]:contains(10)",
        },
        {
            content: "The lab report that the plan demands is missing",
            trigger: ".o_assist_notice:contains(Lead)",
        },
        { trigger: ".o_assist_start", run: "click" },
        item("Packing whole"),
        {
            content: "What conforms leads to the next item",
            trigger: ".o_assist_pass",
            run: "click",
        },
        item("Moisture"),
        { trigger: "input.o_assist_reading:eq(0)", run: "edit 9,4" },
        next(),
        {
            content: "A comma is not guessed at, and what was typed stays",
            trigger: ".o_assist_item[data-item=Moisture] .text-danger:contains(no number)",
        },
        { trigger: "input.o_assist_reading:eq(0)", run: "edit 9.4" },
        {
            content: "The limit is told while it is typed",
            trigger: ".o_assist_judge[data-verdict=fail]",
        },
        { trigger: "input.o_assist_reading:eq(1)", run: "edit 6.0" },
        { trigger: ".o_assist_judge[data-verdict=pass]" },
        { trigger: "body", run: "click" },
        {
            content: "The server judges both readings",
            trigger: ".o_assist_verdict[data-verdict=fail]:contains(9.4)",
        },
        { trigger: ".o_assist_note", run: "edit Damp at the bottom" },
        next(),
        {
            ...item("Lead"),
            run: () => loseConnection(),
        },
        { trigger: "input.o_assist_reading", run: "edit <0.1" },
        next(),
        {
            content: "Without a connection the entry is kept and the work goes on",
            trigger: ".o_assist_entry:has(.o_assist_offline) .o_assist_waiting:contains(1)",
        },
        item("Colour"),
        { trigger: ".o_assist_choices button:contains(Yellow)", run: "click" },
        item("Best before"),
        { trigger: ".o_assist_waiting:contains(2)" },
        {
            content: "Something has to be written down before it conforms",
            trigger: ".o_assist_pass",
            run: "click",
        },
        { trigger: ".o_assist_error:contains(Write down first)" },
        { trigger: ".o_assist_text", run: "edit 2027-05-01" },
        { trigger: ".o_assist_pass", run: "click" },
        item("Stack"),
        {
            content: "Back in reach",
            trigger: ".o_assist_waiting:contains(3)",
            run: () => restoreConnection(),
        },
        saved(),
        {
            content: "A photograph is made small and sent",
            trigger: ".o_assist_item[data-item=Stack]",
            async run() {
                const canvas = document.createElement("canvas");
                canvas.width = 3200;
                canvas.height = 2400;
                canvas.getContext("2d").fillRect(0, 0, 1000, 1000);
                const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
                const files = new DataTransfer();
                files.items.add(new File([blob], "stack.png", { type: "image/png" }));
                const input = document.querySelector(".o_assist_camera");
                input.files = files.files;
                input.dispatchEvent(new Event("change"));
            },
        },
        { trigger: ".o_assist_photos img[src^='/web/image/']" },
        saved(),
        { trigger: ".o_assist_pass", run: "click" },
        {
            content: "All items have results",
            trigger: ".o_assist_progress:contains(6 / 6)",
        },
        saved(),
        { trigger: "#assist_entry_note", run: "edit From the left pallet && click body" },
        { trigger: ".o_assist_submit", run: "click" },
        { trigger: ".modal .btn-primary", run: "click" },
        {
            content: "Without the report it is not handed over",
            trigger: ".modal:contains(demands a checked lab report)",
        },
        { trigger: ".modal .btn-primary", run: "click" },
        { trigger: ".o_assist_head[data-state=draft]" },
    ],
});

tours.add("union_assist_inspection_hand_over", {
    steps: () => [
        {
            trigger: ".o_assist_search",
            run: "edit PHONE-1 && press Enter",
        },
        {
            content: "Typing the whole number opens the lot too",
            trigger: ".o_assist_head[data-state=draft]",
        },
        {
            trigger: ".o_assist_entry:not(:has(.o_assist_notice)) .o_assist_submit",
            run: "click",
        },
        { trigger: ".modal .btn-primary", run: "click" },
        {
            content: "Handed over: the lot has left the list",
            trigger: ".o_notification:contains(Handed over)",
        },
        { trigger: ".o_assist_entry:not(:has([data-lot=PHONE-1])) .o_assist_search" },
    ],
});

tours.add("union_assist_inspection_split", {
    steps: () => [
        {
            content: "Both results are there: the steps are behind a button on a phone",
            trigger: ".o_form_view .o_cp_action_menus button, .o_statusbar_buttons button",
            run: "click",
        },
        { trigger: "button[name=action_decide], .o-dropdown-item:contains(Decide)", run: "click" },
        { trigger: ".modal .o_field_widget[name=conceded_qty] input", run: "edit 7 && click body" },
        {
            trigger: ".modal .o_field_widget[name=conceded_reason] input",
            run: "edit Dried before use",
        },
        { trigger: ".modal .o_field_widget[name=rejected_qty] input", run: "edit 3 && click body" },
        {
            trigger: ".modal .o_field_widget[name=rejected_reason] input",
            run: "edit Damp at the bottom",
        },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_form_view:contains(Dried before use)" },
    ],
});
