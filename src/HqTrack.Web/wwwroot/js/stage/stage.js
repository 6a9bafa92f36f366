import { Overlay } from './overlay.js';
import { Viewport } from './viewport.js';
import { drawPrompts } from './marks.js';

const SharpScale = 3; // from here on pixels are shown as squares

/** The canvas with the frame, its masks, the draft over them, prompts, and the tool's cursor. */
export class Stage {
  opacity = 0.45;
  masksHidden = false;
  /** @type {{x: number, y: number, size: number}|null} a ring of the brush's size, in frame coordinates */
  ring = null;
  /** @type {{x: number, y: number, width: number, height: number}|null} a box that is being drawn */
  rubber = null;
  /** @type {{x: number, y: number}|null} the cursor of the keyboard */
  cross = null;
  #asked = 0;
  #shown = null;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import('../model/session.js').Session} session
   * @param {import('../tools/draft.js').Draft} draft
   */
  constructor(canvas, session, draft) {
    Object.assign(this, { canvas, session, draft, context: canvas.getContext('2d') });
    this.adopt();
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(canvas.parentElement);
  }

  /** Takes on the frames' size, which is not known before the first is there. */
  adopt() {
    const { width, height } = this.session;
    if (this.viewport?.frame.width === width && this.viewport.frame.height === height) return;
    this.viewport = new Viewport({ width, height });
    this.overlay = new Overlay(Math.max(1, width), Math.max(1, height));
    this.draftOverlay = new Overlay(Math.max(1, width), Math.max(1, height));
    this.#resize();
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.#asked);
  }

  /** Draws soon; many calls are one. */
  draw() {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      this.#draw();
    });
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement;
    this.canvas.width = Math.max(1, Math.round(width * devicePixelRatio));
    this.canvas.height = Math.max(1, Math.round(height * devicePixelRatio));
    this.viewport.resize(width, height);
    this.#draw();
  }

  #draw() {
    const { context, session, viewport } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const scale = viewport.scale * devicePixelRatio;
    context.setTransform(scale, 0, 0, scale, viewport.x * devicePixelRatio, viewport.y * devicePixelRatio);
    context.imageSmoothingEnabled = viewport.scale < SharpScale;
    context.imageSmoothingQuality = 'high';
    const picture = session.pictures.here(session.frame) ?? this.#shown; // the last one stays until the next is here
    if (picture?.width) {
      this.#shown = picture;
      context.drawImage(picture, 0, 0, session.width, session.height);
    }
    context.imageSmoothingEnabled = false;
    if (!this.masksHidden) this.#masks();
    drawPrompts(context, this, 1 / viewport.scale);
  }

  #masks() {
    const { session, draft, context } = this;
    const entry = session.masks.here(session.frame);
    const hasDraft = draft.mask !== null;
    const colors = new Map(session.objects.filter(object => !object.hidden && !(hasDraft && object.id === draft.object)).map(object => [object.id, object.color]));
    if (entry) {
      this.overlay.update(entry.labels, entry.version, colors);
      this.#layer(this.overlay, colors);
    }
    if (hasDraft) {
      const color = session.objects.find(object => object.id === draft.object)?.color ?? '#888888';
      this.draftOverlay.update(draft.mask, draft.version, new Map([[1, color]]));
      context.globalAlpha = this.opacity;
      context.drawImage(this.draftOverlay.canvas, 0, 0);
      context.globalAlpha = 1;
      this.#outline(this.draftOverlay.outlines.get(1), ['#000', 3, []], ['#fff', 1.5, [5, 4]]);
    }
  }

  #layer(overlay, colors) {
    const { context, session } = this;
    context.globalAlpha = this.opacity;
    context.drawImage(overlay.canvas, 0, 0);
    context.globalAlpha = 1;
    for (const [id, path] of overlay.outlines) {
      if (!colors.has(id)) continue;
      const isChosen = id === session.selected;
      this.#outline(path, ['rgba(0, 0, 0, .55)', isChosen ? 4 : 2.5, []], [isChosen ? '#fff' : colors.get(id), isChosen ? 2 : 1.25, []]);
      if (isChosen) this.#outline(path, [colors.get(id), 1, []]);
    }
  }

  #outline(path, ...strokes) {
    if (!path) return;
    const { context, viewport } = this;
    context.lineCap = 'square';
    for (const [color, width, dash] of strokes) {
      context.strokeStyle = color;
      context.lineWidth = width / viewport.scale;
      context.setLineDash(dash.map(length => length / viewport.scale));
      context.stroke(path);
    }
    context.setLineDash([]);
  }
}
