import { registry } from "@web/core/registry";

/** A visitor without login, on a phone: searches, filters, opens a product. */
registry.category("web_tour.tours").add("union_assist_public_catalogue", {
    url: "/assist/catalogue",
    steps: () => [
        {
            content: "goods stand in two columns, the filters are folded away",
            trigger: ".ua-grid li:nth-child(3) .ua-card:contains(Green Tea)",
            run() {
                const [first, second] = document.querySelectorAll(".ua-grid li");
                const [one, two] = [first, second].map((item) => item.getBoundingClientRect());
                if (one.top !== two.top || two.right > window.innerWidth) {
                    throw new Error("The cards do not fit on the phone side by side");
                }
                if (document.documentElement.scrollWidth > window.innerWidth) {
                    throw new Error("The page is wider than the phone");
                }
                if (document.querySelector(".ua-filters").offsetParent) {
                    throw new Error("The filters take the place of the goods");
                }
            },
        },
        {
            content: "search for a county",
            trigger: ".ua-search input[name=q]",
            run: "edit mizhi",
        },
        {
            content: "send the search",
            trigger: ".ua-search button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "two of three goods come from there",
            trigger: ".ua-found:contains(2 found)",
        },
        {
            content: "unfold the filters",
            trigger: ".ua-filter-button",
            run: "click",
        },
        {
            content: "choose a category",
            trigger: ".ua-filters [data-facet=category] a:contains(Zq Fruit)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "one is left, and both choices can be taken back",
            trigger: ".ua-chips:contains(1 found):contains(mizhi):contains(Zq Fruit)",
        },
        {
            content: "open it",
            trigger: ".ua-card:contains(Mountain Apples)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it tells its price, its origin and how many households it is linked to",
            trigger:
                ".ua-product:contains(11.60):contains(Mizhi County):contains(Orchard) .ua-impact:contains(Linked to 5 households in Mizhi County)",
        },
        {
            content: "read it in Chinese",
            trigger: ".ua-lang a[hreflang=zh-CN]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it does",
            trigger: "html[lang=zh-CN] .ua-impact:contains(与米脂县 5 户农户建立联结)",
        },
        {
            content: "go back to all goods",
            trigger: ".ua-crumbs a:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "still in Chinese, with all of them",
            trigger: "html[lang=zh-CN] .ua-grid li:nth-child(3)",
        },
    ],
});
