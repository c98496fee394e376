import { MandateError } from "./mandate-error.js";
import { readProblem } from "./read-problem.js";

export type Query = Record<string, string | number | boolean | undefined>;

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** `none`: a call that carries no access token, or whose 401 says something about the call itself. */
  auth?: "session" | "none";
  /** Milliseconds; 0 for a stream. */
  timeout?: number;
}

export interface TransportOptions {
  /** Where the server is; empty for the page's own origin. */
  baseUrl?: string;
  fetch?: typeof fetch;
  /** A token for the next call; `stale` is one the server has just refused. */
  token: (stale?: string) => Promise<string>;
  /** Resolves once the person has proved again who they are. */
  stepUp: () => Promise<void>;
}

const TIMEOUT = 30_000;

/**
 * Sends calls. A 401 refreshes and repeats once; a demand for step-up asks the person and repeats once;
 * every failure is a `MandateError`.
 */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** The body of a JSON answer; undefined for 204. */
  async json<T>(call: Call): Promise<T> {
    const response = await this.send(call);
    if (response.status === 204) return undefined as T;
    const text = await response.text();
    if (text === "") return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new MandateError({
        status: response.status,
        code: "invalid_answer",
        detail: "the server's answer was not understood",
        cause,
      });
    }
  }

  /** A successful answer, its body unread. */
  async send(call: Call): Promise<Response> {
    if (call.auth === "none") return this.#checked(await this.#fetch(call, undefined));
    let token = await this.#options.token();
    let refreshed = false;
    let steppedUp = false;
    for (;;) {
      const response = await this.#fetch(call, token);
      if (response.status !== 401) return this.#checked(response);
      const wantsStepUp = (response.headers.get("www-authenticate") ?? "").includes(
        "insufficient_user_authentication",
      );
      if (wantsStepUp && !steppedUp) {
        steppedUp = true;
        await this.#options.stepUp();
        token = await this.#options.token();
      } else if (!wantsStepUp && !refreshed) {
        refreshed = true;
        token = await this.#options.token(token);
      } else {
        return this.#checked(response);
      }
    }
  }

  /** The address of a path, also for websockets. */
  url(path: string, query: Query = {}): URL {
    const origin = globalThis.location?.origin ?? "http://localhost";
    const url = new URL(`${this.#options.baseUrl ?? ""}${path}`, origin);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== "") url.searchParams.set(name, String(value));
    }
    return url;
  }

  async #checked(response: Response): Promise<Response> {
    if (response.ok) return response;
    throw await readProblem(response);
  }

  async #fetch(call: Call, token: string | undefined): Promise<Response> {
    const headers = new Headers({ accept: "application/json", ...call.headers });
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    const init: RequestInit = { method: call.method ?? "GET", headers, credentials: "include" };
    if (call.body !== undefined) {
      headers.set("content-type", "application/json");
      init.body = JSON.stringify(call.body);
    }
    const milliseconds = call.timeout ?? TIMEOUT;
    const signals = call.signal ? [call.signal] : [];
    if (milliseconds > 0) signals.push(AbortSignal.timeout(milliseconds));
    if (signals.length > 0) init.signal = AbortSignal.any(signals);
    try {
      return await (this.#options.fetch ?? fetch)(this.url(call.path, call.query), init);
    } catch (cause) {
      throw lost(cause, call.signal);
    }
  }
}

function lost(cause: unknown, signal: AbortSignal | undefined): MandateError {
  if (signal?.aborted) return new MandateError({ code: "aborted", detail: "the call was cancelled", cause });
  if (cause instanceof DOMException && cause.name === "TimeoutError") {
    return new MandateError({ code: "timeout", detail: "the server took too long to answer", cause });
  }
  return new MandateError({ code: "network", detail: "the server cannot be reached", cause });
}
