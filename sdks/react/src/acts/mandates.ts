import type { Approval, KillSwitchChange, MandateChange, MandateTerms } from "@mandate/client";
import { keys } from "../keys.js";
import { useClient } from "../use-client.js";
import { useAct } from "./use-act.js";

/** Creates a mandate, or changes the one whose id is given. */
export function useSaveMandate() {
  const client = useClient();
  return useAct(
    (wish: { terms: MandateTerms } | { id: string; change: MandateChange }) =>
      "id" in wish ? client.mandates.update(wish.id, wish.change) : client.mandates.create(wish.terms),
    [keys.mandates],
  );
}

export function useRevokeMandate() {
  const client = useClient();
  return useAct(client.mandates.revoke, [keys.mandates, keys.approvals]);
}

const AFTER_APPROVAL = [keys.approvals, keys.orders, keys.positions, keys.mandates, keys.decisions];

/** Approves exactly the order that was shown. */
export function useApprove() {
  const client = useClient();
  return useAct(
    (approval: Pick<Approval, "approval_id" | "order_hash">) =>
      client.mandates.approve(approval.approval_id, approval.order_hash),
    AFTER_APPROVAL,
  );
}

export function useReject() {
  const client = useClient();
  return useAct(
    (approval: Pick<Approval, "approval_id">) => client.mandates.reject(approval.approval_id),
    AFTER_APPROVAL,
  );
}

export function useSetKillSwitch() {
  const client = useClient();
  return useAct(
    (change: KillSwitchChange) => client.mandates.setKillSwitch(change),
    [keys.killSwitch, keys.approvals, keys.orders],
  );
}
