import type { Credentials, MfaRequired, Registration, TokenAnswer } from "@mandate/client";
import { useMemo } from "react";
import type { SessionStatus } from "./context.js";
import { useMandateContext } from "./use-client.js";

export interface SessionControl {
  status: SessionStatus;
  /** The id of who is signed in. */
  subject: string | null;
  retry: () => void;
  login: (credentials: Credentials) => Promise<TokenAnswer | MfaRequired>;
  verifyMfa: (sessionToken: string, code: string) => Promise<TokenAnswer | MfaRequired>;
  redeemLink: (token: string) => Promise<TokenAnswer | MfaRequired>;
  register: (registration: Registration) => Promise<{ status: string; email: string }>;
  logout: (options?: { all_devices?: boolean }) => Promise<void>;
}

/** Whether someone is signed in, and how to change that. */
export function useSession(): SessionControl {
  const { client, status, subject, retry } = useMandateContext();
  return useMemo(
    () => ({
      status,
      subject,
      retry,
      login: client.auth.login,
      verifyMfa: client.auth.verifyMfa,
      redeemLink: client.auth.redeemLink,
      register: client.auth.register,
      logout: client.auth.logout,
    }),
    [client, status, subject, retry],
  );
}
