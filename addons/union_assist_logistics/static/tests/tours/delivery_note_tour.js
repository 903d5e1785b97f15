import { registry } from "@web/core/registry";

import { print } from "./printed";

registry.category("web_tour.tours").add("union_assist_delivery_note", {
    steps: () => [
        {
            content: "print from the list's menu",
            trigger: ".o_data_row:contains(NOTE/OUT) .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_cp_action_menus button:contains(Print)",
            run: "click",
        },
        print(".o-dropdown--menu .o-dropdown-item:contains(Delivery Note)"),
        {
            content: "the list shows the number; open the delivery",
            trigger: ".o_data_row:contains(SH2) td[name=name]",
            run: "click",
        },
        {
            content: "the form counts the first print",
            trigger: ".o_field_widget[name=assist_note_prints]:contains(1)",
        },
        print(".o_form_view button:contains(Delivery Note)", "print from the form"),
        {
            content: "and the second",
            trigger: ".o_field_widget[name=assist_note_prints]:contains(2)",
        },
    ],
});
