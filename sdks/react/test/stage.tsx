import { createClient } from "@mandate/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { LocalLocks } from "../../typescript/src/session/local-locks.js";
import { MandateProvider } from "../src/index.js";

type Reply = (body: unknown, headers: Headers) => Response | Promise<Response>;

export const reply = (body: unknown, status = 200): Response =>
  new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json" },
  });

export const stream = (...events: [string, object][]): Response => {
  const text = events.map(
    ([event, data], at) => `id: ${at + 1}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
  );
  return new Response(text.join(""), { headers: { "content-type": "text/event-stream" } });
};

let stages = 0;

/** A client whose server is a table of answers, and the providers around what is tested. */
export function stage(routes: Record<string, Reply>) {
  const asked: string[] = [];
  const answer = async (input: URL | RequestInfo, init?: RequestInit): Promise<Response> => {
    const name = `${init?.method ?? "GET"} ${new URL(String(input)).pathname}`;
    asked.push(name);
    const body = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
    return (
      routes[name]?.(body, new Headers(init?.headers)) ?? reply({ code: "not_found", detail: name }, 404)
    );
  };
  stages += 1;
  const client = createClient({
    baseUrl: `http://stage-${stages}`,
    fetch: answer as typeof fetch,
    locks: new LocalLocks(),
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>
      <MandateProvider client={client}>{children}</MandateProvider>
    </QueryClientProvider>
  );
  return { client, queries, asked, routes, wrapper };
}

export const signedIn: Record<string, Reply> = {
  "POST /v1/auth/refresh": () =>
    reply({ access_token: `x.${btoa(JSON.stringify({ sub: "usr_1" }))}.y`, expires_in: 900 }),
};
