/** A moment in the reader's own time zone: the hour alone today, the day with it otherwise. */
export function when(value: string | number | null | undefined, now: Date = new Date()): string {
  if (value === null || value === undefined) return "–";
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return "–";
  const today = date.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(
    undefined,
    today
      ? { hour: "2-digit", minute: "2-digit", second: "2-digit" }
      : { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  ).format(date);
}
