import type { Transport } from "../transport.js";
import type { Page, PageQuery } from "../types/page.js";
import type {
  Broker,
  Decision,
  NewTradingAccount,
  Order,
  Position,
  Proposal,
  TradingAccount,
} from "../types/trading.js";

/** Accounts at brokers, decisions, orders and positions. */
export function tradingApi(transport: Transport) {
  const at = (id: string) => encodeURIComponent(id);
  return {
    brokers: () => transport.json<Broker[]>({ path: "/v1/brokers" }),
    accounts: () => transport.json<TradingAccount[]>({ path: "/v1/trading-accounts" }),
    linkAccount: (body: NewTradingAccount) =>
      transport.json<TradingAccount>({ method: "POST", path: "/v1/trading-accounts", body }),
    /** New credentials for the same account: it keeps its id and its mandates. */
    replaceCredentials: (id: string, fields: Record<string, string>) =>
      transport.json<TradingAccount>({
        method: "PUT",
        path: `/v1/trading-accounts/${at(id)}/credentials`,
        body: fields,
      }),
    verifyAccount: (id: string) =>
      transport.json<TradingAccount>({
        method: "POST",
        path: `/v1/trading-accounts/${at(id)}/verify`,
        body: {},
      }),
    unlinkAccount: (id: string) =>
      transport.json<void>({ method: "DELETE", path: `/v1/trading-accounts/${at(id)}` }),
    decide: (body: Proposal) => transport.json<Decision>({ method: "POST", path: "/v1/decisions", body }),
    decision: (id: string) => transport.json<Decision>({ path: `/v1/decisions/${at(id)}` }),
    orders: (query: PageQuery & { account_id?: string; status?: string } = {}) =>
      transport.json<Page<Order>>({ path: "/v1/orders", query: { ...query } }),
    order: (id: string) => transport.json<Order>({ path: `/v1/orders/${at(id)}` }),
    cancelOrder: (id: string) =>
      transport.json<Order | undefined>({ method: "DELETE", path: `/v1/orders/${at(id)}` }),
    positions: (query: PageQuery & { account_id?: string } = {}) =>
      transport.json<Page<Position>>({ path: "/v1/positions", query: { ...query } }),
  };
}
