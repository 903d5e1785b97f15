import { _t } from "@web/core/l10n/translation";

// As on the server: readings and limits go down to millionths.
const STEP = 1e-6;

/**
 * Reads a number as people type it on a phone: full-width figures, a Chinese full stop or one
 * comma for the decimal point. A comma that may separate thousands is refused, not guessed at.
 *
 * @param {string} text
 * @returns {{value: number|null, error: string}} null for an empty text
 */
export function parseReading(text) {
    const plain = String(text).normalize("NFKC").replace(/。/g, ".").replace(/\s/g, "");
    if (!plain) {
        return { value: null, error: "" };
    }
    if (/^[+-]?\d{1,3},\d{3}$/.test(plain)) {
        return { value: null, error: _t("Write it without a separator of thousands.") };
    }
    const figure = plain.replace(/^([+-]?\d*),(\d*)$/, "$1.$2");
    if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(figure)) {
        return { value: null, error: _t("This is no number.") };
    }
    return { value: Number(figure), error: "" };
}

/**
 * Whether one measured value keeps an item's limits; the server judges the item as a whole.
 *
 * @returns {"pass"|"fail"|""} empty where the item has no limits
 */
export function judgeReading(item, value) {
    const low = value - item.min_value > -STEP / 2;
    const high = item.max_value - value > -STEP / 2;
    const kept = { at_least: low, at_most: high, between: low && high }[item.limit_type];
    return kept === undefined ? "" : kept ? "pass" : "fail";
}

/** A number as people write it; empty for none. */
export function formatReading(value) {
    return value === null || value === undefined ? "" : String(Number(value.toFixed(6)));
}
