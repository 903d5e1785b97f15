import { registry } from "@web/core/registry";

const scan = (code) => ({
    content: `scan ${code}`,
    trigger: ".o_assist_code",
    run: `edit ${code} && press Enter`,
});
const said = (kind, text) => ({
    content: `it says: ${text}`,
    trigger: `.o_assist_last[data-kind=${kind}]:contains("${text}")`,
});

/** A route of two cartons and loose goods is loaded; one carton stays behind, with a reason. */
registry.category("web_tour.tours").add("union_assist_loading", {
    steps: () => [
        {
            content: "the route and what it takes",
            trigger: ".o_assist_route .o_assist_progress:contains(0 / 3)",
        },
        scan("MINE-1"),
        said("good", "MINE-1"),
        {
            content: "it is ticked once the server has it",
            trigger: "[data-carton=MINE-1][data-loaded='1'] .fa-check-circle",
        },
        scan("MINE-1"),
        said("bad", "MINE-1 was loaded by"),
        scan("OTHER-1"),
        said("bad", "belongs to PS"),
        scan("NOBODY-1"),
        said("bad", "No carton has the code"),
        scan("(00)MINE-2"),
        said("bad", "No carton has the code"),
        scan("MINE-2"),
        said("good", "MINE-2"),
        {
            content: "MINE-2 is damaged: take it off",
            trigger: "[data-carton=MINE-2] .o_assist_take_off",
            run: "click",
        },
        said("good", "off the vehicle"),
        {
            content: "confirm the goods without a carton",
            trigger: ".o_assist_loose .o_assist_confirm",
            run: "click",
        },
        {
            content: "two of three are on the vehicle",
            trigger: ".o_assist_progress:contains(2 / 3)",
        },
        {
            content: "nothing waits on the device",
            trigger: ".o_assist_route:not(:has(.o_assist_waiting))",
        },
        {
            content: "depart",
            trigger: ".o_assist_depart",
            run: "click",
        },
        {
            content: "it asks where the missing carton goes",
            trigger: ".modal .o_field_widget[name=line_ids]:contains(MINE-2)",
        },
        {
            content: "open the line",
            trigger: ".modal .o_field_widget[name=line_ids] td[name=reason]",
            run: "click",
        },
        {
            content: "say why",
            trigger: ".modal .o_field_widget[name=line_ids] [name=reason] input",
            run: "edit Carton is damaged",
        },
        {
            content: "depart",
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "the vehicle is on its way",
            trigger: ".o_assist_state[data-state=departed]",
        },
    ],
});
