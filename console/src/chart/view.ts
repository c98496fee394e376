import type { Timeframe } from "@mandate/client";
import type { Indicator } from "./indicators/types";

/** What the chart shows. */
export interface View {
  symbol: string;
  timeframe: Timeframe;
  indicators: Indicator[];
}

export const TIMEFRAMES: readonly Timeframe[] = ["1m", "5m", "15m", "1h", "4h", "1d", "1w"];

export const FIRST_VIEW: View = {
  symbol: "AAPL",
  timeframe: "1d",
  indicators: [{ kind: "SMA", period: 20 }],
};

export const sameIndicator = (one: Indicator, other: Indicator): boolean =>
  one.kind === other.kind && one.period === other.period;
