import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
}

export type Answer = (asked: Asked, response: ServerResponse) => void | Promise<void>;

/** A real HTTP server on a free port that remembers what it was asked. */
export class FakeServer {
  readonly asked: Asked[] = [];
  readonly #routes = new Map<string, Answer>();
  readonly http = createServer((request, response) => void this.#answer(request, response));
  url = "";

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.http.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
    return this;
  }

  on(route: string, answer: Answer | object): this {
    const plain: Answer = (_, response) => json(response, 200, answer);
    this.#routes.set(route, typeof answer === "function" ? (answer as Answer) : plain);
    return this;
  }

  count(route: string): number {
    return this.asked.filter((one) => `${one.method} ${one.path}` === route).length;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fake");
    let body = "";
    for await (const piece of request) body += piece;
    const method = request.method ?? "GET";
    const asked = { method, path: url.pathname, query: url.searchParams, headers: request.headers, body };
    this.asked.push(asked);
    const route = this.#routes.get(`${method} ${url.pathname}`);
    if (route) await route(asked, response);
    else json(response, 404, { code: "not_found", detail: "no such route" });
  }
}

export function json(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** A token that reads as a JWT for `subject`; its signature is nobody's. */
export function token(subject: string, mark = ""): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: subject, jti: mark })}.x`;
}
