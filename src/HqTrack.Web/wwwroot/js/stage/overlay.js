/** Masks as a picture of the frame's size, and their outlines along the edges of pixels. */
export class Overlay {
  #canvas;
  #context;
  #image;
  #key = null;
  #labels = null;
  #outlines = null;

  constructor(width, height) {
    this.#canvas = new OffscreenCanvas(width, height);
    this.#context = this.#canvas.getContext('2d');
    this.#image = this.#context.createImageData(width, height);
  }

  get canvas() {
    return this.#canvas;
  }

  /** Outlines by id, in frame coordinates. @returns {Map<number, Path2D>} */
  get outlines() {
    return this.#outlines ??= trace(this.#labels, this.#canvas.width, this.#canvas.height);
  }

  /**
   * Shows labels.
   * @param {Uint8Array} labels H x W
   * @param {number} version changes when the labels do
   * @param {Map<number, string>} colors of the ids that are shown, as #rrggbb
   */
  update(labels, version, colors) {
    const key = `${version}|${[...colors].join('|')}`;
    if (key === this.#key) return;
    this.#key = key;
    this.#labels = labels;
    this.#outlines = null;
    const palette = new Uint32Array(256);
    for (const [id, color] of colors) palette[id] = abgr(color);
    const pixels = new Uint32Array(this.#image.data.buffer);
    for (let i = 0; i < labels.length; i++) pixels[i] = palette[labels[i]];
    this.#context.putImageData(this.#image, 0, 0);
  }
}

// Memory order of RGBA on the little-endian machines that browsers run on.
function abgr(color) {
  const rgb = parseInt(color.slice(1), 16);
  return (0xff000000 | (rgb & 0xff) << 16 | rgb & 0xff00 | rgb >> 16) >>> 0;
}

/**
 * Edges between pixels of different ids, each run of them one line.
 * @returns {Map<number, Path2D>}
 */
export function trace(labels, width, height) {
  const paths = new Map();
  const add = (id, x0, y0, x1, y1) => {
    if (id === 0) return;
    let path = paths.get(id);
    if (!path) paths.set(id, path = new Path2D());
    path.moveTo(x0, y0);
    path.lineTo(x1, y1);
  };
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x < width;) {
      const above = y > 0 ? labels[(y - 1) * width + x] : 0;
      const below = y < height ? labels[y * width + x] : 0;
      const start = x++;
      while (x < width && (y > 0 ? labels[(y - 1) * width + x] : 0) === above && (y < height ? labels[y * width + x] : 0) === below) x++;
      if (above !== below) {
        add(above, start, y, x, y);
        add(below, start, y, x, y);
      }
    }
  }
  for (let x = 0; x <= width; x++) {
    for (let y = 0; y < height;) {
      const left = x > 0 ? labels[y * width + x - 1] : 0;
      const right = x < width ? labels[y * width + x] : 0;
      const start = y++;
      while (y < height && (x > 0 ? labels[y * width + x - 1] : 0) === left && (x < width ? labels[y * width + x] : 0) === right) y++;
      if (left !== right) {
        add(left, x, start, x, y);
        add(right, x, start, x, y);
      }
    }
  }
  return paths;
}
