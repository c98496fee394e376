// @vitest-environment happy-dom
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { grown, type Turn, useChat, withDecision } from "../src/index.js";
import { reply, signedIn, stage, stream } from "./stage.js";

afterEach(cleanup);

const START: [string, object] = ["start", { run_id: "run_1", conversation_id: "cnv_1", message_id: "msg_1" }];

describe("useChat", () => {
  it("shows what is said as it comes, hands on commands, and keeps the conversation", async () => {
    const bodies: unknown[] = [];
    const { wrapper } = stage({
      ...signedIn,
      "POST /v1/agents/agt_1/chat": (body) => {
        bodies.push(body);
        return stream(
          START,
          ["delta", { text: "Here is " }],
          ["delta", { text: "IBM." }],
          ["commands", { commands: [{ command: "changeSymbol", parameters: { symbol: "IBM" } }] }],
          [
            "decision",
            {
              decision_id: "run_1:1",
              status: "rejected",
              reasons: [{ rule: "order_value", detail: "too much" }],
            },
          ],
          ["done", {}],
        );
      },
    });
    const obeyed: string[] = [];
    const { result } = renderHook(
      () => useChat({ agentId: "agt_1", onCommand: ({ command }) => obeyed.push(command) }),
      { wrapper },
    );
    await act(() => result.current.send("show IBM"));
    expect(result.current.turns.map(({ role, text, state }) => [role, text, state])).toEqual([
      ["user", "show IBM", "done"],
      ["assistant", "Here is IBM.", "done"],
    ]);
    expect(result.current.turns[1]?.decisions[0]?.reasons[0]?.rule).toBe("order_value");
    expect(obeyed).toEqual(["changeSymbol"]);
    await act(() => result.current.send("and now?"));
    expect(bodies).toEqual([{ text: "show IBM" }, { text: "and now?", conversation_id: "cnv_1" }]);
  });

  it("keeps what was said where the run fails, and says why", async () => {
    const { wrapper } = stage({
      ...signedIn,
      "POST /v1/agents/agt_1/chat": () =>
        stream(
          START,
          ["delta", { text: "Let me" }],
          ["error", { code: "model_failed", detail: "the model did not answer" }],
        ),
    });
    const { result } = renderHook(() => useChat({ agentId: "agt_1" }), { wrapper });
    await act(() => result.current.send("hi"));
    expect(result.current.turns[1]).toMatchObject({
      text: "Let me",
      state: "failed",
      error: { detail: "the model did not answer" },
    });
    expect(result.current.busy).toBe(false);
  });

  it("says nothing twice while an answer runs, and stops it", async () => {
    let posted = 0;
    const { wrapper, asked } = stage({
      ...signedIn,
      "POST /v1/agents/agt_1/chat": () => {
        posted += 1;
        const body = new ReadableStream({
          start: (controller) =>
            controller.enqueue(
              new TextEncoder().encode(`id: 1\nevent: start\ndata: ${JSON.stringify(START[1])}\n\n`),
            ),
        });
        return new Response(body);
      },
      "POST /v1/runs/run_1/cancel": () => reply({}, 204),
    });
    const { result } = renderHook(() => useChat({ agentId: "agt_1" }), { wrapper });
    act(() => void result.current.send("one"));
    await waitFor(() => expect(result.current.conversationId).toBe("cnv_1"));
    await act(() => result.current.send("two"));
    expect(posted).toBe(1);
    act(() => result.current.stop());
    await waitFor(() => expect(asked).toContain("POST /v1/runs/run_1/cancel"));
  });

  it("opens an earlier conversation", async () => {
    const items = [
      { message_id: "msg_1", role: "user", text: "hi" },
      { message_id: "msg_2", role: "assistant", text: "hello", decisions: [], commands: [] },
    ];
    const { wrapper } = stage({
      ...signedIn,
      "GET /v1/conversations/cnv_9/messages": () => reply({ items }),
    });
    const { result } = renderHook(() => useChat({ agentId: "agt_1" }), { wrapper });
    await act(() => result.current.open("cnv_9"));
    expect(result.current.turns.map((turn) => turn.text)).toEqual(["hi", "hello"]);
    await act(() => result.current.open("cnv_0"));
    expect(result.current.opening.state).toBe("failed");
  });
});

describe("a turn", () => {
  const turn: Turn = {
    id: "1",
    role: "assistant",
    text: "",
    reasoning: "",
    commands: [],
    decisions: [],
    state: "sending",
  };
  it("takes a later state of a decision in place of the earlier", () => {
    const first = { decision_id: "d", status: "pending_approval", reasons: [] } as const;
    const once = withDecision([], { ...first, reasons: [] });
    expect(withDecision(once, { ...first, reasons: [], status: "executed" })).toMatchObject([
      { status: "executed" },
    ]);
  });
  it("keeps its pieces where the end names no text", () => {
    const said = grown(turn, { type: "delta", text: "a" });
    expect(grown(said, { type: "done" }).text).toBe("a");
    expect(grown(said, { type: "done", message: { text: "whole" } }).text).toBe("whole");
  });
});
