// @ts-check
// Messages taken apart, and new frames made of old ones.

/** One message of encode_frame in ui/stream.py: a header in JSON, and what follows it.
 * @param {Uint8Array} bytes @returns {{ header: any, payload: Uint8Array }} */
export function decode(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { header, payload: bytes.subarray(4 + length) };
}

// See ui/patches.py for the three kinds of patches. What a patch does not name stays the same object, so that
// whoever has worked on it (an array unpacked, say) need not do it again.
/** @param {any} old @param {any[] | null} patch @returns {any} */
export function patched(old, patch) {
  if (!patch) return old;
  const [kind, first, second] = patch;
  if (kind === 0) return first;
  if (kind === 1) {
    const kept = old.slice(0, first);
    return typeof kept === "string" ? kept + second : [...kept, ...second];
  }
  const copy = Array.isArray(old) ? [...old] : { ...old };
  for (const [key, inner] of Object.entries(first)) copy[key] = patched(old[key], inner);
  for (const key of second) delete copy[key];
  return copy;
}

/** New pixels from those before and the differences modulo 256.
 * @param {Uint8Array} old @param {Uint8Array} differences @returns {Uint8Array} */
export function shifted(old, differences) {
  return differences.map((difference, at) => difference + old[at]);
}
