import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";

interface Question {
  title: string;
  text: ReactNode;
  yes: string;
  act: () => Promise<unknown>;
}

/** Asks before something that cannot be taken back. Returns the dialog and how to open it. */
export function useConfirm(): [ReactNode, (question: Question) => void] {
  const [question, setQuestion] = useState<Question>();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    try {
      await question?.act();
    } finally {
      setBusy(false);
      setOpen(false);
    }
  };
  const dialog = (
    <Modal opened={open} onClose={() => setOpen(false)} title={question?.title} size="sm">
      <Stack>
        <Text>{question?.text}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setOpen(false)} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={busy} onClick={act}>
            {question?.yes}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
  return [
    dialog,
    (next) => {
      setQuestion(next);
      setOpen(true);
    },
  ];
}
