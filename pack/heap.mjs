/**
 * A memory image that holds only the pages which differ from the memory of a fresh module:
 *
 *     u32 "TDH1" | u32 bytes of the memory | u32 pages | u32 index[pages] | pages of 4,096 bytes
 *
 * Little-endian. A listed page takes the place of the whole page.
 */
const MAGIC = 0x31484454;
const PAGE = 4096;
const HEAD = 12;

/**
 * @param {Uint8Array} memory what the image restores
 * @param {Uint8Array} fresh the memory it will be restored into, of the same length
 * @returns {Uint8Array}
 */
export function encodeHeap(memory, fresh) {
  if (memory.length % PAGE || memory.length !== fresh.length) {
    throw new Error(`image: memories of ${memory.length} and ${fresh.length} bytes do not pair`);
  }
  const pages = [];
  for (let at = 0; at < memory.length; at += PAGE) {
    const before = Buffer.from(fresh.buffer, fresh.byteOffset + at, PAGE);
    if (before.compare(memory, at, at + PAGE) !== 0) pages.push(at / PAGE);
  }
  const image = new Uint8Array(HEAD + pages.length * (4 + PAGE));
  new Uint32Array(image.buffer, 0, 3).set([MAGIC, memory.length, pages.length]);
  new Uint32Array(image.buffer, HEAD, pages.length).set(pages);
  pages.forEach((page, i) => {
    image.set(memory.subarray(page * PAGE, (page + 1) * PAGE), HEAD + 4 * pages.length + i * PAGE);
  });
  return image;
}

/**
 * @param {Uint8Array} image
 * @returns {{ bytes: number, pages: number }} of the memory, in the image
 */
export function readHeader(image) {
  const words = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (image.length < HEAD || words.getUint32(0, true) !== MAGIC) throw new Error("image: not a memory image");
  const [bytes, pages] = [words.getUint32(4, true), words.getUint32(8, true)];
  const needed = HEAD + pages * (4 + PAGE);
  if (image.length !== needed) throw new Error(`image: ${image.length} bytes, its header needs ${needed}`);
  return { bytes, pages };
}

/**
 * @param {Uint8Array} image
 * @param {Uint8Array} memory of a fresh module
 */
export function restoreHeap(image, memory) {
  const { bytes, pages } = readHeader(image);
  if (memory.length !== bytes) throw new Error(`image: for a memory of ${bytes} bytes, not ${memory.length}`);
  const words = new DataView(image.buffer, image.byteOffset, image.byteLength);
  let at = HEAD + 4 * pages;
  for (let i = 0; i < pages; i++, at += PAGE) {
    memory.set(image.subarray(at, at + PAGE), words.getUint32(HEAD + 4 * i, true) * PAGE);
  }
}
