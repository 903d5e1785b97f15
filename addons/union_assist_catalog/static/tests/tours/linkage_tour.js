import { registry } from "@web/core/registry";

/** An operator verifies the linkages that wait: all in the list at once, with one that cannot be. */
registry.category("web_tour.tours").add("union_assist_linkage", {
    steps: () => [
        {
            content: "choose all linkages of the supplier",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "three are chosen",
            trigger: ".o_selection_box:contains(3)",
        },
        {
            content: "verify them",
            trigger: "button[name=action_review_verify]:visible",
            run: "click",
        },
        {
            content: "the summary says how many can be verified",
            trigger: ".modal .o_field_widget[name=ready_count]:contains(2)",
        },
        {
            content: "and why one cannot",
            trigger: ".modal .o_field_widget[name=blocked_summary]:contains(TOUR-3):contains(left the register)",
        },
        {
            content: "say how it was checked",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Called each household",
        },
        {
            content: "verify",
            trigger: ".modal footer button[name=action_apply]:visible",
            run: "click",
        },
        {
            content: "it says what was done",
            trigger: ".o_notification:contains(2 linkages verified):contains(1 stay)",
        },
        {
            content: "the list shows it",
            trigger: ".o_list_view tbody tr:contains(TOUR-1) .o_field_badge:contains(Verified)",
        },
    ],
});
