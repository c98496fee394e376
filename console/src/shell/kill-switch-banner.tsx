import { useKillSwitch } from "@mandate/react";
import { Alert } from "@mantine/core";
import { IconStop } from "../parts/icons";

/** On every screen while agents are stopped. */
export function KillSwitchBanner() {
  const { on, active } = useKillSwitch();
  if (!on) return null;
  return (
    <Alert color="red" mb="md" icon={<IconStop />} title="The kill switch is on" role="status">
      No agent can trade for you, and nothing that waited will be sent.
      {active?.reason ? ` Reason: ${active.reason}.` : ""}
      {active?.scope !== "user" ? " It was pulled by an administrator." : ""}
    </Alert>
  );
}
