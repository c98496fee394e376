import { type Agent, type Mandate, MandateError, type TradingAccount } from "@mandate/client";
import { useSaveMandate } from "@mandate/react";
import { Alert, Button, Group, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { plainWords } from "../parts/plain-words";
import { LimitFields } from "./limit-fields";
import { ScopeFields } from "./scope-fields";
import { changeOf, draftOf, faults, termsOf } from "./terms";

/** The whole mandate on one page: who, where, what, how much, when to ask. */
export function MandateForm({
  mandate,
  agents,
  accounts,
  symbols,
}: {
  mandate: Mandate | undefined;
  agents: Agent[];
  accounts: TradingAccount[];
  symbols: string[];
}) {
  const [, navigate] = useLocation();
  const save = useSaveMandate();
  const [failure, setFailure] = useState<string>();
  const form = useForm({ initialValues: draftOf(mandate, agents, accounts), validate: faults });
  const account = accounts.find((one) => form.values.account_ids.includes(one.account_id));
  const currency = mandate?.limits.currency ?? account?.currency ?? "USD";

  const submit = form.onSubmit(
    async (draft) => {
      setFailure(undefined);
      try {
        if (mandate) await save.mutateAsync({ id: mandate.mandate_id, change: changeOf(draft, currency) });
        else await save.mutateAsync({ terms: termsOf(draft, currency) });
        notifications.show({
          color: "sea",
          title: mandate ? "Mandate changed" : "Mandate given",
          message: "",
        });
        navigate("/mandates");
      } catch (error) {
        if (!(error instanceof MandateError) || error.code === "step_up_cancelled") return;
        form.setErrors(byField(error.fields));
        setFailure(plainWords(error));
        window.scrollTo({ top: 0 });
      }
    },
    (errors) => {
      const first = Object.keys(errors)[0];
      if (first) document.querySelector<HTMLElement>(`[data-field="${first}"]`)?.focus();
    },
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        {failure !== undefined && (
          <Alert color="red" role="alert" title="The mandate was not saved">
            {failure}
          </Alert>
        )}
        <ScopeFields
          form={form}
          agents={agents}
          accounts={accounts}
          symbols={symbols}
          fixed={mandate !== undefined}
        />
        <LimitFields form={form} currency={currency} />
        <Group justify="flex-end">
          <Button component={Link} href="/mandates" variant="default">
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {mandate ? "Save changes" : "Give this mandate"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The server names fields by their place in the body; the form by their own name. */
function byField(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, message]) => {
      const last = name.split(".").at(-1) ?? name;
      return [last === "expires_at" ? "expires_on" : last === "instruments" ? "allow" : last, message];
    }),
  );
}
