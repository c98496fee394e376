/** One value per candle; undefined where there are not yet enough candles. */
export type Series = (number | undefined)[];

export const INDICATORS = ["SMA", "EMA", "WMA", "BB", "RSI"] as const;
export type IndicatorKind = (typeof INDICATORS)[number];

export interface Indicator {
  kind: IndicatorKind;
  period: number;
}
