/** One value per candle; undefined where there are not yet enough candles. */
export type Series = (number | undefined)[];

export const INDICATORS = ["SMA", "EMA", "WMA", "BB", "RSI", "MACD", "VOLUME"] as const;
export type IndicatorKind = (typeof INDICATORS)[number];

/** `period` is 0 for those that have none. */
export interface Indicator {
  kind: IndicatorKind;
  period: number;
}

/** As people say it. */
export const nameOf = ({ kind, period }: Indicator): string => (period > 0 ? `${kind} ${period}` : kind);
