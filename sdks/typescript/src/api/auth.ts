import { MandateError } from "../mandate-error.js";
import type { SessionKeeper } from "../session/keeper.js";
import type { StepUpProof } from "../session/step-up.js";
import type { Transport } from "../transport.js";
import type { Credentials, MfaRequired, Registration, TokenAnswer } from "../types/account.js";

/** Signing up, in and out. The refresh token stays in an HttpOnly cookie that scripts cannot read. */
export function authApi(transport: Transport, keeper: SessionKeeper) {
  const taken = (answer: TokenAnswer | MfaRequired) => {
    if ("access_token" in answer) keeper.adopt(answer);
    return answer;
  };
  return {
    register: (body: Registration) =>
      transport.json<{ status: string; email: string }>({
        method: "POST",
        path: "/v1/auth/register",
        body,
        auth: "none",
      }),

    login: async (credentials: Credentials) =>
      taken(
        await transport.json<TokenAnswer | MfaRequired>({
          method: "POST",
          path: "/v1/auth/login",
          body: { ...credentials, delivery: "cookie" },
          auth: "none",
        }),
      ),

    /** The second step of a login: a TOTP code or a backup code. */
    verifyMfa: async (session_token: string, code: string, remember_device = false) =>
      taken(
        await transport.json<TokenAnswer>({
          method: "POST",
          path: "/v1/auth/mfa/verify",
          body: { session_token, code, remember_device },
          auth: "none",
        }),
      ),

    /** Redeems a one-time login link. */
    redeemLink: async (token: string) =>
      taken(
        await transport.json<TokenAnswer | MfaRequired>({
          method: "POST",
          path: "/v1/auth/link/redeem",
          body: { token, delivery: "cookie" },
          auth: "none",
        }),
      ),

    stepUp: async (proof: StepUpProof) => {
      const token = await keeper.token();
      const answer = await transport.json<TokenAnswer>({
        method: "POST",
        path: "/v1/auth/step-up",
        body: proof,
        auth: "none",
        headers: { authorization: `Bearer ${token}` },
      });
      keeper.adopt(answer);
      return answer;
    },

    /** Ends the session. A server that does not know it any more is as good as a yes. */
    logout: async (options: { all_devices?: boolean } = {}) => {
      try {
        await transport.json<void>({ method: "POST", path: "/v1/auth/logout", body: options });
      } catch (error) {
        if (!(error instanceof MandateError) || error.status !== 401) throw error;
      }
      keeper.end("logout");
    },

    changePassword: (body: { current_password?: string; new_password: string }) =>
      transport.json<void>({ method: "POST", path: "/v1/auth/password/change", body }),
  };
}
