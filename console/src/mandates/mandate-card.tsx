import type { Mandate } from "@mandate/client";
import { useAccounts, useAgents, useRevokeMandate } from "@mandate/react";
import { Badge, Button, Group, SimpleGrid, Text, Title } from "@mantine/core";
import { Link } from "wouter";
import { amount } from "../format/amount";
import { money } from "../format/money";
import { when } from "../format/when";
import { useConfirm } from "../parts/confirm";
import { StatusBadge } from "../parts/status-badge";
import { tell } from "../parts/tell";
import { UsageBar } from "./usage-bar";

/** A mandate in words, with today's usage as bars. */
export function MandateCard({ mandate }: { mandate: Mandate }) {
  const agent = useAgents().data?.find((one) => one.agent_id === mandate.agent_id);
  const accounts = useAccounts().data?.filter((one) => mandate.account_ids.includes(one.account_id)) ?? [];
  const revoke = useRevokeMandate();
  const [dialog, ask] = useConfirm();
  const { limits, usage } = mandate;
  const active = mandate.status === "active";
  const name = agent?.name ?? "Agent";
  const end = () =>
    ask({
      title: "End this mandate?",
      text: `${name} can no longer trade in these accounts, from this moment, everywhere.`,
      yes: "End it",
      act: () => tell(() => revoke.mutateAsync(mandate.mandate_id), "Mandate ended", "It was not ended"),
    });
  const facts: [string, string][] = [
    ["May", mandate.actions.join(" and ") || "nothing"],
    ["Instruments", mandate.instruments.allow.join(", ") || "none"],
    ["Per order", `up to ${money(limits.max_order_value, limits.currency)}`],
    ["Asks you above", mandate.approval_above ? money(mandate.approval_above, limits.currency) : "never"],
    ["Ends", mandate.expires_at ? when(mandate.expires_at) : "when you end it"],
  ];
  if (mandate.instruments.deny.length > 0) facts.splice(2, 0, ["Never", mandate.instruments.deny.join(", ")]);
  return (
    <article className="surface" style={{ padding: 20 }} aria-label={`Mandate for ${name}`}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={active ? 2 : 3} size="h4">
            {name}
          </Title>
          <Text c="dimmed" size="sm">
            {accounts.map((one) => one.name).join(", ") || `${mandate.account_ids.length} account(s)`}
          </Text>
        </div>
        <Group gap="xs">
          {mandate.dry_run && <Badge color="gray">dry run</Badge>}
          <StatusBadge status={mandate.status} />
        </Group>
      </Group>
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3, md: facts.length > 5 ? 6 : 5 }} spacing="sm" my="md">
        {facts.map(([term, text]) => (
          <div key={term}>
            <Text component="dt" size="xs" c="dimmed">
              {term}
            </Text>
            <Text component="dd" m={0} size="sm" className="wrap-anywhere">
              {text}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      {active && usage && (
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" mb="md">
          <UsageBar
            label="Value today"
            used={Number(usage.committed)}
            reserved={Number(usage.reserved)}
            limit={Number(limits.max_daily_value)}
            write={(value) => money(value, limits.currency)}
          />
          <UsageBar label="Orders today" used={usage.orders} limit={limits.max_daily_orders} write={amount} />
        </SimpleGrid>
      )}
      {active && (
        <Group gap="xs">
          <Button component={Link} href={`/mandates/${mandate.mandate_id}`} variant="default" size="xs">
            Change
          </Button>
          <Button variant="subtle" color="red" size="xs" onClick={end}>
            End
          </Button>
        </Group>
      )}
      {dialog}
    </article>
  );
}
