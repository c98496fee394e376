import { describe, expect, it } from "vitest";
import { bollinger } from "./bollinger";
import { ema } from "./ema";
import { macd } from "./macd";
import { rsi } from "./rsi";
import { sma } from "./sma";
import { wma } from "./wma";

const PRICES = [10, 11, 12, 11, 13];

describe("indicators", () => {
  it("averages the last values only", () => {
    expect(sma(PRICES, 3)).toEqual([undefined, undefined, 11, 34 / 3, 12]);
    expect(sma(PRICES, 6).every((value) => value === undefined)).toBe(true);
  });
  it("begins the exponential average with the simple one", () => {
    const values = ema(PRICES, 3);
    expect(values.slice(0, 2)).toEqual([undefined, undefined]);
    expect(values[2]).toBeCloseTo(11);
    expect(values[4]).toBeCloseTo(12);
  });
  it("weighs the newest most", () => {
    expect(wma(PRICES, 3)[2]).toBeCloseTo((10 + 22 + 36) / 6);
  });
  it("puts two deviations around the average", () => {
    const { middle, upper, lower } = bollinger([1, 3], 2);
    expect([middle[1], upper[1], lower[1]]).toEqual([2, 4, 0]);
  });
  it("finds no distance between averages of a price that stands still", () => {
    const flat = macd(Array.from({ length: 60 }, () => 7));
    expect(flat.line.slice(0, 25).every((value) => value === undefined)).toBe(true);
    expect(flat.line.slice(25).every((value) => Math.abs(value ?? 1) < 1e-9)).toBe(true);
    expect(flat.signal.findIndex((value) => value !== undefined)).toBe(33);
    expect(macd([1, 2]).signal).toEqual([undefined, undefined]);
    const rising = macd(Array.from({ length: 60 }, (_, at) => at));
    expect(rising.line.at(-1)).toBeCloseTo(7, 5);
  });
  it("reads 100 where prices only rise, 0 where they only fall", () => {
    expect(rsi([1, 2, 3, 4], 2).at(-1)).toBe(100);
    expect(rsi([4, 3, 2, 1], 2).at(-1)).toBe(0);
    expect(rsi([4, 4, 4, 4], 2).at(-1)).toBe(50);
  });
});
