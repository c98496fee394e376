/** A quantity without needless zeros. */
export function amount(value: string | number | null | undefined): string {
  const number = Number(value ?? Number.NaN);
  if (!Number.isFinite(number)) return "–";
  return new Intl.NumberFormat(undefined, { maximumFractionDigits: 8 }).format(number);
}
