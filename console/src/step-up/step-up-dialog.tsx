import type { MandateError } from "@mandate/client";
import { useMe } from "@mandate/react";
import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { plainWords } from "../parts/plain-words";
import { answerStepUp, type StepUpRequest } from "./bridge";

/** Asks for the password (or the second factor) again before an act that needs it. */
export function StepUpDialog() {
  const [request, setRequest] = useState<StepUpRequest>();
  const [proof, setProof] = useState("");
  const [checking, setChecking] = useState(false);
  const byCode = useMe().data?.mfa_enabled === true;

  useEffect(
    () =>
      answerStepUp((next) => {
        setRequest(next);
        setProof("");
        setChecking(false);
      }),
    [],
  );

  const cancel = () => {
    request?.answer(null);
    setRequest(undefined);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The dialog lives inside other forms in the React tree.
    event.stopPropagation();
    if (proof === "") return;
    setChecking(true);
    request?.answer(byCode ? { code: proof } : { password: proof });
  };
  const field = {
    value: proof,
    onChange: (event: { currentTarget: { value: string } }) => setProof(event.currentTarget.value),
    error: request?.error && inWords(request.error, byCode),
    "data-autofocus": true,
    required: true,
  };
  return (
    <Modal opened={request !== undefined} onClose={cancel} title="Is it you?" size="sm" zIndex={400}>
      <form onSubmit={submit}>
        <Stack>
          <Text c="dimmed" size="sm">
            This changes what happens with your money. Please confirm with your{" "}
            {byCode ? "authenticator code" : "password"}.
          </Text>
          {byCode ? (
            <TextInput label="Code" inputMode="numeric" autoComplete="one-time-code" {...field} />
          ) : (
            <PasswordInput label="Password" autoComplete="current-password" {...field} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={cancel}>
              Cancel
            </Button>
            <Button type="submit" loading={checking}>
              Confirm
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function inWords(error: MandateError, byCode: boolean): string {
  if (error.status === 401) return `That ${byCode ? "code" : "password"} is wrong.`;
  return plainWords(error);
}
