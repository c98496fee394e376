import { keys } from "../keys.js";
import { useClient } from "../use-client.js";
import { useAct } from "./use-act.js";

export function useLinkAccount() {
  const client = useClient();
  return useAct(client.trading.linkAccount, [keys.accounts]);
}

/** New credentials for the same account. */
export function useReplaceCredentials() {
  const client = useClient();
  return useAct(
    ({ id, fields }: { id: string; fields: Record<string, string> }) =>
      client.trading.replaceCredentials(id, fields),
    [keys.accounts],
  );
}

export function useVerifyAccount() {
  const client = useClient();
  return useAct(client.trading.verifyAccount, [keys.accounts]);
}

export function useUnlinkAccount() {
  const client = useClient();
  return useAct(client.trading.unlinkAccount, [keys.accounts, keys.mandates]);
}

/** The person's own order: it needs no mandate. */
export function useDecide() {
  const client = useClient();
  return useAct(client.trading.decide, [keys.orders, keys.positions, keys.accounts]);
}

export function useCancelOrder() {
  const client = useClient();
  return useAct(client.trading.cancelOrder, [keys.orders]);
}
