/** One server-sent event. */
export interface SseEvent {
  event: string;
  data: string;
  id: string | undefined;
}

/**
 * Parses `text/event-stream` from pieces of any size: LF, CRLF and CR line ends (also split between
 * two pieces), several `data` lines, comments, ids that stay until changed, `retry`.
 * See the WHATWG HTML standard, "Interpreting an event stream".
 */
export class SseParser {
  #rest = "";
  #started = false;
  #afterCr = false;
  #data: string[] = [];
  #event = "";
  #id: string | undefined;
  /** Milliseconds the server asks to wait before a reconnect. */
  retry: number | undefined;

  /** The events that `piece` completed. */
  push(piece: string): SseEvent[] {
    const events: SseEvent[] = [];
    let text = piece;
    if (!this.#started && text.length > 0) {
      this.#started = true;
      if (text.startsWith("\uFEFF")) text = text.slice(1);
    }
    if (this.#afterCr && text.length > 0) {
      this.#afterCr = false;
      if (text.startsWith("\n")) text = text.slice(1);
    }
    this.#afterCr = text.endsWith("\r") || (text.length === 0 && this.#afterCr);
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line, events);
    return events;
  }

  #line(line: string, events: SseEvent[]): void {
    if (line === "") {
      this.#dispatch(events);
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
  }

  #dispatch(events: SseEvent[]): void {
    if (this.#data.length > 0) {
      events.push({ event: this.#event || "message", data: this.#data.join("\n"), id: this.#id });
    }
    this.#data = [];
    this.#event = "";
  }
}
