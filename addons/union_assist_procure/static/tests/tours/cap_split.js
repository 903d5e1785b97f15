import { registry } from "@web/core/registry";

/** An order above the cap is refused with a way out: it is split in one click. */
registry.category("web_tour.tours").add("union_assist_cap_split", {
    steps: () => [
        {
            content: "the order says beforehand that it does not fit",
            trigger: ".o_form_view .alert-danger:contains(exceeds the supplier's purchase cap)",
        },
        {
            content: "confirm it all the same",
            trigger: ".o_form_statusbar button[name=button_confirm]:visible",
            run: "click",
        },
        {
            content: "the refusal says what would fit and who else has room",
            trigger:
                ".o_assist_cap_exceeded:contains(at most 1,538):contains(6 more persons):contains(Oil Company)",
        },
        {
            content: "take the way out",
            trigger: ".modal .o_assist_cap_way_out",
            run: "click",
        },
        {
            content: "the proposal keeps what fits and gives the rest to the other supplier",
            trigger: ".modal .o_data_row:contains(Oil Company):contains(462)",
        },
        {
            content: "split",
            trigger: ".modal button[name=action_split_confirm]",
            run: "click",
        },
        {
            content: "the order is confirmed with what it keeps",
            trigger:
                "body:not(:has(.modal)) .o_form_view:has(.o_arrow_button_current:contains(Purchase Order)) .o_field_widget[name=order_line]:contains(1,538)",
        },
    ],
});
