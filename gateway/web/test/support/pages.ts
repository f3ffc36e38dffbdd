/** What a person does on the pages, named as they would name it. Finds things as a screen reader does: by role and name. */
import type { Locator, Page } from "playwright-core";

export const password = "trueline-demo";

export async function signIn(page: Page, url: string, email: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await field(page).waitFor();
}

export const field = (page: Page): Locator => page.getByRole("textbox", { name: "Message" });
export const stopButton = (page: Page): Locator => page.getByRole("button", { name: "Stop the answer" });
/** Each answer that is complete has one. */
export const copyButtons = (page: Page): Locator => page.getByRole("button", { name: "Copy answer" });
export const answers = (page: Page): Locator => page.getByRole("region", { name: /^Answer/ });

export async function send(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press("Enter");
}

/** `count` answers are complete. */
export async function answered(page: Page, count: number): Promise<void> {
  await copyButtons(page)
    .nth(count - 1)
    .waitFor();
}

/** The numbers of an answer to "count to n", in the order in which they stand there. */
export async function counted(answer: Locator): Promise<readonly number[]> {
  const text = await answer.innerText();
  return [...text.matchAll(/\b\d+(?=, |\. Done)/g)].map(([number]) => Number(number));
}

export const upTo = (last: number): readonly number[] =>
  Array.from({ length: last }, (_, index) => index + 1);

/** Down a page whose parts come as they are scrolled to, until all are there. */
export async function scrollThrough(page: Page): Promise<void> {
  const parts = page.locator(".unseen-part");
  await parts.first().waitFor({ state: "attached" });
  while ((await parts.count()) > 0) {
    await page.evaluate(() => document.querySelector(".unseen-part")?.scrollIntoView());
  }
}
