import { backoff } from "../backoff.js";
import { MandateError } from "../mandate-error.js";
import { sleep } from "../sleep.js";
import { readSse } from "./read-sse.js";
import type { SseEvent } from "./sse-parser.js";

export interface ResumeOptions {
  /** Opens the stream, after the event `lastId` where one was seen. */
  open: (lastId: string | undefined) => Promise<Response>;
  /** Whether `open` may be called again. Always, where it is left out. */
  resumable?: () => boolean;
  /** Whether this event is the last one. */
  last: (event: SseEvent) => boolean;
  /** Told before each wait for another try. */
  lost?: (attempt: number) => void;
  signal?: AbortSignal;
  random?: () => number;
  /** Failures in a row before it gives up. */
  tries?: number;
}

/** The events of a stream that goes on where it broke: each event once, in order. */
export async function* resume(options: ResumeOptions): AsyncGenerator<SseEvent, void, void> {
  let lastId: string | undefined;
  for (let failures = 0; ; failures += 1) {
    let error: unknown;
    try {
      const response = await options.open(lastId);
      for await (const event of readSse(response.body ?? new ReadableStream())) {
        failures = 0;
        lastId = event.id ?? lastId;
        // The server is closing politely: come back for the rest.
        if (event.event === "close") break;
        yield event;
        if (options.last(event)) return;
      }
    } catch (caught) {
      error = caught;
    }
    const problem = error instanceof MandateError ? error : broken(error);
    if (options.signal?.aborted)
      throw new MandateError({ code: "aborted", detail: "the call was cancelled" });
    const refused = problem.status > 0 && !problem.retryable;
    const given = failures + 1 >= (options.tries ?? 8);
    if (refused || given || options.resumable?.() === false) throw problem;
    options.lost?.(failures);
    await sleep(
      Math.max(backoff(failures, options.random), (problem.retryAfter ?? 0) * 1000),
      options.signal,
    );
  }
}

function broken(cause?: unknown): MandateError {
  return new MandateError({ code: "network", detail: "the answer broke off", cause });
}
