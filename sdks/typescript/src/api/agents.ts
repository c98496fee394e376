import { resume } from "../stream/resume.js";
import { runEvent } from "../stream/run-event.js";
import type { Transport } from "../transport.js";
import type { Agent, ChatRequest, Conversation, Message, RunEvent } from "../types/chat.js";
import type { Page, PageQuery } from "../types/page.js";

export interface ChatOptions {
  signal?: AbortSignal;
  /** Each piece of text, as it comes. */
  onDelta?: (text: string) => void;
  /** The line broke; try number `attempt` follows. */
  onLost?: (attempt: number) => void;
}

/** Agents, conversations, and chat as a stream of typed events. */
export function agentsApi(transport: Transport) {
  const at = (id: string) => encodeURIComponent(id);
  const eventStream = { accept: "text/event-stream" };

  async function* run(
    open: (lastId: string | undefined, runId: string | undefined) => Promise<Response>,
    options: ChatOptions,
    known?: string,
  ) {
    let runId = known;
    const events = resume({
      open: (lastId) => open(lastId, runId),
      // Before `start` nobody knows whether the message arrived: it is not sent twice.
      resumable: () => runId !== undefined,
      last: (event) => event.event === "done" || event.event === "error",
      ...(options.onLost && { lost: options.onLost }),
      ...(options.signal && { signal: options.signal }),
    });
    for await (const raw of events) {
      const event = runEvent(raw);
      if (event === undefined) continue;
      if (event.type === "start") runId = event.run_id;
      if (event.type === "delta") options.onDelta?.(event.text);
      yield event;
    }
  }

  const follow = (runId: string, lastId: string | undefined, signal: AbortSignal | undefined) =>
    transport.send({
      path: `/v1/runs/${at(runId)}/events`,
      headers: lastId === undefined ? eventStream : { ...eventStream, "last-event-id": lastId },
      timeout: 0,
      ...(signal && { signal }),
    });

  return {
    list: () => transport.json<Agent[]>({ path: "/v1/agents" }),

    /** Says something to an agent. The iterator goes on by itself where the line breaks. */
    chat: (
      agentId: string,
      body: ChatRequest,
      options: ChatOptions = {},
    ): AsyncGenerator<RunEvent, void, void> => {
      return run((lastId, runId) => {
        if (runId !== undefined) return follow(runId, lastId, options.signal);
        return transport.send({
          method: "POST",
          path: `/v1/agents/${at(agentId)}/chat`,
          body,
          headers: eventStream,
          timeout: 0,
          ...(options.signal && { signal: options.signal }),
        });
      }, options);
    },

    /** The events of a run after `lastId`, or all of them. */
    follow: (
      runId: string,
      lastId?: string,
      options: ChatOptions = {},
    ): AsyncGenerator<RunEvent, void, void> =>
      run((seen) => follow(runId, seen ?? lastId, options.signal), options, runId),

    cancel: (runId: string) =>
      transport.json<void>({ method: "POST", path: `/v1/runs/${at(runId)}/cancel`, body: {} }),

    conversations: (query: PageQuery = {}) =>
      transport.json<Page<Conversation>>({ path: "/v1/conversations", query: { ...query } }),
    messages: (id: string, query: PageQuery = {}) =>
      transport.json<Page<Message>>({ path: `/v1/conversations/${at(id)}/messages`, query: { ...query } }),
    renameConversation: (id: string, title: string) =>
      transport.json<Conversation>({ method: "PATCH", path: `/v1/conversations/${at(id)}`, body: { title } }),
    deleteConversation: (id: string) =>
      transport.json<void>({ method: "DELETE", path: `/v1/conversations/${at(id)}` }),
  };
}
