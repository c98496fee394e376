import { MandateError } from "@mandate/client";
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { IconAlert, IconOffline, IconRefresh } from "./icons";
import { NoticeBox } from "./notice-box";
import { plainWords } from "./plain-words";

/** Milliseconds between tries to reach the server again. */
const AGAIN = 5_000;

/** A list or form that could not be read: offline or failed, with the way on. */
export function Failure({ error, retry }: { error: unknown; retry: () => unknown }) {
  const queries = useQueryClient();
  const lost = error instanceof MandateError && (error.code === "network" || error.code === "timeout");
  const unreachable = lost || !navigator.onLine;
  const tryAll = () => {
    void retry();
    // Whatever else of this screen failed with it.
    void queries.refetchQueries({ type: "active", predicate: (query) => query.state.status === "error" });
  };
  const latest = useRef(tryAll);
  latest.current = tryAll;
  useEffect(() => {
    if (!unreachable) return;
    const timer = setInterval(() => latest.current(), AGAIN);
    return () => clearInterval(timer);
  }, [unreachable]);

  const again = (
    <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={tryAll}>
      Try again
    </Button>
  );
  if (unreachable) {
    return (
      <NoticeBox icon={<IconOffline size={32} />} title="You are offline" action={again} role="status">
        The server cannot be reached. This page goes on by itself when the line is back.
      </NoticeBox>
    );
  }
  return (
    <NoticeBox icon={<IconAlert size={32} />} title="This did not load" action={again} role="alert">
      {plainWords(error)}
      {error instanceof MandateError && error.requestId ? ` Request ${error.requestId}.` : ""}
    </NoticeBox>
  );
}
