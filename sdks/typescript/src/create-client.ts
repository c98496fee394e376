import { agentsApi } from "./api/agents.js";
import { authApi } from "./api/auth.js";
import { mandatesApi } from "./api/mandates.js";
import { marketApi } from "./api/market.js";
import { noticesApi } from "./api/notices.js";
import { tradingApi } from "./api/trading.js";
import { usersApi } from "./api/users.js";
import { EventBus } from "./event-bus.js";
import type { SessionEvents } from "./session/events.js";
import { SessionKeeper } from "./session/keeper.js";
import type { Locks } from "./session/locks.js";
import { StepUp, type StepUpPrompt } from "./session/step-up.js";
import { QuoteSocket } from "./stream/quote-socket.js";
import { Transport } from "./transport.js";
import type { TokenAnswer } from "./types/account.js";

export interface ClientOptions {
  /** Where the server is; leave it out on a page that the server itself serves. */
  baseUrl?: string;
  /** Asked when an act needs the person to prove again who they are. */
  stepUp?: StepUpPrompt;
  fetch?: typeof fetch;
  webSocket?: typeof WebSocket;
  locks?: Locks;
}

/** Everything an application needs, wired: session, calls, streams and quotes. */
export function createClient(options: ClientOptions = {}) {
  const events = new EventBus<SessionEvents>();
  const shared = {
    ...(options.baseUrl !== undefined && { baseUrl: options.baseUrl }),
    ...(options.fetch && { fetch: options.fetch }),
  };
  const keeper: SessionKeeper = new SessionKeeper({
    name: `mandate:${options.baseUrl ?? ""}`,
    bus: events,
    ...(options.locks && { locks: options.locks }),
    refresh: () => transport.json<TokenAnswer>({ method: "POST", path: "/v1/auth/refresh", auth: "none" }),
  });
  const stepUp: StepUp = new StepUp(options.stepUp, (proof) => auth.stepUp(proof));
  const token = (stale?: string) => (stale === undefined ? keeper.token() : keeper.refresh(stale));
  const transport: Transport = new Transport({ ...shared, token, stepUp: () => stepUp.run() });
  const auth = authApi(transport, keeper);
  const quotes = new QuoteSocket({
    token: (left) => keeper.token(left),
    expired: () => keeper.refresh(),
    ...(options.webSocket && { webSocket: options.webSocket }),
    address: async () => {
      const { ticket } = await transport.json<{ ticket: string }>({
        method: "POST",
        path: "/v1/auth/ticket",
        body: {},
      });
      const url = transport.url("/ws/quotes", { ticket });
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      return url.href;
    },
  });
  return {
    events,
    keeper,
    transport,
    auth,
    users: usersApi(transport),
    trading: tradingApi(transport),
    mandates: mandatesApi(transport),
    agents: agentsApi(transport),
    market: marketApi(transport),
    notices: noticesApi(transport),
    quotes,
    /** Ends timers, sockets and channels. */
    close: () => {
      quotes.close();
      keeper.close();
    },
  };
}

export type MandateClient = ReturnType<typeof createClient>;
