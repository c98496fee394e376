import { describe, expect, it } from "vitest";
import { applyCommand } from "./apply-command";
import type { View } from "./view";

const VIEW: View = { symbol: "AAPL", timeframe: "1d", indicators: [{ kind: "SMA", period: 20 }] };
const apply = (command: string, parameters: Record<string, unknown>) =>
  applyCommand(VIEW, { command, parameters }, ["AAPL", "IBM"]);

describe("chart commands", () => {
  it("changes the symbol only to one that exists", () => {
    expect(apply("changeSymbol", { symbol: "ibm" })?.view.symbol).toBe("IBM");
    expect(apply("changeSymbol", { symbol: "NOPE" })).toMatchObject({ view: VIEW, done: false });
  });
  it("understands spoken timeframes and refuses unknown ones", () => {
    expect(apply("setTimeframe", { timeframe: "weekly" })?.view.timeframe).toBe("1w");
    expect(apply("setTimeframe", { timeframe: "3y" })?.done).toBe(false);
  });
  it("adds an indicator once, under its usual period where none is named", () => {
    expect(apply("addIndicator", { indicator: "sma", period: 20 })?.view.indicators).toHaveLength(1);
    expect(apply("addIndicator", { indicator: "RSI" })?.view.indicators).toContainEqual({
      kind: "RSI",
      period: 14,
    });
    expect(apply("addIndicator", { indicator: "bollinger", period: 20 })?.said).toBe("Added BB 20");
    expect(apply("addIndicator", { indicator: "macd", period: 7 })?.said).toBe("Added MACD");
    expect(apply("addIndicator", { indicator: "EMA", period: -3 })?.done).toBe(false);
    expect(apply("addIndicator", { indicator: "tea leaves" })?.done).toBe(false);
  });
  it("removes by kind, by kind and period, or all", () => {
    expect(apply("removeIndicator", { indicator: "SMA" })?.view.indicators).toEqual([]);
    expect(apply("removeIndicator", { indicator: "SMA", period: 50 })?.done).toBe(false);
    expect(apply("removeIndicator", { indicator: "RSI" })?.done).toBe(false);
    expect(apply("removeIndicator", { indicator: "tea leaves" })).toMatchObject({ view: VIEW, done: false });
    expect(apply("removeIndicator", {})?.view.indicators).toEqual([]);
    expect(apply("removeIndicator", { indicator: "all" })?.view.indicators).toEqual([]);
  });
  it("leaves other commands alone", () => {
    expect(apply("placeOrder", { symbol: "AAPL" })).toBeUndefined();
    expect(apply("none", {})).toBeUndefined();
  });
});
