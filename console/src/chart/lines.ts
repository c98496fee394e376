import type { Candle } from "@mandate/client";
import { bollinger } from "./indicators/bollinger";
import { ema } from "./indicators/ema";
import { rsi } from "./indicators/rsi";
import { sma } from "./indicators/sma";
import type { Indicator, Series } from "./indicators/types";
import { wma } from "./indicators/wma";

/** One line over or under the candles. */
export interface Line {
  id: string;
  title: string;
  values: Series;
  color: string;
  /** In a pane of its own: its scale is not the price's. */
  apart: boolean;
}

const COLORS = ["#d97706", "#7c6cf0", "#0e94a8", "#c2477f", "#5a8f29"];

/** The lines that the chosen indicators draw. */
export function lines(candles: readonly Candle[], indicators: readonly Indicator[]): Line[] {
  const closes = candles.map((candle) => candle[4]);
  return indicators.flatMap((indicator, at) => {
    const { kind, period } = indicator;
    const title = `${kind} ${period}`;
    const line = (values: Series, part = "", apart = false): Line => ({
      id: `${title}${part}`,
      title: part === "" ? title : "",
      values,
      color: COLORS[at % COLORS.length] ?? "#888888",
      apart,
    });
    if (kind === "SMA") return [line(sma(closes, period))];
    if (kind === "EMA") return [line(ema(closes, period))];
    if (kind === "WMA") return [line(wma(closes, period))];
    if (kind === "RSI") return [line(rsi(closes, period), "", true)];
    const bands = bollinger(closes, period);
    return [line(bands.middle), line(bands.upper, " upper"), line(bands.lower, " lower")];
  });
}
