import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["mandate-source"] },
  ssr: { resolve: { conditions: ["mandate-source"] } },
  test: {
    include: ["sdks/*/test/**/*.test.{ts,tsx}", "console/src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
