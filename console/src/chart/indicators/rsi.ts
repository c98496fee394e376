import type { Series } from "./types";

/** Relative strength index after Wilder, 0 to 100. */
export function rsi(values: readonly number[], period: number): Series {
  let gain = 0;
  let loss = 0;
  return values.map((value, at) => {
    if (at === 0) return undefined;
    const change = value - (values[at - 1] ?? value);
    const up = Math.max(0, change);
    const down = Math.max(0, -change);
    if (at <= period) {
      gain += up / period;
      loss += down / period;
      if (at < period) return undefined;
    } else {
      gain = (gain * (period - 1) + up) / period;
      loss = (loss * (period - 1) + down) / period;
    }
    return loss === 0 ? (gain === 0 ? 50 : 100) : 100 - 100 / (1 + gain / loss);
  });
}
