import { type Approval, type Decision, MandateError, type Order } from "@mandate/client";
import { useApprovals, useApprove, useDecision, useReject } from "@mandate/react";
import { Button, Code, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Link } from "wouter";
import { amount } from "../format/amount";
import { money } from "../format/money";
import { IconCheck, IconClock, IconCross } from "../parts/icons";
import { plainWords } from "../parts/plain-words";
import classes from "./chat.module.css";
import { looks } from "./decision-looks";
import { ruleInWords } from "./rule-in-words";

/** What became of an order: done, waiting for a yes, or refused with the rule that said no. */
export function DecisionCard({
  decision: first,
  wish,
}: {
  decision: Decision;
  /** What the agent asked for: all there is of an order that was never made. */
  wish?: Record<string, unknown> | undefined;
}) {
  const decision = useDecision(first).data;
  const look = looks(decision.status);
  const approvals = useApprovals();
  const approval = approvals.data?.find((one) => one.approval_id === decision.approval_id);
  const waiting = decision.status === "pending_approval";
  const order = decision.order ?? approval?.order ?? (wish as Partial<Order> | undefined);
  return (
    <article
      className={classes.card}
      style={{ "--card-color": look.color } as React.CSSProperties}
      data-status={decision.status}
      aria-label={look.title}
    >
      <Group gap={8} wrap="nowrap">
        <span style={{ color: look.color, lineHeight: 0 }}>
          {look.mark === "yes" ? <IconCheck /> : look.mark === "wait" ? <IconClock /> : <IconCross />}
        </span>
        <Text fw={600}>{look.title}</Text>
      </Group>
      {order?.symbol && (
        <Text className="numbers" mt={4}>
          {order.side === "sell" ? "Sell" : "Buy"} {amount(order.quantity)} {order.symbol}
          {order.limit_price ? ` at ${money(order.limit_price)} or better` : " at market"}
          {"average_price" in order && order.average_price
            ? ` · filled at ${money(order.average_price)}`
            : ""}
        </Text>
      )}
      {decision.reasons.map((reason) => (
        <Text key={`${reason.rule}${reason.detail}`} size="sm" c="dimmed" mt={4} className="wrap-anywhere">
          <strong>{ruleInWords(reason.rule)}</strong>: {reason.detail} <Code fz={11}>{reason.rule}</Code>
        </Text>
      ))}
      {waiting && approval && <Answer approval={approval} />}
      {waiting && !approval && (
        <Button component={Link} href="/approvals" variant="default" size="xs" mt="xs">
          Open approvals
        </Button>
      )}
    </article>
  );
}

function Answer({ approval }: { approval: Approval }) {
  const approve = useApprove();
  const reject = useReject();
  const act = async (way: (approval: Approval) => Promise<unknown>) => {
    try {
      await way(approval);
    } catch (error) {
      if (error instanceof MandateError && error.code === "step_up_cancelled") return;
      notifications.show({ color: "red", title: "Nothing was sent", message: plainWords(error) });
    }
  };
  return (
    <Group gap="xs" mt="sm">
      <Button
        size="xs"
        onClick={() => act(approve.mutateAsync)}
        loading={approve.isPending}
        disabled={reject.isPending}
      >
        Approve
      </Button>
      <Button
        size="xs"
        variant="default"
        onClick={() => act(reject.mutateAsync)}
        loading={reject.isPending}
        disabled={approve.isPending}
      >
        Reject
      </Button>
      <Text size="sm" c="dimmed" className="numbers">
        at most {money(approval.order.worst_case_value)}
      </Text>
    </Group>
  );
}
