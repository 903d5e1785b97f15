import { _t } from "@web/core/l10n/translation";

// As on the server: readings and limits go down to millionths.
const STEP = 1e-6;
const READING = /^(<|≤)?\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*(.*)$/;
const NOT_DETECTED = ["nd", "n.d.", "未检出"];

/**
 * Reads a reading as people type it on a phone, full-width figures and a Chinese full stop
 * among them. A comma is refused, not guessed at: it may be meant as a point or a separator.
 *
 * @param {string} text
 * @returns {{value: number|null, unit: string, below: boolean, text: string, error: string}}
 *      `text` is what the server gets, empty for nothing
 */
export function parseReading(text) {
    const plain = String(text).normalize("NFKC").replace(/(\d)。(?=\d)/g, "$1.").trim();
    const reading = { value: null, unit: "", below: false, text: plain, error: "" };
    if (!plain) {
        return reading;
    }
    if (NOT_DETECTED.includes(plain.toLowerCase())) {
        return { ...reading, value: 0, below: true };
    }
    const [, below, figure, unit] = plain.match(READING) || [];
    if (figure === undefined || /^[\d.,;+-]/.test(unit)) {
        return { ...reading, error: _t("This is no number. Write it like 12.5.") };
    }
    return { ...reading, value: Number(figure), unit, below: Boolean(below) };
}

/**
 * Whether one reading keeps an item's limits. Where that cannot be told here (another unit, a
 * mean, a formula) the server's judgement is waited for.
 *
 * @returns {"pass"|"fail"|""}
 */
export function judgeReading(item, { value, unit, below, error }) {
    if (value === null || error || item.judged_by !== "each" || (unit && unit !== item.unit)) {
        return "";
    }
    if (below && item.limit_type !== "at_most") {
        return "";
    }
    const low = value - item.min_value > -STEP / 2;
    const high = item.max_value - value > -STEP / 2;
    const kept = { at_least: low, at_most: high, between: low && high }[item.limit_type];
    return kept === undefined ? "" : kept ? "pass" : "fail";
}
