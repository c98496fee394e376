import { Alert, Box, Select, Skeleton, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Failure } from "../parts/failure";
import { IconChat } from "../parts/icons";
import { NoticeBox } from "../parts/notice-box";
import classes from "./chat.module.css";
import { Composer } from "./composer";
import { useConversation } from "./conversation";
import { ConversationsMenu } from "./conversations-menu";
import { Suggestions } from "./suggestions";
import { TurnView } from "./turn-view";

/** The conversation with an agent. Its commands steer the chart; its orders come back as cards. */
export function ChatPanel() {
  const { agents, agent, choose, chat, outcome } = useConversation();
  const log = useStickToEnd(chat.turns);

  return (
    <section className={`surface ${classes.panel}`} aria-label="Chat">
      <div className={classes.head}>
        {(agents.data?.length ?? 0) > 1 ? (
          <Select
            aria-label="Agent"
            size="xs"
            w={190}
            data={agents.data?.map((one) => ({ value: one.agent_id, label: one.name })) ?? []}
            value={agent?.agent_id ?? null}
            allowDeselect={false}
            onChange={(id) => {
              if (id !== null && id !== agent?.agent_id) choose(id);
            }}
          />
        ) : (
          <Text fw={600} truncate>
            {agent?.name ?? "Agent"}
          </Text>
        )}
        <ConversationsMenu current={chat.conversationId} onOpen={chat.open} />
      </div>
      <div
        className={classes.log}
        ref={log}
        role="log"
        aria-label="Messages"
        aria-busy={chat.busy}
        tabIndex={0}
      >
        {agents.error && !agents.data ? (
          <Failure error={agents.error} retry={agents.refetch} />
        ) : chat.opening.state === "failed" ? (
          <Failure error={chat.opening.error} retry={() => chat.open(chat.conversationId)} />
        ) : agents.isPending || chat.opening.state === "loading" ? (
          <Box p="md">
            <Skeleton h={40} mb="sm" w="60%" ml="auto" />
            <Skeleton h={72} mb="sm" w="80%" />
          </Box>
        ) : agent === undefined ? (
          <NoticeBox icon={<IconChat size={32} />} title="No agent yet">
            An administrator has to add one and let you use it.
          </NoticeBox>
        ) : chat.turns.length === 0 ? (
          <Suggestions agent={agent} onPick={chat.send} />
        ) : (
          chat.turns.map((turn) => <TurnView key={turn.id} turn={turn} name={agent.name} outcome={outcome} />)
        )}
      </div>
      {chat.lost && (
        <Alert color="yellow" role="status" py={6} radius={0}>
          The line broke. The answer goes on by itself.
        </Alert>
      )}
      <Composer disabled={agent === undefined} busy={chat.busy} onSend={chat.send} onStop={chat.stop} />
    </section>
  );
}

/** Keeps the newest message in view unless the reader has scrolled up. */
function useStickToEnd(content: unknown) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const scrolled = () => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 80;
    };
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => element.removeEventListener("scroll", scrolled);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new content is the reason to scroll
  useEffect(() => {
    if (atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [content]);
  return box;
}
