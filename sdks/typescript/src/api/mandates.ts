import type { Transport } from "../transport.js";
import type {
  Approval,
  ApprovalStatus,
  KillSwitch,
  KillSwitchChange,
  Mandate,
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
    update: (id: string, body: Partial<MandateTerms>) =>
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
    reject: (id: string, order_hash: string) =>
      transport.json<Approval>({
        method: "POST",
        path: `/v1/approvals/${at(id)}/reject`,
        body: { order_hash },
      }),

    killSwitches: async (): Promise<KillSwitch[]> => {
      const answer = await transport.json<KillSwitch[] | Partial<Page<KillSwitch>> | KillSwitch>({
        path: "/v1/kill-switch",
      });
      if (Array.isArray(answer)) return answer;
      if ("items" in answer) return answer.items ?? [];
      return "scope" in answer ? [answer] : [];
    },
    setKillSwitch: (body: KillSwitchChange) =>
      transport.json<unknown>({ method: "POST", path: "/v1/kill-switch", body }),
  };
}
