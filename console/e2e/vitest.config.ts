import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The browser's story against the real binary. One file after the other: they share the machine's two cores. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["console/e2e/**/*.e2e.ts"],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
