import type { Candle, Quote } from "@mandate/client";
import { Text } from "@mantine/core";
import { money } from "../format/money";
import classes from "./chart.module.css";

/** The running price and its change since the close before. */
export function QuoteLine({
  symbol,
  quote,
  candles,
}: {
  symbol: string;
  quote: Quote | undefined;
  candles: readonly Candle[];
}) {
  const last = quote?.last ?? candles.at(-1)?.[4];
  const before = quote?.previous_close ?? candles.at(-2)?.[4];
  const change = last !== undefined && before !== undefined ? last - before : undefined;
  const percent = change !== undefined && before ? (change / before) * 100 : undefined;
  return (
    <div className={classes.quote}>
      <Text component="span" fw={650} size="lg">
        {symbol}
      </Text>
      <Text component="span" fw={650} size="xl" className="numbers" data-testid="last-price">
        {money(last, quote?.currency)}
      </Text>
      {change !== undefined && (
        <Text component="span" size="sm" className={`numbers ${change < 0 ? "down" : "up"}`}>
          {change < 0 ? "▼" : "▲"} {Math.abs(change).toFixed(2)} ({Math.abs(percent ?? 0).toFixed(2)} %)
        </Text>
      )}
      {quote?.bid !== undefined && (
        <Text component="span" size="sm" c="dimmed" className="numbers">
          bid {money(quote.bid, quote.currency)} · ask {money(quote.ask, quote.currency)}
        </Text>
      )}
    </div>
  );
}
