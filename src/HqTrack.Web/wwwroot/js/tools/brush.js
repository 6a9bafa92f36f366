/**
 * Sets every pixel within a line of a width to an id, where it may.
 * @param {Uint8Array} labels H x W
 * @param {{x: number, y: number}} from in frame coordinates
 * @param {{x: number, y: number}} to
 * @param {number} size of the brush in pixels
 * @param {(label: number) => boolean} may whether a pixel of this label is changed
 */
export function paintLine(labels, width, height, from, to, size, id, may) {
  const radius = Math.max(size / 2, 0.5);
  const [left, right] = [Math.max(0, Math.floor(Math.min(from.x, to.x) - radius)), Math.min(width - 1, Math.ceil(Math.max(from.x, to.x) + radius))];
  const [top, bottom] = [Math.max(0, Math.floor(Math.min(from.y, to.y) - radius)), Math.min(height - 1, Math.ceil(Math.max(from.y, to.y) + radius))];
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along = length === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / length));
      const distance = (px - along * dx) ** 2 + (py - along * dy) ** 2;
      if (distance <= radius * radius && may(labels[y * width + x])) labels[y * width + x] = id;
    }
  }
}
