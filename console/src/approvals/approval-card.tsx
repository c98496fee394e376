import type { Approval } from "@mandate/client";
import { useAccounts, useAgents, useApprove, useReject } from "@mandate/react";
import { Button, Code, Group, SimpleGrid, Text, Title } from "@mantine/core";
import { amount } from "../format/amount";
import { money } from "../format/money";
import { StatusBadge } from "../parts/status-badge";
import { tell } from "../parts/tell";
import { WhenText } from "../parts/when-text";

/** The exact order with its hash, what it leaves of the day, and the answer. */
export function ApprovalCard({ approval }: { approval: Approval }) {
  const { order } = approval;
  const agent = useAgents().data?.find((one) => one.agent_id === approval.agent_id);
  const account = useAccounts().data?.find((one) => one.account_id === order.account_id);
  const approve = useApprove();
  const reject = useReject();
  const currency = account?.currency ?? "USD";
  const title = `${order.side === "sell" ? "Sell" : "Buy"} ${amount(order.quantity)} ${order.symbol}`;
  const leaves = [
    approval.leaves?.daily_value ? money(approval.leaves.daily_value, currency) : undefined,
    approval.leaves?.daily_orders !== undefined && approval.leaves.daily_orders !== null
      ? `${approval.leaves.daily_orders} orders`
      : undefined,
  ].filter((one) => one !== undefined);
  const facts: [string, string][] = [
    ["Price", order.limit_price ? `${money(order.limit_price, currency)} or better` : "at market"],
    ["At most", money(order.worst_case_value, currency)],
    ["Account", account?.name ?? order.account_id],
    ["Asked by", agent?.name ?? "an agent"],
  ];
  if (leaves.length > 0) facts.push(["Leaves for today", leaves.join(", ")]);
  if (approval.confidence !== undefined && approval.confidence !== null) {
    facts.push(["Confidence", `${Math.round(approval.confidence * 100)} %`]);
  }
  return (
    <article className="surface" style={{ padding: 20 }} aria-label={title}>
      <Group justify="space-between" align="flex-start">
        <Title order={2} size="h4">
          {title}
        </Title>
        <StatusBadge status={approval.status} />
      </Group>
      {approval.reason && <Text c="dimmed">{approval.reason}</Text>}
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3, md: 6 }} spacing="sm" my="md">
        {facts.map(([term, text]) => (
          <div key={term}>
            <Text component="dt" size="xs" c="dimmed">
              {term}
            </Text>
            <Text component="dd" m={0} size="sm" className="numbers wrap-anywhere">
              {text}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      <Text size="xs" c="dimmed" className="wrap-anywhere">
        Order hash <Code fz={11}>{approval.order_hash}</Code>
      </Text>
      <Group mt="md" justify="space-between">
        <Group gap="xs">
          {approval.status === "pending" && (
            <>
              <Button
                loading={approve.isPending}
                disabled={reject.isPending}
                onClick={() => tell(() => approve.mutateAsync(approval), "Approved", "Nothing was sent")}
              >
                Approve
              </Button>
              <Button
                variant="default"
                loading={reject.isPending}
                disabled={approve.isPending}
                onClick={() => tell(() => reject.mutateAsync(approval), "Rejected", "It still waits")}
              >
                Reject
              </Button>
            </>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {approval.status === "pending" ? "Waits until " : "Asked "}
          <WhenText at={approval.status === "pending" ? approval.expires_at : approval.created_at} />
        </Text>
      </Group>
    </article>
  );
}
