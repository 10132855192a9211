// Time on paper: the last days wide, the years before them narrow.

const DAY = 86_400_000;
const TICKS = [[0, "now"], [1, "1 d"], [7, "1 wk"], [30, "1 mo"], [91, "3 mo"], [365, "1 y"], [1095, "3 y"], [3650, "10 y"], [10950, "30 y"]];

export class TimeScale {
  constructor(now, oldest, left, right) {
    this.now = now;
    this.left = left;
    this.right = right;
    this.depth = Math.log1p(Math.max(14, this.days(oldest)) * 1.08);
  }

  days(moment) { return Math.max(0, (this.now - moment) / DAY); }
  at(moment) { return this.right - (Math.log1p(this.days(moment)) / this.depth) * (this.right - this.left); }

  ticks() {
    const ticks = [];
    for (const [days, label] of TICKS) {
      const x = this.at(this.now - days * DAY);
      const before = ticks.at(-1)?.x ?? Infinity;
      if (Math.log1p(days) <= this.depth && before - x >= 40) ticks.push({ label, x });
    }
    return ticks;
  }
}
