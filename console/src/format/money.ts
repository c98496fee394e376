/** A decimal string as money, as the reader's language writes it. */
export function money(value: string | number | null | undefined, currency = "USD"): string {
  const number = Number(value ?? Number.NaN);
  if (!Number.isFinite(number)) return "–";
  try {
    return new Intl.NumberFormat(undefined, {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
    }).format(number);
  } catch {
    // A currency that the browser does not know.
    return `${number.toFixed(2)} ${currency}`;
  }
}
