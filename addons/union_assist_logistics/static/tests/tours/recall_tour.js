import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("union_assist_recall", {
    steps: () => [
        {
            content: "Put the suspect lot on hold",
            trigger: ".o_form_view button[name=action_assist_hold]:visible",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".o_field_widget[name=reason] textarea",
            run: "edit Lead above the limit",
        },
        {
            content: "The form tells beforehand that a gift pack is held as well",
            trigger: ".o_field_widget[name=preview]:contains(1 lots, and 1 made of them)",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_hold]",
            run: "click",
        },
        {
            content: "Both lots are on hold",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(TOUR-P)",
        },
        {
            content: "Recall what was delivered of it",
            trigger: ".o_statusbar_buttons button[name=action_recall]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=lot_ids]:contains(TOUR-T)",
        },
        {
            content: "Start",
            trigger: ".o_statusbar_buttons button[name=action_start]",
            run: "click",
        },
        {
            content: "Both units that received it are found at once",
            trigger: "button[name=action_view_recipients]:contains(2)",
        },
        {
            content: "The balance has no gap",
            trigger: ".o_notebook_headers a[name=balance]",
            run: "click",
        },
        {
            trigger: ".tab-pane.active .alert-success:contains(accounted for)",
        },
        {
            content: "Look at the units",
            trigger: "button[name=action_view_recipients]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(Tour Hospital) td[name=partner_id]",
            run: "click",
        },
        {
            content: "Note the unit's answer",
            trigger: ".o_form_view .o_data_row:contains(TOUR-P) td[name=answered_qty]",
            run: "click",
        },
        {
            trigger: ".o_data_row .o_field_widget[name=answered_qty] input",
            run: "edit 2 && click body",
        },
        ...stepUtils.saveForm(),
        {
            content: "It has answered",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Answered)",
        },
        {
            content: "Take back what it still has",
            trigger: ".o_statusbar_buttons button[name=action_return]",
            run: "click",
        },
        {
            content: "A return of the delivery, with the pack's lot",
            trigger: ".o_form_view .o_field_widget[name=move_ids] .o_data_row:contains(Festival Pack)",
        },
        {
            content: "Validate it",
            trigger: ".o_form_view button[name=button_validate]:visible",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
        },
    ],
});

registry.category("web_tour.tours").add("union_assist_recall_close", {
    steps: () => [
        {
            content: "The returned goods count as recovered",
            trigger: ".o_form_view .o_field_widget[name=recovery_rate]:contains(28.6)",
        },
        {
            content: "Write down what was found out",
            trigger: ".o_field_widget[name=conclusion] textarea",
            run: "edit The supplier changes its oven",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_close]",
            run: "click",
        },
        {
            content: "It is closed, with its report",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Closed)",
        },
        {
            trigger: ".o_statusbar_buttons button:contains(Report)",
        },
    ],
});

registry.category("web_tour.tours").add("union_assist_trace", {
    steps: () => [
        {
            content: "Look for the lot",
            trigger: ".o_assist_trace_search",
            run: "edit TOUR-T",
        },
        {
            trigger: ".o_assist_trace .list-group-item:contains(TOUR-T)",
            run: "click",
        },
        {
            content: "The way from the supplier to both units",
            trigger: ".o_assist_trace_node[data-kind=delivery]:contains(Tour Hospital)",
        },
        {
            trigger: ".o_assist_trace_node[data-kind=receipt]:contains(Tea Maker)",
        },
        {
            content: "Choose the gift pack",
            trigger: ".o_assist_trace_node[data-kind=lot]:contains(TOUR-P)",
            run: "click",
        },
        {
            content: "What was chosen is named below",
            trigger: ".o_assist_trace_selected:contains(TOUR-P)",
        },
        {
            trigger: ".o_assist_trace_selected button:contains(Trace from Here)",
            run: "click",
        },
        {
            content: "Now the other part is on the picture, and the loose delivery is not",
            trigger: ".o_assist_trace_node[data-kind=lot]:contains(TOUR-R)",
        },
        {
            trigger: ".o_assist_trace:not(:has(.o_assist_trace_node:contains(Workshop Union)))",
        },
        {
            content: "Filter the table",
            trigger: ".o_assist_trace_filter",
            run: "edit tour hospital",
        },
        {
            trigger: ".o_assist_trace_table tbody:has(tr:only-child:contains(Tour Hospital))",
        },
        {
            trigger: ".o_assist_trace_export[href$='.xlsx']",
        },
    ],
});
