import type { Series } from "./types";

/** Exponential moving average; it begins as the simple average of the first `period` values. */
export function ema(values: readonly number[], period: number): Series {
  const weight = 2 / (period + 1);
  let current = 0;
  return values.map((value, at) => {
    if (at < period) {
      current += value / period;
      return at + 1 === period ? current : undefined;
    }
    current += (value - current) * weight;
    return current;
  });
}
