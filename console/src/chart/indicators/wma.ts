import type { Series } from "./types";

/** Weighted moving average: the newest of the last `period` values weighs most. */
export function wma(values: readonly number[], period: number): Series {
  const whole = (period * (period + 1)) / 2;
  return values.map((_, at) => {
    if (at + 1 < period) return undefined;
    let sum = 0;
    for (let back = 0; back < period; back += 1) sum += (values[at - back] ?? 0) * (period - back);
    return sum / whole;
  });
}
