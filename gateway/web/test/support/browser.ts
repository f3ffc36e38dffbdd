/** The browser of the tests: Chromium, where there is one. What the page complains about fails the test that saw it. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const places = [
  process.env.TRUELINE_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const executablePath = places.find((place) => place !== undefined && existsSync(place));

/** Without Chromium these tests are skipped, and say so; with `CI` set that is a failure. */
export const browserTests: "run" | "skip" | "fail" =
  executablePath !== undefined ? "run" : process.env.CI ? "fail" : "skip";

export const noBrowser =
  "There is no Chromium for the browser tests. Install Debian's `chromium`, or name one in TRUELINE_CHROMIUM.";

export function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(noBrowser);
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  return chromium.launch({ executablePath, args });
}

export const desk = { width: 1280, height: 800 };
export const phone = { width: 360, height: 740 };

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors that no one caught, and what the content policy stopped. */
  readonly complaints: readonly string[];
}

/** A person's browser: tabs of one context share its session. */
export async function visit(browser: Browser, viewport = desk): Promise<Visit> {
  const context = await browser.newContext({
    viewport,
    hasTouch: viewport.width < 600,
    reducedMotion: "reduce",
  });
  // Less than a test may take, so that what was waited for is named.
  context.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  context.on("weberror", (error) => complaints.push(error.error().message));
  context.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) complaints.push(message.text());
  });
  return { context, page: await context.newPage(), complaints };
}
