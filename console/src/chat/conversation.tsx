import { type Command, MandateError } from "@mandate/client";
import { useAgents, useChat } from "@mandate/react";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { Applied } from "../chart/apply-command";
import { useChartView } from "../chart/chart-view";

/** Where a tab keeps which conversation it shows: an id, nothing of what was said. */
const KEPT = "mandate-conversation";

function useConversationState() {
  const agents = useAgents();
  const [chosen, setChosen] = useState<string>();
  const { obey } = useChartView();
  const outcomes = useRef(new WeakMap<Command, Applied>());
  const agent = agents.data?.find((one) => one.agent_id === chosen) ?? agents.data?.[0];
  const chat = useChat({
    agentId: agent?.agent_id,
    onCommand: (command) => {
      const applied = obey(command);
      if (applied) outcomes.current.set(command, applied);
    },
  });

  const { conversationId, open } = chat;
  const reopened = useRef(false);
  useEffect(() => {
    if (reopened.current) {
      if (conversationId === undefined) sessionStorage.removeItem(KEPT);
      else sessionStorage.setItem(KEPT, conversationId);
      return;
    }
    reopened.current = true;
    const kept = sessionStorage.getItem(KEPT);
    if (kept !== null) void open(kept);
  }, [conversationId, open]);

  // It was deleted, or is another person's who was signed in here.
  const { state, error } = chat.opening;
  const gone = state === "failed" && error instanceof MandateError && error.status === 404;
  useEffect(() => {
    if (gone) void open(undefined);
  }, [gone, open]);

  return useMemo(
    () => ({
      agents,
      agent,
      chat,
      choose: (id: string) => {
        setChosen(id);
        void open(undefined);
      },
      /** What the chart made of a command of this visit. */
      outcome: (command: Command) => outcomes.current.get(command),
    }),
    [agents, agent, chat, open],
  );
}

const Context = createContext<ReturnType<typeof useConversationState> | null>(null);

/** Keeps the conversation while other screens are shown: an answer goes on behind them. */
export function ConversationProvider({ children }: { children: ReactNode }) {
  return <Context.Provider value={useConversationState()}>{children}</Context.Provider>;
}

export function useConversation() {
  const value = useContext(Context);
  if (value === null) throw new Error("this needs a <ConversationProvider> above it");
  return value;
}
