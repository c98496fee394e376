import type { Command, Decision, Message, RunEvent } from "@mandate/client";

/** One message as a screen shows it. */
export interface Turn {
  id: string;
  role: "user" | "assistant";
  text: string;
  reasoning: string;
  commands: Command[];
  decisions: Decision[];
  error?: { code: string; detail: string } | undefined;
  at?: string | undefined;
  state: "sending" | "streaming" | "done" | "failed";
}

/** A stored message as a turn. */
export function turnOf(message: Message): Turn {
  return {
    id: message.message_id,
    role: message.role,
    text: message.text,
    reasoning: message.reasoning ?? "",
    commands: message.commands ?? [],
    decisions: message.decisions ?? [],
    error: message.error ?? undefined,
    at: message.created_at,
    state: message.status === "streaming" ? "streaming" : message.error ? "failed" : "done",
  };
}

/** The turn after one more event of its run. */
export function grown(turn: Turn, event: RunEvent): Turn {
  switch (event.type) {
    case "start":
      return { ...turn, state: "streaming" };
    case "delta":
      return { ...turn, state: "streaming", text: turn.text + event.text };
    case "reasoning":
      return { ...turn, reasoning: turn.reasoning + event.text };
    case "commands":
      return { ...turn, commands: [...turn.commands, ...event.commands] };
    case "decision":
      return { ...turn, decisions: withDecision(turn.decisions, event) };
    case "done":
      return { ...turn, state: "done", text: event.message?.text ?? turn.text };
    case "error":
      return { ...turn, state: "failed", error: { code: event.code, detail: event.detail } };
    default:
      return turn;
  }
}

/** A later state of a decision takes the place of the earlier one. */
export function withDecision(decisions: Decision[], next: Decision): Decision[] {
  const at = decisions.findIndex((decision) => decision.decision_id === next.decision_id);
  return at < 0 ? [...decisions, next] : decisions.with(at, next);
}
