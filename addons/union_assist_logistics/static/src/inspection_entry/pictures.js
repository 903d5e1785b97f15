// Enough to read a label on a photograph; a phone's own pictures are ten times as large.
const LONG_SIDE = 1600;
const QUALITY = 0.8;

/**
 * Makes a picture small enough for a bad connection.
 *
 * @param {File} file a picture of any kind that the browser can show
 * @returns {Promise<{name: string, data: string}>} a JPEG in base64
 */
export async function shrinkPicture(file) {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, LONG_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const name = file.name.replace(/\.\w+$/, "") || "photo";
    return { name: `${name}.jpg`, data: canvas.toDataURL("image/jpeg", QUALITY).split(",")[1] };
}
