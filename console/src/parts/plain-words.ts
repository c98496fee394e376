import { MandateError } from "@mandate/client";

/** An error in words for a person. */
export function plainWords(error: unknown): string {
  if (error instanceof MandateError) {
    const text = error.detail;
    return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
  }
  return "Something went wrong.";
}
