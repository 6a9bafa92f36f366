// What lies over the masks: points, boxes, and the cursors of tools. Sizes are in CSS pixels, `unit` is one of them in frame coordinates.

const Positive = '#0a7d33';
const Negative = '#c3232d';

/** @param {CanvasRenderingContext2D} context @param {import('./stage.js').Stage} stage */
export function drawPrompts(context, stage, unit) {
  const { session, draft } = stage;
  const shown = draft.isOpen ? draft : session.prompt(session.frame, session.selected);
  if (shown && !stage.masksHidden) {
    for (const box of shown.boxes) drawBox(context, box.x, box.y, box.width, box.height, unit);
    for (const point of shown.points) drawPoint(context, point, unit);
  }
  if (stage.rubber) drawBox(context, stage.rubber.x, stage.rubber.y, stage.rubber.width, stage.rubber.height, unit);
  if (stage.ring) drawRing(context, stage.ring, unit);
  if (stage.cross) drawCross(context, stage.cross, unit);
}

function drawPoint(context, { x, y, positive }, unit) {
  const [cx, cy, radius, arm] = [x + 0.5, y + 0.5, 7 * unit, 3.5 * unit]; // the API's 0, 0 is the middle of the first pixel
  context.beginPath();
  context.arc(cx, cy, radius, 0, 2 * Math.PI);
  context.fillStyle = positive ? Positive : Negative;
  context.fill();
  context.lineWidth = 2 * unit;
  context.strokeStyle = '#fff';
  context.stroke();
  context.beginPath();
  context.moveTo(cx - arm, cy);
  context.lineTo(cx + arm, cy);
  if (positive) {
    context.moveTo(cx, cy - arm);
    context.lineTo(cx, cy + arm);
  }
  context.stroke();
}

function twice(context, unit, draw, dash = []) {
  for (const [color, width] of [['rgba(0, 0, 0, .7)', 3], ['#fff', 1.5]]) {
    context.strokeStyle = color;
    context.lineWidth = width * unit;
    context.setLineDash(color === '#fff' ? dash.map(length => length * unit) : []);
    draw();
  }
  context.setLineDash([]);
}

const drawBox = (context, x, y, width, height, unit) => twice(context, unit, () => context.strokeRect(x, y, width, height), [6, 4]);

function drawRing(context, { x, y, size }, unit) {
  twice(context, unit, () => {
    context.beginPath();
    context.arc(x, y, Math.max(size / 2, 2 * unit), 0, 2 * Math.PI);
    context.stroke();
  });
}

function drawCross(context, { x, y }, unit) {
  const [inner, outer] = [4 * unit, 16 * unit];
  twice(context, unit, () => {
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + dx * inner, y + dy * inner);
      context.lineTo(x + dx * outer, y + dy * outer);
    }
    context.stroke();
  });
}
