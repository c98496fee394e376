import { useCandles, useQuote, useQuoteSource, useQuoteStatus } from "@mandate/react";
import { useChartView } from "../chart/chart-view";
import { sourceLabel, sourceTime } from "../chart/source-label";
import { marketDay } from "../format/market-day";
import classes from "./shell.module.css";

/** Where prices come from, and the market's own day: replayed history is never taken for today. */
export function MarketLabel({
  strip = false,
  visibleFrom,
  hiddenFrom,
}: {
  strip?: boolean;
  visibleFrom?: "sm";
  hiddenFrom?: "sm";
}) {
  const { view } = useChartView();
  const quote = useQuote(view.symbol);
  const candles = useCandles(view.symbol, view.timeframe);
  const status = useQuoteStatus();
  const running = useQuoteSource();
  const source = running ?? candles.data?.source;
  const label = sourceLabel(source);
  const time = quote?.market_time ?? sourceTime(source);
  const day = time === undefined ? "" : ` · ${marketDay(time)}`;
  const place = visibleFrom ? "mantine-visible-from-sm" : hiddenFrom ? "mantine-hidden-from-sm" : "";
  return (
    <div className={`${strip ? classes.strip : classes.label} ${place}`} data-testid="market-label">
      <span className={classes.dot} data-status={status} aria-hidden="true" />
      <span>
        {label}
        {day}
        {status === "open" ? "" : " · quotes paused"}
      </span>
    </div>
  );
}
