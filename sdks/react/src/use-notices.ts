import { MandateError, type Notice } from "@mandate/client";
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { keys } from "./keys.js";
import { useMandateContext } from "./use-client.js";

/** What to read again when the server tells of something. Matched by the first part of the event's name. */
const TOUCHES: Record<string, readonly QueryKey[]> = {
  approval: [keys.approvals, keys.mandates],
  decision: [keys.orders, keys.positions, keys.mandates, keys.approvals, keys.decisions],
  order: [keys.orders, keys.positions, keys.mandates],
  kill_switch: [keys.killSwitch, keys.approvals],
  mandate: [keys.mandates],
  session: [keys.sessions],
  connection: [keys.accounts],
};

/** Keeps the cache in step with the server's notices; quietly does without where there are none. */
export function useNotices(onNotice?: (notice: Notice) => void): void {
  const { client, status } = useMandateContext();
  const queries = useQueryClient();
  const listener = useRef(onNotice);
  listener.current = onNotice;
  useEffect(() => {
    if (status !== "signed-in") return;
    const abort = new AbortController();
    const watch = async () => {
      for await (const notice of client.notices.watch({ signal: abort.signal })) {
        const touched = TOUCHES[notice.type.split(".")[0] ?? ""] ?? [];
        for (const queryKey of touched) void queries.invalidateQueries({ queryKey });
        listener.current?.(notice);
      }
    };
    watch().catch((error: unknown) => {
      // The lists are also asked for at intervals.
      if (!(error instanceof MandateError)) throw error;
    });
    return () => abort.abort();
  }, [client, queries, status]);
}
