import type { Locks } from "./locks.js";

/** Locks within this process, where the platform has none (Node). */
export class LocalLocks implements Locks {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #held = new Map<string, number>();

  async request<T>(
    name: string,
    options: { signal?: AbortSignal; ifAvailable?: boolean },
    callback: (lock: unknown) => Promise<T>,
  ): Promise<T> {
    if (options.ifAvailable && (this.#held.get(name) ?? 0) > 0) return callback(null);
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    const before = this.#tails.get(name) ?? Promise.resolve();
    const run = before.then(() => {
      options.signal?.throwIfAborted();
      return callback({ name });
    });
    this.#tails.set(
      name,
      run.catch(() => undefined),
    );
    try {
      return await run;
    } finally {
      this.#held.set(name, (this.#held.get(name) ?? 1) - 1);
    }
  }

  async query(): Promise<{ held: { name: string }[] }> {
    return { held: [...this.#held].filter(([, count]) => count > 0).map(([name]) => ({ name })) };
  }
}
