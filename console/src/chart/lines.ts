import type { Candle } from "@mandate/client";
import { bollinger } from "./indicators/bollinger";
import { ema } from "./indicators/ema";
import { macd } from "./indicators/macd";
import { rsi } from "./indicators/rsi";
import { sma } from "./indicators/sma";
import { type Indicator, nameOf, type Series } from "./indicators/types";
import { wma } from "./indicators/wma";

/** One line or row of bars over or under the candles. */
export interface Line {
  id: string;
  /** Empty for what needs no label of its own. */
  title: string;
  values: Series;
  color: string;
  bars: boolean;
  /** 0 is the candles' own pane; others have a scale of their own. */
  pane: number;
}

const COLORS = ["#d97706", "#7c6cf0", "#0e94a8", "#c2477f", "#5a8f29"];
const FAINT = "#8a97a366";
const APART = new Set(["RSI", "MACD", "VOLUME"]);

/** What the chosen indicators draw. */
export function lines(candles: readonly Candle[], indicators: readonly Indicator[]): Line[] {
  let panes = 0;
  return indicators.flatMap((indicator, at) => {
    const apart = APART.has(indicator.kind);
    if (apart) panes += 1;
    return drawn(candles, indicator, at, apart ? panes : 0);
  });
}

function drawn(candles: readonly Candle[], indicator: Indicator, at: number, pane: number): Line[] {
  const { kind, period } = indicator;
  const closes = candles.map((candle) => candle[4]);
  const name = nameOf(indicator);
  const color = COLORS[at % COLORS.length] ?? FAINT;
  const line = (values: Series, part = ""): Line => ({
    id: `${name}${part}`,
    title: part === "" ? name : "",
    values,
    color,
    bars: false,
    pane,
  });
  const bars = (values: Series, part = ""): Line => ({ ...line(values, part), bars: true, color: FAINT });
  if (kind === "SMA") return [line(sma(closes, period))];
  if (kind === "EMA") return [line(ema(closes, period))];
  if (kind === "WMA") return [line(wma(closes, period))];
  if (kind === "RSI") return [line(rsi(closes, period))];
  if (kind === "VOLUME") return [bars(candles.map((candle) => candle[5]))];
  if (kind === "MACD") {
    const { line: distance, signal, difference } = macd(closes);
    const second = COLORS[(at + 1) % COLORS.length] ?? FAINT;
    return [bars(difference, " difference"), line(distance), { ...line(signal, " signal"), color: second }];
  }
  const bands = bollinger(closes, period);
  return [line(bands.middle), line(bands.upper, " upper"), line(bands.lower, " lower")];
}
