import type { Candle } from "@mandate/client";
import { useComputedColorScheme } from "@mantine/core";
import {
  type CandlestickData,
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type LineData,
  LineSeries,
  type Time,
  type WhitespaceData,
} from "lightweight-charts";
import { useEffect, useRef } from "react";
import type { Indicator } from "./indicators/types";
import { lines } from "./lines";

interface Props {
  candles: readonly Candle[];
  indicators: readonly Indicator[];
  /** Days and weeks have no hours on the time scale. */
  intraday: boolean;
  /** Changes where another series is shown: the view then begins at its newest candles. */
  series: string;
  label: string;
}

/** The drawn chart. Its numbers are also there as a table, see `ChartTable`. */
export default function ChartCanvas({ candles, indicators, intraday, series, label }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<IChartApi>(undefined);
  const bars = useRef<ISeriesApi<"Candlestick">>(undefined);
  const overlays = useRef(new Map<string, ISeriesApi<"Line"> | ISeriesApi<"Histogram">>());
  const shown = useRef("");
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";

  useEffect(() => {
    if (!place.current) return;
    const made = createChart(place.current, {
      autoSize: true,
      layout: {
        background: { color: "transparent" }, // The credit stands under the chart, where keyboards reach it.
        attributionLogo: false,
        fontFamily: "inherit",
      },
      rightPriceScale: { borderVisible: false },
      timeScale: { borderVisible: false, rightOffset: 4 },
    });
    chart.current = made;
    bars.current = made.addSeries(CandlestickSeries, { borderVisible: false });
    const drawn = overlays.current;
    return () => {
      drawn.clear();
      shown.current = "";
      made.remove();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => {
    const up = dark ? "#4ccf92" : "#16794c";
    const down = dark ? "#ff8f85" : "#b42318";
    const grid = dark ? "#22282d" : "#eef1f3";
    chart.current?.applyOptions({
      layout: { textColor: dark ? "#a3adb7" : "#56606b" },
      grid: { vertLines: { color: grid }, horzLines: { color: grid } },
      timeScale: { timeVisible: intraday, secondsVisible: false },
    });
    bars.current?.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
  }, [dark, intraday]);

  useEffect(() => {
    const made = chart.current;
    if (!made) return;
    bars.current?.setData(candles.map(bar));
    const wanted = lines(candles, indicators);
    for (const [id, line] of overlays.current) {
      if (wanted.some((one) => one.id === id)) continue;
      made.removeSeries(line);
      overlays.current.delete(id);
    }
    for (const { id, title, values, color, bars: asBars, pane } of wanted) {
      const plain = { priceLineVisible: false };
      const line =
        overlays.current.get(id) ??
        (asBars
          ? made.addSeries(HistogramSeries, { ...plain, priceFormat: { type: "volume" } }, pane)
          : made.addSeries(LineSeries, { ...plain, lineWidth: 2 }, pane));
      overlays.current.set(id, line);
      if (line.getPane().paneIndex() !== pane) line.moveToPane(pane);
      line.applyOptions({ color, title, lastValueVisible: title !== "" });
      line.setData(values.map((value, at) => point(candles[at]?.[0] ?? 0, value)));
    }
    if (shown.current !== series && candles.length > 0) {
      shown.current = series;
      const visible = Math.min(candles.length, 120);
      made.timeScale().setVisibleLogicalRange({ from: candles.length - visible, to: candles.length + 4 });
    }
  }, [candles, indicators, series]);

  return <div ref={place} role="img" aria-label={label} style={{ width: "100%", height: "100%" }} />;
}

function bar([time, open, high, low, close]: Candle): CandlestickData<Time> {
  return { time: time as Time, open, high, low, close };
}

function point(time: number, value: number | undefined): LineData<Time> | WhitespaceData<Time> {
  return value === undefined ? { time: time as Time } : { time: time as Time, value };
}
