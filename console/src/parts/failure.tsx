import { MandateError } from "@mandate/client";
import { Button } from "@mantine/core";
import { IconAlert, IconOffline, IconRefresh } from "./icons";
import { NoticeBox } from "./notice-box";
import { plainWords } from "./plain-words";

/** A list or form that could not be read: offline or failed, with the way on. */
export function Failure({ error, retry }: { error: unknown; retry: () => void }) {
  const again = (
    <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={retry}>
      Try again
    </Button>
  );
  const unreachable = error instanceof MandateError && (error.code === "network" || error.code === "timeout");
  if (unreachable || !navigator.onLine) {
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
