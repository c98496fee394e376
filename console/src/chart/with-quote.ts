import type { Candle, Quote } from "@mandate/client";

/** The candles with the running quote in the last one, so that the last close is the quote. */
export function withQuote(candles: readonly Candle[], quote: Quote | undefined): readonly Candle[] {
  const newest = candles.at(-1);
  if (!newest || !quote || (quote.market_time !== undefined && quote.market_time < newest[0])) return candles;
  const [time, open, high, low, , volume] = newest;
  const last = quote.last;
  return [...candles.slice(0, -1), [time, open, Math.max(high, last), Math.min(low, last), last, volume]];
}
