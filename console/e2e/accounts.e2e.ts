import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessible, context, launch, shot, watch } from "./browser";
import { signUp } from "./person";
import { Server } from "./server";

const SECRET = "canary-token-3f9c1d77e2";

let server: Server;
let browser: Browser;
let owner: BrowserContext;
let page: Page;
const heard: string[] = [];

beforeAll(async () => {
  // Linking asks the exchange nothing: the address only has to be one.
  server = await new Server().start({ MANDATE_TRADING__NDOLLAR__BASE_URL: "http://127.0.0.1:9" });
  browser = await launch();
  owner = await context(browser);
  page = await owner.newPage();
  page.on("response", async (response) => {
    if (response.url().includes("/v1/")) heard.push(await response.text().catch(() => ""));
  });
  await signUp(page, server.url, "Ann");
  await page.goto(`${server.url}/accounts`);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  server?.remove();
});

describe("linking an account", () => {
  it("shows the fields that the broker names, wants those that are required, and hides secrets", async () => {
    const faults = watch(page);
    await page.getByRole("button", { name: "Link your first account" }).click();
    const dialog = page.getByRole("dialog", { name: "Link a trading account" });
    await dialog.getByRole("textbox", { name: "Play money to begin with" }).waitFor();
    await dialog.getByLabel("Broker").first().click();
    await page.getByRole("option", { name: "n-dollar" }).click();
    const token = dialog.getByRole("textbox", { name: "Access token" });
    await token.waitFor();
    expect(await token.getAttribute("type")).toBe("password");
    await dialog.getByRole("button", { name: "Link", exact: true }).click();
    await dialog.getByText("Access token is needed").waitFor();
    await accessible(page, "link an account");
    await shot(page, "link-account");
    await dialog.getByRole("textbox", { name: "Name" }).fill("My exchange");
    await token.fill(SECRET);
    await dialog.getByRole("button", { name: "Link", exact: true }).click();
    await page.getByRole("article", { name: "My exchange" }).waitFor();
    expect(faults).toEqual([]);
  });

  it("takes new credentials, and never shows one again", async () => {
    await page.getByRole("button", { name: "New credentials" }).click();
    const dialog = page.getByRole("dialog", { name: "New credentials for My exchange" });
    await dialog.getByRole("textbox", { name: "Access token" }).fill(`${SECRET}-second`);
    await accessible(page, "new credentials");
    await dialog.getByRole("button", { name: "Replace" }).click();
    await page.getByText("Credentials replaced").waitFor();
    await page.reload();
    await page.getByRole("article", { name: "My exchange" }).waitFor();
    expect(heard.length).toBeGreaterThan(5);
    expect(heard.join("\n")).not.toContain(SECRET);
    expect(await page.content()).not.toContain(SECRET);
    expect(server.log).not.toContain(SECRET);
  });

  it("removes it after a question", async () => {
    await page.getByRole("article", { name: "My exchange" }).getByRole("button", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog", { name: "Remove My exchange?" });
    await dialog.getByRole("button", { name: "Remove" }).click();
    await page.getByText("No account yet").waitFor();
  });
});
