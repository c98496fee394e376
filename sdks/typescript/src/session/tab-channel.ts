/** An access token as the tabs of one browser share it. Times in milliseconds, moments since the epoch. */
export interface SharedToken {
  accessToken: string;
  expiresAt: number;
  lifetime: number;
  /** When the server gave it: of two tokens the later one counts, in whatever order they are heard of. */
  takenAt: number;
}

export type TabMessage =
  | { kind: "token"; token: SharedToken }
  | { kind: "ask" }
  | { kind: "signed-out"; reason: "logout" | "ended" };

/** The line between the tabs of one browser; silent where there is no BroadcastChannel. */
export class TabChannel {
  readonly #channel: BroadcastChannel | undefined;

  constructor(name: string, heard: (message: TabMessage) => void) {
    if (typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = (event: MessageEvent<TabMessage>) => heard(event.data);
    // In Node an open channel keeps the process alive.
    (this.#channel as { unref?: () => void }).unref?.();
  }

  send(message: TabMessage): void {
    this.#channel?.postMessage(message);
  }

  close(): void {
    this.#channel?.close();
  }
}
