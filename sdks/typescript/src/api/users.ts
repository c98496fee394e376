import type { Transport } from "../transport.js";
import type { AuditEvent, Session, User } from "../types/account.js";
import type { Page, PageQuery } from "../types/page.js";

/** The person, their sessions and what was done in their name. */
export function usersApi(transport: Transport) {
  return {
    me: (signal?: AbortSignal) => transport.json<User>({ path: "/v1/users/me", ...(signal && { signal }) }),
    update: (body: { name?: string; phone?: string | null }) =>
      transport.json<User>({ method: "PATCH", path: "/v1/users/me", body }),
    sessions: (query: PageQuery = {}) =>
      transport.json<Page<Session>>({ path: "/v1/sessions", query: { ...query } }),
    revokeSession: (id: string) =>
      transport.json<void>({ method: "DELETE", path: `/v1/sessions/${encodeURIComponent(id)}` }),
    audit: (query: PageQuery & { event?: string; from?: string; to?: string } = {}) =>
      transport.json<Page<AuditEvent>>({ path: "/v1/audit", query: { ...query } }),
  };
}
