import { type Broker, MandateError, type TradingAccount } from "@mandate/client";
import { useBrokers, useReplaceCredentials } from "@mandate/react";
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { Loaded } from "../parts/loaded";
import { plainWords } from "../parts/plain-words";
import { BrokerFields, type FieldValues, given, missing } from "./broker-fields";

/** New credentials for an account that has expired ones; mandates for it stay. */
export function CredentialsDialog({
  account,
  open,
  onClose,
}: {
  account: TradingAccount;
  open: boolean;
  onClose: () => void;
}) {
  const brokers = useBrokers();
  return (
    <Modal opened={open} onClose={onClose} title={`New credentials for ${account.name}`}>
      <Loaded query={brokers} rows={2}>
        {(items) => {
          const broker = items.find((one) => one.broker === account.broker);
          return broker ? <Form account={account} broker={broker} onDone={onClose} /> : null;
        }}
      </Loaded>
    </Modal>
  );
}

function Form({ account, broker, onDone }: { account: TradingAccount; broker: Broker; onDone: () => void }) {
  const replace = useReplaceCredentials();
  const [failure, setFailure] = useState<string>();
  const form = useForm<FieldValues>({
    initialValues: {},
    validate: (values) => missing(broker.fields, values),
  });
  const submit = form.onSubmit(async (values) => {
    setFailure(undefined);
    const fields = given(
      broker.fields.map((field) => field.name),
      values,
    );
    try {
      await replace.mutateAsync({ id: account.account_id, fields });
      notifications.show({ color: "sea", title: "Credentials replaced", message: account.name });
      onDone();
    } catch (error) {
      if (!(error instanceof MandateError) || error.code === "step_up_cancelled") return;
      form.setErrors(error.fields);
      setFailure(plainWords(error));
    }
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm" c="dimmed">
          The old ones are destroyed. Your mandates for this account stay as they are.
        </Text>
        {failure !== undefined && (
          <Alert color="red" role="alert">
            {failure}
          </Alert>
        )}
        <BrokerFields fields={broker.fields} form={form} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={replace.isPending}>
            Replace
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
