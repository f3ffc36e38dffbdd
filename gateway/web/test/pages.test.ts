/** The pages in a real browser against a real gateway. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { browserTests, launch, noBrowser, phone, type Visit, visit } from "./support/browser.ts";
import { type Cable, layCable } from "./support/cable.ts";
import { type RunningGateway, startGateway } from "./support/gateway.ts";
import {
  answered,
  answers,
  counted,
  field,
  password,
  scrollThrough,
  send,
  signIn,
  stopButton,
  upTo,
} from "./support/pages.ts";

if (browserTests === "skip") console.warn(`${noBrowser} Skipped.`);
it.runIf(browserTests === "fail")("UI1: the browser tests have a browser", () => {
  expect.fail(noBrowser);
});

describe.runIf(browserTests === "run")("the pages", () => {
  let browser: Browser;
  let gateway: RunningGateway;
  let cable: Cable;
  let visits: Visit[];

  beforeAll(async () => {
    [browser, gateway] = await Promise.all([launch(), startGateway()]);
    cable = await layCable(gateway.port);
  });
  afterAll(async () => {
    await browser?.close();
    await cable?.close();
    await gateway?.stop();
  });
  beforeEach(() => {
    visits = [];
  });
  afterEach(async () => {
    await Promise.all(visits.map(({ context }) => context.close()));
    expect(visits.flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  async function open(viewport?: typeof phone): Promise<Visit> {
    const made = await visit(browser, viewport);
    visits.push(made);
    return made;
  }
  async function enter(email = "bob@example.com", viewport?: typeof phone): Promise<Visit> {
    const made = await open(viewport);
    await signIn(made.page, cable.url, email);
    return made;
  }

  it("UI1: a wrong password is told, and the right one opens the page", async () => {
    const { page } = await open();
    await page.goto(cable.url);
    await page.getByLabel("E-mail").fill("bob@example.com");
    await page.getByLabel("Password").fill("not it");
    await page.getByLabel("Password").press("Enter");
    await page.getByRole("alert").waitFor();

    await page.getByLabel("Password").fill(password);
    await page.getByLabel("Password").press("Enter");
    await field(page).waitFor();
    await page.getByText("Online").waitFor();
  });

  it("UI1: a message shows the steps and tools of its run, and the answer", async () => {
    const { page } = await enter();
    await send(page, "What is 12.5% of 80?");
    await answered(page, 1);

    const answer = answers(page).first();
    expect(await answer.innerText()).toContain("10");
    await answer.getByText(/^Used /).click();
    const tool = answer.getByRole("listitem").filter({ hasText: "calculate" });
    await tool.locator("summary").click();
    await tool.getByText("Arguments").waitFor();
    expect(await tool.innerText()).toMatch(/\d ms/);
    // The thread has an address of its own, and stands in the list.
    expect(page.url()).toMatch(/#\/t\/\w+/);
    await page.getByRole("link", { name: "What is 12.5% of 80?" }).waitFor();
  });

  it("RS1: reloading in the middle of an answer loses nothing and doubles nothing", async () => {
    const { page } = await enter();
    await send(page, "Count to 120");
    await answers(page).getByText("20,").waitFor();
    await page.reload();
    await answered(page, 1);
    expect(await counted(answers(page).first())).toEqual(upTo(120));
  });

  it("UI1: a second tab shows the same answer as it comes, and stops it for both", async () => {
    const { page, context } = await enter();
    await send(page, "Count to 2000");
    await answers(page).getByText("10,").waitFor();

    const second = await context.newPage();
    await second.goto(page.url());
    await answers(second).getByText("30,").waitFor();
    await stopButton(second).click();
    await second.getByText("You stopped this answer.").waitFor();
    await page.getByText("You stopped this answer.").waitFor();
    await stopButton(page).waitFor({ state: "hidden" });
    const numbers = await counted(answers(page).first());
    expect(numbers).toEqual(upTo(numbers.length));
    expect(await counted(answers(second).first())).toEqual(numbers);
    await page.reload();
    expect(await counted(answers(page).filter({ hasText: "You stopped this answer." }))).toEqual(numbers);
  });

  it("RS1: a pulled cable is told, an answer goes on where it was, and what was sent meanwhile arrives once", async () => {
    const { page } = await enter();
    await send(page, "Count to 200");
    await answers(page).getByText("20,").waitFor();
    cable.pull();
    await page.getByText(/The connection was lost/).waitFor();
    await send(page, "What is 6 * 7?");
    await page.getByText("Will be sent when you are online again").waitFor();
    await field(page).fill("a draft from the time without a network");

    cable.plug();
    await answered(page, 2);
    expect(await counted(answers(page).first())).toEqual(upTo(200));
    expect(await page.getByText("What is 6 * 7?", { exact: true }).count()).toBe(1);
    expect(await answers(page).nth(1).innerText()).toContain("42");
    expect(await field(page).inputValue()).toBe("a draft from the time without a network");
  });

  it("RS5: a message that was on its way when the page was closed is sent by the next one, once", async () => {
    const { page } = await enter();
    cable.pull();
    await page.getByText(/The connection was lost/).waitFor();
    await send(page, "What is 11 * 11?");
    await page.getByText("Will be sent when you are online again").waitFor();
    cable.plug();
    await page.reload();
    await answered(page, 1);
    expect(await answers(page).first().innerText()).toContain("121");
    expect(page.url()).toMatch(/#\/t\/\w+/);
  });

  it("UI1: a draft outlives a reload, each thread has its own, and sending empties it", async () => {
    const { page } = await enter();
    await field(page).fill("half a thought");
    await page.reload();
    await expect.poll(() => field(page).inputValue()).toBe("half a thought");
    await field(page).press("Enter");
    await answered(page, 1);
    expect(await field(page).inputValue()).toBe("");
    await page.getByRole("link", { name: "New thread", exact: true }).click();
    await page.getByRole("heading", { name: "New thread" }).waitFor();
    expect(await field(page).inputValue()).toBe("");
  });

  it("RN4: messages during an answer wait in sight; one steers it, one is taken back", async () => {
    const { page } = await enter();
    await send(page, "Count to 2000");
    await answers(page).getByText("10,").waitFor();
    await send(page, "first in the queue");
    await send(page, "second in the queue");
    const queue = page.getByRole("region", { name: "Waiting messages" });
    await queue.getByText("second in the queue").waitFor();

    await queue.getByRole("listitem").nth(1).getByRole("button", { name: "Take this message back" }).click();
    await expect.poll(() => field(page).inputValue()).toBe("second in the queue");
    await queue.getByRole("button", { name: "Steer now" }).click();
    await page.getByText("Sent into the running answer").waitFor();
    await queue.waitFor({ state: "hidden" });
    await stopButton(page).click();
    await page.getByText("You stopped this answer.").waitFor();
  });

  it("UI1: threads are renamed and deleted, in every tab", async () => {
    const { page, context } = await enter("ada@example.com");
    await send(page, "A thread to be renamed");
    await answered(page, 1);
    const second = await context.newPage();
    await second.goto(cable.url);

    await page.getByRole("button", { name: "Rename A thread to be renamed" }).click();
    await page.getByLabel("New title").fill("Renamed here");
    await page.getByLabel("New title").press("Enter");
    await second.getByRole("link", { name: "Renamed here" }).waitFor();

    await page.getByRole("button", { name: "Delete Renamed here" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await second.getByRole("link", { name: "Renamed here" }).waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "New thread" }).waitFor();
  });

  it("IS2: another user's thread reads as one that does not exist", async () => {
    const { page: bobs } = await enter("bob@example.com");
    await send(bobs, "What is 2 + 2?");
    await answered(bobs, 1);
    const { page: adas } = await enter("ada@example.com");
    await adas.goto(bobs.url());
    await adas.getByRole("heading", { name: "This thread is not there" }).waitFor();
    expect(await adas.getByText("What is 2 + 2?").count()).toBe(0);
  });

  it("AU1: signing out shows the sign-in page in every tab, and leaves no draft behind", async () => {
    const { page, context } = await enter();
    const second = await context.newPage();
    await second.goto(cable.url);
    await field(second).waitFor();
    await field(page).fill("nobody else may read this");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await second.getByRole("heading", { name: "Sign in" }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify(localStorage));
    expect(kept).not.toContain("nobody else may read this");
    await signIn(page, cable.url, "bob@example.com");
    expect(await field(page).inputValue()).toBe("");
  });

  it("UI1: on a phone nothing scrolls sideways, and the threads lie in a drawer", async () => {
    const { page } = await enter("bob@example.com", phone);
    await send(page, "What time is it in Tokyo and New York, and how many days until Christmas?");
    await answered(page, 1);
    await page.getByRole("button", { name: "Open the list of threads" }).click();
    const drawer = page.getByRole("dialog", { name: "Threads" });
    await drawer.getByRole("link", { name: "New thread", exact: true }).click();
    await drawer.waitFor({ state: "hidden" });
    await page.getByRole("heading", { name: "New thread" }).waitFor();
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(sideways).toBeLessThanOrEqual(0);
  });

  it("UI1: a dialog that closes gives the focus back to who opened it", async () => {
    const { page } = await enter("ada@example.com");
    await send(page, "A thread to be kept");
    await answered(page, 1);
    const opener = page.getByRole("button", { name: "Delete A thread to be kept" });
    for (const close of [
      () => page.keyboard.press("Escape"),
      () => page.getByRole("button", { name: "Cancel" }).click(),
    ]) {
      await opener.focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await close();
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await expect.poll(() => opener.evaluate((element) => element === document.activeElement)).toBe(true);
    }
  });

  it("UI1: a screen reader is given an answer without its marks", async () => {
    const { page } = await enter("ada@example.com");
    await send(page, "What is 12.5% of 80?");
    await page.getByText("Answer: 12.5% of 80 = 10", { exact: true }).waitFor({ state: "attached" });
  });

  it("UI3: a browser without a network shows it at once, and that it is back", async () => {
    const { page, context } = await enter("ada@example.com");
    await page.getByText("Online", { exact: true }).waitFor();
    await context.setOffline(true);
    await page.getByText("Offline", { exact: true }).waitFor();
    await page.getByText(/^You are offline\./).waitFor();
    await context.setOffline(false);
    await page.getByText("Online", { exact: true }).waitFor();
  });

  it("UI1: it is all there by keyboard", async () => {
    const { page } = await enter("ada@example.com");
    await send(page, "Count to 2000");
    await answers(page).getByText("10,").waitFor();
    await page.keyboard.press("Control+.");
    await page.getByText("You stopped this answer.").waitFor();
    await page.keyboard.press("Control+Shift+O");
    await page.getByRole("heading", { name: "New thread" }).waitFor();
    await field(page).fill("one");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("two");
    expect(await field(page).inputValue()).toBe("one\ntwo");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("no thread is called this");
    await page.getByText("No thread has this in its title.").waitFor();
  });

  it("UI1: every control has a name", async () => {
    const { page } = await enter("ada@example.com");
    await send(page, "What is 3 * 3?");
    await answered(page, 1);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll("button, a, input, textarea, select, summary")]
        .filter((element) => {
          const label = element.getAttribute("aria-label") ?? element.textContent ?? "";
          const labels = (element as HTMLInputElement).labels?.length ?? 0;
          return label.trim() === "" && labels === 0;
        })
        .map((element) => element.outerHTML),
    );
    expect(nameless).toEqual([]);
  });

  it("IS5: opening the operations page reads only what is in sight", async () => {
    const { page } = await enter("ada@example.com");
    const asked = new Set<string>();
    page.on("request", (request) => asked.add(new URL(request.url()).pathname));
    await page.goto(`${cable.url}/#/operations`);
    await page.getByRole("heading", { name: "How long it takes" }).waitFor();
    expect([...asked].filter((path) => path.startsWith("/v1/admin/"))).toEqual(["/v1/admin/overview"]);
  });

  it("UI2: an administrator sees numbers, users and audit; a user sees none of it", async () => {
    const { page: bobs } = await enter("bob@example.com");
    expect(await bobs.getByRole("link", { name: "Operations" }).count()).toBe(0);
    const { page } = await enter("ada@example.com");
    await page.getByRole("link", { name: "Operations" }).click();
    await page.getByRole("heading", { name: "How long it takes" }).waitFor();
    await page.getByText(/No probe has run|walks? (?:so far )?passed/).waitFor();
    await page.getByRole("img", { name: /^Connections: now \d/ }).waitFor();
    await scrollThrough(page);
    await page.getByText(/^Nothing was recorded|within its aim|^Missed:/).waitFor();
    await page.getByRole("heading", { name: "Audit" }).waitFor();

    const rows = page.getByRole("region", { name: "Audit entries" }).locator("tbody tr");
    const read = rows.filter({ hasText: "admin_read" }).first();
    await read.waitFor();
    expect(await read.innerText()).toContain("ada@example.com");
    const connect = rows.filter({ has: page.locator("summary", { hasText: "connectionId" }) }).first();
    expect(await connect.locator("dd").first().isVisible()).toBe(false);
    await connect.locator("summary").click();
    expect(await connect.locator("dd").first().isVisible()).toBe(true);
    await page.getByLabel("User: e-mail or id").fill("bob@example.com");
    await page.getByLabel("Action").fill("login");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await rows.filter({ hasText: "admin_read" }).first().waitFor({ state: "detached" });
    await rows.first().waitFor();
    expect(new Set(await rows.locator("code").allInnerTexts())).toEqual(new Set(["login"]));

    await bobs.goto(`${cable.url}/#/operations`);
    await bobs.getByRole("heading", { name: "For administrators only" }).waitFor();
  });

  it("AU3: ending a user's sessions shows that user the sign-in page, with the reason", async () => {
    const { page: bobs } = await enter("bob@example.com");
    const { page: adas } = await enter("ada@example.com");
    await adas.goto(`${cable.url}/#/operations`);
    await adas.getByRole("heading", { name: "How long it takes" }).waitFor();
    await scrollThrough(adas);
    const row = adas
      .getByRole("region", { name: "User accounts" })
      .getByRole("row")
      .filter({ hasText: "bob@example.com" });
    await row.getByRole("button", { name: "End sessions" }).click();
    await adas.getByRole("dialog").getByRole("button", { name: "End sessions" }).click();
    await bobs.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await bobs.locator("form").innerText()).toMatch(/session/i);
    await adas.getByRole("dialog").waitFor({ state: "hidden" });
  });
});
