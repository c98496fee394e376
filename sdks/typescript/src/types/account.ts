import type { Timestamp } from "./page.js";

/** The person who is signed in. */
export interface User {
  user_id: string;
  email: string;
  email_verified?: boolean;
  name: string;
  phone?: string | null;
  roles: string[];
  mfa_enabled?: boolean;
  tenant?: string | null;
  tier?: string | null;
  external_ids?: Record<string, string>;
  created_at?: Timestamp;
}

/** What a sign-in, a refresh or a step-up answers. `expires_in` is in seconds. */
export interface TokenAnswer {
  status?: "ok";
  access_token: string;
  token_type?: string;
  expires_in: number;
  user?: User;
}

/** A sign-in that still needs a second factor. */
export interface MfaRequired {
  status: "mfa_required";
  session_token: string;
  methods: string[];
}

export interface Registration {
  email: string;
  password: string;
  name: string;
  phone?: string;
}

export interface Credentials {
  email: string;
  password: string;
  /** Keep the session for 30 days instead of until the browser closes. */
  persist_session?: boolean;
  device_name?: string;
}

/** One login on one device. */
export interface Session {
  session_id: string;
  device: { browser?: string | null; os?: string | null; name?: string | null };
  fingerprint?: string | null;
  address?: string | null;
  location?: string | null;
  created_at: Timestamp;
  last_seen_at: Timestamp;
  current: boolean;
  remembered: boolean;
}

/** One line of the audit log. */
export interface AuditEvent {
  event_id: string;
  at: Timestamp;
  event: string;
  actor?: string | null;
  on_behalf_of?: string | null;
  client?: string | null;
  session_id?: string | null;
  address?: string | null;
  user_agent?: string | null;
  resource?: string | { type: string; id: string } | null;
  outcome: "success" | "failure" | "denied";
  reason?: string | null;
  request_id?: string | null;
  details?: Record<string, unknown> | null;
}
