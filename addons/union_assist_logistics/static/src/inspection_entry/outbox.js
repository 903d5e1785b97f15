import { EventBus } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError } from "@web/core/network/rpc";
import { IndexedDB } from "@web/core/utils/indexed_db";

const TABLE = "outbox";
const ENTRIES = "entries";
const RETRY_DELAYS = [2000, 5000, 15000, 30000];

/**
 * Keeps what was entered on this device until the server has answered it.
 *
 * Entries are sent one after the other in the order of entry; a later entry under the same key
 * replaces one that is not on its way yet. The server takes the same entry twice without harm,
 * so that one whose answer was lost is simply sent again.
 */
export class Outbox extends EventBus {
    /**
     * @param {string} name of the store on this device: one per database and user
     * @param {(entry: Object) => Promise} send sends one entry; a ConnectionLostError keeps it
     */
    constructor(name, send) {
        super();
        this.send = send;
        this.entries = [];
        this.store = new IndexedDB(name, "1");
        this.attempts = 0;
        this.onOnline = () => this.flush();
        browser.addEventListener("online", this.onOnline);
    }

    /** Take up what an earlier visit could not send. */
    async load() {
        const kept = (await this.store.read(TABLE, ENTRIES)) || [];
        this.entries = [...kept, ...this.entries];
        this.changed();
        this.flush();
    }

    get size() {
        return this.entries.length;
    }

    /** The entries of a record that are not answered yet. */
    pending(filter) {
        return this.entries.filter(filter);
    }

    /** The entry of a key that is not on its way yet. */
    waiting(key) {
        return this.entries.find((entry) => entry.key === key && entry !== this.current);
    }

    /** Keep an entry and send it as soon as possible. */
    async put(entry) {
        const waiting = this.waiting(entry.key);
        if (waiting) {
            this.entries[this.entries.indexOf(waiting)] = entry;
        } else {
            this.entries.push(entry);
        }
        this.changed();
        await this.keep();
        await this.flush();
    }

    /** Send what is kept, until all is answered or the connection fails. */
    flush() {
        this.flushing = this.flushing || this.sendAll().finally(() => (this.flushing = null));
        return this.flushing;
    }

    async sendAll() {
        browser.clearTimeout(this.timer);
        while (this.entries.length) {
            this.current = this.entries[0];
            try {
                await this.send(this.current);
                this.attempts = 0;
            } catch (error) {
                if (error instanceof ConnectionLostError) {
                    this.current = null;
                    this.retryLater();
                    this.changed();
                    return;
                }
                // Refused for good: whoever listens says why and keeps what was typed.
                this.trigger("refused", { entry: this.current, error });
            }
            this.entries = this.entries.filter((entry) => entry !== this.current);
            this.current = null;
            this.changed();
            await this.keep();
        }
    }

    retryLater() {
        const delay = RETRY_DELAYS[Math.min(this.attempts, RETRY_DELAYS.length - 1)];
        this.attempts++;
        this.timer = browser.setTimeout(() => this.flush(), delay);
    }

    keep() {
        // Proxies of the screen cannot be stored.
        return this.store.write(TABLE, ENTRIES, JSON.parse(JSON.stringify(this.entries)));
    }

    changed() {
        this.trigger("changed", { size: this.size });
    }

    stop() {
        browser.clearTimeout(this.timer);
        browser.removeEventListener("online", this.onOnline);
    }
}
