import { MandateError } from "@mandate/client";
import { useKillSwitch, useSetKillSwitch } from "@mandate/react";
import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { IconPlay, IconStop } from "../parts/icons";
import { plainWords } from "../parts/plain-words";

/** Always in reach: one click and a confirmation stop every agent; lifting it asks who you are. */
export function KillSwitchButton() {
  const { on } = useKillSwitch();
  const act = useSetKillSwitch();
  const [open, { open: show, close }] = useDisclosure(false);
  const [cancelOrders, setCancelOrders] = useState(true);

  const set = async (next: boolean) => {
    try {
      await act.mutateAsync({ scope: "user", on: next, ...(next && { cancel_open_orders: cancelOrders }) });
      notifications.show({
        color: next ? "red" : "green",
        title: next ? "Everything is stopped" : "Agents may act again",
        message: next ? "No agent can trade for you." : "Your mandates apply as before.",
      });
    } catch (error) {
      if (error instanceof MandateError && error.code === "step_up_cancelled") return;
      notifications.show({ color: "red", title: "That did not work", message: plainWords(error) });
    } finally {
      close();
    }
  };

  return (
    <>
      <Button
        color="red"
        variant={on ? "filled" : "outline"}
        size="sm"
        px="sm"
        aria-label={on ? "Stopped: lift the kill switch" : undefined}
        onClick={show}
        leftSection={on ? <IconPlay size={16} /> : <IconStop size={18} />}
      >
        {on ? "Stopped" : "Stop all"}
      </Button>
      <Modal opened={open} onClose={close} title={on ? "Let agents act again?" : "Stop every agent?"}>
        <Stack>
          {on ? (
            <Text>
              Agents may trade for you again, within your mandates. You will be asked for your password.
            </Text>
          ) : (
            <>
              <Text>
                From this moment no agent can trade for you. Orders that wait for your approval end. You can
                lift it at any time.
              </Text>
              <Checkbox
                label="Also cancel open orders"
                checked={cancelOrders}
                onChange={(event) => setCancelOrders(event.currentTarget.checked)}
              />
            </>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Keep as it is
            </Button>
            <Button
              color={on ? "sea" : "red"}
              loading={act.isPending}
              onClick={() => set(!on)}
              data-autofocus
            >
              {on ? "Lift the kill switch" : "Stop everything"}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
