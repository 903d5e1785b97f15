import { registry } from "@web/core/registry";
import { inputFiles } from "@web/../tests/utils";

const HEADER = "Household Code,Head of Household,Place Code,Persons";

/** Give the file input of the form a file, as somebody does who chooses one on the computer. */
function choose(name, rows) {
    return {
        content: `choose ${name}`,
        trigger: ".o_form_view .o_field_widget[name=file] .o_select_file_button",
        async run() {
            await inputFiles(".o_field_widget[name=file] input[type=file]", [
                new File([[HEADER, ...rows, ""].join("\r\n")], name, { type: "text/csv" }),
            ]);
        },
    };
}

const openImports = [
    {
        content: "open the menu of the people",
        trigger: "[data-menu-xmlid='union_assist_catalog.menu_people']",
        run: "click",
    },
    {
        content: "open the imports",
        trigger: "[data-menu-xmlid='union_assist_catalog.menu_import']",
        run: "click",
    },
    {
        trigger: ".o_breadcrumb .active:contains(Imports)",
    },
];

/** An operator uploads a file with two faulty rows and reads what is wrong. */
registry.category("web_tour.tours").add("union_assist_import_errors", {
    steps: () => [
        ...openImports,
        {
            content: "import a new file",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "it holds households",
            trigger: ".o_field_widget[name=kind] input[data-value=household]",
            run: "click",
        },
        choose("households.csv", [
            "TOUR-1,张某某,610924,4",
            "TOUR-2,李某某,610924,four",
            "TOUR-3,王某某,610999,3",
        ]),
        {
            content: "the file is there",
            trigger: ".o_field_widget[name=file] input[type=text]:value(households.csv)",
        },
        {
            content: "check it",
            trigger: "button[name=action_check]:contains(Check the File)",
            run: "click",
        },
        {
            content: "nothing is written, and it says of how many rows that is the fault",
            trigger: ".alert-danger:contains(2 of 3 rows have errors):contains(Nothing has been written)",
        },
        {
            content: "the first error: its row, its column and the reason",
            trigger:
                ".o_field_widget[name=shown_error_ids] .o_data_row:nth-child(1)" +
                ":has([name=number]:contains(/^3$/)):has([name=column]:contains(/^Persons$/))" +
                ":contains(“four” is no whole number)",
        },
        {
            content: "the second",
            trigger:
                ".o_field_widget[name=shown_error_ids] .o_data_row:nth-child(2)" +
                ":has([name=number]:contains(/^4$/)):has([name=column]:contains(/^Place Code$/))" +
                ":contains(There is no division with the code 610999)",
        },
        {
            content: "and no third",
            trigger:
                ".o_field_widget[name=shown_error_ids]:not(:has(.o_data_row:nth-child(3) [name=number]))",
        },
        {
            content: "it cannot be imported as a whole",
            trigger: ".o_form_statusbar:not(:has(button[name=action_write]))",
        },
    ],
});

/** The operator comes back with the corrected file and imports it. */
registry.category("web_tour.tours").add("union_assist_import_corrected", {
    steps: () => [
        ...openImports,
        {
            content: "go on with the import",
            trigger: ".o_data_row:contains(households.csv):contains(To Correct) .o_data_cell[name=file_name]",
            run: "click",
        },
        choose("corrected.csv", [
            "TOUR-1,张某某,610924,4",
            "TOUR-2,李某某,610924,5",
            "TOUR-3,王某某,610924,3",
        ]),
        {
            trigger: ".o_field_widget[name=file] input[type=text]:value(corrected.csv)",
        },
        {
            content: "check it",
            trigger: "button[name=action_check]:contains(Check Again)",
            run: "click",
        },
        {
            content: "all is in order, and still nothing written",
            trigger: ".alert-success:contains(All 3 rows are in order):contains(Nothing has been written)",
        },
        {
            content: "it says what will happen",
            trigger: ".o_field_widget[name=summary] tr:contains(Households) td:first:contains(3)",
        },
        {
            content: "import",
            trigger: "button[name=action_write]",
            run: "click",
        },
        {
            trigger: ".alert-success:contains(Everything is imported)",
        },
        {
            content: "show the households",
            trigger: "button[name=action_view_records]",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb .active:contains(Households)",
        },
        {
            content: "look for the new ones",
            trigger: ".o_searchview_input",
            run: "edit TOUR-",
        },
        {
            trigger: ".o_searchview_input",
            run: "press Enter",
        },
        {
            trigger: ".o_searchview_facet:contains(TOUR-)",
        },
        ...["TOUR-1", "TOUR-2", "TOUR-3"].map((code) => ({
            content: `${code} is in the list`,
            trigger: `.o_list_view .o_data_row:contains(${code})`,
        })),
    ],
});
