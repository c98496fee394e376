import type { Agent, Mandate, MandateChange, MandateTerms, Side, TradingAccount } from "@mandate/client";

/** What the form holds: text, as people type it. */
export interface Draft {
  agent_id: string;
  account_ids: string[];
  actions: string[];
  allow: string[];
  deny: string[];
  max_order_value: string | number;
  max_daily_value: string | number;
  max_daily_orders: string | number;
  max_position_value: string | number;
  max_daily_loss: string | number;
  approval_above: string | number;
  min_confidence: number;
  expires_on: string;
  dry_run: boolean;
}

/** A draft to begin with: the mandate that is changed, or careful limits for a new one. */
export function draftOf(mandate: Mandate | undefined, agents: Agent[], accounts: TradingAccount[]): Draft {
  const trader = agents.find((one) => one.capabilities.includes("trade")) ?? agents[0];
  return {
    agent_id: mandate?.agent_id ?? trader?.agent_id ?? "",
    account_ids: mandate?.account_ids ?? accounts.slice(0, 1).map((one) => one.account_id),
    actions: mandate?.actions ?? ["buy", "sell"],
    allow: mandate?.instruments.allow ?? [],
    deny: mandate?.instruments.deny ?? [],
    max_order_value: mandate?.limits.max_order_value ?? "1000",
    max_daily_value: mandate?.limits.max_daily_value ?? "1500",
    max_daily_orders: mandate?.limits.max_daily_orders ?? 10,
    max_position_value: mandate?.limits.max_position_value ?? "",
    max_daily_loss: mandate?.limits.max_daily_loss ?? "",
    approval_above: mandate ? (mandate.approval_above ?? "") : "500",
    min_confidence: mandate?.min_confidence ?? 0.7,
    expires_on: mandate?.expires_at ? mandate.expires_at.slice(0, 10) : "",
    dry_run: mandate?.dry_run ?? false,
  };
}

const given = (value: string | number): string | undefined =>
  String(value).trim() === "" ? undefined : String(value).trim();

/** The terms a draft means. */
export function termsOf(draft: Draft, currency: string): MandateTerms {
  const position = given(draft.max_position_value);
  const loss = given(draft.max_daily_loss);
  const line = given(draft.approval_above);
  return {
    agent_id: draft.agent_id,
    account_ids: draft.account_ids,
    actions: draft.actions as Side[],
    instruments: {
      allow: draft.allow.map((one) => one.toUpperCase()),
      deny: draft.deny.map((one) => one.toUpperCase()),
    },
    limits: {
      max_order_value: String(draft.max_order_value),
      max_daily_value: String(draft.max_daily_value),
      max_daily_orders: Number(draft.max_daily_orders),
      ...(position !== undefined && { max_position_value: position }),
      ...(loss !== undefined && { max_daily_loss: loss }),
      currency,
    },
    ...(line !== undefined && { approval_above: line }),
    min_confidence: draft.min_confidence,
    ...(draft.expires_on !== "" && { expires_at: new Date(`${draft.expires_on}T23:59:59`).toISOString() }),
    dry_run: draft.dry_run,
  };
}

/** The same as a change: a bound that was emptied is taken away. Whose mandate it is stays. */
export function changeOf(draft: Draft, currency: string): MandateChange {
  const { agent_id: _, limits, ...terms } = termsOf(draft, currency);
  return {
    approval_above: null,
    expires_at: null,
    ...terms,
    limits: { max_position_value: null, max_daily_loss: null, ...limits },
  };
}

/** What is missing or makes no sense, by field. */
export function faults(draft: Draft): Partial<Record<keyof Draft, string>> {
  const positive = (value: string | number) => Number(value) > 0;
  const found: Partial<Record<keyof Draft, string>> = {};
  if (draft.agent_id === "") found.agent_id = "Choose an agent";
  if (draft.account_ids.length === 0) found.account_ids = "Choose at least one account";
  if (draft.actions.length === 0) found.actions = "Choose at least one";
  if (draft.allow.length === 0) found.allow = "Name at least one: an empty list permits nothing";
  for (const name of ["max_order_value", "max_daily_value", "max_daily_orders"] as const) {
    if (!positive(draft[name])) found[name] = "A number above zero";
  }
  if (
    !found.max_order_value &&
    !found.max_daily_value &&
    Number(draft.max_daily_value) < Number(draft.max_order_value)
  ) {
    found.max_daily_value = "Less than one order would need";
  }
  if (draft.expires_on !== "" && new Date(`${draft.expires_on}T23:59:59`) < new Date()) {
    found.expires_on = "A day that is still to come";
  }
  return found;
}
