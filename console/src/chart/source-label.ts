import type { MarketSource } from "@mandate/client";

/** Where prices come from, in a few words. Replayed history is always named as such. */
export function sourceLabel(source: MarketSource | undefined): string {
  if (source === undefined) return "Market";
  if (typeof source === "string") return source;
  if (source.kind === "replay") return "Replayed history";
  return source.label ?? source.kind ?? "Market";
}

/** The market's time that the source names, Unix seconds. */
export function sourceTime(source: MarketSource | undefined): number | undefined {
  if (typeof source !== "object" || typeof source.market_time !== "number") return undefined;
  return source.market_time;
}
