import { type Command, type Decision, MandateError } from "@mandate/client";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { keys } from "../keys.js";
import { useClient } from "../use-client.js";
import { grown, type Turn, turnOf, withDecision } from "./turn.js";

export interface ChatOptions {
  agentId: string | undefined;
  /** Called once for every command of a live answer, as it arrives. */
  onCommand?: (command: Command) => void;
}

/** A conversation with an agent: what was said, what is being said, and how to say something. */
export function useChat({ agentId, onCommand }: ChatOptions) {
  const client = useClient();
  const queries = useQueryClient();
  const [turns, setTurns] = useState<Turn[]>([]);
  const [conversationId, setConversationId] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [lost, setLost] = useState(false);
  const [opening, setOpening] = useState<{ state: "idle" | "loading" | "failed"; error?: unknown }>({
    state: "idle",
  });
  const run = useRef<{ abort: AbortController; id?: string }>(undefined);
  const command = useRef(onCommand);
  command.current = onCommand;

  useEffect(() => () => run.current?.abort.abort(), []);

  const send = useCallback(
    async (text: string) => {
      if (agentId === undefined || run.current) return;
      const abort = new AbortController();
      const current: { abort: AbortController; id?: string } = { abort };
      run.current = current;
      setBusy(true);
      const answerId = crypto.randomUUID();
      const said = blank(crypto.randomUUID(), "user", text, "done");
      setTurns((now) => [...now, said, blank(answerId, "assistant", "", "sending")]);
      const change = (update: (turn: Turn) => Turn) =>
        setTurns((now) => now.map((turn) => (turn.id === answerId ? update(turn) : turn)));
      try {
        const body = { text, ...(conversationId !== undefined && { conversation_id: conversationId }) };
        const events = client.agents.chat(agentId, body, {
          signal: abort.signal,
          onLost: () => setLost(true),
        });
        for await (const event of events) {
          setLost(false);
          if (event.type === "start") {
            current.id = event.run_id;
            setConversationId(event.conversation_id);
          }
          if (event.type === "commands") for (const one of event.commands) command.current?.(one);
          change((turn) => grown(turn, event));
        }
        change((turn) => ({ ...turn, state: turn.state === "failed" ? "failed" : "done" }));
      } catch (error) {
        change((turn) => ({ ...turn, ...ended(error) }));
      } finally {
        if (run.current === current) {
          run.current = undefined;
          setLost(false);
          setBusy(false);
        }
        for (const queryKey of TOUCHED) void queries.invalidateQueries({ queryKey });
      }
    },
    [agentId, client, conversationId, queries],
  );

  /** Ends the running answer; what was said so far stays. */
  const stop = useCallback(() => {
    const current = run.current;
    if (!current) return;
    if (current.id !== undefined) void client.agents.cancel(current.id).catch(() => undefined);
    current.abort.abort();
  }, [client]);

  const read = useCallback(
    async (id: string) => {
      const page = await client.agents.messages(id, { limit: 200 });
      if (!run.current) setTurns(page.items.map(turnOf));
    },
    [client],
  );

  /** Opens an earlier conversation, or a new one. */
  const open = useCallback(
    async (id: string | undefined) => {
      run.current?.abort.abort();
      run.current = undefined;
      setBusy(false);
      setLost(false);
      setTurns([]);
      setConversationId(id);
      setOpening({ state: id === undefined ? "idle" : "loading" });
      if (id === undefined) return;
      try {
        await read(id);
        setOpening({ state: "idle" });
      } catch (error) {
        setOpening({ state: "failed", error });
      }
    },
    [read],
  );

  // An answer that another page asked for is still being written.
  const elsewhere = !busy && turns.some((turn) => turn.state === "streaming");
  useEffect(() => {
    if (!elsewhere || conversationId === undefined) return;
    const timer = setInterval(() => void read(conversationId).catch(() => undefined), ELSEWHERE);
    return () => clearInterval(timer);
  }, [elsewhere, conversationId, read]);

  /** Puts a later state of a decision where it was shown. */
  const update = useCallback((decision: Decision) => {
    setTurns((now) =>
      now.map((turn) =>
        turn.decisions.some((one) => one.decision_id === decision.decision_id)
          ? { ...turn, decisions: withDecision(turn.decisions, decision) }
          : turn,
      ),
    );
  }, []);

  return { turns, busy, lost, opening, conversationId, send, stop, open, update };
}

/** Milliseconds between two looks at an answer that this page did not ask for. */
const ELSEWHERE = 1_500;
const TOUCHED = [
  keys.conversations,
  keys.approvals,
  keys.orders,
  keys.positions,
  keys.mandates,
  keys.accounts,
];

function blank(id: string, role: Turn["role"], text: string, state: Turn["state"]): Turn {
  return { id, role, text, reasoning: "", commands: [], decisions: [], at: new Date().toISOString(), state };
}

function ended(error: unknown): Pick<Turn, "state" | "error"> {
  if (error instanceof MandateError && error.code === "aborted") return { state: "done" };
  const detail = error instanceof Error ? error.message : "something went wrong";
  return { state: "failed", error: { code: error instanceof MandateError ? error.code : "unknown", detail } };
}
