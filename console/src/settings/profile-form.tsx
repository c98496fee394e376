import { MandateError, type User } from "@mandate/client";
import { useUpdateProfile } from "@mandate/react";
import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { tell } from "../parts/tell";

/** Name and phone; the e-mail address is the account's own. */
export function ProfileForm({ user }: { user: User }) {
  const update = useUpdateProfile();
  const form = useForm({
    initialValues: { name: user.name, phone: user.phone ?? "" },
    validate: { name: (value) => (value.trim() === "" ? "A name, please" : null) },
  });
  const submit = form.onSubmit((values) =>
    tell(
      async () => {
        try {
          await update.mutateAsync(values);
        } catch (error) {
          if (error instanceof MandateError) form.setErrors(error.fields);
          throw error;
        }
      },
      "Saved",
      "Not saved",
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput label="E-mail" value={user.email} readOnly variant="filled" />
        <TextInput label="Name" autoComplete="name" required {...form.getInputProps("name")} />
        <TextInput label="Phone" type="tel" autoComplete="tel" {...form.getInputProps("phone")} />
        <Group justify="flex-end">
          <Button type="submit" loading={update.isPending} disabled={!form.isDirty()}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
