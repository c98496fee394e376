import type { Command, Timeframe } from "@mandate/client";
import { INDICATORS, type Indicator, type IndicatorKind, nameOf } from "./indicators/types";
import { sameIndicator, TIMEFRAMES, type View } from "./view";

/** What became of a chart command: the view after it, and in words what it did or why it did nothing. */
export interface Applied {
  view: View;
  said: string;
  done: boolean;
}

const NAMES: Record<string, IndicatorKind> = {
  MA: "SMA",
  MOVINGAVERAGE: "SMA",
  SIMPLEMOVINGAVERAGE: "SMA",
  EXPONENTIALMOVINGAVERAGE: "EMA",
  WEIGHTEDMOVINGAVERAGE: "WMA",
  BOLLINGER: "BB",
  BOLLINGERBANDS: "BB",
  BBANDS: "BB",
  VOL: "VOLUME",
};
const USUAL: Record<IndicatorKind, number> = {
  SMA: 20,
  EMA: 20,
  WMA: 20,
  BB: 20,
  RSI: 14,
  MACD: 0,
  VOLUME: 0,
};
const SPOKEN: Record<string, Timeframe> = {
  minute: "1m",
  hourly: "1h",
  hour: "1h",
  daily: "1d",
  day: "1d",
  weekly: "1w",
  week: "1w",
};

/** Applies an agent's chart command. Undefined for a command that is not for the chart. */
export function applyCommand(view: View, command: Command, symbols: readonly string[]): Applied | undefined {
  const { parameters } = command;
  const not = (said: string): Applied => ({ view, said, done: false });
  switch (command.command) {
    case "changeSymbol": {
      const symbol = String(parameters.symbol ?? "").toUpperCase();
      if (!symbols.includes(symbol)) return not(`There is no symbol ${symbol || "without a name"} here`);
      return { view: { ...view, symbol }, said: `Chart shows ${symbol}`, done: true };
    }
    case "setTimeframe": {
      const given = String(parameters.timeframe ?? "");
      const timeframe = SPOKEN[given.toLowerCase()] ?? (given.toLowerCase() as Timeframe);
      if (!TIMEFRAMES.includes(timeframe)) return not(`There is no timeframe ${given}`);
      return { view: { ...view, timeframe }, said: `Timeframe ${timeframe}`, done: true };
    }
    case "addIndicator": {
      const indicator = read(parameters);
      if (!indicator) return not(`The chart cannot draw ${String(parameters.indicator ?? "this")}`);
      const rest = view.indicators.filter((one) => !sameIndicator(one, indicator));
      return {
        view: { ...view, indicators: [...rest, indicator] },
        said: `Added ${nameOf(indicator)}`,
        done: true,
      };
    }
    case "removeIndicator":
      return removed(view, parameters);
    default:
      return undefined;
  }
}

function removed(view: View, parameters: Record<string, unknown>): Applied {
  const given = parameters.indicator;
  if (given === undefined || given === "all") {
    return { view: { ...view, indicators: [] }, said: "Removed all indicators", done: true };
  }
  const kind = kindOf(given);
  const period = periodOf(parameters);
  const meant = (one: Indicator) =>
    one.kind === kind && (period === undefined || one.period === 0 || one.period === period);
  const indicators = view.indicators.filter((one) => !meant(one));
  if (indicators.length === view.indicators.length) {
    return { view, said: `The chart has no ${String(given)}`, done: false };
  }
  return { view: { ...view, indicators }, said: `Removed ${kind}`, done: true };
}

function read(parameters: Record<string, unknown>): Indicator | undefined {
  const kind = kindOf(parameters.indicator ?? parameters.name);
  if (kind === undefined) return undefined;
  if (USUAL[kind] === 0) return { kind, period: 0 };
  const period = periodOf(parameters) ?? USUAL[kind];
  return Number.isInteger(period) && period >= 1 && period <= 400 ? { kind, period } : undefined;
}

function kindOf(value: unknown): IndicatorKind | undefined {
  const name = String(value ?? "")
    .toUpperCase()
    .replace(/[^A-Z]/g, "");
  return NAMES[name] ?? INDICATORS.find((one) => one === name);
}

function periodOf(parameters: Record<string, unknown>): number | undefined {
  const nested = parameters.parameters ?? parameters.params;
  const inner = typeof nested === "object" && nested !== null ? (nested as Record<string, unknown>) : {};
  const value = parameters.period ?? parameters.length ?? parameters.window ?? inner.period ?? inner.length;
  return value === undefined || value === null ? undefined : Number(value);
}
