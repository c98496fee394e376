import type { Timestamp } from "./page.js";

export type Timeframe = "1m" | "5m" | "15m" | "1h" | "4h" | "1d" | "1w";

export interface MarketSymbol {
  symbol: string;
  name?: string | null;
  exchange?: string;
  currency?: string;
  /** Traded already where the market stands. */
  listed?: boolean;
}

/** time (Unix seconds), open, high, low, close, volume */
export type Candle = [number, number, number, number, number, number];

/** Where prices come from; replayed history is always named as such. */
export type MarketSource = string | { kind?: string; label?: string; date?: string; [key: string]: unknown };

export interface Candles {
  candles: Candle[];
  source: MarketSource;
}

export interface Quote {
  symbol: string;
  bid?: number;
  ask?: number;
  last: number;
  /** Close of the trading day before. */
  previous_close?: number;
  currency?: string;
  at?: Timestamp;
  /** Unix seconds of the market's own clock, which in a replay is not today. */
  market_time?: number;
}

/** One line of `GET /v1/events`. */
export interface Notice {
  id?: string;
  type: string;
  data: Record<string, unknown>;
}
