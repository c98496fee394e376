import { describe, expect, it, vi } from "vitest";
import { backoff, EventBus, readProblem } from "../src/index.js";
import { LocalLocks } from "../src/session/local-locks.js";
import { subjectOf } from "../src/session/subject-of.js";
import { token } from "./fake-server.js";

describe("backoff", () => {
  it("doubles to thirty seconds and is shortened by at most half", () => {
    const longest = Array.from({ length: 8 }, (_, attempt) => backoff(attempt, () => 0));
    expect(longest).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
    expect(backoff(2, () => 1)).toBe(2000);
  });
});

describe("EventBus", () => {
  it("tells everyone until they leave", () => {
    const bus = new EventBus<{ tick: number }>();
    const heard: number[] = [];
    const leave = bus.on("tick", (value) => heard.push(value));
    bus.emit("tick", 1);
    leave();
    bus.emit("tick", 2);
    expect(heard).toEqual([1]);
  });
  it("goes on where a listener throws", async () => {
    const thrown = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => undefined);
    const bus = new EventBus<{ tick: number }>();
    const heard: number[] = [];
    bus.on("tick", () => {
      throw new Error("mine");
    });
    bus.on("tick", (value) => heard.push(value));
    bus.emit("tick", 1);
    expect(heard).toEqual([1]);
    expect(thrown).toHaveBeenCalledTimes(1);
  });
});

describe("readProblem", () => {
  it("understands a date in Retry-After", async () => {
    const at = new Date(Date.now() + 10_000).toUTCString();
    const error = await readProblem(new Response("", { status: 503, headers: { "retry-after": at } }));
    expect(error.retryAfter).toBeGreaterThan(7);
    expect(error.retryAfter).toBeLessThanOrEqual(11);
    expect(error.detail).toBe("the server could not answer");
  });
});

describe("subjectOf", () => {
  it("reads the subject, and nothing from what is no token", () => {
    expect(subjectOf(token("usr_ä"))).not.toBeNull();
    expect(subjectOf(token("usr_1"))).toBe("usr_1");
    for (const bad of ["", "a.b.c", "x", `x.${btoa("[]")}.y`]) expect(subjectOf(bad)).toBeNull();
  });
});

describe("LocalLocks", () => {
  it("let one in at a time, in order, also after a failure", async () => {
    const locks = new LocalLocks();
    const order: string[] = [];
    const enter = (name: string, fail = false) =>
      locks.request("a", {}, async () => {
        order.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(`${name} out`);
        if (fail) throw new Error(name);
      });
    await Promise.allSettled([enter("1", true), enter("2"), enter("3")]);
    expect(order).toEqual(["1 in", "1 out", "2 in", "2 out", "3 in", "3 out"]);
    expect(await locks.request("a", { ifAvailable: true }, async (lock) => lock !== null)).toBe(true);
  });
});
