import { describe, expect, it } from "vitest";
import { changeOf, draftOf, faults, termsOf } from "./terms";

const draft = () => ({
  ...draftOf(undefined, [], []),
  agent_id: "agt_1",
  account_ids: ["acc_1"],
  allow: ["aapl"],
});

describe("the mandate form", () => {
  it("permits nothing where nothing is named", () => {
    expect(faults({ ...draft(), allow: [] }).allow).toContain("permits nothing");
    expect(faults(draft())).toEqual({});
  });
  it("refuses a day that is smaller than an order", () => {
    expect(faults({ ...draft(), max_daily_value: "10" }).max_daily_value).toBeDefined();
  });
  it("refuses zero, negative and missing limits", () => {
    for (const value of ["0", "-5", "", "NaN"]) {
      expect(faults({ ...draft(), max_order_value: value }).max_order_value).toBeDefined();
    }
  });
  it("takes away a bound that was emptied", () => {
    const change = changeOf({ ...draft(), approval_above: "", max_daily_loss: "50" }, "USD");
    expect(change).toMatchObject({ approval_above: null, expires_at: null });
    expect(change.limits).toMatchObject({ max_position_value: null, max_daily_loss: "50" });
    expect(change).not.toHaveProperty("agent_id");
  });
  it("leaves out what was left empty, and keeps money as text", () => {
    const terms = termsOf({ ...draft(), approval_above: "" }, "USD");
    expect(terms).not.toHaveProperty("approval_above");
    expect(terms.limits).toEqual({
      max_order_value: "1000",
      max_daily_value: "1500",
      max_daily_orders: 10,
      currency: "USD",
    });
    expect(terms.instruments.allow).toEqual(["AAPL"]);
  });
});
