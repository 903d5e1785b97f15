import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("union_assist_edition", {
    steps: () => [
        {
            content: "Publish the draft",
            trigger: ".o_form_view button[name=action_publish]",
            run: "click",
        },
        {
            content: "The last look says what would change and what is missing",
            trigger: ".modal .o_field_widget[name=added_count]:contains(1)",
        },
        {
            trigger: ".modal .o_data_row:contains(Without a picture)",
        },
        {
            content: "Publish for good",
            trigger: ".modal button[name=action_publish]",
            run: "click",
        },
        {
            content: "The edition has its number",
            trigger: ".o_form_view .o_field_widget[name=number]:contains(-02)",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Published)",
        },
        {
            content: "See the changes",
            trigger: "button[name=action_compare].oe_stat_button",
            run: "click",
        },
        {
            content: "What became dearer, with both prices",
            trigger: ".o_list_view .o_data_row:contains(41.80):contains(38.00)",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(Tour Millet):contains(Added)",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(Removed)",
        },
    ],
});
