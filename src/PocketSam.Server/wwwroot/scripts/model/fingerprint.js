// Identifies pictures by their bytes. It does not use the browser's own digests, which are not available to pages over
// plain http.

/** The length and a 53-bit hash (cyrb53) as text. */
export function fingerprint(bytes) {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 2654435761);
    b = Math.imul(b ^ byte, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return `${bytes.length}-${((2097151 & b) * 4294967296 + (a >>> 0)).toString(36)}`;
}
