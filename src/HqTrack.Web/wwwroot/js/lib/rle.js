// COCO run lengths as text, the way pycocotools writes them: columns first, each run but the first three as the difference to the one before the last,
// five bits a character.

/** The runs of a text. */
export function parseCounts(text) {
  const counts = [];
  for (let at = 0; at < text.length;) {
    let value = 0;
    let shift = 0;
    let digit;
    do {
      digit = text.charCodeAt(at++) - 48;
      value |= (digit & 31) << shift;
      shift += 5;
    } while (digit & 32);
    if (digit & 16) value |= -1 << shift;
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
  }
  return counts;
}

/** The text of runs. */
export function countsText(counts) {
  let text = '';
  counts.forEach((count, i) => {
    let value = i > 2 ? count - counts[i - 2] : count;
    for (let last = false; !last;) {
      const digit = value & 31;
      value >>= 5;
      last = value === (digit & 16 ? -1 : 0);
      text += String.fromCharCode(48 + digit + (last ? 0 : 32));
    }
  });
  return text;
}

/**
 * Writes an id into every pixel of a mask.
 * @param {{size: [number, number], counts: string}} mask
 * @param {Uint8Array} labels H x W, rows from the top
 */
export function paintMask(mask, labels, id) {
  const [height, width] = mask.size;
  let start = 0;
  parseCounts(mask.counts).forEach((count, i) => {
    if (i & 1) {
      for (let k = start; k < start + count; k++) labels[(k % height) * width + Math.floor(k / height)] = id;
    }
    start += count;
  });
}

/** The mask of an id among labels (H x W, rows from the top). */
export function maskOf(labels, width, height, id) {
  const counts = [];
  let inside = false;
  let run = 0;
  for (let x = 0; x < width; x++) {
    for (let at = x; at < labels.length; at += width) {
      if ((labels[at] === id) !== inside) {
        counts.push(run);
        run = 0;
        inside = !inside;
      }
      run++;
    }
  }
  counts.push(run);
  return { size: [height, width], counts: countsText(counts) };
}
