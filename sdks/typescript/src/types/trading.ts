import type { Decimal, Timestamp } from "./page.js";

/** One field of a broker's credentials, as a form shows it. */
export interface BrokerField {
  name: string;
  label: string;
  secret: boolean;
  required: boolean;
  help?: string | null;
}

export interface Broker {
  broker: string;
  name: string;
  credential_shape?: string;
  fields: BrokerField[];
  login: "form" | "redirect" | "none";
}

export type AccountStatus = "active" | "expired" | "needs_login" | "invalid" | "deleted";

/** A link to an account at a broker. Never carries a secret. */
export interface TradingAccount {
  account_id: string;
  broker: string;
  user_id_broker?: string | null;
  name: string;
  status: AccountStatus;
  currency?: string;
  time_zone?: string;
  /** Of a paper account: money not in positions, and all of it at the last prices. */
  cash?: Decimal;
  worth?: Decimal;
  created_at?: Timestamp;
  last_verified_at?: Timestamp | null;
  expires_at?: Timestamp | null;
}

/** `broker` and the fields it names; for a paper account `name`, `currency` and `cash`. */
export interface NewTradingAccount {
  broker: string;
  name?: string;
  currency?: string;
  cash?: Decimal;
  [field: string]: string | undefined;
}

export type Side = "buy" | "sell";
export type OrderType = "market" | "limit";
export type OrderStatus =
  | "pending"
  | "sent"
  | "open"
  | "partially_filled"
  | "filled"
  | "cancelled"
  | "rejected"
  | "unknown";

export interface Order {
  order_id: string;
  account_id: string;
  symbol: string;
  side: Side;
  quantity: Decimal;
  filled_quantity: Decimal;
  order_type: OrderType;
  limit_price?: Decimal | null;
  average_price?: Decimal | null;
  status: OrderStatus;
  broker_order_id?: string | null;
  decision_id?: string | null;
  agent_id?: string | null;
  /** Money that changed hands, fees left out. */
  value?: Decimal;
  fee?: Decimal;
  mandate_id?: string | null;
  approval_id?: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
  message?: string | null;
}

export interface Position {
  account_id: string;
  symbol: string;
  quantity: Decimal;
  average_price?: Decimal | null;
  last_price?: Decimal | null;
  value?: Decimal | null;
  unrealised?: Decimal | null;
  realised?: Decimal | null;
  currency: string;
}

export type DecisionStatus =
  | "executed"
  | "accepted"
  | "rejected"
  | "pending_approval"
  | "dry_run"
  | "no_credentials"
  | "failed"
  | "unknown";

/** Why a decision was refused: which rule, and in which words. */
export interface Reason {
  rule: string;
  detail: string;
}

export interface Decision {
  decision_id: string;
  status: DecisionStatus;
  reasons: Reason[];
  order?: Partial<Order> | null;
  approval_id?: string | null;
  mandate_id?: string | null;
}

/** A wish to act. `decision_id` is the caller's: the same one never executes twice. */
export interface Proposal {
  decision_id: string;
  agent_id?: string;
  account_id: string;
  action: "buy" | "sell" | "hold" | "cancel" | "modify";
  symbol?: string;
  quantity?: Decimal;
  order_type?: OrderType;
  limit_price?: Decimal;
  order_id?: string;
  confidence?: number;
  rationale?: string;
  dry_run?: boolean;
}
