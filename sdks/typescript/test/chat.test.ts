import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient, type MandateClient, type RunEvent } from "../src/index.js";
import { FakeServer, json, token } from "./fake-server.js";

let server: FakeServer;
let client: MandateClient;
beforeEach(async () => {
  server = await new FakeServer().start();
  server.on("POST /v1/auth/refresh", { access_token: token("usr_1"), expires_in: 900 });
  client = createClient({ baseUrl: server.url });
});
afterEach(async () => {
  client.close();
  await server.stop();
});

const frame = (id: number, event: string, data: object) =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const START = frame(1, "start", { run_id: "run_1", conversation_id: "cnv_1", message_id: "msg_1" });
const begin = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });

async function all(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const got: RunEvent[] = [];
  for await (const event of events) got.push(event);
  return got;
}

describe("chat", () => {
  it("gives typed events in order and ends after the last", async () => {
    server.on("POST /v1/agents/agt_1/chat", (_, response) => {
      begin(response).write(START + frame(2, "delta", { text: "Hel" }));
      response.write(frame(3, "novelty", { x: 1 }) + frame(4, "delta", { text: "lo" }));
      response.write(frame(5, "decision", { decision_id: "dec_1", status: "executed", reasons: [] }));
      response.end(frame(6, "done", { message: { text: "Hello" } }));
    });
    const deltas: string[] = [];
    const got = await all(
      client.agents.chat("agt_1", { text: "hi" }, { onDelta: (text) => deltas.push(text) }),
    );
    expect(got.map((event) => event.type)).toEqual(["start", "delta", "delta", "decision", "done"]);
    expect(deltas.join("")).toBe("Hello");
    expect(server.asked.at(-1)?.headers.accept).toBe("text/event-stream");
  });

  it("goes on after a broken line, behind the last event it saw, without sending the message again", async () => {
    server.on("POST /v1/agents/agt_1/chat", (_, response) => {
      begin(response).write(
        `${START + frame(2, "delta", { text: "one " })}id: 3\nevent: delta\ndata: {"te`,
        () => response.destroy(),
      );
    });
    server.on("GET /v1/runs/run_1/events", (asked, response) => {
      if (asked.headers["last-event-id"] === "2")
        begin(response).end(`${frame(3, "delta", { text: "two" })}event: close\ndata: {}\n\n`);
      else begin(response).end(frame(4, "done", {}));
    });
    const lost: number[] = [];
    const got = await all(
      client.agents.chat("agt_1", { text: "hi" }, { onLost: (attempt) => lost.push(attempt) }),
    );
    expect(got.map((event) => (event.type === "delta" ? event.text : event.type))).toEqual([
      "start",
      "one ",
      "two",
      "done",
    ]);
    expect(server.count("POST /v1/agents/agt_1/chat")).toBe(1);
    expect(
      server.asked.filter((one) => one.path.endsWith("/events")).map((one) => one.headers["last-event-id"]),
    ).toEqual(["2", "3"]);
    expect(lost).toHaveLength(2);
  });

  it("does not repeat a message of which nobody knows whether it arrived", async () => {
    server.on("POST /v1/agents/agt_1/chat", (_, response) => void response.destroy());
    await expect(all(client.agents.chat("agt_1", { text: "buy 1 AAPL" }))).rejects.toMatchObject({
      code: "network",
    });
    expect(server.count("POST /v1/agents/agt_1/chat")).toBe(1);
  });

  it("reports a refusal as it is", async () => {
    server.on("POST /v1/agents/agt_1/chat", (_, response) =>
      json(response, 429, { code: "rate_limited", detail: "slow down" }, { "retry-after": "3" }),
    );
    await expect(all(client.agents.chat("agt_1", { text: "hi" }))).rejects.toMatchObject({
      status: 429,
      retryAfter: 3,
    });
  });

  it("ends at once when it is aborted", async () => {
    server.on("POST /v1/agents/agt_1/chat", (_, response) => void begin(response).write(START));
    const abort = new AbortController();
    const events = client.agents.chat("agt_1", { text: "hi" }, { signal: abort.signal });
    expect((await events.next()).value).toMatchObject({ type: "start", run_id: "run_1" });
    abort.abort();
    await expect(events.next()).rejects.toMatchObject({ code: "aborted" });
  });
});
