import type { Page } from "playwright-core";

export const PASSWORD = "seven quiet lanterns at dusk";

/** Signs up through the page; ends on the home screen. */
export async function signUp(page: Page, url: string, name: string): Promise<string> {
  const email = `${name.toLowerCase()}-${Math.random().toString(36).slice(2, 8)}@example.com`;
  await page.goto(`${url}/signup`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("button", { name: "Stop all" }).waitFor();
  return email;
}

/** Goes to a place of the console by its menu, which is behind a button where the screen is narrow. */
export async function go(page: Page, place: string): Promise<void> {
  const menu = page.getByRole("button", { name: "Open the menu" });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: place }).click();
}
