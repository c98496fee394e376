import type { Series } from "./types";

/** Simple moving average of the last `period` values. */
export function sma(values: readonly number[], period: number): Series {
  let sum = 0;
  return values.map((value, at) => {
    sum += value - (at >= period ? (values[at - period] ?? 0) : 0);
    return at + 1 >= period ? sum / period : undefined;
  });
}
