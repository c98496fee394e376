import { MandateError } from "./mandate-error.js";
import type { Problem } from "./problem.js";

/** Reads a failed answer into a typed error, whatever its body is. */
export async function readProblem(response: Response): Promise<MandateError> {
  const problem = await body(response);
  const fields: Record<string, string> = {};
  for (const entry of problem.errors ?? []) fields[entry.field] ??= entry.message;
  return new MandateError({
    status: response.status,
    code: problem.code ?? `http_${response.status}`,
    detail: problem.detail ?? problem.title ?? plainWords(response.status),
    fields,
    retryAfter: seconds(response.headers.get("retry-after")),
    requestId: problem.request_id ?? response.headers.get("x-request-id") ?? undefined,
  });
}

async function body(response: Response): Promise<Problem> {
  try {
    const value: unknown = await response.json();
    return typeof value === "object" && value !== null ? (value as Problem) : {};
  } catch {
    return {};
  }
}

/** `Retry-After` is seconds or a date. */
function seconds(header: string | null): number | undefined {
  if (header === null) return undefined;
  const number = Number(header);
  if (Number.isFinite(number)) return Math.max(0, number);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

function plainWords(status: number): string {
  if (status === 401) return "you are not signed in";
  if (status === 403) return "you may not do this";
  if (status === 404) return "there is no such thing, or it is not yours";
  if (status === 429) return "too many requests, wait a moment";
  if (status >= 500) return "the server could not answer";
  return `the server answered ${status}`;
}
