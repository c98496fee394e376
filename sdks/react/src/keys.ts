/** The query keys, so that an application can drop or read what the hooks cached. */
export const keys = {
  me: ["me"],
  sessions: ["sessions"],
  audit: ["audit"],
  brokers: ["brokers"],
  accounts: ["accounts"],
  mandates: ["mandates"],
  approvals: ["approvals"],
  killSwitch: ["kill-switch"],
  orders: ["orders"],
  positions: ["positions"],
  decisions: ["decisions"],
  agents: ["agents"],
  conversations: ["conversations"],
  messages: ["messages"],
  symbols: ["symbols"],
  candles: ["candles"],
} as const;
