import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createClient, type MandateClient, MandateError, type StepUpPrompt } from "../src/index.js";
import { FakeServer, json, token } from "./fake-server.js";

let server: FakeServer;
let client: MandateClient;
let ask: ReturnType<typeof vi.fn<StepUpPrompt["ask"]>>;
const done = vi.fn();

beforeEach(async () => {
  server = await new FakeServer().start();
  let refreshes = 0;
  server.on("POST /v1/auth/refresh", (_, response) => {
    refreshes += 1;
    json(response, 200, { access_token: token("usr_1", `r${refreshes}`), expires_in: 900 });
  });
  ask = vi.fn<StepUpPrompt["ask"]>();
  client = createClient({ baseUrl: server.url, stepUp: { ask, done } });
});
afterEach(async () => {
  client.close();
  await server.stop();
});

const bearer = (value: string | undefined) => value?.replace("Bearer ", "");

describe("calls", () => {
  it("carry the access token, and one refresh serves all that start together", async () => {
    server.on("GET /v1/users/me", { user_id: "usr_1" }).on("GET /v1/agents", []);
    await Promise.all([client.users.me(), client.agents.list(), client.users.me()]);
    expect(server.count("POST /v1/auth/refresh")).toBe(1);
    expect(bearer(server.asked.at(-1)?.headers.authorization)).toBe(token("usr_1", "r1"));
  });

  it("refresh and repeat once after a 401, and report a second one", async () => {
    let refuse = 1;
    server.on("GET /v1/users/me", (_, response) => {
      refuse -= 1;
      if (refuse >= 0)
        json(
          response,
          401,
          { code: "invalid_token" },
          { "www-authenticate": 'Bearer error="invalid_token"' },
        );
      else json(response, 200, { user_id: "usr_1" });
    });
    expect(await client.users.me()).toEqual({ user_id: "usr_1" });
    expect(server.count("POST /v1/auth/refresh")).toBe(2);

    refuse = 5;
    await expect(client.users.me()).rejects.toMatchObject({ status: 401, code: "invalid_token" });
    expect(server.count("GET /v1/users/me")).toBe(4);
  });

  it("read problem details into typed errors", async () => {
    server.on("POST /v1/mandates", (_, response) =>
      json(
        response,
        422,
        {
          code: "invalid_fields",
          detail: "a field fails its rule",
          request_id: "req_9",
          errors: [{ field: "limits.currency", message: "must be USD" }],
        },
        { "content-type": "application/problem+json", "retry-after": "7" },
      ),
    );
    const error = await client.mandates.create({} as never).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MandateError);
    expect(error).toMatchObject({
      status: 422,
      code: "invalid_fields",
      fields: { "limits.currency": "must be USD" },
      retryAfter: 7,
      requestId: "req_9",
      retryable: false,
    });
  });

  it("survive an answer that is not JSON, and a server that is not there", async () => {
    server.on(
      "GET /v1/agents",
      (_, response) => void response.writeHead(502).end("<html>bad gateway</html>"),
    );
    await expect(client.agents.list()).rejects.toMatchObject({
      status: 502,
      code: "http_502",
      retryable: true,
    });
    server.on("GET /v1/users/me", (_, response) => void response.writeHead(200).end("<html>"));
    await expect(client.users.me()).rejects.toMatchObject({ code: "invalid_answer" });
    server.on("GET /v1/agents", (_, response) => void response.destroy());
    await expect(client.agents.list()).rejects.toMatchObject({ code: "network", retryable: true });
  });
});

describe("step-up", () => {
  const guarded = () => {
    let proven = false;
    server.on("POST /v1/auth/step-up", (asked, response) => {
      proven = JSON.parse(asked.body).password === "right";
      if (proven) json(response, 200, { access_token: token("usr_1", "fresh"), expires_in: 900 });
      else json(response, 401, { code: "invalid_credentials", detail: "the password is wrong" });
    });
    server.on("POST /v1/approvals/apr_1/approve", (_, response) => {
      if (proven) json(response, 200, { status: "approved" });
      else
        json(
          response,
          401,
          { code: "step_up" },
          { "www-authenticate": 'Bearer error="insufficient_user_authentication"' },
        );
    });
  };

  it("asks until the proof is good, then repeats the call with the new token", async () => {
    guarded();
    ask.mockResolvedValueOnce({ password: "wrong" }).mockResolvedValueOnce({ password: "right" });
    expect(await client.mandates.approve("apr_1", "h")).toEqual({ status: "approved" });
    expect(ask.mock.calls[1]?.[0].error).toMatchObject({ code: "invalid_credentials" });
    expect(done).toHaveBeenCalled();
    expect(bearer(server.asked.at(-1)?.headers.authorization)).toBe(token("usr_1", "fresh"));
  });

  it("asks once for calls that need it at the same time", async () => {
    guarded();
    ask.mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { password: "right" };
    });
    await Promise.all([client.mandates.approve("apr_1", "h"), client.mandates.approve("apr_1", "h")]);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("gives up where the person does", async () => {
    guarded();
    ask.mockResolvedValue(null);
    await expect(client.mandates.approve("apr_1", "h")).rejects.toMatchObject({ code: "step_up_cancelled" });
    expect(server.count("POST /v1/approvals/apr_1/approve")).toBe(1);
  });
});

describe("sessions", () => {
  it("begin with a login by cookie and end with a logout, even one that the server has forgotten", async () => {
    server.on("POST /v1/auth/login", { status: "ok", access_token: token("usr_1"), expires_in: 900 });
    server.on("POST /v1/auth/logout", (_, response) => json(response, 401, { code: "session_ended" }));
    await client.auth.login({ email: "a@example.com", password: "x" });
    expect(JSON.parse(server.asked[0]?.body ?? "")).toMatchObject({ delivery: "cookie" });
    expect(client.keeper.state).toBe("signed-in");
    await client.auth.logout();
    expect(client.keeper.state).toBe("signed-out");
    await expect(client.users.me()).rejects.toMatchObject({ code: "signed_out" });
  });
});
