import { MandateError } from "@mandate/client";
import { useSession } from "@mandate/react";
import { Alert, Button, Checkbox, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { plainWords } from "../parts/plain-words";

/** E-mail and password, and the second factor where one is enrolled. */
export function LoginForm({ email }: { email?: string | undefined }) {
  const { login, verifyMfa } = useSession();
  const [failure, setFailure] = useState<string>();
  const [second, setSecond] = useState<string>();
  const form = useForm({
    initialValues: { email: email ?? "", password: "", persist_session: true, code: "" },
    validate: {
      email: (value) => (value.includes("@") ? null : "Your e-mail address, please"),
      password: (value) => (value === "" ? "Your password, please" : null),
    },
  });
  const submit = form.onSubmit(async ({ code, ...credentials }) => {
    setFailure(undefined);
    try {
      if (second !== undefined) await verifyMfa(second, code);
      else {
        const answer = await login(credentials);
        if (answer.status === "mfa_required") setSecond(answer.session_token);
      }
    } catch (error) {
      setFailure(inWords(error));
    }
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {failure !== undefined && (
          <Alert color="red" role="alert">
            {failure}
          </Alert>
        )}
        {second === undefined ? (
          <>
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              {...form.getInputProps("email")}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              {...form.getInputProps("password")}
            />
            <Checkbox
              label="Stay signed in on this device"
              {...form.getInputProps("persist_session", { type: "checkbox" })}
            />
          </>
        ) : (
          <TextInput
            label="Code from your authenticator, or a backup code"
            autoComplete="one-time-code"
            autoFocus
            required
            {...form.getInputProps("code")}
          />
        )}
        <Button type="submit" size="md" loading={form.submitting}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}

function inWords(error: unknown): string {
  if (error instanceof MandateError && error.status === 429 && error.retryAfter !== undefined) {
    return `Too many tries. Wait ${error.retryAfter} seconds, then try again.`;
  }
  return plainWords(error);
}
