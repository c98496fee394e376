/** What the session tells the application. */
export interface SessionEvents {
  /** A token is there. `subject` is the user's id. */
  "signed-in": { subject: string | null };
  /** Another person is signed in than before: forget what was shown. */
  "user-changed": { subject: string | null };
  /** The session is over, here and in every other tab. */
  "signed-out": { reason: "logout" | "ended" };
  /** A refresh failed; it is tried again where that can help. */
  "auth-failed": { reason: string };
}
