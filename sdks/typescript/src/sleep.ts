import { MandateError } from "./mandate-error.js";

/** Waits; an aborted signal ends the wait at once with the code `aborted`. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new MandateError({ code: "aborted", detail: "the call was cancelled" }));
    };
    if (signal?.aborted)
      return reject(new MandateError({ code: "aborted", detail: "the call was cancelled" }));
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
