import { useQuery } from "@tanstack/react-query";
import { keys } from "../keys.js";
import { useClient } from "../use-client.js";

export function useAgents() {
  const client = useClient();
  return useQuery({ queryKey: keys.agents, queryFn: client.agents.list, staleTime: 60_000 });
}

export function useConversations() {
  const client = useClient();
  return useQuery({
    queryKey: keys.conversations,
    queryFn: async () => (await client.agents.conversations({ limit: 50 })).items,
  });
}
