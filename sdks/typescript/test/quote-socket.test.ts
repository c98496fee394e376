import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket as NodeSocket, type WebSocket as ServerSocket, WebSocketServer } from "ws";
import { createClient, type MandateClient } from "../src/index.js";
import { quotesOf } from "../src/stream/quotes-of.js";
import { FakeServer, json, token } from "./fake-server.js";

let server: FakeServer;
let sockets: WebSocketServer;
let client: MandateClient;
let messages: { op: string; symbols?: string[]; token?: string }[];
let connected: { socket: ServerSocket; ticket: string | null }[];

beforeEach(async () => {
  server = await new FakeServer().start();
  let refreshes = 0;
  server.on("POST /v1/auth/refresh", (_, response) => {
    refreshes += 1;
    json(response, 200, { access_token: token("usr_1", String(refreshes)), expires_in: 900 });
  });
  let tickets = 0;
  server.on("POST /v1/auth/ticket", (_, response) => {
    tickets += 1;
    json(response, 200, { ticket: `t${tickets}`, expires_in: 30 });
  });
  messages = [];
  connected = [];
  sockets = new WebSocketServer({ server: server.http, path: "/ws/quotes" });
  sockets.on("connection", (socket, request) => {
    connected.push({ socket, ticket: new URL(request.url ?? "", "http://x").searchParams.get("ticket") });
    socket.on("message", (data) => messages.push(JSON.parse(String(data))));
  });
  client = createClient({ baseUrl: server.url, webSocket: NodeSocket as unknown as typeof WebSocket });
});
afterEach(async () => {
  client.close();
  sockets.close();
  await server.stop();
});

const until = (check: () => void) => vi.waitFor(check, { timeout: 5000, interval: 10 });

describe("quotes", () => {
  it("come over one socket, opened with a ticket, for all who ask", async () => {
    const prices: number[] = [];
    client.quotes.events.on("quote", (quote) => prices.push(quote.last));
    const ends = [
      client.quotes.subscribe("AAPL"),
      client.quotes.subscribe("AAPL"),
      client.quotes.subscribe("IBM"),
    ];
    await until(() =>
      expect(messages).toEqual([{ op: "subscribe", symbols: ["AAPL", "IBM"], mode: "quote" }]),
    );
    connected[0]?.socket.send(JSON.stringify({ op: "ready", source: { kind: "replay", label: "Replayed" } }));
    await until(() => expect(client.quotes.source).toMatchObject({ kind: "replay" }));
    connected[0]?.socket.send(
      JSON.stringify({ type: "quote", symbol: "AAPL", last: "411.23", bid: "411.1" }),
    );
    await until(() => expect(client.quotes.latest("AAPL")).toMatchObject({ last: 411.23, bid: 411.1 }));
    ends[0]?.();
    ends[0]?.();
    ends[2]?.();
    await until(() => expect(messages.at(-1)).toEqual({ op: "unsubscribe", symbols: ["IBM"] }));
    expect(prices).toEqual([411.23]);
    expect(connected.map((one) => one.ticket)).toEqual(["t1"]);
  });

  it("come back after a broken line with a new ticket and the same symbols", async () => {
    client.quotes.subscribe("MSFT");
    await until(() => expect(connected).toHaveLength(1));
    connected[0]?.socket.terminate();
    await until(() => expect(connected.map((one) => one.ticket)).toEqual(["t1", "t2"]));
    await until(() => expect(messages.at(-1)).toMatchObject({ op: "subscribe", symbols: ["MSFT"] }));
  });

  it("refresh the token after 4401 before they come back, and tell of the refusal", async () => {
    const refused: number[] = [];
    client.quotes.events.on("refused", ({ code }) => refused.push(code));
    client.quotes.subscribe("MSFT");
    await until(() => expect(connected).toHaveLength(1));
    connected[0]?.socket.close(4401, "expired");
    await until(() => expect(connected).toHaveLength(2));
    expect(refused).toEqual([4401]);
    expect(server.count("POST /v1/auth/refresh")).toBe(2);
  });

  it("go on over the end of their token, with a fresh one sent on the same socket", async () => {
    await client.keeper.start();
    client.keeper.adopt({ access_token: token("usr_1", "short"), expires_in: 90 });
    client.quotes.subscribe("AAPL");
    await until(() => expect(messages).toHaveLength(1));
    connected[0]?.socket.send(JSON.stringify({ op: "expiring", in: 60 }));
    await until(() => expect(messages.at(-1)).toMatchObject({ op: "auth", token: token("usr_1", "2") }));
    expect(connected).toHaveLength(1);
  });

  it("stop with the last who asked", async () => {
    const end = client.quotes.subscribe("AAPL");
    await until(() => expect(client.quotes.status).toBe("open"));
    end();
    await until(() => expect(client.quotes.status).toBe("closed"));
    await until(() => expect(sockets.clients.size).toBe(0));
  });
});

describe("quotesOf", () => {
  it("takes one, several, nested, and nothing from noise", () => {
    expect(
      quotesOf({
        quotes: [
          { symbol: "A", last: 1 },
          { symbol: "B", ltp: "2" },
        ],
      }),
    ).toHaveLength(2);
    expect(quotesOf({ type: "quote", quote: { symbol: "A", last: 1 } })).toEqual([{ symbol: "A", last: 1 }]);
    for (const noise of [null, 7, "x", {}, { symbol: "A" }, { symbol: "A", last: "NaN" }])
      expect(quotesOf(noise)).toEqual([]);
  });
});
