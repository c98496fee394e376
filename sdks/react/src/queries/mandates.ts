import type { ApprovalStatus } from "@mandate/client";
import { useQuery } from "@tanstack/react-query";
import { keys } from "../keys.js";
import { useClient } from "../use-client.js";

/** All mandates with today's usage. */
export function useMandates() {
  const client = useClient();
  return useQuery({
    queryKey: keys.mandates,
    queryFn: async () => (await client.mandates.list({ limit: 100 })).items,
  });
}

export function useMandate(id: string | undefined) {
  const client = useClient();
  return useQuery({
    queryKey: [...keys.mandates, id],
    queryFn: () => client.mandates.get(id ?? ""),
    enabled: id !== undefined,
  });
}

/** Orders that wait, or waited, for the person. */
export function useApprovals(status: ApprovalStatus = "pending") {
  const client = useClient();
  return useQuery({
    queryKey: [...keys.approvals, status],
    queryFn: async () => (await client.mandates.approvals({ status, limit: 100 })).items,
    refetchInterval: status === "pending" ? 10_000 : false,
  });
}

/** The person's kill switch: `on` stops every agent that acts for them. */
export function useKillSwitch() {
  const client = useClient();
  const query = useQuery({
    queryKey: keys.killSwitches,
    queryFn: client.mandates.killSwitches,
    refetchInterval: 15_000,
  });
  const active = query.data?.find(
    (entry) => entry.on && (entry.scope === "user" || entry.scope === "global" || entry.scope === "tenant"),
  );
  return { query, on: active !== undefined, active };
}
