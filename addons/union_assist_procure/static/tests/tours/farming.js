import { registry } from "@web/core/registry";

function choose(field, text) {
    return [
        {
            content: `look for the ${field}`,
            trigger: `.o_field_widget[name=${field}] input`,
            run: `edit ${text}`,
        },
        {
            content: `choose the ${field}`,
            trigger: `.o-autocomplete--dropdown-item:not(:has(.o_m2o_dropdown_option)) > a:contains(${text})`,
            run: "click",
        },
    ];
}

function atState(label) {
    return `.o_statusbar_status .o_arrow_button_current:contains(${label})`;
}

/** An operator makes a farming contract, weighs in a delivery and pays it. */
registry.category("web_tour.tours").add("union_assist_farming", {
    steps: () => [
        { content: "make a contract", trigger: ".o_list_button_add", run: "click" },
        ...choose("supplier_id", "Flower Company"),
        ...choose("product_id", "Fresh Chrysanthemum of the Tour"),
        {
            content: "the floor price",
            trigger: ".o_field_widget[name=floor_price] input",
            run: "edit 3",
        },
        {
            content: "the yield",
            trigger: ".o_field_widget[name=yield_per_mu] input",
            run: "edit 3000",
        },
        {
            content: "add a household",
            trigger: ".o_field_widget[name=line_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        ...choose("household_id", "TOUR-FARM"),
        {
            content: "its area",
            trigger: ".o_field_widget[name=line_ids] .o_field_widget[name=area] input",
            run: "edit 4",
        },
        { content: "sign", trigger: "button[name=action_sign]", run: "click" },
        { content: "it is signed", trigger: atState("Signed") },
        {
            content: "36,000 yuan are expected",
            trigger: ".o_field_widget[name=expected_amount]:contains(36,000.00)",
        },
        {
            content: "weigh in",
            trigger: ".o_statusbar_buttons button:contains(New Weigh Ticket)",
            run: "click",
        },
        {
            content: "the household is known",
            trigger: ".o_field_widget[name=household_id] input:value(TOUR-FARM)",
        },
        {
            content: "the weight",
            trigger: ".o_field_widget[name=gross] input",
            run: "edit 12000 && press Tab",
        },
        {
            content: "the floor price applies",
            trigger: ".o_field_widget[name=amount]:contains(36,000.00)",
        },
        {
            content: "less than the floor is tried",
            trigger: ".o_field_widget[name=unit_price] input",
            run: "edit 2.5 && press Tab",
        },
        { content: "confirm", trigger: "button[name=action_confirm]", run: "click" },
        {
            content: "it is refused",
            trigger: ".modal:contains(below the floor price of 3)",
        },
        { content: "understood", trigger: ".modal footer button:visible", run: "click" },
        {
            content: "the floor price again",
            trigger: ".o_field_widget[name=unit_price] input",
            run: "edit 3 && press Tab",
        },
        { content: "confirm", trigger: "button[name=action_confirm]", run: "click" },
        { content: "it is confirmed", trigger: atState("Confirmed") },
        { content: "pay", trigger: "button[name=action_pay]:visible", run: "click" },
        {
            content: "all of it is proposed",
            trigger: ".modal .o_field_widget[name=total]:contains(36,000.00)",
        },
        {
            content: "the voucher",
            trigger: ".modal .o_field_widget[name=voucher_number] input",
            run: "edit PZ-TOUR",
        },
        {
            content: "record the payment",
            trigger: ".modal footer button[name=action_pay]",
            run: "click",
        },
        { content: "the ticket is paid", trigger: atState("Paid") },
        {
            content: "with its voucher",
            trigger: ".o_field_widget[name=payment_ids] td:contains(PZ-TOUR)",
        },
        {
            content: "back to the contract",
            trigger: ".o_breadcrumb .breadcrumb-item a:contains(FC/)",
            run: "click",
        },
        {
            content: "which is delivered and paid",
            trigger:
                ".o_form_view:has(.o_field_widget[name=paid_amount]:contains(36,000.00)):has(.o_field_widget[name=open_amount]:contains(0.00))",
        },
        { content: "and delivering", trigger: atState("Delivering") },
    ],
});
