import { browser } from "@web/core/browser/browser";

// [frequency in Hz, begin and end in seconds]
const TONES = {
    good: [[1320, 0, 0.12]],
    bad: [
        [220, 0, 0.25],
        [180, 0.3, 0.6],
    ],
};
let context;

/** Say by sound and vibration whether a scan is taken; silent where the device has neither. */
export function signal(kind) {
    browser.navigator.vibrate?.(kind === "good" ? 60 : [200, 100, 200]);
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) {
        return;
    }
    context = context || new Context();
    for (const [frequency, begin, end] of TONES[kind]) {
        const tone = context.createOscillator();
        tone.frequency.value = frequency;
        tone.connect(context.destination);
        tone.start(context.currentTime + begin);
        tone.stop(context.currentTime + end);
    }
}

/** A key by which the server knows what was sent twice. */
export function makeKey() {
    const part = () => Math.random().toString(36).slice(2, 12);
    return `${Date.now().toString(36)}-${part()}-${part()}`;
}
