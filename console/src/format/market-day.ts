/** The market's own day, which a replay counts in UTC. `seconds` since the epoch. */
export function marketDay(seconds: number): string {
  return new Intl.DateTimeFormat(undefined, {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  }).format(new Date(seconds * 1000));
}
