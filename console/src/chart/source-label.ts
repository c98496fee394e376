import type { MarketSource } from "@mandate/client";

/** Where prices come from, in a few words. Replayed history is always named as such. */
export function sourceLabel(source: MarketSource | undefined): string {
  if (source === undefined) return "Market";
  if (typeof source === "string") return source;
  if (source.kind === "replay") return "Replayed history";
  return source.label ?? source.kind ?? "Market";
}
