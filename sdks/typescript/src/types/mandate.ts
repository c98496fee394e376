import type { Decimal, Timestamp } from "./page.js";
import type { OrderType, Side } from "./trading.js";

export interface MandateLimits {
  max_order_value: Decimal;
  max_daily_value: Decimal;
  max_daily_orders: number;
  max_position_value?: Decimal | null;
  max_daily_loss?: Decimal | null;
  currency: string;
}

/** What is used of today's limits. "Today" is the day of the account's time zone. */
export interface MandateUsage {
  reserved: Decimal;
  committed: Decimal;
  left: Decimal;
  orders: number;
  orders_left?: number;
  day?: string;
}

/** What a person lets one agent do. An empty `instruments.allow` permits nothing. */
export interface MandateTerms {
  agent_id: string;
  account_ids: string[];
  actions: Side[];
  instruments: { allow: string[]; deny: string[] };
  limits: MandateLimits;
  approval_above?: Decimal | null;
  min_confidence?: number | null;
  expires_at?: Timestamp | null;
  dry_run?: boolean;
}

export interface Mandate extends MandateTerms {
  mandate_id: string;
  status: "active" | "revoked" | "expired";
  usage?: MandateUsage;
  /** One of its accounts is not a paper account. */
  live?: boolean;
  time_zone?: string;
  created_at?: Timestamp;
}

export type ApprovalStatus = "pending" | "approved" | "rejected" | "expired";

export interface ApprovalOrder {
  account_id: string;
  symbol: string;
  side: Side;
  quantity: Decimal;
  order_type: OrderType;
  limit_price?: Decimal | null;
  worst_case_value: Decimal;
}

/** An order that waits for a person. Approving is bound to `order_hash`: the exact order. */
export interface Approval {
  approval_id: string;
  decision_id: string;
  mandate_id: string;
  agent_id: string;
  order: ApprovalOrder;
  order_hash: string;
  leaves?: { daily_value?: Decimal | null; daily_orders?: number | null };
  reason?: string | null;
  confidence?: number | null;
  created_at: Timestamp;
  expires_at: Timestamp;
  status: ApprovalStatus;
}

export type KillSwitchScope = "user" | "agent" | "account" | "tenant" | "global";

export interface KillSwitchChange {
  scope: KillSwitchScope;
  id?: string;
  on: boolean;
  freeze_all?: boolean;
  cancel_open_orders?: boolean;
  reason?: string;
}

/** A switch that is on. */
export interface KillSwitch {
  scope: KillSwitchScope;
  id?: string | null;
  freeze_all: boolean;
  cancel_open_orders: boolean;
  reason?: string | null;
  since: Timestamp;
}

/** The switches that are on for the person, their own and wider ones. */
export interface KillSwitches {
  on: boolean;
  switches: KillSwitch[];
}

/** Fields to change: what is left out stays, null takes a bound away. */
export interface MandateChange {
  account_ids?: string[];
  actions?: Side[];
  instruments?: { allow: string[]; deny: string[] };
  limits?: Partial<MandateLimits>;
  approval_above?: Decimal | null;
  min_confidence?: number | null;
  expires_at?: Timestamp | null;
  dry_run?: boolean;
}
