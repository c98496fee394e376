import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { keys } from "../keys.js";
import { useClient } from "../use-client.js";

/** The person who is signed in. */
export function useMe() {
  const client = useClient();
  return useQuery({ queryKey: keys.me, queryFn: ({ signal }) => client.users.me(signal), staleTime: 60_000 });
}

/** Where the person is signed in. */
export function useSessions() {
  const client = useClient();
  return useQuery({
    queryKey: keys.sessions,
    queryFn: async () => (await client.users.sessions({ limit: 100 })).items,
  });
}

export interface AuditFilter {
  event?: string;
  from?: string;
  to?: string;
}

/** The person's own audit events, newest first, page after page. */
export function useAudit(filter: AuditFilter) {
  const client = useClient();
  return useInfiniteQuery({
    queryKey: [...keys.audit, filter],
    queryFn: ({ pageParam }) =>
      client.users.audit({ ...filter, limit: 50, ...(pageParam && { cursor: pageParam }) }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || undefined,
    placeholderData: keepPreviousData,
  });
}
