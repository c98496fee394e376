import type { RunEvent } from "../types/chat.js";
import type { SseEvent } from "./sse-parser.js";

const KNOWN = new Set(["start", "delta", "reasoning", "tool", "commands", "decision", "done", "error"]);

/** The typed form of one event of a run; undefined for one this version does not know. */
export function runEvent(event: SseEvent): RunEvent | undefined {
  if (!KNOWN.has(event.event)) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(event.data);
  } catch {
    return undefined;
  }
  if (typeof data !== "object" || data === null) return undefined;
  const id = event.id === undefined ? {} : { id: event.id };
  if (event.event === "tool") return { ...id, type: "tool", data: data as Record<string, unknown> };
  return { ...data, ...id, type: event.event } as RunEvent;
}
