import type { MandateClient } from "@mandate/client";
import { createContext } from "react";

export type SessionStatus = "starting" | "signed-in" | "signed-out" | "unreachable";

export interface MandateContextValue {
  client: MandateClient;
  status: SessionStatus;
  /** The id of who is signed in: a key for what must not outlive a change of person. */
  subject: string | null;
  /** Looks for a session again after `unreachable`. */
  retry: () => void;
}

export const MandateContext = createContext<MandateContextValue | null>(null);
