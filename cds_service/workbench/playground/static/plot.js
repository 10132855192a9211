// Small plots as inline SVG.

import { plural, svg } from "./dom.js";

/** A curve for each card: alerts per 100 patients along a parameter, with the present and the card file's value. */
export function curvePlot({ lines, unit, value, default: given }, width) {
  const left = 44, right = width - 16, top = 16, bottom = 180;
  const xs = lines.flatMap((line) => line.points.map((point) => point.value));
  const low = Math.min(...xs), high = Math.max(...xs);
  const most = Math.max(10, ...lines.flatMap((line) => line.points.map((point) => point.per100)));
  const ceiling = Math.ceil(most / 10) * 10;
  const x = (number) => left + ((number - low) / (high - low || 1)) * (right - left);
  const y = (number) => bottom - (number / ceiling) * (bottom - top);
  const label = lines.map((line) => `${line.title}: ${line.points.map((point) => `${point.value} ${unit} ${point.per100}`).filter((_, at) => at % 5 === 0).join(", ")}`).join(". ");
  const levels = [0, ceiling / 2, ceiling];
  return svg("svg", { class: "plot", role: "img", "aria-label": `Alerts per 100 patients. ${label}`, width, height: 216, viewBox: `0 0 ${width} 216` },
    levels.map((level) => svg("g", { class: "tick" }, svg("line", { x1: left, x2: right, y1: y(level), y2: y(level) }),
      svg("text", { x: left - 6, y: y(level) + 4, "text-anchor": "end" }, String(level)))),
    [low, (low + high) / 2, high].map((number, at) => svg("text", { x: x(number), y: bottom + 16, "text-anchor": ["start", "middle", "end"][at], class: "small" }, `${round(number)} ${unit}`.trim())),
    svg("text", { x: left, y: 10, class: "small" }, "alerts per 100 patients; dashed: critical ones"),
    marker(x(given), top, bottom, "given", "card file", 210),
    given === value ? null : marker(x(value), top, bottom, "present", "now", 210),
    lines.map((line, at) => svg("g", {}, svg("title", {}, `${line.title}, ${plural(line.patients, "patient")}`),
      svg("polyline", { class: `line line-${at % 4}`, points: steps(line.points, x, y) }),
      line.points.some((point) => point.critical) ? svg("polyline", { class: `line critical line-${at % 4}`,
        points: line.points.map((point) => `${x(point.value)},${y(point.criticalPer100)}`).join(" ") }) : null,
      line.points.map((point) => svg("circle", { class: `line-dot line-${at % 4}`, cx: x(point.value), cy: y(point.per100), r: 2.6 },
        svg("title", {}, `${point.value} ${unit}: ${point.fired} of ${line.patients} patients, ${point.per100} per 100; critical for ${point.critical}`))))));
}

const steps = (points, x, y) => points.map((point) => `${x(point.value)},${y(point.per100)}`).join(" ");
const round = (number) => Number(number.toPrecision(4));
const marker = (x, top, bottom, kind, words, y) => svg("g", { class: `marker ${kind}` },
  svg("line", { x1: x, x2: x, y1: top, y2: bottom + 4 }), svg("text", { x, y, "text-anchor": "middle" }, words));

/** Weeks as stacked bars: accepted, overridden, unanswered. */
export function weekPlot(weeks, width) {
  const left = 36, right = width - 8, top = 12, bottom = 150;
  const most = Math.max(4, ...weeks.map((week) => week.shown));
  const step = (right - left) / Math.max(weeks.length, 4);
  const y = (number) => bottom - (number / most) * (bottom - top);
  const label = weeks.map((week) => `${week.week}: ${week.shown} shown, ${week.accepted} accepted, ${week.overridden} overridden`).join("; ");
  return svg("svg", { class: "plot", role: "img", "aria-label": `Cards by week. ${label}`, width, height: 176, viewBox: `0 0 ${width} 176` },
    [0, most].map((level) => svg("g", { class: "tick" }, svg("line", { x1: left, x2: right, y1: y(level), y2: y(level) }),
      svg("text", { x: left - 6, y: y(level) + 4, "text-anchor": "end" }, String(level)))),
    weeks.map((week, at) => {
      const x = left + at * step + step * 0.2;
      let from = 0;
      const piece = (kind, count) => {
        const bar = svg("rect", { class: `bar ${kind}`, x, width: Math.min(step * 0.6, 56), y: y(from + count), height: Math.max(0, y(from) - y(from + count)) },
          svg("title", {}, `${week.week}: ${count} ${kind}`));
        from += count;
        return count ? bar : null;
      };
      return svg("g", {}, piece("accepted", week.accepted), piece("overridden", week.overridden), piece("unanswered", week.shown - week.accepted - week.overridden),
        svg("text", { x: x + Math.min(step * 0.3, 28), y: bottom + 16, "text-anchor": "middle", class: "small" }, week.week.replace(/^\d+-/, "")));
    }));
}

/** One proportion as a bar. */
export function share(parts, width = 160) {
  const all = parts.reduce((sum, [, count]) => sum + count, 0) || 1;
  let x = 0;
  return svg("svg", { class: "share", width, height: 10, viewBox: `0 0 ${width} 10`, role: "img", "aria-label": parts.map(([kind, count]) => `${count} ${kind}`).join(", ") },
    parts.map(([kind, count]) => {
      const bar = svg("rect", { class: `bar ${kind}`, x, y: 0, height: 10, width: (count / all) * width });
      x += (count / all) * width;
      return bar;
    }));
}
