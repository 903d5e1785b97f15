/* The page on which a receiver signs for a delivery. No framework: it has to open and work on
   a weak connection. What is entered is kept on the telephone (localStorage, photographs in
   IndexedDB) until the server has said that it arrived; every entry and every photograph has a
   key, so that sending again does no harm. */
(function () {
    "use strict";

    const page = document.getElementById("delivery");
    if (!page) {
        return;
    }
    const path = window.location.pathname.replace(/\/$/, "");
    const storeName = "assist-delivery:" + path;
    const texts = {};
    for (const text of document.querySelectorAll("#texts [data-name]")) {
        texts[text.dataset.name] = text.textContent;
    }
    const news = document.getElementById("news");
    const PHOTO_SIDE = 1600;
    const PHOTOS_PER_DIFFERENCE = 6;
    const FIRST_PAUSE = 4000;
    const LONGEST_PAUSE = 60000;
    const TIMEOUT = 60000;

    // -- what is kept on the telephone ------------------------------------------------------

    function newKey() {
        if (window.crypto.randomUUID) {
            return window.crypto.randomUUID();
        }
        const bytes = window.crypto.getRandomValues(new Uint8Array(16));
        const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
        return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    }

    function readKept() {
        try {
            return JSON.parse(window.localStorage.getItem(storeName));
        } catch {
            return null;
        }
    }

    function forget() {
        try {
            window.localStorage.removeItem(storeName);
        } catch {
            // Nothing was kept where nothing may be.
        }
        photos.clear();
    }

    const photos = {
        memory: new Map(),
        open() {
            if (!this.opening) {
                this.opening = new Promise((resolve) => {
                    try {
                        const request = window.indexedDB.open("assist-delivery", 1);
                        request.onupgradeneeded = () =>
                            request.result.createObjectStore("photos", { keyPath: "key" });
                        request.onsuccess = () => resolve(request.result);
                        request.onerror = () => resolve(null);
                    } catch {
                        resolve(null);
                    }
                });
            }
            return this.opening;
        },
        async run(mode, act) {
            const database = await this.open();
            if (!database) {
                return undefined;
            }
            return new Promise((resolve) => {
                const transaction = database.transaction("photos", mode);
                const request = act(transaction.objectStore("photos"));
                transaction.oncomplete = () => resolve(request.result);
                transaction.onerror = transaction.onabort = () => resolve(undefined);
            });
        },
        async put(key, blob) {
            this.memory.set(key, blob);
            await this.run("readwrite", (store) => store.put({ key, path, blob }));
        },
        async get(key) {
            if (!this.memory.has(key)) {
                const kept = await this.run("readonly", (store) => store.get(key));
                if (kept) {
                    this.memory.set(key, kept.blob);
                }
            }
            return this.memory.get(key);
        },
        async drop(key) {
            this.memory.delete(key);
            await this.run("readwrite", (store) => store.delete(key));
        },
        async clear() {
            this.memory.clear();
            const kept = (await this.run("readonly", (store) => store.getAll())) || [];
            for (const item of kept) {
                if (item.path === path) {
                    await this.drop(item.key);
                }
            }
        },
    };

    // -- telling ----------------------------------------------------------------------------

    function tell(text, kind, retry) {
        news.textContent = text;
        news.className = "dp-news" + (kind ? " dp-" + kind : "");
        news.hidden = !text;
        if (retry) {
            const button = document.createElement("button");
            button.type = "button";
            button.id = "retry";
            button.textContent = texts.retry;
            button.addEventListener("click", retry);
            news.append(button);
        }
    }

    async function ask(address, form) {
        const stop = new AbortController();
        const timer = setTimeout(() => stop.abort(), TIMEOUT);
        try {
            const options = { signal: stop.signal, cache: "no-store", credentials: "same-origin" };
            if (form) {
                options.method = "POST";
                options.body = new FormData();
                for (const [name, value] of Object.entries(form)) {
                    options.body.append(name, value);
                }
                options.body.append("lang", page.dataset.lang);
            }
            const response = await fetch(path + address, options);
            if (response.status >= 500) {
                return { lost: true };
            }
            const data = await response.json().catch(() => null);
            // An answer of something in between (a hotel's login page) is none of ours.
            return data ? { status: response.status, data } : { lost: true };
        } catch {
            return { lost: true };
        } finally {
            clearTimeout(timer);
        }
    }

    // -- a page that is signed already --------------------------------------------------------

    if (page.dataset.state !== "sign") {
        const kept = readKept();
        if (page.dataset.state === "signed" && kept) {
            ask("/state?key=" + encodeURIComponent(kept.key)).then(({ data }) => {
                if (data && data.signed) {
                    if (kept.queued && !data.mine) {
                        tell(texts.other, "bad");
                    }
                    forget();
                }
            });
        }
        return;
    }

    // -- the entry ----------------------------------------------------------------------------

    const form = document.getElementById("entry");
    const rows = Array.from(form.querySelectorAll(".dp-row"));
    const template = document.getElementById("difference");
    const send = document.getElementById("send");
    const fields = ["remark", "name", "role"].map((id) => document.getElementById(id));
    const arrived = new Set();
    const rejected = new Set();
    let entry = {
        key: newKey(),
        goods: page.dataset.goods,
        lines: rows.map(() => ({ checked: false, differences: [] })),
        strokes: [],
        remark: "",
        name: "",
        role: "",
        moment: 0,
        queued: false,
    };

    function keep() {
        for (const field of fields) {
            entry[field.id] = field.value;
        }
        try {
            window.localStorage.setItem(storeName, JSON.stringify(entry));
        } catch {
            // A browser that keeps nothing still sends.
        }
    }

    function restore() {
        const kept = readKept();
        if (!kept || !Array.isArray(kept.lines) || kept.lines.length !== rows.length) {
            return;
        }
        const changed = kept.goods !== entry.goods;
        entry = Object.assign(entry, kept, { goods: entry.goods });
        if (changed) {
            // Other goods than were signed for: to be checked and signed again.
            entry.queued = false;
            entry.strokes = [];
            entry.lines.forEach((line) => (line.checked = line.differences.length > 0));
        }
        for (const field of fields) {
            field.value = entry[field.id] || "";
        }
        if (entry.strokes.length || entry.lines.some((line) => line.checked)) {
            tell(texts.restored);
        }
    }

    const round = (number) => Math.round(number * 1e6) / 1e6;
    const numberOf = (text) => {
        const number = Number(String(text).replace(",", "."));
        return Number.isFinite(number) ? number : 0;
    };

    function show(index) {
        const row = rows[index];
        const line = entry.lines[index];
        const sent = Number(row.dataset.sent);
        const missing = line.differences.reduce((sum, item) => sum + item.quantity, 0);
        row.classList.toggle("dp-checked", line.checked && !line.differences.length);
        row.classList.toggle("dp-wrong", line.differences.length > 0);
        row.classList.remove("dp-missed");
        row.querySelector(".dp-ok").setAttribute(
            "aria-pressed",
            String(line.checked && !line.differences.length)
        );
        row.querySelector(".dp-differs").setAttribute(
            "aria-pressed",
            String(line.differences.length > 0)
        );
        const received = row.querySelector(".dp-received");
        received.hidden = !line.differences.length;
        received.querySelector("b").textContent = String(Math.max(round(sent - missing), 0));
        row.querySelector(".dp-more").hidden =
            !line.differences.length ||
            line.differences.length >= template.content.querySelectorAll("option").length;
    }

    function showDifferences(index) {
        const place = rows[index].querySelector(".dp-differences");
        place.replaceChildren(
            ...entry.lines[index].differences.map((item) => buildDifference(index, item))
        );
        show(index);
    }

    function addDifference(index) {
        const line = entry.lines[index];
        const used = line.differences.map((item) => item.kind);
        const kinds = Array.from(template.content.querySelectorAll("option"), (o) => o.value);
        line.differences.push({
            kind: kinds.find((kind) => !used.includes(kind)),
            quantity: Math.min(1, Number(rows[index].dataset.sent)),
            remark: "",
            photos: [],
        });
        line.checked = true;
        showDifferences(index);
        keep();
    }

    function buildDifference(index, item) {
        const line = entry.lines[index];
        const sent = Number(rows[index].dataset.sent);
        const card = template.content.firstElementChild.cloneNode(true);
        const kind = card.querySelector(".dp-kind");
        const many = card.querySelector(".dp-many");
        const remark = card.querySelector(".dp-remark");
        kind.value = item.kind;
        many.value = item.quantity;
        many.max = sent;
        remark.value = item.remark;
        kind.addEventListener("change", () => {
            item.kind = kind.value;
            keep();
        });
        const setQuantity = (value) => {
            item.quantity = round(Math.min(Math.max(value, 0), sent));
            show(index);
            keep();
        };
        many.addEventListener("input", () => setQuantity(numberOf(many.value)));
        many.addEventListener("change", () => (many.value = item.quantity));
        for (const [name, step] of [
            [".dp-less", -1],
            [".dp-plus", 1],
        ]) {
            card.querySelector(name).addEventListener("click", () => {
                setQuantity(item.quantity + step);
                many.value = item.quantity;
            });
        }
        remark.addEventListener("input", () => {
            item.remark = remark.value;
            keep();
        });
        card.querySelector(".dp-drop").addEventListener("click", () => {
            item.photos.forEach((key) => photos.drop(key));
            line.differences.splice(line.differences.indexOf(item), 1);
            line.checked = line.differences.length > 0;
            showDifferences(index);
            keep();
        });
        const camera = card.querySelector(".dp-camera input");
        camera.addEventListener("change", () => {
            takePhotos(item, card, Array.from(camera.files));
            camera.value = "";
        });
        item.photos.forEach((key) => showPhoto(item, card, key));
        return card;
    }

    rows.forEach((row, index) => {
        row.querySelector(".dp-ok").addEventListener("click", () => {
            const line = entry.lines[index];
            line.differences.forEach((item) => item.photos.forEach((key) => photos.drop(key)));
            line.differences = [];
            line.checked = true;
            showDifferences(index);
            keep();
        });
        row.querySelector(".dp-differs").addEventListener("click", () => {
            if (!entry.lines[index].differences.length) {
                addDifference(index);
            }
        });
        row.querySelector(".dp-more").addEventListener("click", () => addDifference(index));
    });
    document.getElementById("all_ok").addEventListener("click", () => {
        entry.lines.forEach((line, index) => {
            line.checked = true;
            show(index);
        });
        keep();
    });
    fields.forEach((field) => field.addEventListener("input", keep));

    // -- photographs --------------------------------------------------------------------------

    async function shrink(file) {
        // Smaller before it is sent; a browser that cannot sends the file as it is.
        try {
            const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
            const scale = Math.min(1, PHOTO_SIDE / Math.max(picture.width, picture.height));
            const sheet = document.createElement("canvas");
            sheet.width = Math.round(picture.width * scale);
            sheet.height = Math.round(picture.height * scale);
            sheet.getContext("2d").drawImage(picture, 0, 0, sheet.width, sheet.height);
            const blob = await new Promise((resolve) =>
                sheet.toBlob(resolve, "image/jpeg", 0.8)
            );
            return blob || file;
        } catch {
            return file;
        }
    }

    async function takePhotos(item, card, files) {
        for (const file of files) {
            if (item.photos.length >= PHOTOS_PER_DIFFERENCE) {
                tell(texts.photoMany);
                break;
            }
            const key = newKey();
            await photos.put(key, await shrink(file));
            item.photos.push(key);
            keep();
            await showPhoto(item, card, key);
        }
        uploadPhotos();
    }

    async function showPhoto(item, card, key) {
        const frame = document.createElement("div");
        frame.className = "dp-photo";
        frame.dataset.key = key;
        frame.classList.toggle("dp-arrived", arrived.has(key));
        const blob = await photos.get(key);
        if (blob) {
            const image = document.createElement("img");
            image.alt = "";
            image.src = URL.createObjectURL(blob);
            image.addEventListener("load", () => URL.revokeObjectURL(image.src));
            frame.append(image);
        }
        const remove = document.createElement("button");
        remove.type = "button";
        remove.textContent = "×";
        remove.setAttribute("aria-label", texts.remove);
        remove.addEventListener("click", () => dropPhoto(key));
        frame.append(remove);
        card.querySelector(".dp-photos").prepend(frame);
    }

    function dropPhoto(key) {
        for (const line of entry.lines) {
            for (const item of line.differences) {
                item.photos = item.photos.filter((other) => other !== key);
            }
        }
        photos.drop(key);
        const frame = form.querySelector('.dp-photo[data-key="' + key + '"]');
        if (frame) {
            frame.remove();
        }
        keep();
    }

    const photoKeys = () =>
        entry.lines.flatMap((line) => line.differences.flatMap((item) => item.photos));

    let uploading = null;

    /* Send what has not arrived, one by one; true when nothing is left to send. */
    function uploadPhotos() {
        if (!uploading) {
            uploading = uploadMissing().finally(() => (uploading = null));
        }
        return uploading;
    }

    async function uploadMissing() {
        for (let key; (key = photoKeys().find((other) => !arrived.has(other))); ) {
            const blob = await photos.get(key);
            if (!blob) {
                dropPhoto(key);
                tell(texts.photoLost, "bad");
                rejected.add(key);
                continue;
            }
            const answer = await ask("/photo", { key, file: blob });
            if (answer.lost || answer.status === 409 || answer.status === 404) {
                return false;
            }
            if (answer.status === 200) {
                arrived.add(key);
                const frame = form.querySelector('.dp-photo[data-key="' + key + '"]');
                if (frame) {
                    frame.classList.add("dp-arrived");
                }
            } else {
                dropPhoto(key);
                rejected.add(key);
                tell(texts.photoFailed + " " + (answer.data.error || ""), "bad");
            }
        }
        return true;
    }

    // -- signature ----------------------------------------------------------------------------

    const canvas = document.getElementById("signature");
    const pen = canvas.getContext("2d");
    let stroke = null;

    function draw() {
        pen.clearRect(0, 0, canvas.width, canvas.height);
        pen.lineWidth = 4;
        pen.lineCap = pen.lineJoin = "round";
        for (const points of entry.strokes) {
            pen.beginPath();
            pen.moveTo(points[0] * canvas.width, points[1] * canvas.width);
            for (let i = 2; i < points.length; i += 2) {
                pen.lineTo(points[i] * canvas.width, points[i + 1] * canvas.width);
            }
            pen.stroke();
        }
    }

    function addPoint(event) {
        const box = canvas.getBoundingClientRect();
        const within = (value, most) => Math.min(Math.max(value, 0), most);
        const thousandth = (value) => Math.round(value * 1000) / 1000;
        stroke.push(
            thousandth(within((event.clientX - box.left) / box.width, 1)),
            thousandth(within((event.clientY - box.top) / box.width, box.height / box.width))
        );
    }

    canvas.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        try {
            canvas.setPointerCapture(event.pointerId);
        } catch {
            // Drawing goes on without it.
        }
        stroke = [];
        entry.strokes.push(stroke);
        addPoint(event);
    });
    canvas.addEventListener("pointermove", (event) => {
        if (stroke) {
            addPoint(event);
            draw();
        }
    });
    for (const name of ["pointerup", "pointercancel"]) {
        canvas.addEventListener(name, () => {
            stroke = null;
            keep();
        });
    }
    document.getElementById("clear").addEventListener("click", () => {
        entry.strokes = [];
        draw();
        keep();
    });

    function signatureLength() {
        let length = 0;
        for (const points of entry.strokes) {
            for (let i = 2; i < points.length; i += 2) {
                length += Math.hypot(points[i] - points[i - 2], points[i + 1] - points[i - 1]);
            }
        }
        return length;
    }

    // -- sending ------------------------------------------------------------------------------

    function findFault() {
        for (const [index, line] of entry.lines.entries()) {
            const sent = Number(rows[index].dataset.sent);
            const total = line.differences.reduce((sum, item) => sum + item.quantity, 0);
            const kinds = new Set(line.differences.map((item) => item.kind));
            let fault = null;
            if (!line.checked) {
                fault = texts.unchecked;
            } else if (
                line.differences.some((item) => item.quantity <= 0) ||
                total > sent + 1e-6
            ) {
                fault = texts.quantity;
            } else if (kinds.size !== line.differences.length) {
                fault = texts.twice;
            }
            if (fault) {
                rows[index].classList.add("dp-missed");
                rows[index].scrollIntoView({ block: "center" });
                return fault;
            }
        }
        if (signatureLength() < 0.25) {
            canvas.scrollIntoView({ block: "center" });
            return texts.unsigned;
        }
        return null;
    }

    let pause = FIRST_PAUSE;
    let timer = null;
    let sending = false;

    form.addEventListener("submit", (event) => {
        event.preventDefault();
        keep();
        const fault = findFault();
        if (fault) {
            tell(fault, "bad");
            news.scrollIntoView({ block: "nearest" });
            return;
        }
        entry.queued = true;
        entry.moment = Math.floor(Date.now() / 1000);
        keep();
        deliver();
    });

    function wait() {
        tell(texts.waiting, "", deliver);
        news.scrollIntoView({ block: "nearest" });
        clearTimeout(timer);
        timer = setTimeout(deliver, pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
    }

    function giveBack(text) {
        entry.queued = false;
        keep();
        tell(text || texts.failed, "bad");
        news.scrollIntoView({ block: "nearest" });
    }

    async function deliver() {
        if (sending || !entry.queued) {
            return;
        }
        clearTimeout(timer);
        sending = true;
        send.disabled = true;
        tell(texts.sending);
        try {
            await deliverNow();
        } finally {
            sending = false;
            send.disabled = false;
        }
    }

    async function deliverNow() {
        // An answer may have been lost: what has arrived is not sent again.
        const state = await ask("/state?key=" + encodeURIComponent(entry.key));
        if (state.lost) {
            return wait();
        }
        if (state.status === 404) {
            return giveBack(texts.gone);
        }
        if (state.data.mine) {
            return finish();
        }
        if (state.data.signed) {
            forget();
            window.location.reload();
            return;
        }
        arrived.clear();
        state.data.photos.forEach((key) => arrived.add(key));
        rejected.clear();
        if (!(await uploadPhotos())) {
            return wait();
        }
        if (rejected.size) {
            // The receiver signed for photographs that are not there: to be sent anew.
            return giveBack(news.textContent);
        }
        const { queued, ...data } = entry;
        const answer = await ask("/sign", { entry: JSON.stringify(data) });
        if (answer.lost) {
            return wait();
        }
        if (answer.status === 200) {
            return finish();
        }
        giveBack(answer.status === 404 ? texts.gone : answer.data.error);
    }

    function finish() {
        forget();
        entry.queued = false;
        tell("");
        form.hidden = true;
        document.getElementById("done").hidden = false;
        document.getElementById("again").href = window.location.href;
        window.scrollTo(0, 0);
    }

    window.addEventListener("online", () => {
        pause = FIRST_PAUSE;
        deliver();
    });
    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) {
            deliver();
        }
    });

    restore();
    rows.forEach((_row, index) => showDifferences(index));
    draw();
    if (entry.queued) {
        deliver();
    }
})();
