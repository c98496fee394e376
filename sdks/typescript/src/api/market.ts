import type { Transport } from "../transport.js";
import type { Candles, MarketSymbol, Timeframe } from "../types/market.js";
import type { Page } from "../types/page.js";

export interface CandleQuery {
  symbol: string;
  timeframe: Timeframe;
  /** Unix seconds or RFC 3339. */
  from?: string | number;
  to?: string | number;
}

/** Symbols and candles; running quotes come by `QuoteSocket`. */
export function marketApi(transport: Transport) {
  return {
    symbols: async (): Promise<MarketSymbol[]> => {
      const answer = await transport.json<Page<MarketSymbol | string> | (MarketSymbol | string)[]>({
        path: "/v1/market/symbols",
      });
      const items = Array.isArray(answer) ? answer : answer.items;
      return items.map((item) => (typeof item === "string" ? { symbol: item } : item));
    },
    candles: (query: CandleQuery, signal?: AbortSignal) =>
      transport.json<Candles>({ path: "/v1/market/candles", query: { ...query }, ...(signal && { signal }) }),
  };
}
