/**
 * Every failure of this library. `code` is stable: the server's own code, or one of
 * `network`, `timeout`, `aborted`, `signed_out`, `step_up_cancelled`, `invalid_answer`.
 */
export class MandateError extends Error {
  override readonly name = "MandateError";
  /** HTTP status, 0 where there was no answer. */
  readonly status: number;
  readonly code: string;
  /** What happened, in words for a person. */
  readonly detail: string;
  /** Message by field name, from a 422. */
  readonly fields: Readonly<Record<string, string>>;
  /** Seconds to wait before another try, where the server named them. */
  readonly retryAfter: number | undefined;
  readonly requestId: string | undefined;

  constructor(init: {
    status?: number;
    code: string;
    detail: string;
    fields?: Record<string, string>;
    retryAfter?: number | undefined;
    requestId?: string | undefined;
    cause?: unknown;
  }) {
    super(init.detail, init.cause === undefined ? undefined : { cause: init.cause });
    this.status = init.status ?? 0;
    this.code = init.code;
    this.detail = init.detail;
    this.fields = init.fields ?? {};
    this.retryAfter = init.retryAfter;
    this.requestId = init.requestId;
  }

  /** Whether the same call may succeed later without a change of it. */
  get retryable(): boolean {
    return this.code === "network" || this.code === "timeout" || this.status === 429 || this.status >= 500;
  }
}
