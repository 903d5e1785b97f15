import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const CARD = ".o_portal_index_card:not(.d-none) a[href='/my/assist/application']";

/** A portal user registers a company: a draft with a wrong code first, then all of it. */
registry.category("web_tour.tours").add("union_assist_application", {
    steps: () => {
        const code = new URL(window.location.href).searchParams.get("code");
        if (code) {
            window.sessionStorage.setItem("union_assist_code", code);
        }
        return [
            {
                content: "open the application",
                trigger: CARD,
                run: "click",
                expectUnloadPage: true,
            },
            { content: "name", trigger: "[name=name]", run: "edit Tour Honey Makers" },
            {
                content: "a code with a typing error",
                trigger: "[name=company_registry]",
                run: "edit 91110000600037341K",
            },
            { trigger: "[name=assist_supplier_kind]", run: "select cooperative" },
            {
                content: "save it as a draft",
                trigger: ".o_assist_save",
                run: "click",
                expectUnloadPage: true,
            },
            {
                content: "the error stands beside the code, the name is still there",
                trigger:
                    ".o_assist_application:has([name=name]:value(Tour Honey Makers)) .invalid-feedback:contains(typing error)",
            },
            {
                content: "the right code",
                trigger: "[name=company_registry]",
                run() {
                    this.anchor.value = window.sessionStorage.getItem("union_assist_code");
                },
            },
            {
                trigger: ".o_assist_save",
                run: "click",
                expectUnloadPage: true,
            },
            {
                content: "the draft says what is missing",
                trigger: ".o_assist_missing:contains(County):contains(Goods Offered)",
            },
            {
                content: "the county",
                trigger: "[name=assist_region_id]",
                run: "selectByLabel Ziyang County",
            },
            { trigger: "[name=assist_legal_representative]", run: "edit Somebody" },
            { trigger: "[name=street]", run: "edit 1 Hive Lane" },
            { trigger: "[name=phone]", run: "edit 0915-1" },
            { trigger: "[name=contact_phone]", run: "edit 130" },
            { trigger: "[name=goods]", run: "edit Honey" },
            { trigger: "[name=mechanism_ids]:first", run: "click" },
            { trigger: "[name=claimed_households]", run: "edit 12" },
            {
                content: "submit it",
                trigger: ".o_assist_submit",
                run: "click",
                expectUnloadPage: true,
            },
            {
                content: "it waits for the county",
                trigger: ".o_assist_application .o_assist_state:contains(Applied)",
            },
        ];
    },
});

const decide = (card, button, status) => [
    stepUtils.showAppsMenuItem(),
    {
        content: "open the assistance app",
        trigger: ".o_app[data-menu-xmlid='union_assist_catalog.menu_root']",
        run: "click",
    },
    {
        content: "the overview shows the queue",
        trigger: `.o_union_assist_overview .o_kanban_record:contains(${card})`,
        run: "click",
    },
    {
        content: "open the application",
        trigger: ".o_kanban_record:contains(Tour Honey Makers)",
        run: "click",
    },
    {
        content: "decide",
        trigger: `.o_form_statusbar button[name=${button}]:visible`,
        run: "click",
    },
    {
        content: "say why",
        trigger: ".modal .o_field_widget[name=reason] textarea",
        run: "edit All is as declared",
    },
    {
        content: "confirm",
        trigger: ".modal button[name=action_confirm]",
        run: "click",
    },
    {
        content: "the application has gone on",
        trigger: `body:not(:has(.modal)) .o_arrow_button_current:contains(${status})`,
    },
];

registry.category("web_tour.tours").add("union_assist_application_recommend", {
    steps: () => decide("Applications to recommend", "action_recommend", "Recommended"),
});
registry.category("web_tour.tours").add("union_assist_application_admit", {
    steps: () => decide("Recommended suppliers to audit", "action_admit", "Admitted"),
});

registry.category("web_tour.tours").add("union_assist_application_admitted", {
    steps: () => [
        { trigger: CARD, run: "click", expectUnloadPage: true },
        {
            content: "admitted, with the history of it",
            trigger:
                ".o_assist_application:has(.o_assist_state:contains(Admitted)) .o_assist_history li:contains(All is as declared)",
        },
    ],
});
