import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` finds the server. */
const server = process.env.MANDATE_URL ?? "http://127.0.0.1:8001";

export default defineConfig({
  base: "/",
  plugins: [react()],
  resolve: { conditions: ["mandate-source", "module", "browser", "development|production"] },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // What the page is made of, with its licences, beside the page; the font's stands in public/.
    license: { fileName: "licenses.md" },
    // The content security policy has no `data:` for scripts, styles or fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/v1": { target: server },
      "/ws": { target: server, ws: true },
      "/health": { target: server },
    },
  },
});
