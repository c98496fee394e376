import type { MandateClient } from "@mandate/client";
import { createContext } from "react";

export type SessionStatus = "starting" | "signed-in" | "signed-out" | "unreachable";

export interface MandateContextValue {
  client: MandateClient;
  status: SessionStatus;
  /** Looks for a session again after `unreachable`. */
  retry: () => void;
}

export const MandateContext = createContext<MandateContextValue | null>(null);
