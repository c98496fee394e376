import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const binary = (): string => {
  const target = process.env.CARGO_TARGET_DIR ?? "target";
  const path = process.env.MANDATE_BINARY ?? join(target, "debug/mandate");
  if (!existsSync(path))
    throw new Error(`no server at ${path}: build it (cargo build -p mandate) or set MANDATE_BINARY`);
  return path;
};

/** This process's environment without our own variables: to the server each MANDATE_… is a setting. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("MANDATE_")));
}

/** A `mandate serve` of its own, with an empty data directory that is removed at the end. */
export class Server {
  readonly data = mkdtempSync(join(tmpdir(), "mandate-e2e-"));
  url = "";
  log = "";
  #process: ChildProcess | undefined;

  async start(settings: Record<string, string> = {}): Promise<this> {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const child = spawn(binary(), ["serve", "--data-dir", this.data, "--listen", `127.0.0.1:${port}`], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...environment(), ...settings },
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (data) => (this.log += String(data)));
    for (let tries = 0; tries < 200; tries += 1) {
      if (child.exitCode !== null) throw new Error(`the server ended at once:\n${this.log}`);
      const ready = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (ready?.ok) return this;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the server did not become ready:\n${this.log}`);
  }

  /** The one-time login link that a first start prints. */
  get loginLink(): string | undefined {
    return /https?:\/\/\S+#link=[\w.~-]+/.exec(this.log)?.[0];
  }

  /** Runs another command on the same data directory. */
  async command(...words: string[]): Promise<{ code: number; output: string }> {
    try {
      const { stdout, stderr } = await promisify(execFile)(binary(), [...words, "--data-dir", this.data], {
        env: environment(),
      });
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const failed = error as { code?: number; stdout?: string; stderr?: string };
      return { code: failed.code ?? 1, output: `${failed.stdout ?? ""}${failed.stderr ?? ""}` };
    }
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await ended;
      clearTimeout(late);
    }
    this.#process = undefined;
  }

  remove(): void {
    rmSync(this.data, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
