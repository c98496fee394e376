import { keys } from "../keys.js";
import { useClient } from "../use-client.js";
import { useAct } from "./use-act.js";

export function useUpdateProfile() {
  const client = useClient();
  return useAct(client.users.update, [keys.me]);
}

export function useChangePassword() {
  const client = useClient();
  return useAct(client.auth.changePassword, [keys.sessions]);
}

export function useRevokeSession() {
  const client = useClient();
  return useAct(client.users.revokeSession, [keys.sessions]);
}
