import { useAccounts, useConversations, useLinkAccount, useMandates } from "@mandate/react";
import { Box, Button, Group, Text, Title, VisuallyHidden } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { IconCheck } from "../parts/icons";
import { plainWords } from "../parts/plain-words";
import classes from "./home.module.css";

/** Leads a newcomer: an account, a mandate, a first message. Gone once all three are there. */
export function FirstSteps() {
  const accounts = useAccounts();
  const mandates = useMandates();
  const conversations = useConversations();
  const link = useLinkAccount();
  if (!accounts.data || !mandates.data || !conversations.data) return null;
  const done = [
    accounts.data.length > 0,
    mandates.data.some((mandate) => mandate.status === "active"),
    conversations.data.length > 0,
  ];
  const now = done.indexOf(false);
  if (now < 0) return null;

  const paper = async () => {
    try {
      await link.mutateAsync({ broker: "paper", name: "Paper account", currency: "USD", cash: "10000" });
    } catch (error) {
      notifications.show({ color: "red", title: "No account was made", message: plainWords(error) });
    }
  };
  const step = (at: number, title: string, text: string, action: ReactNode) => (
    <li className={classes.step} data-done={done[at]} data-now={now === at} key={title}>
      <span className={classes.mark} aria-hidden="true">
        {done[at] ? <IconCheck size={16} /> : at + 1}
      </span>
      <Box flex="1 1 0" miw={0}>
        <Text fw={600}>
          {title}
          {done[at] && <VisuallyHidden> (done)</VisuallyHidden>}
        </Text>
        {now === at && (
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        )}
      </Box>
      {now === at && action && <div className={classes.action}>{action}</div>}
    </li>
  );
  return (
    <Box component="section" className="surface" p="md" aria-labelledby="first-steps">
      <Title order={2} size="h4" id="first-steps" mb="xs">
        Three steps to your first trade
      </Title>
      <ol className={classes.steps}>
        {step(
          0,
          "Link a trading account",
          "A paper account trades with play money at real past prices. Nothing real is at stake.",
          <Group gap="xs">
            <Button onClick={paper} loading={link.isPending}>
              Use a paper account
            </Button>
            <Button variant="default" component={Link} href="/accounts" visibleFrom="sm">
              Another broker
            </Button>
          </Group>,
        )}
        {step(
          1,
          "Give an agent a mandate",
          "Say what it may trade and how much. At the edge it stops, or asks you.",
          <Button component={Link} href="/mandates/new">
            Write a mandate
          </Button>,
        )}
        {step(2, "Say something", "Try “show IBM weekly with a 20-day average”, then “buy 1 AAPL”.", null)}
      </ol>
    </Box>
  );
}
