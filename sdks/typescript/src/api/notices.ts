import { resume } from "../stream/resume.js";
import type { Transport } from "../transport.js";
import type { Notice } from "../types/market.js";

/** What happens while nobody asks: approvals waiting, orders that change, security notices. */
export function noticesApi(transport: Transport) {
  return {
    /** Goes on for ever, over broken lines, until the signal aborts. */
    watch: async function* (options: { signal?: AbortSignal } = {}): AsyncGenerator<Notice, void, void> {
      const events = resume({
        open: (lastId) =>
          transport.send({
            path: "/v1/events",
            headers: {
              accept: "text/event-stream",
              ...(lastId !== undefined && { "last-event-id": lastId }),
            },
            timeout: 0,
            ...(options.signal && { signal: options.signal }),
          }),
        last: () => false,
        tries: Number.POSITIVE_INFINITY,
        ...(options.signal && { signal: options.signal }),
      });
      for await (const event of events) {
        const data = parsed(event.data);
        if (data) yield { type: event.event, data, ...(event.id !== undefined && { id: event.id }) };
      }
    },
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
