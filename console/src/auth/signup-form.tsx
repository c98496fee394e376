import { MandateError } from "@mandate/client";
import { useSession } from "@mandate/react";
import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useLocation } from "wouter";
import { plainWords } from "../parts/plain-words";

const SHORTEST = 12;

/** Makes an account and signs in to it at once where the server lets it. */
export function SignupForm({ onRegistered }: { onRegistered: (email: string) => void }) {
  const { register, login } = useSession();
  const [, navigate] = useLocation();
  const [failure, setFailure] = useState<string>();
  const form = useForm({
    initialValues: { name: "", email: "", password: "" },
    validate: {
      name: (value) => (value.trim() === "" ? "How should we call you?" : null),
      email: (value) => (value.includes("@") ? null : "Your e-mail address, please"),
      password: (value) =>
        [...value].length < SHORTEST
          ? `At least ${SHORTEST} characters; a few unrelated words do well`
          : null,
    },
  });
  const submit = form.onSubmit(async (values) => {
    setFailure(undefined);
    try {
      await register(values);
    } catch (error) {
      if (error instanceof MandateError && Object.keys(error.fields).length > 0) form.setErrors(error.fields);
      else setFailure(plainWords(error));
      return;
    }
    try {
      const answer = await login({ email: values.email, password: values.password, persist_session: true });
      if (answer.status !== "mfa_required") return navigate("/", { replace: true });
    } catch {
      // The address may have to be confirmed first, or is someone else's: the login page tells.
    }
    onRegistered(values.email);
    navigate("/login");
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {failure !== undefined && (
          <Alert color="red" role="alert">
            {failure}
          </Alert>
        )}
        <TextInput label="Name" autoComplete="name" required {...form.getInputProps("name")} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label="Password"
          description={`${SHORTEST} characters or more. No need for digits or signs.`}
          autoComplete="new-password"
          required
          {...form.getInputProps("password")}
        />
        <Button type="submit" size="md" loading={form.submitting}>
          Create account
        </Button>
      </Stack>
    </form>
  );
}
