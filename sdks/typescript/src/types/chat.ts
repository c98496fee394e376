import type { Timestamp } from "./page.js";
import type { Decision } from "./trading.js";

export interface Agent {
  agent_id: string;
  name: string;
  description?: string | null;
  provider?: string;
  model?: string;
  capabilities: ("chat" | "chart" | "trade")[];
}

export interface Conversation {
  conversation_id: string;
  agent_id?: string;
  title?: string | null;
  created_at: Timestamp;
  updated_at?: Timestamp;
}

/** What an agent asked for: a chart to change, an order to place. */
export interface Command {
  command: string;
  parameters: Record<string, unknown>;
  confidence?: number;
}

export interface Message {
  message_id: string;
  conversation_id?: string;
  role: "user" | "assistant";
  text: string;
  commands?: Command[] | null;
  decisions?: Decision[] | null;
  reasoning?: string | null;
  status?: "streaming" | "complete" | "cancelled" | "failed";
  error?: { code: string; detail: string } | null;
  created_at?: Timestamp;
}

export interface ChatRequest {
  text: string;
  conversation_id?: string;
  temporary?: boolean;
}

/** What one run of an agent says, in order. `id` resumes the run after it. */
export type RunEvent = { id?: string } & (
  | { type: "start"; run_id: string; conversation_id: string; message_id: string }
  | { type: "delta"; text: string }
  | { type: "reasoning"; text: string }
  | { type: "tool"; data: Record<string, unknown> }
  | { type: "commands"; commands: Command[]; confidence?: number }
  | ({ type: "decision" } & Decision)
  | { type: "done"; message?: Partial<Message> }
  | { type: "error"; code: string; detail: string }
);
