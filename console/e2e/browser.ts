import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Debian's Chromium, or the one that MANDATE_CHROMIUM names. */
export async function launch(): Promise<Browser> {
  const executablePath = process.env.MANDATE_CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(`no browser at ${executablePath}: apt-get install chromium, or set MANDATE_CHROMIUM`);
  }
  return chromium.launch({ executablePath, args: FLAGS });
}

export type Look = { width: 390 | 1280; colorScheme: "light" | "dark" };

export const LOOKS: Look[] = [
  { width: 1280, colorScheme: "light" },
  { width: 1280, colorScheme: "dark" },
  { width: 390, colorScheme: "light" },
  { width: 390, colorScheme: "dark" },
];

export async function context(
  browser: Browser,
  look: Look = { width: 1280, colorScheme: "light" },
): Promise<BrowserContext> {
  const made = await browser.newContext({
    viewport: { width: look.width, height: look.width === 390 ? 844 : 800 },
    colorScheme: look.colorScheme,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
  });
  made.setDefaultTimeout(30_000);
  return made;
}

/** What the page threw or was forbidden by its content security policy. */
export function watch(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      faults.push(message.text());
  });
  return faults;
}

const artifacts = join(process.env.MANDATE_ARTIFACTS ?? "artifacts", "screens");

export async function shot(page: Page, name: string): Promise<void> {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`) });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  id: string;
  impact: string | null;
  nodes: { target: string[]; failureSummary?: string }[];
}

/** Demands that axe finds nothing serious or critical, and that nothing has to be scrolled sideways. */
export async function accessible(page: Page, where: string): Promise<void> {
  await page.evaluate(axe);
  const findings = await page.evaluate(async () => {
    const run = (
      globalThis as unknown as {
        axe: { run: (on: Document, how: object) => Promise<{ violations: Finding[] }> };
      }
    ).axe;
    return (await run.run(document, { resultTypes: ["violations"] })).violations;
  });
  const serious = findings
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map(
      (one) =>
        `${one.id}: ${one.nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary ?? ""}`).join("; ")}`,
    );
  expect(serious, where).toEqual([]);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(sideways, `${where} scrolls sideways`).toBe(false);
}
