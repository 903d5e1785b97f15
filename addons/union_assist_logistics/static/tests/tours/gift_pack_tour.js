import { registry } from "@web/core/registry";

import { print } from "./printed";

const tours = registry.category("web_tour.tours");

const button = (name) => ({
    trigger: `.o_form_view button[name=${name}]:visible`,
    run: "click",
});
const state = (name) => ({
    trigger: `.o_statusbar_status .o_arrow_button_current:contains(${name})`,
});

tours.add("union_assist_gift_recipe_submit", {
    steps: () => [
        {
            content: "Four layers of packaging are too many for grain: the recipe is refused",
            ...button("action_assist_submit"),
        },
        {
            trigger: ".modal .modal-body:contains(Grain products):contains(GB 23350-2021)",
        },
        {
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_field_widget[name=assist_layers] input",
            run: "edit 2",
        },
        {
            content: "Two layers are fine",
            ...button("action_assist_submit"),
        },
        state("To Approve"),
        {
            content: "Who submitted it does not approve it",
            ...button("action_assist_approve"),
        },
        {
            trigger: ".modal .modal-body:contains(somebody else approves it)",
        },
        {
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});

tours.add("union_assist_gift_recipe_approve", {
    steps: () => [
        {
            trigger: ".o_notebook_headers a:contains(Packing Rules)",
            run: "click",
        },
        {
            content: "The rules and their sources are shown with what was found",
            trigger: ".o_field_widget[name=assist_finding_ids] .o_data_row:contains(GB 23350-2021):contains(Conforms)",
        },
        button("action_assist_approve"),
        state("Approved"),
    ],
});

tours.add("union_assist_gift_pack", {
    steps: () => [
        button("action_confirm"),
        {
            content: "Goods of both lots are reserved",
            trigger: ".o_field_widget[name=move_raw_ids] .o_data_row:contains(T-1)",
        },
        {
            trigger: ".o_field_widget[name=move_raw_ids] .o_data_row:contains(R-1)",
        },
        button("button_mark_done"),
        state("Done"),
        {
            trigger: ".o_field_widget[name=assist_packed_by_id]:contains(quality_warehouse)",
        },
        print(
            button("action_print_assist_labels").trigger,
            "Print the labels of the gift packs"
        ),
    ],
});

tours.add("union_assist_pack_screen", {
    steps: () => [
        {
            trigger: ".o_assist_transfer:contains(Workshop Union)",
            run: "click",
        },
        {
            content: "What does not belong is refused",
            trigger: ".o_assist_code",
            run: "edit WRONG && press Enter",
        },
        {
            trigger: ".o_assist_refused:contains(does not belong)",
        },
        {
            content: "Scan the lot of the gift packs",
            trigger: ".o_assist_waiting button:contains(Autumn Gift Pack)",
            run: "click",
        },
        {
            content: "More than was ordered is refused",
            trigger: ".o_assist_quantity",
            run: "edit 99",
        },
        {
            trigger: ".o_assist_put:enabled",
            run: "click",
        },
        {
            trigger: ".o_assist_refused:contains(are left to pack)",
        },
        {
            trigger: ".o_assist_quantity",
            run: "edit 3",
        },
        {
            trigger: ".o_assist_put:enabled",
            run: "click",
        },
        {
            content: "The first carton holds three",
            trigger: ".o_assist_carton[data-carton='1']:contains(Autumn Gift Pack):contains(3)",
        },
        {
            trigger: ".o_assist_next",
            run: "click",
        },
        {
            trigger: ".o_assist_waiting button:contains(Autumn Gift Pack)",
            run: "click",
        },
        {
            content: "The rest goes into another carton",
            trigger: ".o_assist_put:enabled",
            run: "click",
        },
        {
            trigger: ".o_assist_carton[data-carton='2']:contains(2 / 2)",
        },
        print(".o_assist_label", "Print the label of the carton"),
        {
            trigger: ".o_assist_carton input[name=weight]",
            run: "edit 6.4",
        },
        {
            trigger: ".o_assist_close:enabled",
            run: "click",
        },
        {
            trigger: ".o_assist_pack:not(:has(.o_assist_carton))",
        },
        {
            trigger: ".o_assist_finish:enabled",
            run: "click",
        },
        {
            content: "Nothing of the order waits any more",
            trigger: ".o_assist_pack:not(:has(.o_assist_finish)) input[type=search]",
        },
    ],
});
