import { describe, expect, it } from "vitest";
import { type SseEvent, SseParser } from "../src/index.js";

const STREAM =
  ': hello\nid: 1\nevent: delta\ndata: {"text":"a"}\n\nretry: 250\ndata: first\ndata: second\n\nid: 3\n\ndata:no space\nunknown: x\n\n';
const EXPECTED: SseEvent[] = [
  { event: "delta", data: '{"text":"a"}', id: "1" },
  { event: "message", data: "first\nsecond", id: "1" },
  { event: "message", data: "no space", id: "3" },
];

function parse(pieces: string[]): SseEvent[] {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

describe("SseParser", () => {
  for (const [name, end] of [
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ] as const) {
    const text = STREAM.replaceAll("\n", end);
    it(`gives the same events however ${name} text is cut in two`, () => {
      for (let at = 0; at <= text.length; at += 1) {
        expect(parse([text.slice(0, at), text.slice(at), end === "\r" ? "\n" : ""])).toEqual(EXPECTED);
      }
    });
    it(`reads ${name} text letter by letter, with empty pieces between`, () => {
      expect(parse([...text].flatMap((letter) => [letter, ""]).concat(end === "\r" ? ":\n" : ""))).toEqual(
        EXPECTED,
      );
    });
  }

  it("keeps colons, spaces after the first, and empty data lines", () => {
    expect(parse(["data:  a: b\ndata\ndata:\n\n"])).toEqual([
      { event: "message", data: " a: b\n\n", id: undefined },
    ]);
  });
  it("skips a byte order mark, ids with NUL and events without data", () => {
    expect(parse(["\uFEFFid: 7\0\nevent: x\n\ndata: y\n\n"])).toEqual([
      { event: "message", data: "y", id: undefined },
    ]);
  });
  it("does not give out an event that the end of the stream cut off", () => {
    expect(parse(["data: whole\n\ndata: half\n"])).toHaveLength(1);
  });
  it("reads the time to wait before a reconnect, and only a number", () => {
    const parser = new SseParser();
    parser.push("retry: 1500\n\nretry: soon\n\n");
    expect(parser.retry).toBe(1500);
  });
});
