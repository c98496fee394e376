import type { Browser, BrowserContext, Page, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { api, furnish, say } from "./api";
import { accessible, context, LOOKS, launch, shot, watch } from "./browser";
import { signUp } from "./person";
import { Server } from "./server";

interface Screen {
  name: string;
  path: string;
  /** What is read where there is something, and where there is nothing yet. */
  full: string | RegExp;
  empty?: string | RegExp;
}

const SCREENS: Screen[] = [
  { name: "home", path: "/", full: "Earlier", empty: "Three steps to your first trade" },
  { name: "accounts", path: "/accounts", full: "Practice", empty: "No account yet" },
  { name: "mandates", path: "/mandates", full: "Value today", empty: "No agent may trade yet" },
  { name: "mandate-editor", path: "/mandates/new", full: "How much", empty: "First, an account" },
  { name: "approvals", path: "/approvals", full: "Order hash", empty: "Nothing waits for you" },
  { name: "positions", path: "/orders", full: "AAPL", empty: "Nothing held" },
  { name: "sessions", path: "/sessions", full: "this one" },
  { name: "audit", path: "/audit", full: "Signed in" },
  { name: "settings", path: "/settings", full: "Profile" },
];

let server: Server;
let browser: Browser;
let rich: { context: BrowserContext; page: Page; faults: string[] };
let fresh: typeof rich;

beforeAll(async () => {
  server = await new Server().start();
  browser = await launch();
  const enter = async (name: string) => {
    const made = await context(browser);
    const page = await made.newPage();
    const faults = watch(page);
    return { context: made, page, faults, email: await signUp(page, server.url, name) };
  };
  fresh = await enter("Newcomer");
  const owner = await enter("Ann");
  rich = owner;
  const person = await api(server.url, owner.email);
  const { agent } = await furnish(person);
  await say(person, agent, "buy 1 AAPL");
  await say(person, agent, "buy 2 AAPL");
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  server?.remove();
});

const undo: (() => unknown)[] = [];
afterEach(async ({ task }) => {
  for (const one of undo.splice(0)) await one();
  if (task.result?.state !== "fail") return;
  for (const [who, { page }] of Object.entries({ rich, fresh }))
    await shot(page, `failed-${who}`).catch(() => undefined);
});

/** Shows one state in each look, with axe and a picture. */
async function looks(page: Page, name: string): Promise<void> {
  for (const { width, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(150);
    await accessible(page, `${name} at ${width} px, ${colorScheme}`);
    await shot(page, `${name}-${width}-${colorScheme}`);
  }
}

/** Answers every read of data as the state says; who one is stays known, except where that is the screen. */
async function meddle(page: Page, screen: Screen, answer: (route: Route) => unknown): Promise<void> {
  const data = (url: URL) =>
    url.pathname.startsWith("/v1/") &&
    !url.pathname.startsWith("/v1/auth/") &&
    !["/v1/kill-switch", "/v1/events"].includes(url.pathname) &&
    (url.pathname !== "/v1/users/me" || screen.name === "settings");
  await page.route(data, (route) => (route.request().method() === "GET" ? answer(route) : route.continue()));
  undo.push(() => page.unroute(data));
}

describe.each(SCREENS)("$name", (screen) => {
  it("with its data", async () => {
    await rich.page.goto(server.url + screen.path);
    await rich.page.locator("#main").getByText(screen.full).first().waitFor();
    await looks(rich.page, screen.name);
    expect(rich.faults).toEqual([]);
  });

  const nothingYet = screen.empty;
  if (nothingYet !== undefined) {
    it("empty", async () => {
      await fresh.page.goto(server.url + screen.path);
      await fresh.page.locator("#main").getByText(nothingYet).first().waitFor();
      await looks(fresh.page, `${screen.name}-empty`);
      expect(fresh.faults).toEqual([]);
    });
  }

  it("loading", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    undo.push(() => release());
    await meddle(rich.page, screen, async (route) => {
      await held;
      await route.abort().catch(() => undefined);
    });
    await rich.page.goto(server.url + screen.path);
    await rich.page
      .locator("#main [aria-busy=true]")
      .or(rich.page.getByText("Loading the chart"))
      .first()
      .waitFor();
    await looks(rich.page, `${screen.name}-loading`);
  });

  it("failed, and after another try there again", async () => {
    const problem = {
      code: "internal",
      detail: "something went wrong here; it was noted",
      request_id: "req_e2e",
    };
    await meddle(rich.page, screen, (route) =>
      route.fulfill({ status: 500, contentType: "application/problem+json", json: problem }),
    );
    await rich.page.goto(server.url + screen.path);
    const alert = rich.page.getByRole("alert").filter({ hasText: "This did not load" }).first();
    await alert.waitFor();
    expect(await alert.textContent()).toContain("req_e2e");
    await looks(rich.page, `${screen.name}-failed`);
    await undo.pop()?.();
    await rich.page.getByRole("button", { name: "Try again" }).first().click();
    await rich.page.locator("#main").getByText(screen.full).first().waitFor();
  });

  it("offline, and by itself there again", async () => {
    await meddle(rich.page, screen, (route) => route.abort("internetdisconnected"));
    await rich.page.goto(server.url + screen.path);
    await rich.page.getByText("You are offline").first().waitFor();
    await looks(rich.page, `${screen.name}-offline`);
    await undo.pop()?.();
    await rich.page.locator("#main").getByText(screen.full).first().waitFor();
  });
});

describe("signing in", () => {
  const form = async (path: string) => {
    const stranger = await context(browser);
    const page = await stranger.newPage();
    await page.goto(server.url + path);
    await page.getByRole("textbox", { name: "E-mail" }).fill("ann@example.com");
    await page.getByRole("textbox", { name: "Password" }).fill("seven quiet lanterns at dusk");
    const name = page.getByRole("textbox", { name: "Name" });
    if (await name.isVisible()) await name.fill("Ann");
    return { stranger, page, submit: page.getByRole("button", { name: /^(Sign in|Create account)$/ }) };
  };
  it.each(["/login", "/signup"])("%s as it is, failed and offline", async (path) => {
    const { stranger, page, submit } = await form(path);
    const name = path.slice(1);
    await looks(page, name);
    await page.route("**/v1/auth/*", (route) =>
      route.fulfill({ status: 500, json: { code: "internal", detail: "something went wrong here" } }),
    );
    await submit.click();
    await page.getByRole("alert").getByText("Something went wrong here.").waitFor();
    await looks(page, `${name}-failed`);
    await page.unroute("**/v1/auth/*");
    await page.route("**/v1/auth/*", (route) => route.abort("internetdisconnected"));
    await submit.click();
    await page.getByRole("alert").getByText("The server cannot be reached.").waitFor();
    await looks(page, `${name}-offline`);
    await stranger.close();
  });

  it("waits for a server that is not there, and goes on by itself", async () => {
    const { page } = rich;
    await page.route("**/v1/auth/refresh", (route) => route.abort("internetdisconnected"));
    await page.goto(`${server.url}/settings`);
    await page.getByText("The server cannot be reached").waitFor();
    await looks(page, "unreachable");
    await page.unroute("**/v1/auth/refresh");
    await page.getByRole("heading", { name: "Settings" }).waitFor();
  });
});

describe("everywhere", () => {
  it("says when the line is gone, and when it is back", async () => {
    const { page } = rich;
    await page.goto(`${server.url}/orders`);
    await page.getByRole("heading", { name: "Orders and positions" }).waitFor();
    await rich.context.setOffline(true);
    await page.getByText("What you see may be old.").waitFor();
    await rich.context.setOffline(false);
    await page.getByText("What you see may be old.").waitFor({ state: "hidden" });
  });

  it("can be walked by keyboard: skip link, menu, focus on the new heading", async () => {
    const { page } = rich;
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${server.url}/`);
    await page.getByRole("button", { name: "Stop all" }).waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
    await page.getByRole("link", { name: "Approvals" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Approvals", level: 1 }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Approvals");
    expect(await page.title()).toBe("Approvals · Mandate");
  });

  it("keeps the chosen colours over a reload, else follows the system", async () => {
    const { page } = fresh;
    const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(`${server.url}/settings`);
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    expect(await scheme()).toBe("dark");
    await page.getByText("Light", { exact: true }).click();
    await expect.poll(scheme).toBe("light");
    await page.reload();
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    expect(await scheme()).toBe("light");
  });
});
