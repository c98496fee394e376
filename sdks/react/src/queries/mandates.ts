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

/** Whether everything is stopped for the person, and by which switch. */
export function useKillSwitch() {
  const client = useClient();
  const query = useQuery({
    queryKey: keys.killSwitch,
    queryFn: client.mandates.killSwitch,
    refetchInterval: 15_000,
  });
  const active = query.data?.switches.find((one) => one.scope !== "agent" && one.scope !== "account");
  return { query, on: active !== undefined, active };
}
