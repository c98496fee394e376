import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { context, launch, watch } from "./browser";
import { go, PASSWORD, signUp } from "./person";
import { Server } from "./server";

let server: Server;
let browser: Browser;
beforeAll(async () => {
  server = await new Server().start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  server?.remove();
});

describe("signing in", () => {
  it("works by the link that the first start prints, once, and the token leaves the address bar", async () => {
    const link = server.loginLink;
    expect(link, server.log).toBeDefined();
    const first = await context(browser);
    const page = await first.newPage();
    const faults = watch(page);
    await page.goto(link ?? "");
    await page.getByRole("button", { name: "Stop all" }).waitFor();
    expect(page.url()).not.toContain("link=");
    expect(await page.evaluate(() => history.state === null && location.hash === "")).toBe(true);
    expect(faults).toEqual([]);
    await first.close();

    const second = await context(browser);
    const again = await second.newPage();
    await again.goto(link ?? "");
    await again.getByText("That login link did not work").waitFor();
    expect(again.url()).not.toContain("link=");
    await second.close();
  });

  it("keeps no token where scripts of another day could read it", async () => {
    const owner = await context(browser);
    const page = await owner.newPage();
    await signUp(page, server.url, "Ann");
    const kept = await page.evaluate(
      () => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie,
    );
    expect(kept).not.toMatch(/eyJ|refresh/);
    const cookie = (await owner.cookies(`${server.url}/v1/auth`)).find((one) => one.name === "refresh_token");
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/v1/auth" });
    await owner.close();
  });

  it("says the same of a wrong password and an unknown address, and where one was going is kept", async () => {
    const stranger = await context(browser);
    const page = await stranger.newPage();
    const email = await signUp(page, server.url, "Ann");
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    const said: (string | null)[] = [];
    for (const [address, password] of [
      [email, "wrong wrong wrong"],
      ["nobody@example.com", PASSWORD],
    ] as const) {
      await page.goto(`${server.url}/audit`);
      await page.getByLabel("E-mail").fill(address);
      await page.getByRole("textbox", { name: "Password" }).fill(password);
      await page.getByRole("button", { name: "Sign in" }).click();
      said.push(await page.getByRole("alert").textContent());
    }
    expect(said[0]).toBe(said[1]);
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Audit log" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/audit");
    await stranger.close();
  });
});

describe("two tabs", () => {
  it("whose token is refused at the same moment both stay signed in, with one refresh between them", async () => {
    const owner = await context(browser);
    const tabs = [await owner.newPage(), await owner.newPage()];
    await signUp(tabs[0] as Page, server.url, "Ann");
    await tabs[1]?.goto(server.url);
    await tabs[1]?.getByRole("button", { name: "Stop all" }).waitFor();
    for (const [place, path, sign] of [
      ["Where you are signed in", "/v1/sessions", "this one"],
      ["Audit log", "/v1/audit", "auth.login"],
    ] as const) {
      let refreshes = 0;
      owner.on("request", (request) => {
        if (request.url().endsWith("/v1/auth/refresh")) refreshes += 1;
      });
      let arrived = 0;
      let bothHere: () => void = () => undefined;
      const together = new Promise<void>((resolve) => {
        bothHere = resolve;
      });
      for (const page of tabs) {
        let refused = false;
        await page.route(`**${path}?*`, async (route) => {
          if (refused) return route.continue();
          refused = true;
          arrived += 1;
          if (arrived === tabs.length) bothHere();
          await together;
          await route.fulfill({ status: 401, json: { code: "invalid_token" } });
        });
      }
      await Promise.all(
        tabs.map(async (page) => {
          await go(page, place);
          await page.getByText(sign).first().waitFor();
        }),
      );
      expect(refreshes).toBe(1);
      owner.removeAllListeners("request");
    }
    await owner.close();
  });

  it("that share nothing but the cookie stay signed in through twenty reloads at the same moment", async () => {
    const owner = await context(browser);
    // A browser without Web Locks and BroadcastChannel: now the server alone has to cope.
    await owner.addInitScript(() => {
      Object.defineProperty(navigator, "locks", { value: undefined });
      Object.defineProperty(globalThis, "BroadcastChannel", { value: undefined });
    });
    const tabs = [await owner.newPage(), await owner.newPage()];
    await signUp(tabs[0] as Page, server.url, "Ann");
    await tabs[1]?.goto(`${server.url}/settings`);
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(tabs.map((page) => page.goto(`${server.url}/settings`, { waitUntil: "commit" })));
      await Promise.all(tabs.map((page) => page.getByRole("button", { name: "Stop all" }).waitFor()));
    }
    await owner.close();
  });

  it("sign out together, and a session ended elsewhere ends here", async () => {
    const owner = await context(browser);
    const [one, two] = [await owner.newPage(), await owner.newPage()];
    const email = await signUp(one, server.url, "Ann");
    await two.goto(server.url);
    await two.getByRole("button", { name: "Stop all" }).waitFor();

    const phone = await context(browser, { width: 390, colorScheme: "light" });
    const other = await phone.newPage();
    await other.goto(`${server.url}/login`);
    await other.getByLabel("E-mail").fill(email);
    await other.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByRole("button", { name: "Stop all" }).waitFor();

    await go(one, "Where you are signed in");
    await one.getByRole("button", { name: /^End the session/ }).click();
    await one.getByText("Session ended").waitFor();
    await other.reload();
    await other.getByRole("heading", { name: "Sign in" }).waitFor();

    await one.getByRole("button", { name: "Your account" }).click();
    await one.getByRole("menuitem", { name: "Sign out" }).click();
    await Promise.all([one, two].map((page) => page.getByRole("heading", { name: "Sign in" }).waitFor()));
    await owner.close();
    await phone.close();
  });
});
