import type { DecisionStatus } from "@mandate/client";

export interface Look {
  title: string;
  mark: "yes" | "wait" | "no";
  color: string;
}

const GOOD = "var(--up)";
const BAD = "var(--down)";
const WAIT = "var(--wait)";

const LOOKS: Record<DecisionStatus, Look> = {
  executed: { title: "Done", mark: "yes", color: GOOD },
  accepted: { title: "Sent, not yet filled", mark: "wait", color: WAIT },
  pending_approval: { title: "Waits for your approval", mark: "wait", color: WAIT },
  dry_run: { title: "Dry run: nothing was sent", mark: "yes", color: "var(--mantine-color-dimmed)" },
  rejected: { title: "Refused", mark: "no", color: BAD },
  no_credentials: { title: "Not sent: the account needs a new login", mark: "no", color: BAD },
  failed: { title: "Failed", mark: "no", color: BAD },
  unknown: { title: "Sent; the outcome is being checked", mark: "wait", color: WAIT },
};

/** How a decision's status is shown. */
export function looks(status: DecisionStatus): Look {
  return LOOKS[status] ?? { title: status, mark: "wait", color: WAIT };
}
