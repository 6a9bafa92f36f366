const Step = 10;

const Ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A cross on the stage that keys move, and the tool that it holds: drawing without a mouse. */
export class Cursor {
  constructor(session, stage, toolbox) {
    Object.assign(this, { session, stage, toolbox });
  }

  move(key, isFine) {
    const { stage, session, toolbox } = this;
    const [x, y] = Ways[key];
    const step = isFine ? 1 : Step;
    const from = stage.cross ?? { x: Math.floor(session.width / 2) + 0.5, y: Math.floor(session.height / 2) + 0.5 };
    stage.cross = { x: Math.max(0.5, Math.min(session.width - 0.5, from.x + x * step)), y: Math.max(0.5, Math.min(session.height - 0.5, from.y + y * step)) };
    toolbox.move(stage.cross);
    stage.draw();
  }

  /** A click or a dab at the cross; with the box its first corner, then its second. */
  press(isOther) {
    const { stage, toolbox } = this;
    if (!stage.cross) {
      this.move('ArrowLeft', true);
      return;
    }
    if (toolbox.name === 'box' && toolbox.isBusy) {
      toolbox.up(stage.cross);
      return;
    }
    toolbox.down(stage.cross, isOther);
    if (toolbox.name !== 'box') toolbox.up(stage.cross);
  }
}
