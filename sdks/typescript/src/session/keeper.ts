import { backoff } from "../backoff.js";
import type { EventBus } from "../event-bus.js";
import { MandateError } from "../mandate-error.js";
import { sleep } from "../sleep.js";
import type { TokenAnswer } from "../types/account.js";
import type { SessionEvents } from "./events.js";
import { LocalLocks } from "./local-locks.js";
import type { Locks } from "./locks.js";
import { subjectOf } from "./subject-of.js";
import { type SharedToken, TabChannel, type TabMessage } from "./tab-channel.js";

export type SessionState = "unknown" | "signed-in" | "signed-out";

export interface KeeperOptions {
  /** Names the lock and the channel; tabs with the same name share one session. */
  name: string;
  /** Asks the server for a new token by the refresh cookie. */
  refresh: () => Promise<TokenAnswer>;
  bus: EventBus<SessionEvents>;
  locks?: Locks;
  now?: () => number;
  random?: () => number;
}

/** Tries per call before a failed refresh is reported to the caller. */
const TRIES = 3;
/** A token is not used in its last seconds: it would expire on the way. */
const MARGIN = 10_000;
/** How long another tab may take to hand over its token, if it has one. */
const ANSWER = 200;
/** The same where another tab has just refreshed. */
const ON_ITS_WAY = 1_000;

/**
 * Keeps the access token, in memory only.
 *
 * INVARIANT: at most one refresh is under way in a browser (`#refreshLocked` holds a Web Lock, and who
 * waited for it takes the token that the holder shared).
 * INVARIANT: one timer per browser refreshes ahead of expiry (`#lead` holds a lock for as long as the tab lives).
 * INVARIANT: only the server's clear refusal ends the session; a network failure never does.
 */
export class SessionKeeper {
  readonly #options: KeeperOptions;
  readonly #locks: Locks;
  readonly #channel: TabChannel;
  readonly #stop = new AbortController();
  #token: SharedToken | undefined;
  #state: SessionState = "unknown";
  #subject: string | null = null;
  #flight: Promise<string> | undefined;
  #arrived: (() => void)[] = [];
  #endedAt = 0;
  #leading = false;
  #waiting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #starting: Promise<SessionState> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#locks = options.locks ?? (globalThis.navigator?.locks as Locks | undefined) ?? new LocalLocks();
    this.#channel = new TabChannel(options.name, (message) => this.#heard(message));
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The id of who is signed in. */
  get subject(): string | null {
    return this.#subject;
  }

  /** Finds the session that this browser may already have. Rejects where the server cannot be reached. */
  start(): Promise<SessionState> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<SessionState> {
    const name = `${this.#options.name}:timer`;
    const others = (await this.#locks.query()).held?.some((lock) => lock.name === name) ?? false;
    if (!this.#waiting) {
      this.#waiting = true;
      void this.#lead(name);
      globalThis.document?.addEventListener("visibilitychange", this.#woke, { signal: this.#stop.signal });
    }
    if (others && !this.#leading) await this.#ask(undefined, ANSWER);
    if (this.#state !== "unknown") return this.#state;
    try {
      await this.refresh();
    } catch (error) {
      if (!(error instanceof MandateError) || error.code !== "signed_out") throw error;
    }
    return this.#state;
  }

  /** A token that holds for so many milliseconds. Rejects with `signed_out` where there is none. */
  async token(left = MARGIN): Promise<string> {
    const token = this.#token;
    if (token && token.expiresAt - this.#now() > left) return token.accessToken;
    if (this.#state === "signed-out") throw signedOut();
    return this.refresh(token?.accessToken);
  }

  /** A token other than `stale`. All callers of all tabs share one refresh. */
  refresh(stale?: string): Promise<string> {
    const token = this.#token;
    if (token && token.accessToken !== stale && stale !== undefined)
      return Promise.resolve(token.accessToken);
    this.#flight ??= this.#refreshLocked(stale).finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  /** Takes a token that a login, a link or a step-up answered, and shares it. */
  adopt(answer: TokenAnswer): void {
    const lifetime = answer.expires_in * 1000;
    const takenAt = this.#now();
    const token = { accessToken: answer.access_token, expiresAt: takenAt + lifetime, lifetime, takenAt };
    this.#take(token);
    this.#channel.send({ kind: "token", token });
  }

  /** Forgets the session in every tab. */
  end(reason: "logout" | "ended"): void {
    this.#channel.send({ kind: "signed-out", reason });
    this.#drop(reason);
  }

  /** Lets go of the timer, the lock and the channel. */
  close(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#channel.close();
  }

  async #refreshLocked(stale: string | undefined): Promise<string> {
    const name = `${this.#options.name}:refresh`;
    const free = await this.#locks.request(name, { ifAvailable: true }, async (lock) =>
      lock === null ? undefined : this.#refreshNow(),
    );
    if (free !== undefined) return free;
    return this.#locks.request(name, {}, async () => {
      // Another tab held the lock: it has a new token, which may still be on its way to this one.
      if (this.#token === undefined || this.#token.accessToken === stale) await this.#ask(stale, ON_ITS_WAY);
      if (this.#state === "signed-out") throw signedOut();
      const token = this.#token;
      if (token && token.accessToken !== stale) return token.accessToken;
      return this.#refreshNow();
    });
  }

  async #refreshNow(): Promise<string> {
    const before = this.#token;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await this.#options.refresh();
        this.adopt(answer);
        return answer.access_token;
      } catch (error) {
        // A login may have answered while the refresh was under way.
        if (this.#token && this.#token !== before) return this.#token.accessToken;
        await this.#failed(error, attempt);
      }
    }
  }

  /** Returns where another try makes sense. */
  async #failed(error: unknown, attempt: number): Promise<void> {
    const refused = error instanceof MandateError && (error.status === 401 || error.status === 403);
    this.#options.bus.emit("auth-failed", { reason: error instanceof Error ? error.message : String(error) });
    if (refused) {
      this.end("ended");
      throw signedOut(error);
    }
    const retryable = error instanceof MandateError && error.retryable;
    if (!retryable || attempt + 1 >= TRIES) throw error;
    const named = (error.retryAfter ?? 0) * 1000;
    await sleep(Math.max(named, backoff(attempt, this.#options.random)), this.#stop.signal);
  }

  #heard(message: TabMessage): void {
    if (message.kind === "signed-out") this.#drop(message.reason);
    else if (message.kind === "token") {
      // A tab that has not heard yet may still hand round what is over.
      const { takenAt } = message.token;
      if (takenAt >= (this.#token?.takenAt ?? 0) && takenAt >= this.#endedAt) this.#take(message.token);
    } else if (this.#token && this.#token.expiresAt - this.#now() > MARGIN) {
      this.#channel.send({ kind: "token", token: this.#token });
    }
  }

  /** Asks the other tabs for a token other than `stale` and waits a moment for it. */
  async #ask(stale: string | undefined, patience: number): Promise<void> {
    const arrived = new Promise<void>((resolve) => {
      const look = () => {
        const settled = this.#state === "signed-out" || (this.#token && this.#token.accessToken !== stale);
        if (settled) resolve();
        else this.#arrived.push(look);
      };
      this.#arrived.push(look);
    });
    this.#channel.send({ kind: "ask" });
    await Promise.race([arrived, sleep(patience)]);
  }

  #take(token: SharedToken): void {
    const subject = subjectOf(token.accessToken);
    const was = this.#state;
    const changed = was === "signed-in" && subject !== this.#subject;
    this.#token = token;
    this.#subject = subject;
    this.#state = "signed-in";
    this.#failures = 0;
    this.#schedule();
    for (const resolve of this.#arrived.splice(0)) resolve();
    if (changed) this.#options.bus.emit("user-changed", { subject });
    if (was !== "signed-in") this.#options.bus.emit("signed-in", { subject });
  }

  #drop(reason: "logout" | "ended"): void {
    clearTimeout(this.#timer);
    const was = this.#state;
    this.#token = undefined;
    this.#subject = null;
    this.#endedAt = this.#now();
    this.#state = "signed-out";
    for (const resolve of this.#arrived.splice(0)) resolve();
    if (was !== "signed-out") this.#options.bus.emit("signed-out", { reason });
  }

  /** Waits to become the tab whose timer refreshes for all, and stays it until closed. */
  async #lead(name: string): Promise<void> {
    const { signal } = this.#stop;
    const closed = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    try {
      await this.#locks.request(name, { signal }, async () => {
        this.#leading = true;
        this.#schedule();
        await closed;
      });
    } catch {
      // Closed while waiting for its turn.
    }
  }

  /** Five minutes ahead of expiry, or at two thirds of a short life. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (!this.#leading || !this.#token || this.#stop.signal.aborted) return;
    const lead = Math.min(300_000, this.#token.lifetime / 3);
    this.#arm(this.#token.expiresAt - lead - this.#now());
  }

  #arm(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tick(), Math.min(Math.max(0, milliseconds), 2 ** 31 - 1));
    (this.#timer as { unref?: () => void }).unref?.();
  }

  async #tick(): Promise<void> {
    try {
      await this.refresh(this.#token?.accessToken);
    } catch {
      if (this.#state !== "signed-in" || this.#stop.signal.aborted) return;
      this.#arm(backoff(this.#failures, this.#options.random));
      this.#failures += 1;
    }
  }

  /** After sleep or in a tab whose timers were slowed, the token may be older than the timer thinks. */
  readonly #woke = (): void => {
    if (globalThis.document?.visibilityState !== "visible" || !this.#token) return;
    if (this.#token.expiresAt - this.#now() < MARGIN)
      void this.refresh(this.#token.accessToken).catch(() => undefined);
  };

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function signedOut(cause?: unknown): MandateError {
  return new MandateError({ status: 401, code: "signed_out", detail: "please sign in", cause });
}
