import type { Decision } from "@mandate/client";
import { useQuery } from "@tanstack/react-query";
import { keys } from "../keys.js";
import { useClient } from "../use-client.js";

/** Which brokers can be linked and what each needs. */
export function useBrokers() {
  const client = useClient();
  return useQuery({ queryKey: keys.brokers, queryFn: client.trading.brokers, staleTime: 300_000 });
}

export function useAccounts() {
  const client = useClient();
  return useQuery({ queryKey: keys.accounts, queryFn: client.trading.accounts });
}

/** The newest orders, asked for again every few seconds while one is on its way. */
export function useOrders() {
  const client = useClient();
  return useQuery({
    queryKey: keys.orders,
    queryFn: async () => (await client.trading.orders({ limit: 100 })).items,
    refetchInterval: 10_000,
  });
}

export function usePositions() {
  const client = useClient();
  return useQuery({
    queryKey: keys.positions,
    queryFn: async () => (await client.trading.positions({ limit: 100 })).items,
    refetchInterval: 10_000,
  });
}

const SETTLED = new Set(["executed", "rejected", "dry_run", "no_credentials", "failed"]);

/** A decision as it stands now: asked for again until it can no longer change. */
export function useDecision(first: Decision) {
  const client = useClient();
  return useQuery({
    queryKey: [...keys.decisions, first.decision_id],
    queryFn: () => client.trading.decision(first.decision_id),
    initialData: first,
    enabled: !SETTLED.has(first.status),
    refetchInterval: ({ state }) => (SETTLED.has(state.data?.status ?? "") ? false : 3_000),
  });
}
