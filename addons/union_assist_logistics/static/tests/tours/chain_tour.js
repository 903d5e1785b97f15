import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

import { print } from "./printed";

const tours = registry.category("web_tour.tours");

const confirmOrder = () => ({
    content: "Confirm the order",
    trigger: "button[name=button_confirm]:visible",
    run: "click",
});
const validate = () => ({
    content: "Validate the transfer",
    trigger: ".o_form_view button[name=button_validate]:visible",
    run: "click",
});
const done = () => ({
    content: "The transfer is done",
    trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
});

tours.add("union_assist_chain_order", {
    steps: () => [
        {
            content: "The order says before anybody confirms that it exceeds the cap",
            trigger: ".o_form_view .alert-danger:contains(exceeds the supplier's purchase cap)",
        },
        confirmOrder(),
        {
            content: "The refusal names cap, used, this order and the excess",
            trigger: ".modal .modal-body:contains(6,000.00):contains(8,000.00):contains(2,000.00)",
        },
        {
            content: "Close the refusal",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "Order less",
            trigger: ".o_data_row td[name=product_qty]",
            run: "click",
        },
        {
            trigger: ".o_data_row .o_field_widget[name=product_qty] input",
            run: "edit 3 && click body",
        },
        {
            content: "Nothing is left of the cap, and nothing is missing",
            trigger: ".o_field_widget[name=assist_cap_left]:contains(0.00):not(:contains(-))",
        },
        ...stepUtils.saveForm(),
        confirmOrder(),
        {
            content: "At exactly the cap the order is confirmed",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Purchase Order)",
        },
        {
            content: "Open the receipt",
            trigger: "button[name=action_view_picking].oe_stat_button",
            run: "click",
        },
        {
            content: "Enter the lot that arrived",
            trigger: ".o_data_row button[name=action_show_details]",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row .o_data_cell[name=lot_name]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=lot_name] input",
            run: "edit CHAIN-LOT-1",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        validate(),
        done(),
    ],
});

tours.add("union_assist_chain_blocked", {
    steps: () => [
        {
            content: "The quality step says what it waits for",
            trigger: ".o_form_view .alert-warning:contains(wait for their quality decision)",
        },
        validate(),
        {
            content: "It is not finished; its inspection opens instead",
            trigger: ".o_notification:contains(cannot be finished before its inspections are decided)",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=lot_id]:contains(CHAIN-LOT-1)",
        },
        {
            content: "The operator does not record results",
            trigger: ".o_form_view:not(:has(button[name=action_submit]))",
        },
    ],
});

tours.add("union_assist_chain_inspect", {
    steps: () => [
        {
            content: "Open the inspection that waits for results",
            trigger: ".o_data_row:contains(CHAIN-LOT-1) td[name=product_id]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Moisture) td[name=entry]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Moisture) [name=entry] input",
            run: "edit 5.2",
        },
        {
            content: "Everything else conforms",
            trigger: "button[name=action_pass_all]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Packing whole) td[name=verdict]:contains(Pass)",
        },
        {
            content: "Hand over for decision",
            trigger: "button[name=action_submit]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(To Decide)",
        },
        {
            content: "The inspector does not decide",
            trigger: ".o_form_view:not(:has(button[name=action_decide]))",
        },
    ],
});

tours.add("union_assist_chain_decide", {
    steps: () => [
        {
            content: "Open the inspection that waits for a decision",
            trigger: ".o_data_row:contains(CHAIN-LOT-1) td[name=product_id]",
            run: "click",
        },
        {
            trigger: "button[name=action_decide]",
            run: "click",
        },
        {
            content: "Release all of it",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Decided)",
        },
        {
            content: "Back to the quality step",
            trigger: "button[name=action_view_picking]",
            run: "click",
        },
        validate(),
        done(),
    ],
});

// One transfer of the chain: opened by its address, validated, done.
tours.add("union_assist_chain_transfer", {
    steps: () => [validate(), done()],
});

tours.add("union_assist_chain_sell", {
    steps: () => [
        {
            content: "Confirm the quotation",
            trigger: "button[name=action_confirm]:visible",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Sales Order)",
        },
        {
            trigger: "button[name=action_view_delivery]",
        },
    ],
});

tours.add("union_assist_chain_pack", {
    steps: () => [
        {
            content: "Put the goods into a package",
            trigger: "button[name=action_put_in_pack]:visible",
            run: "click",
        },
        {
            trigger: ".o_form_view",
        },
        validate(),
        done(),
    ],
});

tours.add("union_assist_chain_deliver", {
    steps: () => [
        validate(),
        done(),
        print("button:contains(Delivery Note):visible", "Print the delivery note"),
    ],
});
