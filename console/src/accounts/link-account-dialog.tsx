import { type Broker, type BrokerField, MandateError, type NewTradingAccount } from "@mandate/client";
import { useBrokers, useLinkAccount } from "@mandate/react";
import { Alert, Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { Loaded } from "../parts/loaded";
import { plainWords } from "../parts/plain-words";
import { BrokerFields, type FieldValues, given, missing } from "./broker-fields";

/** Links an account; the broker says which fields it needs. */
export function LinkAccountDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const brokers = useBrokers();
  return (
    <Modal opened={open} onClose={onClose} title="Link a trading account">
      <Loaded query={brokers} rows={2}>
        {(items) => <LinkForm brokers={items} onDone={onClose} />}
      </Loaded>
    </Modal>
  );
}

const PAPER = { name: "Paper account", currency: "USD", cash: "10000" };
const PAPER_FIELDS: BrokerField[] = [
  { name: "currency", label: "Currency", secret: false, required: true },
  { name: "cash", label: "Play money to begin with", secret: false, required: true },
];

function LinkForm({ brokers, onDone }: { brokers: Broker[]; onDone: () => void }) {
  const link = useLinkAccount();
  const [failure, setFailure] = useState<string>();
  const paper = brokers.some((one) => one.broker === "paper");
  const form = useForm<FieldValues>({
    initialValues: { broker: paper ? "paper" : (brokers[0]?.broker ?? ""), ...(paper ? PAPER : {}) },
  });
  const broker = brokers.find((one) => one.broker === form.values.broker);
  const fields = broker?.broker === "paper" ? PAPER_FIELDS : (broker?.fields ?? []);
  const named = fields.some((field) => field.name === "name");

  const submit = form.onSubmit(async (values) => {
    setFailure(undefined);
    const names = ["name", ...fields.map((field) => field.name)];
    const needed = missing(fields, values);
    if (Object.keys(needed).length > 0) {
      form.setErrors(needed);
      return;
    }
    const body: NewTradingAccount = { broker: values.broker ?? "", ...given(names, values) };
    try {
      const account = await link.mutateAsync(body);
      notifications.show({ color: "sea", title: "Account linked", message: account.name });
      onDone();
    } catch (error) {
      if (!(error instanceof MandateError) || error.code === "step_up_cancelled") return;
      form.setErrors(error.fields);
      const unseen = Object.keys(error.fields).filter((name) => !names.includes(name));
      if (Object.keys(error.fields).length === 0 || unseen.length > 0) setFailure(plainWords(error));
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
        <Select
          label="Broker"
          data={brokers.map((one) => ({ value: one.broker, label: one.name }))}
          value={form.values.broker ?? null}
          onChange={(value) =>
            value && form.setValues({ broker: value, ...(value === "paper" ? PAPER : { name: "" }) })
          }
          allowDeselect={false}
        />
        {!named && (
          <TextInput label="Name" description="How you want to call it" {...form.getInputProps("name")} />
        )}
        <BrokerFields fields={fields} form={form} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={link.isPending}>
            Link
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
