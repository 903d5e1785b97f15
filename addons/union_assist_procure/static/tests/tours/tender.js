import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const LIST = "/odoo/assist-tenders";

const openTender = () => ({
    content: "open the tender",
    trigger: ".o_data_row:contains(Goods of the tour) td[name=subject]",
    run: "click",
});
const confirmDialog = () => ({
    content: "yes",
    trigger: ".modal .modal-footer .btn-primary",
    run: "click",
});

/** An operator calls a tender. */
tours.add("union_assist_tender_call", {
    url: LIST,
    steps: () => [
        openTender(),
        {
            content: "call",
            trigger: ".o_statusbar_buttons button[name=action_call]",
            run: "click",
        },
        confirmDialog(),
        {
            content: "it is called, and says that nobody sees a price",
            trigger:
                ".o_form_view:has(.o_arrow_button_current:contains(Called)) .alert-info:contains(nobody)",
        },
    ],
});

const bid = (price) => [
    {
        content: "a unit price",
        trigger: ".o_assist_bid_form .card:first input[name^='price-']",
        run: `edit ${price}`,
    },
    {
        content: "hand it in",
        trigger: ".o_assist_bid_form button[type=submit]",
        run: "click",
        expectUnloadPage: true,
    },
];
const openInvitation = () => [
    {
        content: "open the tenders",
        trigger: ".o_portal_index_card:not(.d-none) a[href='/my/assist/tenders']",
        run: "click",
        expectUnloadPage: true,
    },
    {
        content: "open the one",
        trigger: ".o_assist_tenders a:contains(Goods of the tour)",
        run: "click",
        expectUnloadPage: true,
    },
];
const receipt = () => ({
    content: "there is a receipt",
    trigger: ".o_assist_receipt, .o_assist_digest",
});

/** A supplier bids. */
tours.add("union_assist_tender_bid", {
    url: "/my",
    steps: () => [...openInvitation(), ...bid("26.50"), receipt()],
});

/** Another one mistypes, is told where, bids, and changes its bid. */
tours.add("union_assist_tender_change", {
    url: "/my",
    steps: () => [
        ...openInvitation(),
        ...bid("28,o"),
        {
            content: "the row and the field are named, and what was typed is there",
            trigger:
                ".o_assist_errors:contains('Tea, Unit price'), .o_assist_bid_form input.is-invalid[value='28,o']",
        },
        ...bid("28"),
        receipt(),
        {
            content: "its own price is shown to it",
            trigger: ".o_assist_bid_form .card:first input[name^='price-'][value='28']",
        },
        ...bid("25"),
        {
            content: "the new one is there",
            trigger: ".o_assist_bid_form .card:first input[name^='price-'][value='25']",
        },
        {
            content: "the log knows of the change",
            trigger: ".o_assist_log:contains(Bid changed)",
        },
    ],
});

/** After the deadline an operator asks for the opening. */
tours.add("union_assist_tender_request", {
    url: LIST,
    steps: () => [
        openTender(),
        {
            content: "ask for the opening",
            trigger: ".o_statusbar_buttons button[name=action_request_opening]",
            run: "click",
        },
        {
            content: "somebody else has to open",
            trigger: ".alert-warning:contains(asks for the opening)",
        },
    ],
});

/** The federation opens the bids, as the witness. */
tours.add("union_assist_tender_open", {
    url: LIST,
    steps: () => [
        openTender(),
        {
            content: "open",
            trigger: ".o_statusbar_buttons button[name=action_open]",
            run: "click",
        },
        confirmDialog(),
        {
            content: "compare",
            trigger: ".o_notebook a[name=comparison]",
            run: "click",
        },
        {
            content: "the changed price was opened",
            trigger: ".o_field_widget[name=bid_line_ids] .o_data_row:contains(25.00)",
        },
        {
            content: "two bids",
            trigger: ".o_field_widget[name=bid_line_ids] .o_data_row:contains(26.50)",
        },
    ],
});

/** An operator awards, with the reason for fewer than three bids, and confirms the order. */
tours.add("union_assist_tender_award", {
    url: LIST,
    steps: () => [
        openTender(),
        {
            content: "award",
            trigger: ".o_statusbar_buttons button[name=action_award]",
            run: "click",
        },
        {
            content: "the reason for two bids",
            trigger: ".modal .o_field_widget[name=lot_ids] .o_data_row td[name=reason]",
            run: "click",
        },
        {
            content: "say it",
            trigger: ".modal .o_field_widget[name=lot_ids] .o_data_row td[name=reason] input",
            run: "edit Two suppliers grow it",
        },
        {
            content: "award it",
            trigger: ".modal .modal-footer button[name=action_award]",
            run: "click",
        },
        {
            content: "confirm the order",
            trigger: ".o_statusbar_buttons button[name=action_confirm_orders]",
            run: "click",
        },
        {
            content: "nothing is left to confirm",
            trigger:
                ".o_form_view:has(.o_arrow_button_current:contains(Awarded)):not(:has(button[name=action_confirm_orders]))",
        },
    ],
});
