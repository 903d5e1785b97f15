from odoo.tests import HttpCase, tagged

from .proof_common import ProofCommon

# What a receiver does on a telephone: report a shortage with a photograph, sign with a finger,
# send while there is no connection, and again when an answer was lost.
SIGN = """
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(test, what) {
    for (let i = 0; i < 800; i++) {
        const found = test();
        if (found) { return found; }
        await pause(50);
    }
    throw new Error("waited in vain for " + what);
}
const $ = (selector) => document.querySelector(selector);
const visible = (selector) => { const e = $(selector); return e && e.offsetParent && e; };
(async () => {
    if (document.documentElement.scrollWidth > window.innerWidth) {
        const wide = [...document.querySelectorAll("body *")].filter(
            (e) => e.getBoundingClientRect().right > window.innerWidth + 1
        );
        throw new Error("wider than the telephone: " + wide.map((e) => e.outerHTML.slice(0, 80)));
    }
    const online = window.fetch;
    // The first row lacks two; the rest is in order.
    $(".dp-row .dp-differs").click();
    await until(() => $(".dp-many"), "the difference");
    $(".dp-plus").click();
    if ($(".dp-received b").textContent !== "8") { throw new Error("received is not counted"); }
    const remark = $(".dp-remark");
    remark.value = "two boxes missing";
    remark.dispatchEvent(new Event("input"));
    const sheet = document.createElement("canvas");
    sheet.width = 2400; sheet.height = 1200;
    sheet.getContext("2d").fillRect(10, 10, 900, 700);
    const blob = await new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
    const files = new DataTransfer();
    files.items.add(new File([blob], "IMG_1.png", { type: "image/png" }));
    const camera = $(".dp-camera input");
    window.fetch = () => Promise.reject(new TypeError("no connection"));
    camera.files = files.files;
    camera.dispatchEvent(new Event("change"));
    await until(() => $(".dp-photo img"), "the photograph");
    $("#all_ok").click();
    // Nothing is sent without a signature.
    $("#send").click();
    await until(() => visible("#news.dp-bad"), "the refusal");
    const canvas = $("#signature");
    canvas.scrollIntoView();
    const box = canvas.getBoundingClientRect();
    const point = (name, x, y) => canvas.dispatchEvent(new PointerEvent(name, {
        pointerId: 1, pointerType: "touch", bubbles: true, cancelable: true,
        clientX: box.left + x * box.width, clientY: box.top + y * box.width,
    }));
    point("pointerdown", 0.1, 0.1);
    for (let i = 1; i < 20; i++) { point("pointermove", 0.1 + i * 0.03, 0.1 + (i % 4) * 0.05); }
    point("pointerup", 0.7, 0.2);
    $("#send").click();
    await until(() => visible("#retry"), "that it is kept");
    const kept = JSON.parse(localStorage.getItem("assist-delivery:" + location.pathname));
    if (!kept.queued || kept.lines[0].differences[0].quantity !== 2) {
        throw new Error("the entry is not kept");
    }
    // The connection is back; the answer to the signature is lost on the way.
    let lost = 0;
    window.fetch = async (address, options) => {
        const answer = await online(address, options);
        if (String(address).endsWith("/sign") && !lost++) {
            throw new TypeError("the answer was lost");
        }
        return answer;
    };
    window.dispatchEvent(new Event("online"));
    await until(() => lost && visible("#retry"), "the lost answer");
    $("#retry").click();
    await until(() => visible("#done"), "the thanks");
    if (localStorage.length) { throw new Error("something stays on the telephone"); }
    console.log("test successful");
})().catch((error) => console.error(String(error)));
"""


@tagged("post_install", "-at_install", "union_assist")
class TestTourDeliveryPage(ProofCommon, HttpCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_a_receiver_signs_with_a_shortage(self):
        """On a telephone, with the connection lost twice: one receipt, one case."""
        picking = self._make_shipped(1)
        self.browser_js(
            f"/assist/delivery/{picking.assist_note_token}",
            SIGN,
            "document.readyState === 'complete'",
            timeout=120,
        )
        receipt = picking.assist_receipt_ids
        self.assertEqual(len(receipt), 1)
        self.assertEqual(
            [(line.kind, line.quantity, line.remark) for line in receipt.line_ids],
            [("received", 8, ""), ("short", 2, "two boxes missing"), ("received", 4, "")],
        )
        self.assertEqual(len(receipt.line_ids.photo_ids), 1)
        self.assertTrue(receipt.phone_time)
        self.assertTrue(receipt.is_unchanged)
        self.assertEqual(picking.assist_case_ids.quantity, 2)
