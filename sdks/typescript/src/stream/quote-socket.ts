import { backoff } from "../backoff.js";
import { EventBus } from "../event-bus.js";
import type { MarketSource, Quote } from "../types/market.js";
import { quotesOf } from "./quotes-of.js";

export interface QuoteEvents {
  quote: Quote;
  status: "connecting" | "open" | "closed";
  /** Where the quotes come from; told once per connection. */
  source: MarketSource;
  /** The server's words where it refused. */
  refused: { code: number; reason: string };
}

export interface QuoteSocketOptions {
  /** The address to connect to, with a fresh ticket in it. */
  address: () => Promise<string>;
  /** An access token that holds for so many more milliseconds: for a socket whose own is about to expire. */
  token: (left: number) => Promise<string>;
  /** Called for close code 4401 (expired or revoked) before the next connect. */
  expired: () => Promise<unknown>;
  webSocket?: typeof WebSocket;
  random?: () => number;
}

/** A renewed token holds at least so many milliseconds. */
const RENEWED = 120_000;

/**
 * Running quotes. Connects with the first subscription, reconnects (1, 2, 4 … 30 s) and subscribes again,
 * closes after the last one ends.
 */
export class QuoteSocket {
  readonly events = new EventBus<QuoteEvents>();
  readonly #options: QuoteSocketOptions;
  readonly #counts = new Map<string, number>();
  readonly #latest = new Map<string, Quote>();
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #connecting = false;
  #failures = 0;
  #status: QuoteEvents["status"] = "closed";
  #source: MarketSource | undefined;

  constructor(options: QuoteSocketOptions) {
    this.#options = options;
  }

  get status(): QuoteEvents["status"] {
    return this.#status;
  }

  get source(): MarketSource | undefined {
    return this.#source;
  }

  /** The last quote heard for a symbol. */
  latest(symbol: string): Quote | undefined {
    return this.#latest.get(symbol);
  }

  /** Asks for a symbol's quotes; the returned function ends that. */
  subscribe(symbol: string): () => void {
    const count = this.#counts.get(symbol) ?? 0;
    this.#counts.set(symbol, count + 1);
    if (count === 0) this.#send({ op: "subscribe", symbols: [symbol], mode: "quote" });
    if (!this.#socket && !this.#connecting && this.#timer === undefined) void this.#connect();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#leave(symbol);
    };
  }

  close(): void {
    this.#counts.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#socket?.close(1000);
    this.#socket = undefined;
    this.#tell("closed");
  }

  #leave(symbol: string): void {
    const left = (this.#counts.get(symbol) ?? 1) - 1;
    if (left > 0) {
      this.#counts.set(symbol, left);
      return;
    }
    this.#counts.delete(symbol);
    this.#send({ op: "unsubscribe", symbols: [symbol] });
    // A screen that changes its symbol subscribes again at once: keep the line for a moment.
    setTimeout(() => {
      if (this.#counts.size === 0) this.close();
    }, 1000);
  }

  async #connect(): Promise<void> {
    this.#connecting = true;
    this.#timer = undefined;
    this.#tell("connecting");
    try {
      const address = await this.#options.address();
      if (this.#counts.size === 0) return this.#tell("closed");
      const socket = new (this.#options.webSocket ?? WebSocket)(address);
      this.#socket = socket;
      socket.onopen = () => this.#opened(socket);
      socket.onmessage = (event: MessageEvent) => this.#message(event.data);
      socket.onclose = (event: CloseEvent) => void this.#closed(socket, event);
    } catch {
      this.#later();
    } finally {
      this.#connecting = false;
    }
  }

  #opened(socket: WebSocket): void {
    if (socket !== this.#socket) {
      socket.close(1000);
      return;
    }
    this.#tell("open");
    this.#send({ op: "subscribe", symbols: [...this.#counts.keys()], mode: "quote" });
  }

  #message(data: unknown): void {
    let value: unknown;
    try {
      value = JSON.parse(String(data));
    } catch {
      return;
    }
    const quotes = quotesOf(value);
    if (quotes.length > 0) this.#failures = 0;
    for (const quote of quotes) {
      this.#latest.set(quote.symbol, quote);
      this.events.emit("quote", quote);
    }
    const said = value as { op?: unknown; source?: MarketSource } | null;
    if (said?.op === "expiring") void this.#renew();
    if (said?.op === "ready" && said.source !== undefined) {
      this.#source = said.source;
      this.events.emit("source", said.source);
    }
  }

  async #renew(): Promise<void> {
    const token = await this.#options.token(RENEWED).catch(() => undefined);
    if (token !== undefined) this.#send({ op: "auth", token });
  }

  async #closed(socket: WebSocket, event: CloseEvent): Promise<void> {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#tell("closed");
    if (event.code === 1008 || event.code === 4401) {
      this.events.emit("refused", { code: event.code, reason: event.reason });
    }
    if (event.code === 4401) {
      try {
        await this.#options.expired();
      } catch {
        return;
      }
    }
    if (this.#counts.size > 0) this.#later();
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), backoff(this.#failures, this.#options.random));
    this.#failures += 1;
  }

  #send(message: unknown): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #tell(status: QuoteEvents["status"]): void {
    if (status === this.#status) return;
    this.#status = status;
    this.events.emit("status", status);
  }
}
