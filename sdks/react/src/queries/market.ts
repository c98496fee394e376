import type { MarketSource, Quote, QuoteEvents, Timeframe } from "@mandate/client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { keys } from "../keys.js";
import { useClient } from "../use-client.js";

export function useSymbols() {
  const client = useClient();
  return useQuery({ queryKey: keys.symbols, queryFn: client.market.symbols, staleTime: 300_000 });
}

export function useCandles(symbol: string, timeframe: Timeframe) {
  const client = useClient();
  return useQuery({
    queryKey: [...keys.candles, symbol, timeframe],
    queryFn: ({ signal }) => client.market.candles({ symbol, timeframe }, signal),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  });
}

/** The running quote of a symbol. */
export function useQuote(symbol: string): Quote | undefined {
  const { quotes } = useClient();
  const subscribe = useCallback(
    (changed: () => void) => {
      const stops = [
        quotes.events.on("quote", (quote) => quote.symbol === symbol && changed()),
        quotes.subscribe(symbol),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
    [quotes, symbol],
  );
  return useSyncExternalStore(subscribe, () => quotes.latest(symbol));
}

/** Whether running quotes come in. */
export function useQuoteStatus(): QuoteEvents["status"] {
  const { quotes } = useClient();
  const subscribe = useCallback((changed: () => void) => quotes.events.on("status", changed), [quotes]);
  return useSyncExternalStore(subscribe, () => quotes.status);
}

/** Where the running quotes come from, once they do. */
export function useQuoteSource(): MarketSource | undefined {
  const { quotes } = useClient();
  const subscribe = useCallback((changed: () => void) => quotes.events.on("source", changed), [quotes]);
  return useSyncExternalStore(subscribe, () => quotes.source);
}
