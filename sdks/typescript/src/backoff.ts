/**
 * Milliseconds to wait before try number `attempt` (0 for the first repeat): 1, 2, 4 … 30 s,
 * each shortened by up to half at random so that clients do not return in step.
 */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(30_000, 1000 * 2 ** Math.min(attempt, 10));
  return Math.round(full * (1 - random() / 2));
}
