import { button, byId, fill, setIcon } from '../lib/dom.js';
import { keep, read } from '../lib/kept.js';
import { Tools } from '../tools/toolbox.js';

const OpacityKey = 'hqtrack.opacity';

/** The tools, their settings, and how masks are shown. */
export class ToolRail {
  /** @param {import('../tools/toolbox.js').Toolbox} toolbox @param {import('../stage/stage.js').Stage} stage */
  constructor(session, toolbox, stage) {
    Object.assign(this, { session, toolbox, stage });
    this.buttons = Tools.map(tool => {
      const node = button({ icon: tool.icon, label: tool.label, keys: tool.keys, class: 'icon-button tool', on: () => toolbox.choose(tool.name) });
      node.dataset.tool = tool.name;
      return node;
    });
    fill(byId('tools'), ...this.buttons);
    toolbox.on('tool size sign', () => this.update());
    this.#settings();
    toolbox.choose(this.#first());
    const fit = () => toolbox.resize(Math.max(8, Math.round(session.width / 24)));
    fit();
    session.on('sized', fit); // of a project that was empty when it was opened
  }

  update() {
    const { toolbox, stage } = this;
    const { name, size, positive } = toolbox;
    for (const node of this.buttons) node.setAttribute('aria-pressed', String(node.dataset.tool === name));
    const isBrush = name === 'brush' || name === 'eraser';
    byId('size-setting').hidden = !isBrush;
    byId('sign-setting').hidden = name !== 'point';
    byId('size').value = size;
    byId('size-value').textContent = `${size} px`;
    byId('positive').setAttribute('aria-pressed', String(positive));
    byId('negative').setAttribute('aria-pressed', String(!positive));
    stage.canvas.dataset.tool = name;
  }

  #settings() {
    const { toolbox, stage } = this;
    byId('size').oninput = event => toolbox.resize(Number(event.target.value));
    byId('positive').onclick = () => toolbox.setSign(true);
    byId('negative').onclick = () => toolbox.setSign(false);
    const opacity = byId('opacity');
    stage.opacity = Number(read(OpacityKey) ?? stage.opacity);
    opacity.value = stage.opacity;
    opacity.oninput = () => {
      stage.opacity = Number(opacity.value);
      keep(OpacityKey, opacity.value);
      stage.draw();
    };
    const masks = byId('show-masks');
    masks.onclick = () => {
      stage.masksHidden = !stage.masksHidden;
      masks.setAttribute('aria-pressed', String(!stage.masksHidden));
      setIcon(masks, stage.masksHidden ? 'eye-off' : 'eye');
      stage.draw();
    };
    const view = (id, change) => { byId(id).onclick = () => { change(stage.viewport); stage.draw(); }; };
    view('zoom-in', port => port.zoom(1.25));
    view('zoom-out', port => port.zoom(0.8));
    view('zoom-fit', port => port.fit());
  }

  // A project without masks wants to be drawn in; others are looked at first.
  #first() {
    const { session } = this;
    if (!session.mayEdit || session.prompts.length > 0 || matchMedia('(max-width: 760px)').matches) return 'move';
    return session.info.refiner.available ? 'point' : 'brush';
  }
}
