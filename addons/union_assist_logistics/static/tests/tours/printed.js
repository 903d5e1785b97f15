import { download } from "@web/core/network/download";

/**
 * Step that clicks what prints a document and ends when the document has arrived, so that
 * neither the next step nor the end of the tour overtakes the server.
 *
 * @param {string} trigger selector of what is clicked
 * @param {string} [content] what the step shows
 */
export function print(trigger, content) {
    return {
        content,
        trigger,
        timeout: 30000,
        async run({ click }) {
            const original = download._download;
            let arrived;
            const document = new Promise((resolve) => (arrived = resolve));
            download._download = (options) => {
                const answer = original(options);
                arrived(answer);
                return answer;
            };
            try {
                await click();
                await document;
            } finally {
                download._download = original;
            }
        },
    };
}
