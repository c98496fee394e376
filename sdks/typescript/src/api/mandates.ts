import type { Transport } from "../transport.js";
import type {
  Approval,
  ApprovalStatus,
  KillSwitchChange,
  KillSwitches,
  Mandate,
  MandateChange,
  MandateTerms,
} from "../types/mandate.js";
import type { Page, PageQuery } from "../types/page.js";

/** What agents may do, what waits for a person, and the switch that stops it all. */
export function mandatesApi(transport: Transport) {
  const at = (id: string) => encodeURIComponent(id);
  return {
    list: (query: PageQuery = {}) =>
      transport.json<Page<Mandate>>({ path: "/v1/mandates", query: { ...query } }),
    get: (id: string) => transport.json<Mandate>({ path: `/v1/mandates/${at(id)}` }),
    create: (body: MandateTerms) => transport.json<Mandate>({ method: "POST", path: "/v1/mandates", body }),
    update: (id: string, body: MandateChange) =>
      transport.json<Mandate>({ method: "PATCH", path: `/v1/mandates/${at(id)}`, body }),
    revoke: (id: string) => transport.json<void>({ method: "DELETE", path: `/v1/mandates/${at(id)}` }),

    approvals: (query: PageQuery & { status?: ApprovalStatus } = {}) =>
      transport.json<Page<Approval>>({ path: "/v1/approvals", query: { ...query } }),
    /** Approves exactly the order whose hash was shown. */
    approve: (id: string, order_hash: string) =>
      transport.json<Approval>({
        method: "POST",
        path: `/v1/approvals/${at(id)}/approve`,
        body: { order_hash },
      }),
    reject: (id: string, reason?: string) =>
      transport.json<Approval>({
        method: "POST",
        path: `/v1/approvals/${at(id)}/reject`,
        body: reason === undefined ? {} : { reason },
      }),

    killSwitch: () => transport.json<KillSwitches>({ path: "/v1/kill-switch" }),
    setKillSwitch: (body: KillSwitchChange) =>
      transport.json<KillSwitches>({ method: "POST", path: "/v1/kill-switch", body }),
  };
}
