import { Badge } from "@mantine/core";

const COLORS: Record<string, string> = {
  active: "green",
  filled: "green",
  executed: "green",
  approved: "green",
  success: "green",
  pending: "yellow",
  sent: "yellow",
  open: "blue",
  partially_filled: "blue",
  unknown: "yellow",
  needs_login: "yellow",
  expired: "gray",
  cancelled: "gray",
  revoked: "gray",
  rejected: "red",
  denied: "red",
  failure: "red",
  invalid: "red",
};

const WORDS: Record<string, string> = { partially_filled: "partly filled", unknown: "being checked" };

/** A status in words; the colour only repeats what the word says. */
export function StatusBadge({ status }: { status: string }) {
  return <Badge color={COLORS[status] ?? "gray"}>{WORDS[status] ?? status.replaceAll("_", " ")}</Badge>;
}
