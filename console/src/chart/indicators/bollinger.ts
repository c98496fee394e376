import { sma } from "./sma";
import type { Series } from "./types";

/** Bollinger bands: the simple average and two standard deviations to either side. */
export function bollinger(
  values: readonly number[],
  period: number,
): { middle: Series; upper: Series; lower: Series } {
  const middle = sma(values, period);
  const width = middle.map((mean, at) => {
    if (mean === undefined) return undefined;
    const squares = values
      .slice(at + 1 - period, at + 1)
      .reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return 2 * Math.sqrt(squares / period);
  });
  const beside = (sign: 1 | -1): Series =>
    middle.map((mean, at) => {
      const half = width[at];
      return mean === undefined || half === undefined ? undefined : mean + sign * half;
    });
  return { middle, upper: beside(1), lower: beside(-1) };
}
