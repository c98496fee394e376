import type { MandateClient } from "@mandate/client";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { MandateContext, type SessionStatus } from "./context.js";

/** Seconds between tries to reach a server that was not there. */
const AGAIN = 5_000;

/**
 * Finds the browser's session and tells the hooks below it about it. Must stand inside a
 * `QueryClientProvider`; what was cached for one person is dropped before another sees the page.
 */
export function MandateProvider({ client, children }: { client: MandateClient; children: ReactNode }) {
  const queries = useQueryClient();
  const [status, setStatus] = useState<SessionStatus>(() =>
    client.keeper.state === "unknown" ? "starting" : client.keeper.state,
  );

  const [subject, setSubject] = useState(client.keeper.subject);

  const start = useCallback(() => {
    client.keeper.start().then(
      (state) => setStatus(state === "signed-in" ? "signed-in" : "signed-out"),
      () => setStatus((now) => (now === "signed-in" ? now : "unreachable")),
    );
  }, [client]);

  useEffect(() => {
    const stops = [
      client.events.on("signed-in", ({ subject: id }) => {
        setSubject(id);
        setStatus("signed-in");
      }),
      client.events.on("user-changed", ({ subject: id }) => {
        queries.clear();
        setSubject(id);
      }),
      client.events.on("signed-out", () => {
        client.quotes.close();
        queries.clear();
        setStatus("signed-out");
      }),
    ];
    if (client.keeper.state === "unknown") start();
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, queries, start]);

  useEffect(() => {
    if (status !== "unreachable") return;
    const timer = setInterval(start, AGAIN);
    window.addEventListener("online", start);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", start);
    };
  }, [status, start]);

  const value = useMemo(() => ({ client, status, subject, retry: start }), [client, status, subject, start]);
  return <MandateContext.Provider value={value}>{children}</MandateContext.Provider>;
}
