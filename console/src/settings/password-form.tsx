import { MandateError } from "@mandate/client";
import { useChangePassword } from "@mandate/react";
import { Button, Group, PasswordInput, Stack, VisuallyHidden } from "@mantine/core";
import { useForm } from "@mantine/form";
import { tell } from "../parts/tell";

/** A new password for the account. */
export function PasswordForm({ email }: { email: string }) {
  const change = useChangePassword();
  const form = useForm({
    initialValues: { current_password: "", new_password: "" },
    validate: {
      new_password: (value) => ([...value].length < 12 ? "At least 12 characters" : null),
    },
  });
  const submit = form.onSubmit(async ({ current_password, new_password }) => {
    const done = await tell(
      async () => {
        try {
          await change.mutateAsync({ new_password, ...(current_password !== "" && { current_password }) });
        } catch (error) {
          if (error instanceof MandateError) form.setErrors(error.fields);
          throw error;
        }
      },
      "Password changed",
      "The password was not changed",
    );
    if (done) form.reset();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <VisuallyHidden>
          <input type="text" autoComplete="username" defaultValue={email} aria-label="E-mail" tabIndex={-1} />
        </VisuallyHidden>
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          {...form.getInputProps("current_password")}
        />
        <PasswordInput
          label="New password"
          description="12 characters or more"
          autoComplete="new-password"
          required
          {...form.getInputProps("new_password")}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
