import { afterEach, describe, expect, it, vi } from "vitest";
import { EventBus, MandateError, type SessionEvents, SessionKeeper, type TokenAnswer } from "../src/index.js";
import { LocalLocks } from "../src/session/local-locks.js";
import { token } from "./fake-server.js";

const opened: SessionKeeper[] = [];
let names = 0;
afterEach(() => {
  for (const keeper of opened.splice(0)) keeper.close();
  vi.useRealTimers();
});

/** A browser: tabs that share locks, a channel and a cookie whose refresh the test answers. */
function browser(refresh: () => Promise<TokenAnswer>) {
  const locks = new LocalLocks();
  names += 1;
  const name = `test-${names}`;
  return () => {
    const bus = new EventBus<SessionEvents>();
    const heard: string[] = [];
    for (const event of ["signed-in", "signed-out", "user-changed", "auth-failed"] as const) {
      bus.on(event, () => heard.push(event));
    }
    const keeper = new SessionKeeper({ name, bus, locks, refresh, random: () => 1 });
    opened.push(keeper);
    return { keeper, heard };
  };
}

const answers = (lifetime = 900) => {
  let count = 0;
  return vi.fn(async (): Promise<TokenAnswer> => {
    count += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { access_token: token("usr_1", String(count)), expires_in: lifetime };
  });
};
const settle = () => new Promise((resolve) => setTimeout(resolve, 40));
const refused = () =>
  new MandateError({ status: 401, code: "session_ended", detail: "the session has ended" });

describe("tabs", () => {
  it("refresh once for all that present a stale token at the same moment", async () => {
    const refresh = answers();
    const tab = browser(refresh);
    const tabs = Array.from({ length: 8 }, tab);
    const got = await Promise.all(tabs.map(({ keeper }) => keeper.token()));
    expect(new Set(got).size).toBe(1);
    expect(refresh).toHaveBeenCalledTimes(1);

    const again = await Promise.all(tabs.map(({ keeper }) => keeper.refresh(got[0])));
    expect(new Set(again).size).toBe(1);
    expect(again[0]).not.toBe(got[0]);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it("take the token of one that is open instead of refreshing", async () => {
    const refresh = answers();
    const tab = browser(refresh);
    const first = tab().keeper;
    await first.start();
    const second = tab().keeper;
    expect(await second.start()).toBe("signed-in");
    expect(await second.token()).toBe(await first.token());
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it("sign in and out together, and notice another person", async () => {
    const tab = browser(answers());
    const [one, two] = [tab(), tab()];
    await Promise.all([one.keeper.start(), two.keeper.start()]);
    one.keeper.adopt({ access_token: token("usr_2"), expires_in: 900 });
    await settle();
    expect(await two.keeper.token()).toBe(token("usr_2"));
    expect(two.heard).toContain("user-changed");
    one.keeper.end("logout");
    await settle();
    expect(two.keeper.state).toBe("signed-out");
    expect(two.heard.at(-1)).toBe("signed-out");
  });

  it("do not talk among themselves once all have the token, and drop what is older or over", async () => {
    const tab = browser(answers());
    const tabs = [tab(), tab(), tab()];
    await Promise.all(tabs.map(({ keeper }) => keeper.start()));
    await settle();
    const line = new BroadcastChannel(`test-${names}`);
    const said: unknown[] = [];
    line.onmessage = (event: MessageEvent) => said.push(event.data);
    const newest = await tabs[0]?.keeper.token();
    const old = {
      accessToken: token("usr_1", "old"),
      expiresAt: Date.now() + 900_000,
      lifetime: 900_000,
      takenAt: 1,
    };
    line.postMessage({ kind: "token", token: old });
    await settle();
    expect(said).toEqual([]);
    expect(await tabs[1]?.keeper.token()).toBe(newest);
    tabs[0]?.keeper.end("logout");
    await settle();
    line.postMessage({ kind: "token", token: old });
    await settle();
    expect(tabs.map(({ keeper }) => keeper.state)).toEqual(["signed-out", "signed-out", "signed-out"]);
    expect(said).toHaveLength(1);
    line.close();
  });

  it("share one timer, which moves on when its tab closes", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    let count = 0;
    const refresh = vi.fn(async (): Promise<TokenAnswer> => {
      count += 1;
      return { access_token: token("usr_1", String(count)), expires_in: 900 };
    });
    const tab = browser(refresh);
    const [first, second] = [tab().keeper, tab().keeper];
    await first.start();
    second.adopt({ access_token: await first.token(), expires_in: 900 });
    await vi.advanceTimersByTimeAsync(599_000);
    expect(refresh).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(refresh).toHaveBeenCalledTimes(2);

    void second.start().catch(() => undefined);
    first.close();
    await vi.advanceTimersByTimeAsync(601_000);
    expect(refresh.mock.calls.length).toBeGreaterThanOrEqual(3);
  });
});

describe("failures", () => {
  it("of the line are tried again and do not end the session", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const lost = new MandateError({ code: "network", detail: "the server cannot be reached" });
    const refresh = vi
      .fn<() => Promise<TokenAnswer>>()
      .mockRejectedValueOnce(lost)
      .mockRejectedValueOnce(lost)
      .mockResolvedValue({ access_token: token("usr_1"), expires_in: 900 });
    const { keeper, heard } = browser(refresh)();
    const got = keeper.token();
    await vi.advanceTimersByTimeAsync(500);
    expect(refresh).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await got).toBe(token("usr_1"));
    expect(heard).toEqual(["auth-failed", "auth-failed", "signed-in"]);
  });

  it("of every try reach the caller, who stays signed in", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const lost = new MandateError({ code: "network", detail: "gone" });
    const { keeper } = browser(vi.fn().mockRejectedValue(lost))();
    keeper.adopt({ access_token: token("usr_1"), expires_in: 5 });
    const got = keeper.token().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await got).toBe(lost);
    expect(keeper.state).toBe("signed-in");
  });

  it("by refusal end the session at once, without another try", async () => {
    const refresh = vi.fn().mockRejectedValue(refused());
    const { keeper, heard } = browser(refresh)();
    expect(await keeper.start()).toBe("signed-out");
    await expect(keeper.token()).rejects.toMatchObject({ code: "signed_out" });
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(heard).toEqual(["auth-failed", "signed-out"]);
  });

  it("of an old refresh do not undo a login that came meanwhile", async () => {
    let refuse: (error: Error) => void = () => undefined;
    const refresh = () => new Promise<TokenAnswer>((_, reject) => (refuse = reject));
    const { keeper } = browser(refresh)();
    const starting = keeper.start();
    await settle();
    keeper.adopt({ access_token: token("usr_1", "login"), expires_in: 900 });
    refuse(refused());
    expect(await starting).toBe("signed-in");
    expect(await keeper.token()).toBe(token("usr_1", "login"));
  });
});
