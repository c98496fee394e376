import type { Quote } from "../types/market.js";

/** The quotes in one message of `/ws/quotes`; prices may be numbers or decimal strings. */
export function quotesOf(message: unknown): Quote[] {
  if (Array.isArray(message)) return message.flatMap(quotesOf);
  if (typeof message !== "object" || message === null) return [];
  const value = message as Record<string, unknown>;
  if (Array.isArray(value.quotes)) return value.quotes.flatMap(quotesOf);
  if (typeof value.quote === "object" && value.quote !== null) return quotesOf(value.quote);
  const last = Number(value.last ?? value.ltp ?? Number.NaN);
  if (typeof value.symbol !== "string" || !Number.isFinite(last)) return [];
  const quote: Quote = { symbol: value.symbol, last };
  const bid = Number(value.bid ?? Number.NaN);
  const ask = Number(value.ask ?? Number.NaN);
  const time = Number(value.market_time ?? Number.NaN);
  if (Number.isFinite(bid)) quote.bid = bid;
  if (Number.isFinite(ask)) quote.ask = ask;
  const before = Number(value.previous_close ?? Number.NaN);
  if (Number.isFinite(before)) quote.previous_close = before;
  if (Number.isFinite(time)) quote.market_time = time;
  if (typeof value.currency === "string") quote.currency = value.currency;
  if (typeof value.at === "string") quote.at = value.at;
  return [quote];
}
