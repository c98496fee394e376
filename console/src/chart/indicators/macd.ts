import { ema } from "./ema";
import type { Series } from "./types";

/** Moving average convergence/divergence (12, 26, 9): the averages' distance, its own average, and their difference. */
export function macd(values: readonly number[]): { line: Series; signal: Series; difference: Series } {
  const slow = ema(values, 26);
  const line = ema(values, 12).map((fast, at) => {
    const behind = slow[at];
    return fast === undefined || behind === undefined ? undefined : fast - behind;
  });
  const begin = line.findIndex((value) => value !== undefined);
  const known = begin < 0 ? [] : line.slice(begin).map((value) => value ?? 0);
  const signal: Series = [...line.slice(0, Math.max(0, begin)).map(() => undefined), ...ema(known, 9)];
  const difference = line.map((value, at) => {
    const average = signal[at];
    return value === undefined || average === undefined ? undefined : value - average;
  });
  return { line, signal: begin < 0 ? line.map(() => undefined) : signal, difference };
}
