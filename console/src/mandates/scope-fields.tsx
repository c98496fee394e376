import type { Agent, TradingAccount } from "@mandate/client";
import { Checkbox, Group, MultiSelect, Select, Stack, TagsInput, Title } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { Draft } from "./terms";

/** Who, in which accounts, doing what, with which instruments. */
export function ScopeFields({
  form,
  agents,
  accounts,
  symbols,
  fixed,
}: {
  form: UseFormReturnType<Draft>;
  agents: Agent[];
  accounts: TradingAccount[];
  symbols: string[];
  fixed: boolean;
}) {
  return (
    <section className="surface" style={{ padding: 20 }} aria-labelledby="scope">
      <Title order={2} size="h4" id="scope" mb="md">
        Who and what
      </Title>
      <Stack>
        <Select
          label="Agent"
          data={agents.map((one) => ({ value: one.agent_id, label: one.name }))}
          allowDeselect={false}
          disabled={fixed}
          data-field="agent_id"
          {...form.getInputProps("agent_id")}
        />
        <MultiSelect
          label="Accounts"
          data={accounts.map((one) => ({ value: one.account_id, label: one.name }))}
          disabled={fixed}
          data-field="account_ids"
          {...form.getInputProps("account_ids")}
        />
        <Checkbox.Group label="May" {...form.getInputProps("actions")}>
          <Group mt={6}>
            <Checkbox value="buy" label="Buy" data-field="actions" />
            <Checkbox value="sell" label="Sell" />
          </Group>
        </Checkbox.Group>
        <TagsInput
          label="Instruments it may trade"
          description="Symbols such as AAPL; NSE:* stands for a whole exchange. Press Enter after each."
          data={symbols}
          data-field="allow"
          {...form.getInputProps("allow")}
        />
        <TagsInput
          label="Never these"
          description="Wins over the list above."
          data={symbols}
          data-field="deny"
          {...form.getInputProps("deny")}
        />
      </Stack>
    </section>
  );
}
