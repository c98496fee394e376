// @vitest-environment happy-dom
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import {
  useApprovals,
  useApprove,
  useKillSwitch,
  useMe,
  useSession,
  useSetKillSwitch,
} from "../src/index.js";
import { reply, signedIn, stage } from "./stage.js";

afterEach(cleanup);

describe("useSession", () => {
  it("finds the browser's session", async () => {
    const { wrapper } = stage(signedIn);
    const { result } = renderHook(() => useSession(), { wrapper });
    expect(result.current.status).toBe("starting");
    await waitFor(() => expect(result.current.status).toBe("signed-in"));
  });

  it("is signed out where the server says no, and in after a login", async () => {
    const { wrapper } = stage({
      "POST /v1/auth/refresh": () => reply({ code: "unauthorized" }, 401),
      "POST /v1/auth/login": () => reply({ status: "ok", access_token: "a.b.c", expires_in: 900 }),
    });
    const { result } = renderHook(() => useSession(), { wrapper });
    await waitFor(() => expect(result.current.status).toBe("signed-out"));
    await act(async () => void (await result.current.login({ email: "a@example.com", password: "x" })));
    expect(result.current).toMatchObject({ status: "signed-in", subject: null });
  });

  it("names who is signed in, and who is so after a change in another tab", async () => {
    const { wrapper, client } = stage(signedIn);
    const { result } = renderHook(() => useSession(), { wrapper });
    await waitFor(() => expect(result.current.subject).toBe("usr_1"));
    const other = `x.${btoa(JSON.stringify({ sub: "usr_2" }))}.y`;
    act(() => client.keeper.adopt({ access_token: other, expires_in: 900 }));
    expect(result.current).toMatchObject({ status: "signed-in", subject: "usr_2" });
  });

  it("is unreachable, not signed out, where there is no answer, and comes back by itself", async () => {
    const { wrapper, routes } = stage({ "POST /v1/auth/refresh": () => reply({ code: "unavailable" }, 422) });
    const { result } = renderHook(() => useSession(), { wrapper });
    await waitFor(() => expect(result.current.status).toBe("unreachable"));
    Object.assign(routes, signedIn);
    act(() => void window.dispatchEvent(new Event("online")));
    await waitFor(() => expect(result.current.status).toBe("signed-in"));
  });
});

describe("the cache", () => {
  it("forgets one person before another is shown", async () => {
    const { wrapper, client, queries } = stage({
      ...signedIn,
      "GET /v1/users/me": () => reply({ user_id: "usr_1", name: "Ann" }),
    });
    const { result } = renderHook(() => useMe(), { wrapper });
    await waitFor(() => expect(result.current.data?.name).toBe("Ann"));
    act(() => client.keeper.end("logout"));
    expect(
      queries
        .getQueryCache()
        .getAll()
        .every((query) => query.state.data === undefined),
    ).toBe(true);
  });

  it("reads again what an act has touched", async () => {
    let waiting = [{ approval_id: "apr_1", order_hash: "h" }];
    const { wrapper } = stage({
      ...signedIn,
      "GET /v1/approvals": () => reply({ items: waiting }),
      "POST /v1/approvals/apr_1/approve": (body) => {
        expect(body).toEqual({ order_hash: "h" });
        waiting = [];
        return reply({ status: "approved" });
      },
    });
    const { result } = renderHook(() => ({ list: useApprovals(), approve: useApprove() }), { wrapper });
    await waitFor(() => expect(result.current.list.data).toHaveLength(1));
    await act(
      async () => void (await result.current.approve.mutateAsync({ approval_id: "apr_1", order_hash: "h" })),
    );
    await waitFor(() => expect(result.current.list.data).toEqual([]));
  });
});

describe("useKillSwitch", () => {
  it("is on for the person's own and wider switches, not for one agent's", async () => {
    let switches: object[] = [{ scope: "agent", id: "agt_1" }];
    const { wrapper } = stage({
      ...signedIn,
      "GET /v1/kill-switch": () => reply({ on: switches.length > 0, switches }),
      "POST /v1/kill-switch": () => {
        switches = [{ scope: "user", reason: "enough" }];
        return reply({ on: true, switches });
      },
    });
    const { result } = renderHook(() => ({ kill: useKillSwitch(), set: useSetKillSwitch() }), { wrapper });
    await waitFor(() => expect(result.current.kill.query.data).toBeDefined());
    expect(result.current.kill.on).toBe(false);
    await act(async () => void (await result.current.set.mutateAsync({ scope: "user", on: true })));
    await waitFor(() => expect(result.current.kill.active?.reason).toBe("enough"));
  });
});
