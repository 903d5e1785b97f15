import { registry } from "@web/core/registry";

/** A supplier in the portal: its orders, then its purchase cap. */
registry.category("web_tour.tours").add("union_assist_supplier", {
    url: "/my",
    steps: () => [
        {
            content: "open our orders",
            trigger: ".o_portal_index_card:not(.d-none) a[href='/my/purchase']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "there is one order, and it is ours",
            trigger: ".o_portal_my_doc_table tbody:has(tr:only-child) #order_total:contains(260,000.00)",
        },
        {
            content: "open the order",
            trigger: ".o_portal_my_doc_table #order_name a",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "its lines are shown",
            trigger: "#portal_purchase_content, .o_portal_purchase_sidebar",
        },
        {
            content: "back to the home page",
            trigger: ".o_portal_submenu a[href^='/my/home']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "open the purchase cap",
            trigger: ".o_portal_index_card:not(.d-none) a[href='/my/assist/cap']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "cap, used and remaining are those of our company",
            trigger:
                ".o_assist_cap:only-of-type:has(.o_assist_cap_amount:contains(300,000.00)):has(.o_assist_cap_used:contains(260,000.00)) .o_assist_cap_left:contains(40,000.00)",
        },
        {
            content: "the order that uses it is listed alone",
            trigger: ".o_assist_cap table tbody:has(tr:only-child):contains(260,000.00)",
        },
    ],
});
