import { registry } from "@web/core/registry";

/** A supplier disputes a line of its statement in the portal. */
registry.category("web_tour.tours").add("union_assist_statement_dispute", {
    url: "/my/assist/statements",
    steps: () => [
        {
            content: "open the statement",
            trigger: ".o_assist_statement:only-of-type",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it can be confirmed, but a line is wrong",
            trigger: ".o_assist_confirm",
        },
        {
            content: "unfold the form of the line",
            trigger: ".o_assist_statement_line:has(.o_assist_accepted:contains(100)) .o_assist_dispute_open",
            run: "click",
        },
        {
            content: "mark the line",
            trigger: ".o_assist_statement_line input[name^=dispute_]",
            run: "check",
        },
        {
            content: "say why",
            trigger: ".o_assist_statement_line textarea",
            run: "edit Five more came",
        },
        {
            content: "say how much it was",
            trigger: ".o_assist_statement_line input[name^=quantity_]",
            run: "edit 105",
        },
        {
            content: "hand it in",
            trigger: ".o_assist_dispute_submit",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it waits for an answer, and the statement cannot be confirmed",
            trigger: ".alert-success",
        },
        {
            content: "the claim is shown",
            trigger:
                ".o_portal_wrap:not(:has(.o_assist_confirm)) .o_assist_dispute:contains(Five more came)",
        },
    ],
});

/** An operator answers the claim, and the statement is settled. */
registry.category("web_tour.tours").add("union_assist_statement_answer", {
    url: "/odoo/assist-statements",
    steps: () => [
        {
            content: "open the disputed statement",
            trigger: ".o_data_row:contains(Tea Company) td[name=name]",
            run: "click",
        },
        {
            content: "see the claims to answer",
            trigger: "button[name=action_view_disputes]",
            run: "click",
        },
        {
            content: "answer the claim",
            trigger: ".o_data_row:only-child button[name=action_answer]",
            run: "click",
        },
        {
            content: "the claim is read in the dialog",
            trigger: ".modal .alert:contains(Five more came)",
        },
        {
            content: "accept it",
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "no claim waits any more",
            trigger: "body:not(:has(.modal)) .o_list_view:not(:has(.o_data_row))",
        },
        {
            content: "back to the statement",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item.o_back_button a",
            run: "click",
        },
        {
            content: "it is settled, and its bills can be proposed",
            trigger: ".o_form_view .o_arrow_button_current:contains(Settled)",
        },
        {
            content: "propose the bills",
            trigger: "button[name=action_propose_bills]",
            run: "click",
        },
        {
            content: "a draft bill is there",
            trigger: "button[name=action_view_bills]:contains(1)",
        },
    ],
});
